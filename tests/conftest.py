"""What holds for every test: with MOCKOAI_REQUIRE_ALL set, as in .ci/run, nothing may be skipped."""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, settings

# For the tests of the pytest plugin, which run pytest themselves.
pytest_plugins = ["pytester"]

# How long an example takes says nothing on a machine that others use too. In CI the same examples run every time, so
# that red means that something changed; elsewhere new ones are tried.
settings.register_profile(
    "mockoai",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=bool(os.environ.get("MOCKOAI_REQUIRE_ALL")),
)
settings.load_profile("mockoai")

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


def _required(report: Report) -> Report:
    """Turn a skip into a failure that names its reason; an expected failure is none."""
    if os.environ.get("MOCKOAI_REQUIRE_ALL") and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid}: skipped, where nothing may be (MOCKOAI_REQUIRE_ALL): {reason}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return _required((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return _required((yield))
