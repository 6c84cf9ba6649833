"""Whether the client noticed what was wrong, by its outcome and by nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from mockoai.verdict.model import Call, Outcome
from mockoai.verdict.thresholds import ENOUGH_TEXT

REPORT = (
    "Report how the call ended: run it inside `with mockoai.call():` in pytest, or send its session and whether it "
    'returned or raised to `POST /_mockoai/outcome`, such as {"session": "…", "outcome": "raised", "error": "…"}.'
)
"""What to do when there is no outcome."""

REPORT_MORE = (
    "Report one outcome per call, with the text it returned; where the code notices in another way than by raising, "
    'such as by a fallback, say so: {"noticed": true}.'
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
        how = said_error(outcome)
        if call.last or call.troubled <= 1:
            return Noticed(True, how)
        return Noticed(None, f"{how}, but {call.troubled} of its calls had no whole answer", REPORT_MORE)
    return _accepted(call, outcome)


def said_error(outcome: Outcome) -> str:
    """Say how an outcome failed."""
    if outcome.kind == "exited":
        return f"the command ended with {outcome.exit_code}"
    shown = f"{outcome.error}: {outcome.message}" if outcome.message else outcome.error
    return f"it raised {_short(shown)}" if shown else "it raised an error"


def _accepted(call: Call, outcome: Outcome) -> Noticed:
    """Say whether an outcome without an error shows that the answer was taken for a whole one."""
    if not call.last:
        return Noticed(None, "more calls came after it, which may have made it good", REPORT_MORE)
    sent = max((call.final.reading.text, call.final.reading.salvage), key=len).strip()
    if outcome.kind == "exited":
        # A command that ends well may be a test that saw the error and was content with it.
        if len(sent) >= ENOUGH_TEXT and sent in outcome.stdout and not outcome.stderr.strip():
            return Noticed(False, f"the command printed {_short(sent)!r}, nothing on stderr, and ended with 0")
        return Noticed(None, "the command ended with 0, which a test that expects the error does as well", REPORT_MORE)
    if outcome.text is None:
        return Noticed(False, "it returned")
    if not outcome.text.strip():
        return Noticed(False, "it returned an empty text")
    if sent and sent in outcome.text:
        return Noticed(False, f"it returned {_short(outcome.text)!r}")
    return Noticed(None, f"it returned {_short(outcome.text)!r}, which is not what was sent", REPORT_MORE)


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
