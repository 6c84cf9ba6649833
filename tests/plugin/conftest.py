"""What the tests of the plugin share: runs of pytest inside pytest, and a client for the tests in them."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable
from pathlib import Path

import openai  # noqa: F401, see below
import pytest

import mockoai
from tests.support.golden import check

# Runs in this process put `sys.modules` back when they end, so what they import must be there before.
for _module in pkgutil.walk_packages(mockoai.__path__, "mockoai."):
    if not _module.name.endswith("__main__"):
        importlib.import_module(_module.name)

CLIENT = '''
import json
import os
import urllib.error
import urllib.request


def ask(content="Hello", *, base=None, **fields):
    """Ask for a chat completion; return the status and the body, as far as they come."""
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": content}], **fields}
    request = urllib.request.Request(
        (base or os.environ["OPENAI_BASE_URL"]) + "/chat/completions",
        json.dumps(body).encode(),
        {"Content-Type": "application/json", "Authorization": "Bearer " + os.environ["OPENAI_API_KEY"]},
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def text(answer):
    """Return what the model says in an answer that is not streamed."""
    return json.loads(answer[1])["choices"][0]["message"]["content"]
'''

GOLDEN = Path(__file__).parent / "golden"

RunTests = Callable[..., pytest.RunResult]


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> RunTests:
    """Run a test file, with warnings as errors, and return what pytest says."""
    for name in ("OPENAI_BASE_URL", "OPENAI_API_KEY", "OPENAI_API_BASE", "PYTEST_ADDOPTS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.syspath_prepend(pytester.path)
    pytester.makepyfile(client=CLIENT)
    pytester.makeini("[pytest]\nfilterwarnings = error\naddopts = --strict-markers -p no:asyncio -p no:cacheprovider\n")

    def run_tests(source: str, *arguments: str, process: bool = False) -> pytest.RunResult:
        pytester.makepyfile(test_it=source)
        start = pytester.runpytest_subprocess if process else pytester.runpytest_inprocess
        return start(*arguments)

    return run_tests


@pytest.fixture
def golden() -> Callable[[str, str], None]:
    """Compare text with a golden file, figures that differ from run to run left out."""

    def compare(name: str, text: str) -> None:
        text = re.sub(r"\d+\.\d+s", "0.00s", text)
        text = re.sub(r"(came )[\d.e-]+( s after)", r"\1…\2", text)
        check(GOLDEN / name, re.sub(r"\d+ bytes, clean", "… bytes, clean", text))

    return compare


def section(result: pytest.RunResult, start: str) -> str:
    """Return the part of what pytest printed below the line with ``start``, up to the next rule."""
    lines = result.outlines
    first = next(number for number, line in enumerate(lines) if start in line)
    last = next(number for number, line in enumerate(lines[first + 1 :], first + 1) if re.match(r"[=_]{10}", line))
    return "\n".join(line for line in lines[first + 1 : last] if not line.startswith("mockoai: ")) + "\n"


def errors(result: pytest.RunResult) -> str:
    """Return what the exceptions say that pytest printed."""
    return "\n".join(line[8:].rstrip() for line in result.outlines if line.startswith("E ")) + "\n"
