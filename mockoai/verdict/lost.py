"""Rules on what was whole and came out short."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mockoai.verdict.model import Call, Finding
from mockoai.verdict.rejected import changes_content
from mockoai.verdict.rules import finding, rule, shown

MOST_WORK = 2_000_000
"""How many pieces times characters are compared; of more it is not looked which pieces are missing."""


@rule("answer-lost")
def answer_lost(call: Call) -> Iterable[Finding]:
    """The client returned less than the whole answer that it got.

    Everything was there, and a reader that follows the standards finds it. The reported text is
    empty, or lacks the text of some events between others: the client passed over what it could not
    read, and said nothing. Parsers that split at one kind of line end only do that.

    FAILED. INCONCLUSIVE when the beginning or the end is missing, which an application may have cut
    off itself. Not counted without a fault, and after faults that change what the model says.

    Read events as the standard says, and raise on what cannot be read.
    """
    outcome, final = call.outcome, call.final
    if outcome is None or outcome.kind != "returned" or outcome.text is None or outcome.noticed is True:
        return
    faults = [one.id for one in final.exchange.faults() if one.delivered]
    sent = final.reading.text.strip()
    if final.reading.kind != "answer" or not call.latest or not sent or not faults:
        return
    if any(map(changes_content, faults)):
        return
    given = outcome.text.strip()
    missing = _missing(given, sent, final.reading.pieces)
    if not missing:
        return
    cut = missing in ("the beginning", "the end")
    listed = ", ".join(f"`{id}`" for id in dict.fromkeys(faults))
    yield finding(
        "answer-lost",
        "doubt" if cut else "failure",
        call,
        f"The client returned {len(given)} of the {len(sent)} characters of a whole answer, written with {listed}: "
        f"{missing} is missing.",
        "Report the text as the client got it, uncut."
        if cut
        else "Read events as the standard says, and raise on what cannot be read.",
        shown(final, f"a whole answer with {listed}", data=sent.encode("utf-8", "replace")),
    )


def _missing(given: str, sent: str, pieces: Sequence[str]) -> str:
    """Say what of ``sent``, which came in ``pieces``, is missing from ``given``; nothing when that cannot be told."""
    if not given:
        return "all of it"
    if " ".join(sent.split()) in " ".join(given.split()) or len(pieces) * len(given) > MOST_WORK:
        return ""
    texts = [one for one in pieces if one]
    if sent.startswith(given):
        return "the end" if _is_whole_pieces(given, texts) else ""
    if sent.endswith(given):
        return "the beginning" if _is_whole_pieces(given[::-1], [one[::-1] for one in reversed(texts)]) else ""
    if given in sent:
        return ""  # a word that was looked for, say
    return "a part in the middle" if _is_selection(given, texts) else ""


def _is_whole_pieces(given: str, texts: Sequence[str]) -> bool:
    """Whether ``given`` is two and more of the first ``texts``, but for white space at its ends."""
    so_far = ""
    for number, one in enumerate(texts, 1):
        so_far += one
        if so_far.strip() == given:
            return number > 1
    return False


def _is_selection(given: str, texts: Sequence[str]) -> bool:
    """Whether ``given`` is some of ``texts``, in their order and each whole, but for white space at its ends."""
    reached = {0}
    for one in texts:
        for text in {one, one.lstrip(), one.rstrip()} - {""}:
            reached |= {at + len(text) for at in reached if given.startswith(text, at)}
    return len(given) in reached
