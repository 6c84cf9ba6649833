"""What a check is made of, as frozen values: requests, what came back, what was found. Pure.

Times are in seconds since the request was sent, sizes in bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Json = Any
"""Any JSON value."""

Severity = Literal["error", "warning", "info"]
"""What a finding means for clients.

``error``: it breaks some of them, or they take a wrong answer for a right one. ``warning``: it costs something, or
breaks the few that are strict. ``info``: a habit, worth knowing; a healthy server has some as well.
"""

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
"""The worst first."""

Credential = Literal["own", "none", "wrong", "bare"]
"""How a request shows a key: the user's own as it should be, none at all, one that is wrong, or without ``Bearer``."""

Provoked = Literal["", "no-key", "wrong-key", "model", "route", "method", "json", "no-model", "preflight", "parameter"]
"""What is wrong with a request on purpose, so that an error is the right answer to it."""

Kind = Literal["chat", "completions", "models", "model", "page", "other"]
"""What an ask is for; ``model`` is one entry of the list, ``page`` something beside the API."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One request of the conversation.

    ``name``: what reports call it. ``path``: below the base URL, or below the root of the server when ``rooted``.
    ``body``: JSON fields, or bytes as they stand. ``wait``: seconds to wait before it is sent. ``again``: whether it
    goes over the connection of the one before. ``provokes``: what is wrong with it on purpose.
    """

    name: str
    kind: Kind
    method: str = "POST"
    path: str
    rooted: bool = False
    body: Mapping[str, Json] | bytes | None = None
    headers: tuple[tuple[str, str], ...] = ()
    credential: Credential = "own"
    provokes: Provoked = ""
    wait: float = 0.0
    again: bool = False

    @property
    def fields(self) -> Mapping[str, Json]:
        """The fields of the body; empty when it has none."""
        return self.body if isinstance(self.body, Mapping) else {}

    @property
    def stream(self) -> bool:
        """Whether a stream is asked for."""
        return self.fields.get("stream") is True

    @property
    def usage(self) -> bool:
        """Whether usage is asked for; an answer that is not streamed has it unasked."""
        return not self.stream or bool((self.fields.get("stream_options") or {}).get("include_usage"))


@dataclass(frozen=True, slots=True)
class Segment:
    """Bytes that were read at once, and when."""

    at: float
    data: bytes


Ending = Literal["open", "fin", "rst"]
"""How the connection stood when nobody listened any longer: open, closed by the server, or reset by it."""

GaveUp = Literal["", "silence", "time", "size"]
"""Why it was not listened to the end: silent for too long, too long in all, or too many bytes."""

Trouble = Literal["", "dns", "refused", "unreachable", "timeout", "tls", "lost"]
"""Why a request could not be sent; ``lost`` when the connection broke while it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """What came back for one ask: every segment with its time, and the end.

    ``trouble`` and ``detail`` say why nothing could be sent, the second in the words of the system. ``connecting`` is
    how long the connection took to be made, TLS included, and 0 when it was ``reused``.
    """

    segments: tuple[Segment, ...] = ()
    ending: Ending = "open"
    ended: float = 0.0
    gave_up: GaveUp = ""
    trouble: Trouble = ""
    detail: str = ""
    connecting: float = 0.0
    reused: bool = False

    @property
    def data(self) -> bytes:
        """All bytes."""
        return b"".join([one.data for one in self.segments])


CONNECT = 5.0
"""Seconds in which a connection must be made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What a check may take.

    ``patience``: silence until an exchange is given up. ``early``: the same as long as nothing was ever answered.
    ``total``: one exchange in all. ``linger``: how long more is listened for behind a whole answer. ``settle``: the
    same behind ``[DONE]`` when the HTTP message is not over. ``size``: bytes of one answer. ``connect``: making a
    connection.
    """

    patience: float = 30.0
    early: float = 5.0
    total: float = 120.0
    linger: float = 0.05
    settle: float = 3.0
    size: int = 16 * 1024 * 1024
    connect: float = CONNECT


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where something was seen: the ask, in words, and the bytes, bounded and without secrets."""

    ask: str
    text: str
    data: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What real clients made of a failure in one kind of ``call``.

    So many got it right (``survived``), raised an error of their ``own`` or a ``foreign`` one, took a wrong answer for
    a right one (``silent``), or ``hung``.
    """

    call: str
    survived: int = 0
    own: int = 0
    foreign: int = 0
    silent: int = 0
    hung: int = 0

    @property
    def clients(self) -> int:
        """How many were tried."""
        return self.survived + self.own + self.foreign + self.silent + self.hung


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was found.

    ``id``: of the catalogue, where ``category`` is one of its; the category ``input`` is what the user gave, and
    ``connection`` what kept the check from asking. ``also`` counts the asks beyond the evidence that showed the same.
    ``habit`` names the backend that is known for it: then it is ``info``, whatever it weighs elsewhere. ``measured``
    is what real clients made of it when that was last tried: the kind of call, and how many did what.
    """

    id: str
    category: str
    severity: Severity
    title: str
    clients: str
    advice: str
    who: str = ""
    evidence: tuple[Evidence, ...] = ()
    also: int = 0
    habit: str = ""
    measured: tuple[Measured, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """Which backend this looks like: ``name`` is empty when nothing speaks for one; ``sure`` is from 0 to 1."""

    name: str = ""
    title: str = ""
    sure: float = 0.0
    because: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One line of the protocol: what was asked, and what became of it in a word or two."""

    name: str
    method: str
    path: str
    status: int
    seconds: float
    size: int
    outcome: str
    ok: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that a check found out.

    ``url`` is the base URL that was asked, which may be a mended form of what was given. ``answered`` says whether
    any HTTP answer came at all. ``model`` is the one that was asked, ``models`` how many are listed, None when no
    list could be read.
    """

    url: str
    answered: bool
    model: str = ""
    models: int | None = None
    listed: tuple[str, ...] = ()
    asked: tuple[Asked, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()
    findings: tuple[Finding, ...] = ()
    guess: Guess = field(default_factory=Guess)
    seconds: float = 0.0

    def count(self, severity: Severity) -> int:
        """Return how many findings are of ``severity``."""
        return sum(one.severity == severity for one in self.findings)
