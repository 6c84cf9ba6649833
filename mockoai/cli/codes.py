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
    # --- mockoai run ------------------------------------------------------------------------------------
    "missing-command": """
        `mockoai run` was not told what to run.

        The command stands behind two dashes, with all that belongs to it:

            mockoai run fin-mid-chunked -- npm test
    """,
    "missing-scenario": """
        `mockoai run` was not told which failures the command shall meet.

        Name files, catalogue ids, or a whole category: `mockoai run 'sse/*' -- npm test`.
    """,
    "no-scenario-matches": """
        A glob or a folder has no scenario.

        A glob is compared with files first, then with ids, and with `category/id` when it has a slash.
        Quote it, or the shell takes it for files: `mockoai run 'sse/*' -- npm test`.
    """,
    "command-not-found": """
        The command could not be started: there is no such program, or it may not be executed.

        It is started as it stands, without a shell. For pipes and variables name one:
        `mockoai run done-missing -- sh -c 'npm test | tee log'`.
    """,
    "command-timed-out": """
        The command was still running when its time was over, and was ended with all it had started.

        A client without a limit of its own waits as long as a server likes.

        FAILED.

        Set a limit for the whole call in the client, or a longer one for the run with `--timeout`.
    """,
    "command-crashed": """
        The command was ended by a signal, such as for a segmentation fault or a lack of memory.

        FAILED, unless the scenario has an `exit` under `expect:`.
    """,
    "command-failed": """
        The command ended with an exit code other than 0 although the answers it got were whole.

        After a fault that cannot be made good an exit code is how a command says that it noticed,
        and that is sound. After whole answers it has no such reason.

        FAILED, unless the scenario has an `exit` under `expect:`.

        See what it printed.
    """,
    "bad-report": """
        What `--replay` was given is not a report that `mockoai run --json FILE` wrote.
    """,
    "nothing-to-replay": """
        The report has no case that did not pass, or none of the name that was asked for.
    """,
    "report-unwritable": """
        A report could not be written; the message gives the system's reason.

        It is tried before anything runs.
    """,
    "output-unwritable": """
        What a command had to say could not be written to stdout; the message gives the system's reason.

        A reader that has left, as in `mockoai list | head -1`, is no such reason.
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

    from mockoai.check import codes as check
    from mockoai.scenario import codes as scenario
    from mockoai.server import codes as server
    from mockoai.testing import codes as testing
    from mockoai.verdict.rules import help_texts

    both = scenario.HELP | server.HELP | testing.HELP | check.HELP | help_texts() | _HELP
    return {code: cleandoc(both[code]) + "\n" for code in sorted(both)}
