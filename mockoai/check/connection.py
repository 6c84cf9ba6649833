"""Findings about what the user gave and about connections that were not made. No ids of the catalogue. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from mockoai.check.conversation import Conversation
from mockoai.check.model import Evidence, Finding, Severity
from mockoai.check.reading.exchange import Exchange

_INPUT: dict[str, tuple[Severity, str, str, str]] = {
    "url-has-endpoint": (
        "error",
        "The URL names an endpoint",
        "They add `/chat/completions` to the base URL themselves, and get 404 for the doubled path.",
        "The base URL must not contain `/chat/completions`: give `{url}`.",
    ),
    "url-has-no-scheme": (
        "warning",
        "The URL has no scheme",
        "They refuse a base URL without `http://` or `https://`.",
        "Write `{url}`.",
    ),
    "url-has-spaces": (
        "warning",
        "There are spaces or quotes around the URL",
        "They take them for a part of it.",
        "Write `{url}`.",
    ),
    "url-lacks-version": (
        "error",
        "The base URL is another one",
        "They ask below the URL that was given, and get what a wrong path gets.",
        "The base URL is `{url}`.",
    ),
    "model-not-given": (
        "warning",
        "No models are listed, and none was given",
        "They need the name of a model in their settings.",
        "Give one with `--model`: `{model}` was asked for, and most servers have no such model.",
    ),
    "key-has-quotes": (
        "error",
        "There are quotes around the key",
        "They send them as a part of the key, and get 401.",
        "Give the key without quotes.",
    ),
    "key-has-spaces": (
        "error",
        "There are spaces or line ends around the key",
        "They send them, or refuse to: no header may hold a line end.",
        "Take the space away; a key that was read from a file ends in a line feed.",
    ),
    "key-has-bearer": (
        "error",
        "The key begins with `Bearer`",
        "They write `Bearer` themselves, so the server reads it twice and finds no key.",
        "Give the key alone.",
    ),
}
"""Severity, title, what clients make of it and the advice, by what was mended."""

_OTHER: dict[str, tuple[str, str, str]] = {
    "url-wants-tls": (
        "The server wants TLS on this port",
        "They get an error, or something that is not HTTP.",
        "Write `https://` in place of `http://`.",
    ),
    "answer-not-http": (
        "What answers is not HTTP",
        "They report a protocol error.",
        "Something else listens on this port: compare it with the one that the server says it has.",
    ),
}
"""Title, what clients make of it and the advice, by what answers in place of an API."""

_TLS_WANTED = re.compile(rb"HTTP request (?:was sent )?to (?:an )?HTTPS", re.IGNORECASE)
_TLS_ALERT = b"\x15\x03"

_TROUBLE: dict[str, tuple[str, str]] = {
    "dns": ("The name of the host is not known", "Look for a typing error, or for the network that the name is of."),
    "unreachable": ("The host cannot be reached", "Look at the address, the network and the firewall."),
    "timeout": (
        "The connection is not answered",
        "A firewall drops it, or the host is down. Look at the address and the port.",
    ),
    "tls": (
        "No TLS connection was made",
        "Try `http://` if the server speaks no TLS; for a certificate of one's own try `--insecure`.",
    ),
    "lost": ("The connection broke while the request was sent", "Look at the server's log."),
}

CODES = {*_INPUT, *_OTHER, *(f"connect-{one}" for one in _TROUBLE)}
"""Every id of these findings."""


def input_findings(conversation: Conversation) -> Iterator[Finding]:
    """Yield what was wrong with the URL and the key."""
    url = conversation.target.url
    mended = list(conversation.target.mended)
    codes = [(str(code), given) for code, given in mended]
    if conversation.moved:
        first = conversation.exchanges[0].path.removesuffix("/models")
        codes.append(("url-lacks-version", f"{conversation.target.origin}{first}, below which no models are listed"))
    if conversation.guessed and any(_blames_model(one) for one in conversation.exchanges):
        codes.append(("model-not-given", ""))
    for code, given in codes:
        severity, title, clients, advice = _INPUT[code]
        evidence = (Evidence("the URL", f"given was {given}"),) if given else ()
        yield Finding(
            id=code,
            category="input",
            severity=severity,
            title=title,
            clients=clients,
            advice=advice.replace("{url}", url).replace("{model}", conversation.model),
            evidence=evidence,
        )


def _blames_model(one: Exchange) -> bool:
    """Whether a request was refused, and the refusal names the model that was asked for."""
    model = one.ask.fields.get("model")
    refused = one.ordinary and one.status in (400, 404, 422)
    return refused and isinstance(model, str) and model.encode("utf-8", "replace") in one.content.data


def connection_findings(exchanges: Sequence[Exchange]) -> Iterator[Finding]:
    """Yield why requests could not be sent."""
    told: set[str] = set()
    for one in exchanges:
        trouble = one.recording.trouble
        if trouble not in _TROUBLE or trouble in told:
            continue  # a refused connection has an id of the catalogue
        told.add(trouble)
        title, advice = _TROUBLE[trouble]
        yield Finding(
            id=f"connect-{trouble}",
            category="connection",
            severity="error",
            title=title,
            clients="They report a connection error, after two retries as a rule.",
            advice=advice,
            evidence=(Evidence(one.ask.name, one.recording.detail),),
        )


def answer_findings(conversation: Conversation) -> Iterator[Finding]:
    """Yield what answers where an API should be, when it is something else altogether."""
    told: set[str] = set()
    for one in conversation.exchanges:
        code = _other(conversation, one)
        if not code or code in told:
            continue
        told.add(code)
        title, clients, advice = _OTHER[code]
        yield Finding(
            id=code,
            category="connection",
            severity="error",
            title=title,
            clients=clients,
            advice=advice,
            evidence=(Evidence(one.ask.name, "what came first", one.recording.data[:80]),),
        )


def _other(conversation: Conversation, one: Exchange) -> str:
    if conversation.target.secure:
        return "answer-not-http" if one.message.flaw == "head" else ""
    there = one.message.header("location") or ""
    moved = one.status in (301, 302, 307, 308) and there.startswith(f"https://{conversation.target.host}")
    if moved or _TLS_WANTED.search(one.content.data[:1000]) or one.recording.data.startswith(_TLS_ALERT):
        return "url-wants-tls"
    return "answer-not-http" if one.message.flaw == "head" else ""
