"""The codes of errors that tests meet, and what ``mockoai explain CODE`` says of them."""

from __future__ import annotations

from inspect import cleandoc

_HELP: dict[str, str] = {
    "bad-session": """
        A session was given an id that cannot stand in a URL.

        Letters, digits, `-`, `_`, `.` and `~` can, 200 of them at most.
    """,
    "session-exists": """
        A session of this id was opened before.

        Requests of the two could not be told apart, so an id is used once in the life of a server.
    """,
    "nothing-to-use": """
        `use()` was called without a scenario and without keys of one.
    """,
    "stack-conflict": """
        Scenarios were stacked that do not agree on what holds for all of their rules.

        That is `backend`, `seed`, `clock`, `models` and `fallback`. Decide it in the call: `use("a", "b",
        seed=7)`.
    """,
    "unmatched-request": """
        A request came that no rule of the test's scenario answers.

        The client got a 404 that says the same. The message names the rules that came near and what they
        missed. Either the client asks for something that it should not, or the scenario lacks a rule: one
        without `when` answers everything else. `mockoai.allow_unmatched()`, or
        `@pytest.mark.mockoai(allow_unmatched=True)`, lets such requests pass.
    """,
    "unused-rule": """
        A rule that the test wrote answered no request, so whatever it is there for was not tested.

        The message says what the nearest request missed. `mockoai.allow_unused()`, or
        `@pytest.mark.mockoai(allow_unused=True)`, lets rules, scenarios and faults come to nothing.
    """,
    "unused-scenario": """
        A scenario that the test asked for answered no request by what it is there for.

        Either nothing was asked, or what was asked is not what it applies to: many scenarios are about
        streams only. `mockoai explain ID` shows its rules.
    """,
    "fault-not-delivered": """
        A rule answered with a fault that never reached the client, so it was not tested.

        The message says why: its place lay behind the end of the answer, the client left before, or the
        answer was not one that the fault can change.
    """,
    "late-request": """
        A request came for a session whose test was over.

        It got a 410, and counts for no other test. Something went on that the test had started: a thread, a
        task, a process that still tries again. Or a client was made in that test and kept, in a module or a
        cache, and the next test called it: make it anew, or let it read its base URL anew.
        `mockoai.allow_late()`, or `@pytest.mark.mockoai(allow_late=True)`, lets it pass.
    """,
    "requests-missing": """
        The requests that a test waited for did not come in time.
    """,
    "no-scenario-matches": """
        `@pytest.mark.mockoai` was given a pattern or a category that no scenario belongs to.

        Patterns are those of a shell, and held against `category/id` and `id`: `sse/*`, `retry-after-*`.
        `mockoai list scenarios` shows all.
    """,
    "no-scenario-folder": """
        The folder of scenarios that pytest was given does not exist.

        It is that of `--mockoai-scenarios`, or of `mockoai_scenarios` in pytest's configuration. It is
        looked for in the working directory, then in pytest's root directory.
    """,
    "bad-marker": """
        `@pytest.mark.mockoai` was given something that it does not know.

        It takes ids of scenarios, files and patterns, and the keywords `category`, `allow_unused`,
        `allow_unmatched` and `allow_late`.
    """,
}

HELP: dict[str, str] = {code: cleandoc(text) + "\n" for code, text in _HELP.items()}
"""Help for each code, as text that ends in a line feed."""
