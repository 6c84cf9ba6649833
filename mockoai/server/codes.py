"""The codes of errors of the server and its control API, and what ``mockoai explain CODE`` says of them."""

from __future__ import annotations

from inspect import cleandoc

_HELP: dict[str, str] = {
    # --- starting -------------------------------------------------------------------------------------
    "admin-token-empty": """
        The admin token that was given is blank, so it would keep nobody out.

        Check the variable it comes from: `--admin-token "$TOKEN"` passes an empty text when TOKEN is not set.
    """,
    "admin-token-required": """
        The server was told to listen where others can reach it, without an admin token.

        The control API shows every request and changes what the server answers. On 127.0.0.1 only programs
        of this machine reach it; anywhere else, give a token with `--admin-token` or MOCKOAI_ADMIN_TOKEN.
        The mocked API itself asks for no token; `--api-key` restricts it.
    """,
    "host-invalid": """
        The address to listen on is none of this machine, or its name cannot be resolved.

        `--host` takes an address of this machine: 127.0.0.1 (the default), ::1, 0.0.0.0 for all, or a name
        of one.
    """,
    "loop-unknown": """
        The event loop that was asked for is not installed here.

        `auto` takes uvloop where it is installed and asyncio's own elsewhere.
    """,
    "not-ready": """
        The server listens, but did not answer its own first request.

        Something between the two is in the way: a firewall, or a proxy for local addresses.
    """,
    "port-denied": """
        The system does not let this user listen on the port.

        Ports below 1024 are often reserved for the administrator. Choose a higher one with `--port`, or any
        free one with `--port 0`.
    """,
    "port-in-use": """
        Another process listens on the port.

        Stop it, choose another port with `--port`, or take any free one with `--port 0` and read the
        address from the first line of stdout.
    """,
    "port-invalid": """
        A port is a number from 0 to 65535; 0 takes any free one.
    """,
    # --- the mocked API -------------------------------------------------------------------------------
    "answer-too-large": """
        The answer that was asked for would hold more than one may, and was not made.

        Choices, tokens and alternatives multiply, and an answer is made whole before its first byte is sent.
        One holds at most 131,072 tokens and 16 Mi characters, all choices together, 327,680 log
        probabilities (16,384 tokens with 20 alternatives each), and in embeddings 6,291,456 numbers (2,048
        inputs of 3,072 dimensions). OpenAI's own models give nothing that is longer; what is takes several
        requests.

        It is a 400 in the backend's shape, and the rule that would have answered is named in the journal.
    """,
    "session-forgotten": """
        A session had a scenario of its own, or had counted calls, and lost them to other sessions.

        The server keeps the 10,000 sessions that were used last. A request in one that it has forgotten would
        be answered with the server's scenario, or by a rule whose turn is over, so it is refused instead; the
        journal says so too. Give the session its scenario again, or reset it to count from 1. A session that
        is over can be deleted: `DELETE /_mockoai/sessions/ID`.
    """,
    # --- the control API ------------------------------------------------------------------------------
    "bad-json": """
        The body of a request to the control API is not the JSON object it should be.

        The message says what is wrong; `GET /_mockoai/` lists the routes and what they take.
    """,
    "bad-outcome": """
        What was reported to `POST /_mockoai/outcome` is no outcome of a call.

        Needed is `outcome`: `returned`, `raised`, `cancelled` or `exited`. It is better told with `session`,
        `started` and `ended` (seconds since 1970) or the numbers of its `exchanges`, `error` and `message`
        of what was raised, the `text` that was returned, `partial`, what had been handed over by then,
        `noticed`, when the caller learnt in another way that something is wrong, `exit_code`, `stdout` and
        `stderr` of a command, `single`, false when it is about several calls, and a `label` for reports.
    """,
    "bad-parameter": """
        A parameter of a request to the control API has a value that it cannot have.
    """,
    "body-too-large": """
        The body of a request is larger than it may be: 10 MiB for the mocked API, and 2 MiB for the control
        API, which is larger than any scenario may be.
    """,
    "host-refused": """
        The control API was called by a host name that is not the server's own.

        This is what keeps web pages out that make a name of theirs point at this machine (DNS rebinding). Use
        localhost, 127.0.0.1, [::1], or the host that the server was started with.
    """,
    "method-not-allowed": """
        The route exists in the control API, but not with this method. The Allow header names those that do.
    """,
    "origin-refused": """
        A web page of another origin called the control API.

        Browsers name the page in Origin and Sec-Fetch-Site; only pages that the server itself serves are
        let in.
    """,
    "token-required": """
        The server has an admin token, and the control API was called without it.

        Send `Authorization: Bearer TOKEN`, or `x-mockoai-token: TOKEN`.
    """,
    "token-wrong": """
        The admin token that was sent to the control API is not the server's.
    """,
    "unknown-exchange": """
        The journal has no exchange of this number.

        It keeps the last 1,000 exchanges, and at most 64 MiB of them; a reset empties it.
    """,
    "unknown-parameter": """
        A route of the control API was given a query parameter that it does not have.
    """,
    "unknown-route": """
        The control API has no such route. `GET /_mockoai/` lists them.
    """,
    "unknown-session": """
        There is no session of this id: nothing was asked in it yet, or it was deleted.
    """,
}

HELP: dict[str, str] = {code: cleandoc(text) + "\n" for code, text in _HELP.items()}
"""Help for each code, as text that ends in a line feed."""
