"""From what the detectors saw to a report: sights of one failure together, consequences left out, worst first. Pure.

The catalogue gives title and who does it; :mod:`mockoai.check.words` the rest. Keys are masked in every byte shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from mockoai.check.asks import WRONG_KEY
from mockoai.check.connection import answer_findings, connection_findings, input_findings
from mockoai.check.conversation import Conversation
from mockoai.check.detect.registry import Case, Seen, look
from mockoai.check.explained import EXPLAINED
from mockoai.check.guess import guess
from mockoai.check.habits import HABITS
from mockoai.check.measured import measured
from mockoai.check.model import SEVERITIES, Asked, Evidence, Finding, Guess, Report, Severity
from mockoai.check.reading.exchange import Exchange
from mockoai.check.words import words
from mockoai.report.redact import Redactor
from mockoai.scenario import catalogue

SHOWN = 3
"""Sights of one failure that are shown."""
BYTES = 240
"""Bytes of each that are shown."""
LISTED = 50
"""Models whose names are kept."""


def report(conversation: Conversation) -> Report:
    """Judge what was heard in ``conversation``."""
    exchanges = tuple(conversation.exchanges)
    case = Case(exchanges)
    redactor = Redactor((conversation.target.key, WRONG_KEY))
    listed = [one for one in case.lists if one.good] or list(case.lists)
    entries = listed[-1].entries if listed else []
    readable = bool(listed) and listed[-1].status == 200 and (bool(entries) or _is_empty_list(listed[-1]))
    guessed = guess(case)
    found = [
        *input_findings(conversation),
        *connection_findings(exchanges),
        *answer_findings(conversation),
        *(_as_habit(one, guessed) for one in findings(look(case), redactor)),
    ]
    return Report(
        url=redactor.text(conversation.target.url),
        answered=conversation.answered,
        model=conversation.model,
        models=len(entries) if readable else None,
        listed=tuple(entries[:LISTED]),
        asked=tuple(asked(one, redactor) for one in exchanges),
        left_out=tuple(conversation.left_out),
        findings=tuple(sorted(found, key=lambda one: SEVERITIES.index(one.severity))),
        guess=guessed,
        seconds=sum(one.ask.wait + one.recording.connecting + one.recording.ended for one in exchanges),
    )


def findings(seen: Iterable[Seen], redactor: Redactor) -> list[Finding]:
    """Return a finding for every failure that was seen and is not the consequence of another."""
    by_id: dict[str, list[Seen]] = {}
    for one in unexplained(list(seen)):
        by_id.setdefault(one.id, []).append(one)
    return [_finding(id, sights, redactor) for id, sights in by_id.items()]


def unexplained(seen: Sequence[Seen]) -> list[Seen]:
    """Return ``seen`` without what another sight in the same exchange explains."""
    in_exchange: dict[int, set[str]] = {}
    for one in seen:
        in_exchange.setdefault(id(one.exchange), set()).add(one.id)
    explained = {
        place: {other for one in ids for other in EXPLAINED.get(one, ())} for place, ids in in_exchange.items()
    }
    return [one for one in seen if one.id not in explained[id(one.exchange)]]


def _finding(id: str, sights: list[Seen], redactor: Redactor) -> Finding:
    said = words()[id]
    scenario = catalogue.get(id)
    # One sight an ask: the same event in every chunk is one thing to read.
    by_ask = {one.exchange.ask.name: one for one in reversed(sights)}
    shown = sorted(by_ask.values(), key=sights.index)
    return Finding(
        id=id,
        category=scenario.category,
        severity=_worst([one.severity or said.severity for one in sights]),
        title=scenario.title,
        clients=said.clients,
        advice=said.advice,
        who=scenario.who,
        evidence=tuple(_evidence(one, redactor) for one in shown[:SHOWN]),
        also=len(shown[SHOWN:]),
        measured=measured(id),
    )


def _as_habit(finding: Finding, guessed: Guess) -> Finding:
    """Return ``finding`` as what the backend is known for, if it is: its clients have come to terms with it."""
    if finding.id not in HABITS.get(guessed.name, ()):
        return finding
    return replace(finding, severity="info", habit=guessed.title)


def _worst(severities: list[Severity]) -> Severity:
    return min(severities, key=SEVERITIES.index)


def _evidence(seen: Seen, redactor: Redactor) -> Evidence:
    # Masked before it is cut: half of a key is a secret too.
    data = redactor.data(seen.data[: BYTES * 4])
    return Evidence(seen.exchange.ask.name, redactor.text(seen.text), data[:BYTES])


def asked(one: Exchange, redactor: Redactor) -> Asked:
    """Return the line of the protocol about ``one``."""
    return Asked(
        name=one.ask.name,
        method=one.ask.method,
        path=redactor.text(one.path),
        status=one.status,
        seconds=one.recording.connecting + _heard(one),
        size=sum(len(segment.data) for segment in one.recording.segments),
        outcome=outcome(one),
        ok=(one.good or bool(one.ask.provokes and one.status)) and one.uncut,
    )


def outcome(one: Exchange) -> str:
    """Say in a few words what became of an ask."""
    recording = one.recording
    if recording.trouble:
        return recording.detail
    if not one.status:
        if one.message.flaw or one.message.head:
            return "no HTTP answer" if one.message.flaw else "the head is not complete"
        ends = {"rst": "reset", "fin": "closed without an answer"}
        return ends.get(recording.ending, f"no answer in {recording.ended:.3g} s")
    said = f"{one.status}"
    if one.status == 200 and one.ask.kind == "models" and one.entries:
        count = len(one.entries)
        said = f"{count} model{'' if count == 1 else 's'}"
    elif one.streamed:
        count = len(one.answer.chunks)
        said = f"{count} event{'' if count == 1 else 's'}"
    elif one.status == 200 and one.form == "html":
        said = "200, a web page"
    if recording.gave_up == "silence":
        said += f", then silent for {recording.ended - _last(one):.3g} s"
    elif recording.gave_up:
        said += f", not listened to the end: too {'long' if recording.gave_up == 'time' else 'much'}"
    elif not one.message.whole or recording.ending == "rst":
        said += ", reset" if recording.ending == "rst" else ", cut"
    return said


def _heard(one: Exchange) -> float:
    """Return when the answer was over, without what was listened for behind it."""
    whole = one.message.whole and one.recording.ending == "open"
    return _last(one) if whole else one.recording.ended


def _last(one: Exchange) -> float:
    return one.recording.segments[-1].at if one.recording.segments else 0.0


def _is_empty_list(one: Exchange) -> bool:
    value = one.json.value
    if isinstance(value, dict):
        value = value.get("data", value.get("models", 0))
    return value == [] or value is None
