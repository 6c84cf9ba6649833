"""The pytest plugin: fixtures ``mockoai`` and ``mockoai_server``, the marker, the options.

It is loaded by every pytest of an environment that mockoai is installed in, so it imports nothing until a test asks
for a fixture, and does nothing for tests that do not: what it does then is :mod:`mockoai.testing.suite`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

    from mockoai.server.lifecycle import Server
    from mockoai.testing.session import Session

MARK = "mockoai"
SUITE = pytest.StashKey[Any]()
"""Where the configuration keeps its suite, once there is one."""
MARKER = (
    'mockoai("id", ..., category="sse"): answer the test by this scenario; by several, patterns such as "sse/*" or a '
    "category, run it once for each. allow_unused=True, allow_unmatched=True and allow_late=True let rules, requests "
    "and stragglers pass."
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options, and their twins for the configuration file."""
    group = parser.getgroup("mockoai", "a server that speaks the OpenAI API and misbehaves as told")
    group.addoption("--mockoai-report", metavar="PATH", help="write what every session saw, and its verdict, as JSON")
    group.addoption("--mockoai-seed", type=int, metavar="N", help="use this seed instead of the scenarios'")
    group.addoption("--mockoai-scenarios", metavar="DIR", help="folder of scenarios that can be named by their id")
    parser.addini("mockoai_seed", "use this seed instead of the scenarios'")
    parser.addini("mockoai_scenarios", "folder of scenarios that can be named by their id, relative to the root")


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", MARKER)


@pytest.fixture(scope="session")
def mockoai_server(pytestconfig: pytest.Config) -> Generator[Server]:
    """The server that all tests of this process share; it starts with the first that needs it.

    Override it to have another one, such as ``mockoai.Server(mockoai.Mock(keys=["sk-right"]))``.
    """
    from mockoai.testing.suite import of

    with of(pytestconfig).serve() as server:
        yield server


@pytest.fixture(name=MARK)
def mockoai_session(
    request: pytest.FixtureRequest, mockoai_server: Server, monkeypatch: pytest.MonkeyPatch
) -> Generator[Session]:
    """A session of the server for this test alone, that OPENAI_BASE_URL and OPENAI_API_KEY point at."""
    from mockoai.testing.suite import of

    with of(request.config).session(request, mockoai_server) as session:
        # Of the test's own monkeypatch, so that both are undone in the right order.
        for name, value in session.environment.items():
            monkeypatch.setenv(name, value)
        yield session


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test once for each scenario, when its marker names several."""
    if metafunc.definition.get_closest_marker(MARK) is None:
        return
    from mockoai.testing.suite import of

    names = of(metafunc.config).scenarios_for(metafunc.definition)
    if names is not None:
        if MARK not in metafunc.fixturenames:
            metafunc.fixturenames.insert(0, MARK)
        metafunc.parametrize(MARK, names, ids=names, indirect=True)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Give a marked test the fixture, whether or not it asks for it; before its others, which may need it."""
    if item.get_closest_marker(MARK) is not None:
        names: list[str] | None = getattr(item, "fixturenames", None)
        if names is not None and MARK not in names:
            names.insert(0, MARK)


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, Any, Any]:
    """Report what came for tests that were over, once all are."""
    try:
        return (yield)
    finally:
        if (suite := _used(session.config)) is not None:
            suite.conclude(session)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Take what a worker of pytest-xdist has to tell, in the process that it works for."""
    told = getattr(node, "workeroutput", {}).get(MARK)
    if told:
        from mockoai.testing.suite import of

        of(node.config).take(told)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the report."""
    config = session.config
    if config.getoption("mockoai_report") and not hasattr(config, "workerinput"):
        from mockoai.testing.suite import of

        of(config).write_report()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say in a line what was tested."""
    if (suite := _used(config)) is not None:
        suite.summarise(terminalreporter)


def _used(config: pytest.Config) -> Any:
    """Return the suite when there is one: when a test, or a worker, used mockoai."""
    return config.stash.get(SUITE, None)
