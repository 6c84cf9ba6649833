"""Rules on what was whole and refused all the same."""

from __future__ import annotations

import re
from collections.abc import Iterable

from mockoai.faults import registry
from mockoai.faults.base import Fault
from mockoai.verdict.model import Call, Finding
from mockoai.verdict.noticed import own_mistake, said_error, succeeded
from mockoai.verdict.rules import finding, rule, shown
from mockoai.verdict.signals import ended
from mockoai.verdict.thresholds import LATE_END

CONTENT_FAMILIES = frozenset({"error", "finish", "midstream", "model", "tool"})
"""Families whose faults change what the model says, which an application may rightly refuse."""

OF_READING = (
    *("api", "attribute", "chunk", "connect", "decod", "encod", "eof", "event", "fetch", "http", "incomplete", "index"),
    *("invalid", "json", "key", "network", "pars", "payload", "premature", "protocol", "read", "response", "schema"),
    *("socket", "sse", "stream", "syntax", "terminated", "type", "unicode", "validation"),
)
"""How the words begin that the names of errors are made of, of those who cannot make anything of what they read.

Others may be about what it says.
"""

_CLASSES = re.compile(r"\b\w+(?:Error|Exception)\b")

_PARTS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+")

_SAYING_SO = re.compile(
    r"(?i)\bjson\b|\bdecod|\bpars(?:e|ing)\b|\bunexpected (?:token|end|char)|\bchunk|\bstream (?:ended|closed|error)"
    r"|premature|\bterminated\b|\bprotocol\b|\bUTF-?8\b|\bEOF\b|is not (?:iterable|a function)|of undefined"
)
"""What the messages of errors without a name of their own say of such."""

_TIMEOUT = re.compile(r"(?i)time ?d? ?out|timeout|deadline")


def changes_content(id: str) -> bool:
    """Whether the fault changes what is said rather than how; unknown ones are taken to."""
    cls: type[Fault] | None = registry.load().get(id)
    if cls is None:
        return True
    if cls.content is not None:
        return cls.content
    return cls.layer == "reply" or cls.family in CONTENT_FAMILIES


@rule("harmless-quirk-rejected")
def harmless_quirk_rejected(call: Call) -> Iterable[Finding]:
    """The client refused an answer that was whole, and only written in an unusual way.

    Everything was there: the text, the finish reason, the end. What differed was the form: line
    ends, comments, events without data, fields that are missing, added or of another type. Real
    servers write like that, and the client is lost to them. Faults that change what the model says
    (its tool calls, its finish reason, its models) are not counted, nor slow answers, nor those
    that a strict client may refuse, such as one whose HTTP message has no end.

    FAILED when the bytes are what the standards allow (RFC 9112, WHATWG HTML §9.2, RFC 8259, the
    API's schema). NON-STRICT when they are not, and others read them. An error whose name and
    message say nothing of reading, a check of a test, and a timeout that was not spent waiting
    behind the end of the answer may have another reason: see `healthy-answer-rejected`.

    Read events as the standard says, ignore what you do not know, and require only what you use.
    """
    final = call.final
    faults = [one.id for one in final.exchange.faults() if one.delivered]
    if not _refused(call) or not faults or final.reading.optional or _not_the_client(call):
        return
    if any(changes_content(id) or _slow(id) for id in faults):
        return
    assert call.outcome is not None
    odd = final.reading.odd
    listed = ", ".join(f"`{id}`" for id in dict.fromkeys(faults))
    legal = "The standards allow it" if not odd else f"Others read it, though {odd[0]}"
    yield finding(
        "harmless-quirk-rejected",
        "warning" if odd else "failure",
        call,
        f"A whole answer was refused, written with {listed}: {said_error(call.outcome)}. {legal}.",
        "Ignore what you do not know, and require only what you use.",
        shown(final, f"a whole answer with {listed}", data=final.reading.shown),
    )


@rule("healthy-answer-rejected")
def healthy_answer_rejected(call: Call) -> Iterable[Finding]:
    """The call failed although its answer was whole.

    Either no fault was at work, so that the failure has another reason than the answer; or the
    error is one that a test, or the program, raises about the content; or it is a command that
    failed, for any reason. It cannot be told what the client made of the answer.

    INCONCLUSIVE.

    See what the error says. Keep checks of the content outside of `mockoai.call()`.
    """
    final = call.final
    if not _refused(call) or final.reading.optional:
        return
    faults = [one.id for one in final.exchange.faults() if one.delivered]
    if any(changes_content(id) or _slow(id) for id in faults) or (faults and not _not_the_client(call)):
        return
    assert call.outcome is not None
    yield finding(
        "healthy-answer-rejected",
        "doubt",
        call,
        f"The answer was whole, and {said_error(call.outcome)}.",
        "See what the error says; keep checks of the content outside of the reported call.",
        shown(final, "a whole answer"),
    )


def _refused(call: Call) -> bool:
    """Whether the outcome of ``call`` is a failure that no other call of it explains."""
    return (
        call.final.reading.kind == "answer"
        and not call.final.reading.message.wrong
        and succeeded(call) is False
        and call.latest
        and call.troubled == 0
        and not (call.outcome is not None and call.outcome.noticed is False)
    )


def _not_the_client(call: Call) -> bool:
    """Whether the failure may as well be that of a check, of the program around the client, or of a command."""
    outcome = call.outcome
    if outcome is None or outcome.noticed is True:
        return False
    if outcome.kind == "exited" or own_mistake(outcome):
        return True
    if _TIMEOUT.search(outcome.error) or _TIMEOUT.search(outcome.message):
        end = ended(call.final.exchange)
        return end is None or outcome.ended - end < LATE_END
    names = [outcome.error.rpartition(".")[2], *_CLASSES.findall(outcome.message)]
    words = [word.lower() for name in names for word in _PARTS.findall(name)]
    return not any(word.startswith(OF_READING) for word in words) and not _SAYING_SO.search(outcome.message)


def _slow(id: str) -> bool:
    cls = registry.load().get(id)
    return cls is not None and cls.family == "timing"
