"""Every code an error can carry, and what ``mockoai explain CODE`` says about it.

Those of scenario files are kept where these are read; here are the command line's, the server's and the
ones that clients are answered with.
"""

from __future__ import annotations

from functools import cache

_HELP: dict[str, str] = {
    # --- the command line -------------------------------------------------------------------------------
    "usage": """
        The command line could not be understood.

        `mockoai COMMAND --help` shows what a command takes. Every option can also be given in the
        environment: `--admin-token` as `MOCKOAI_ADMIN_TOKEN`.
    """,
    "unknown-command": """
        There is no such command.

        `mockoai --help` lists them.
    """,
    "unknown-option": """
        The command has no such option.

        Options belong to a command and stand behind it: `mockoai serve --port 0`.
    """,
    "unknown-id": """
        Nothing is called like that.

        `mockoai explain` knows the ids of shipped scenarios and faults, the names of backends, and
        the codes that stand in brackets behind `error`. `mockoai list --search TEXT` finds them.
    """,
    "unknown-list": """
        There is no such list.

        `mockoai list` takes `faults`, `scenarios` or `backends`, and then a category or family.
    """,
    "unknown-category": """
        There is no such category, family, layer or backend.

        Scenarios have categories (`mockoai list scenarios`); faults have a family, and one of the
        five layers reply, event, frame, body and transport.
    """,
    "unknown-rule": """
        The scenario has no such rule.

        A rule is named by its `name`, or by its place in the file, counted from 1.
    """,
    "unreadable-file": """
        A file named on the command line could not be read; the message gives the system's reason.
    """,
    "bad-request-file": """
        The request is in neither of the two forms that `mockoai plan --request` reads.

        Either the JSON body alone:

            {"model": "gpt-4o", "messages": [{"role": "user", "content": "hello"}], "stream": true}

        or the whole request as it is sent:

            POST /v1/chat/completions HTTP/1.1
            Content-Type: application/json

            {"model": "gpt-4o", "messages": [{"role": "user", "content": "hello"}]}
    """,
    "no-rule-matched": """
        No rule of the scenario answers the request that was planned.

        The message lists the rules that came near, and what missed. Give another request with
        `--request FILE`, choose the rule that it shall be made for with `--rule`, or add a rule
        without `when` at the end of the file.
    """,
    "workers-cannot-count": """
        `--workers` runs several processes, and each of them counts calls by itself.

        A rule with `call: 1` would answer once in each of them, and `chance` would draw the same
        for each. Leave `--workers` out: one process serves such a scenario exactly.
    """,
    "workers-unsupported": """
        Several workers need a system that can fork a process, which Windows cannot.

        Leave `--workers` out; one process is enough for some thousand requests a second.
    """,
    # --- everything else --------------------------------------------------------------------------------
    "internal": """
        Something happened that mockoai did not expect: a defect of ours.

        Run the command again with `--debug`, or with MOCKOAI_DEBUG=1, and report the traceback
        together with the scenario file.
    """,
}


@cache
def codes() -> dict[str, str]:
    """Return what is said about every code."""
    from inspect import cleandoc

    from mockoai.scenario import codes as scenario
    from mockoai.server import codes as server

    both = scenario.HELP | server.HELP | _HELP
    return {code: cleandoc(both[code]) + "\n" for code in sorted(both)}
