"""Whether the client noticed what was wrong, by its outcome and by nothing else."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mockoai.verdict.model import Call, Outcome
from mockoai.verdict.signals import ended
from mockoai.verdict.thresholds import CLOCK_GRAIN

NOT_RUN = (126, 127)
"""What shells end with when they cannot run a command (POSIX, 2.8.2)."""

_OWN = re.compile(
    r"\b(?:\w+\.)*(AssertionError|AssertionFailedError|ERR_ASSERTION|ComparisonFailure|NameError|UnboundLocalError"
    r"|ImportError|ModuleNotFoundError|ERR_MODULE_NOT_FOUND|MODULE_NOT_FOUND|ReferenceError|IndentationError)\b"
    r"|(expect\(received\)|Failed asserting|Minitest::Assertion|RSpec::Expectations|Assert\.\w+\(\) Failure)"
    r"|(?m:^(--- FAIL|E +assert |.*\bassertion\b.{0,60}\bfailed))"
)
"""Checks that a test makes of what it got, and mistakes of a program, by the names they have in common languages."""

_TAIL = 16 * 1024
"""Characters of the end of what a command printed in which its reason is looked for."""

_WORDS = re.compile(r"(?i)\b(?:ai|answer|assistant|bot|completion|content|message|model|output|reply|response|text)\b")
"""Labels that say nothing of how whole an answer is."""

_MARKS = " \"'`()[]{}<>:,;|*#=_-"
"""What may stand around a text without saying anything."""

REPORT = (
    "Report how the call ended: run it inside `with mockoai.call():` in pytest, or send its session and whether it "
    'returned or raised to `POST /_mockoai/outcome`, such as {"session": "…", "outcome": "raised", "error": "…"}.'
)
"""What to do when there is no outcome."""

REPORT_MORE = (
    "Report one outcome per call, with the text it returned (`call.text = …` in pytest); where the code notices in "
    'another way than by raising, such as by a fallback, say so: `call.noticed = True`, or {"noticed": true}.'
)
"""What to do when the outcome does not tell."""


@dataclass(frozen=True, slots=True)
class Noticed:
    """``value`` is whether the client noticed, None when that cannot be told; ``why`` in words; ``advice`` then."""

    value: bool | None
    why: str
    advice: str = ""


def noticed(call: Call) -> Noticed:
    """Say whether the caller of ``call`` learnt that its answer was not whole."""
    outcome = call.outcome
    if outcome is None:
        return Noticed(None, call.why_none, REPORT)
    if outcome.noticed is not None:
        return Noticed(outcome.noticed, f"the caller says that it {'did' if outcome.noticed else 'did not'} notice")
    if outcome.kind == "cancelled":
        return Noticed(None, "the caller cancelled it")
    if outcome.kind == "raised" or (outcome.kind == "exited" and outcome.exit_code != 0):
        return _failed(call, outcome)
    return _accepted(call, outcome)


def said_error(outcome: Outcome) -> str:
    """Say how an outcome failed."""
    if outcome.kind == "exited":
        return f"the command ended with {outcome.exit_code}"
    shown = f"{outcome.error}: {outcome.message}" if outcome.message else outcome.error
    return f"it raised {_short(shown)}" if shown else "it raised an error"


def own_mistake(outcome: Outcome) -> str:
    """Say which mistake of its own, or check of its own, a failure names: the reason is then not the answer.

    Returns ``""`` when it names none.
    """
    if outcome.kind == "exited":
        if outcome.exit_code in NOT_RUN:
            return f"a shell says {outcome.exit_code} of a command that it could not run"
        # The end of what was printed tells; an error that was handled may be logged before it.
        found = _OWN.search(outcome.stderr[-_TAIL:]) or _OWN.search(outcome.stdout[-_TAIL:])
    else:
        found = _OWN.search(outcome.error)
    return f"`{_short(found[found.lastindex or 0])}` is a check or a mistake of its own" if found else ""


def _failed(call: Call, outcome: Outcome) -> Noticed:
    """Say whether an outcome with an error shows that the client was told."""
    how = said_error(outcome)
    if own := own_mistake(outcome):
        return Noticed(None, f"{how}, and {own}", REPORT_MORE)
    if call.last or call.troubled <= 1:
        return Noticed(True, how)
    return Noticed(None, f"{how}, but {call.troubled} of its calls had no whole answer", REPORT_MORE)


def _accepted(call: Call, outcome: Outcome) -> Noticed:
    """Say whether an outcome without an error shows that the answer was taken for a whole one.

    That takes proof: a text that is what was sent, and nothing besides in which a reader could be told.
    """
    if not call.last:
        return Noticed(None, "more calls came after it, which may have made it good", REPORT_MORE)
    exchange = call.final.exchange
    if outcome.kind == "returned" and exchange.finished and outcome.ended + CLOCK_GRAIN < (ended(exchange) or 0.0):
        return Noticed(None, "it returned before the answer had come to its end", REPORT_MORE)
    if outcome.kind == "exited":
        # A command that ends well may be a test that saw the error and was content with it.
        if _is_sent(call, outcome.stdout) and not outcome.stderr.strip():
            printed = f"the command printed {_short(outcome.stdout)!r}, nothing that tells more, and ended with 0"
            return Noticed(False, printed)
        return Noticed(None, "the command ended with 0, which a test that expects the error does as well", REPORT_MORE)
    if outcome.text is None:
        return Noticed(None, "it returned, and what it returned was not reported", REPORT_MORE)
    if not outcome.text.strip():
        return Noticed(False, "it returned an empty text")
    if _is_sent(call, outcome.text):
        return Noticed(False, f"it returned {_short(outcome.text)!r}")
    return Noticed(None, f"it returned {_short(outcome.text)!r}, which is not what was sent", REPORT_MORE)


def _is_sent(call: Call, given: str) -> bool:
    """Whether ``given`` is what was sent: its text, or the body as it stands, which some clients give back."""
    reading = call.final.reading
    body = reading.message.body.decode("utf-8", "replace")
    return any(is_alone(sent, given) for sent in (reading.text, reading.salvage, body))


def is_alone(sent: str, given: str) -> bool:
    """Whether ``given`` is ``sent`` and, besides, at most quotation marks, brackets and a label such as `Answer:`.

    Whatever else stands there may be how the reader is told.
    """
    sent, given = " ".join(sent.split()), " ".join(given.split())
    if not sent or sent not in given:
        return False
    before, _, behind = given.partition(sent)
    return not _WORDS.sub("", before).strip(_MARKS) and not behind.strip(_MARKS)


def succeeded(call: Call) -> bool | None:
    """Whether the caller got its answer in the end, None when that cannot be told."""
    outcome = call.outcome
    if outcome is None or outcome.kind == "cancelled":
        return None
    if outcome.kind == "exited":
        return outcome.exit_code == 0
    return outcome.kind == "returned"


def _short(text: str, most: int = 80) -> str:
    """Return ``text`` on one line, at most ``most`` characters long."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"
