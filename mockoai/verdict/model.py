"""What a verdict is made of, as frozen values: outcomes go in, calls and findings and a verdict come out.

Theory of operation. The journal shows what was sent and what came next, which proves how a client retries, waits
and leaves. It cannot show whether the client *noticed* that an answer was cut: an error that was raised and a
partial text that was taken for the whole look the same on the wire. That is what an :class:`Outcome` is for, and
without one the grade is ``INCONCLUSIVE``, never ``FAILED``.

Everything here is pure data: no sockets, no clock. Moments are in seconds since 1970, as in the journal; durations
in seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from mockoai.journal import Exchange
    from mockoai.verdict.reading import Reading

Grade = Literal["FAILED", "INCONCLUSIVE", "NON-STRICT", "INFORMATIONAL", "OK", "NOT TESTED"]
"""How a client did, after the Autobahn testsuite, the worst first.

``FAILED``: it did what no sound client does. ``INCONCLUSIVE``: the evidence does not suffice; a finding says what to
report so that it does. ``NON-STRICT``: it got by, in a way that costs somebody. ``INFORMATIONAL``: worth knowing.
``OK``: sound. ``NOT TESTED``: nothing was exercised.
"""

ConnectionGrade = Literal["UNCLEAN", "OK", "NOT TESTED"]
"""How the client left its connections: ``UNCLEAN`` when one was kept that should have been closed, or used again
after an answer that left it in an unknown state."""

Severity = Literal["failure", "doubt", "warning", "info"]
"""What a finding makes of the grade: FAILED, INCONCLUSIVE, NON-STRICT or INFORMATIONAL, in this order."""

About = Literal["client", "connection", "run"]
"""Whom a finding blames: the client (or proxy), how it left a connection, or the run, which did not exercise what
was asked for."""

Kind = Literal["returned", "raised", "cancelled", "exited"]
"""How a call ended for its caller. See :class:`Outcome`."""

Link = Literal["", "body", "outcome", "count", "key"]
"""What says that an exchange is a further attempt of the same call, the weakest first.

Empty for the first attempt. ``body``: only that an equal request came after an answer that invites a retry, so it
may as well be a new call. ``outcome``: one outcome of a single call spans both, and there are no more outcomes than
calls that it could be the first request of. ``count``: the client counts its attempts (``x-stainless-retry-count``).
``key``: both carry the same ``idempotency-key``.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the caller saw: reported by ``mockoai.call()``, ``POST /_mockoai/outcome`` or ``mockoai run``.

    ``session``: whose exchanges it is about. ``kind``: the call ``returned`` an answer; it ``raised`` an error;
    it was ``cancelled`` by its own caller; or a command ``exited``. ``started`` and ``ended``: between which moments
    the exchanges came that it is about, in seconds since 1970; ``started`` is 0 when not known. ``exchanges``: the
    numbers of these exchanges, instead of the moments, when they are known. ``single``: whether it is about one
    logical call, so that equal requests within it are retries; false for a command that may make many.

    ``assumed``: whether ``started`` was not reported, and is when the outcome before it ended. Such an outcome is
    only about a call if that is the only one in the time.

    ``error`` and ``message``: class and text of what was raised. ``text``: the answer that was returned, or None
    when that is not reported. ``partial``: what the caller had already been handed of the answer when it ended,
    in the order in which it was handed over, None when not reported. ``noticed``: set when the caller itself says
    that it was told (or was not told) that something is wrong with the answer, such as by a fallback or a flag:
    it then outweighs everything else.

    ``exit_code``, ``stdout`` and ``stderr``: of a command; the code is that of the system, negative for signals.
    ``label``: what reports call it, such as the id of a test.
    """

    kind: Kind
    session: str = "default"
    started: float = 0.0
    ended: float = float("inf")
    exchanges: tuple[int, ...] = ()
    single: bool = True
    assumed: bool = False
    error: str = ""
    message: str = ""
    text: str | None = None
    partial: str | None = None
    noticed: bool | None = None
    exit_code: int | None = None
    stdout: str = ""
    stderr: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One exchange of a call, read.

    ``reading`` is what a strict client can make of the bytes that were sent. ``link`` is what says that it belongs
    to the call. ``gap`` is how long after the end of the previous attempt it came, in seconds; None for the first,
    and when the previous one has no end. ``retries`` is the client's own count of retries
    (``x-stainless-retry-count``), None when it does not tell.
    """

    exchange: Exchange
    reading: Reading
    link: Link = ""
    gap: float | None = None
    retries: int | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A logical call: the exchanges that one question of the application led to, in the order they came.

    Exchanges are grouped by session, idempotency key and body. ``number`` counts the calls of a verdict from 1.
    ``outcome`` is what the caller saw of it, or None; ``why_none`` then says why there is none, or why those that
    were reported cannot be assigned. ``last`` says whether it is the last call that the outcome is about, requests
    beside the questions, such as for the models, aside; ``latest`` whether it is with these. ``troubled`` is how many
    calls with an answer that was not whole the outcome is about.
    """

    number: int
    session: str
    scenario: str
    attempts: tuple[Attempt, ...]
    outcome: Outcome | None = None
    why_none: str = ""
    last: bool = True
    latest: bool = True
    troubled: int = 1

    @property
    def final(self) -> Attempt:
        """The last attempt: the one whose answer the caller got, if any."""
        return self.attempts[-1]

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """The exchanges, in the order they came."""
        return tuple(one.exchange for one in self.attempts)

    @property
    def gaps(self) -> tuple[float, ...]:
        """The seconds between the end of each attempt and the next, where both are known."""
        return tuple(one.gap for one in self.attempts if one.gap is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One fact that a finding rests on.

    ``text`` says it in a sentence. ``exchange`` is the number of the exchange it was seen in, or None. ``seconds``
    is what was measured and ``expected`` what would have been right, where the fact is a duration. ``data`` is the
    bytes that show it, where it is bytes, at most :data:`MAX_DATA` of them; they are not redacted.
    """

    text: str
    exchange: int | None = None
    seconds: float | None = None
    expected: float | None = None
    data: bytes = b""


MAX_DATA = 200
"""Bytes of a piece of evidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was found.

    ``code`` is what ``mockoai explain`` knows. ``severity`` is what it makes of the grade, ``about`` whom it blames.
    ``message`` says in a sentence what happened here; ``advice`` what to do about it. ``evidence`` is what it rests
    on. ``call`` is the number of the call, None when it is not about a single one; ``scenario`` the id of the
    scenario, where there is one; ``faults`` the ids of the faults that were delivered and led to it. ``line`` is
    that of the scenario's file when it is about what stands there, as an expectation does.
    """

    code: str
    severity: Severity
    message: str
    advice: str
    evidence: tuple[Evidence, ...] = ()
    about: About = "client"
    call: int | None = None
    scenario: str = ""
    faults: tuple[str, ...] = ()
    line: int | None = None

    @property
    def exchanges(self) -> tuple[int, ...]:
        """The numbers of the exchanges in the evidence, each once."""
        return tuple(dict.fromkeys(one.exchange for one in self.evidence if one.exchange is not None))


@dataclass(frozen=True, slots=True)
class FaultCount:
    """What became of one fault of one scenario, over all exchanges.

    ``planned``: how many exchanges asked for it. ``fired`` and ``delivered``: in how many of them it did, as in the
    journal. ``why``: why it was not delivered, of the last exchange in which it was not, or of the rule that was
    never reached (then ``planned`` is 0).
    """

    scenario: str
    id: str
    planned: int = 0
    fired: int = 0
    delivered: int = 0
    why: str = ""

    @property
    def exercised(self) -> bool:
        """Whether it reached the client at least once."""
        return self.delivered > 0


@dataclass(frozen=True, slots=True)
class ExpectationResult:
    """What became of one entry of a scenario's ``expect:``.

    ``name`` and ``value`` are those of the file, ``value`` as text. ``met`` is None when the evidence does not
    suffice; ``why`` says what was seen, or what is missing. ``line`` is where the entry stands in the file.
    """

    scenario: str
    name: str
    value: str
    met: bool | None
    why: str
    line: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How much was seen. ``dropped``: exchanges that the journal no longer has, so nothing is said of them."""

    exchanges: int = 0
    calls: int = 0
    outcomes: int = 0
    retries: int = 0
    dropped: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is to be said about a client, or a proxy.

    ``grade`` is that of the client and the run together: the worst of the findings that are not about a connection.
    ``connection`` is how connections were left. ``findings`` stand in the order of their severity, then of the
    calls. ``faults`` says of every fault what became of it; ``undelivered`` are those that never reached the client
    although a request came that should have met them, and each is also a finding that fails the run.
    """

    grade: Grade
    connection: ConnectionGrade
    findings: tuple[Finding, ...] = ()
    calls: tuple[Call, ...] = ()
    expectations: tuple[ExpectationResult, ...] = ()
    faults: tuple[FaultCount, ...] = ()
    undelivered: tuple[FaultCount, ...] = ()
    counts: Counts = Counts()

    @property
    def failed(self) -> bool:
        """Whether anything is known to be wrong; neither doubt nor an untested run is."""
        return self.grade == "FAILED"

    @property
    def exit_code(self) -> int:
        """What a command that reports this ends with: 0 passed, 1 failed, 5 nothing was exercised."""
        return {"FAILED": 1, "NOT TESTED": 5}.get(self.grade, 0)

    @property
    def sound(self) -> bool:
        """Whether the client is known to have done nothing that fails, and was tested at all.

        NON-STRICT and INFORMATIONAL are sound; INCONCLUSIVE and NOT TESTED are not known to be.
        """
        return self.grade in ("OK", "INFORMATIONAL", "NON-STRICT")
