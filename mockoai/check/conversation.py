"""What is asked when: a generator of asks that is sent what came back, so it needs neither socket nor clock. Pure.

It begins with the list of models, goes on to a chat and a stream, and asks the rest only of what answered. What fails
in a way that a client would try again is asked again, as late as the server says, within bounds. Streams or bodies
that hang are not asked for a third time.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass, field, replace

from mockoai.check import asks
from mockoai.check.model import Ask
from mockoai.check.pick import pick
from mockoai.check.reading.exchange import Exchange
from mockoai.check.target import Target, redirected

GROUPS = ("models", "chat", "stream", "tools", "completions", "errors", "backend")
"""What can be left out, in the order in which it is asked for."""

RETRIES = 3
"""Times that a request is sent again after an answer that invites it."""
LONGEST_WAIT = 5.0
"""Seconds of a ``Retry-After`` that are waited."""
HANGS = 2
"""Answers of one kind that may hang before no more are asked for."""
DEFAULT_MODEL = "gpt-4o-mini"
"""What is asked for when no list says better."""

PAGES = ("/version", "/api/version", "/props", "/info")
"""Pages that tell backends apart."""

_RETRIED = (408, 409, 429)
_GROUP = {
    "stream": "stream",
    "stream without usage": "stream",
    "two choices, streamed": "stream",
    "logprobs, streamed": "stream",
    "tools": "tools",
    "tools, streamed": "tools",
}
"""The group of asks that are not in that of their endpoint."""

Talk = Generator[Ask, Exchange, None]
One = Generator[Ask, Exchange, Exchange]


@dataclass
class Conversation:
    """What is asked of ``target``; ``model`` is the user's choice, ``groups`` what is asked for.

    While it goes on: ``exchanges`` is what was heard, ``left_out`` says what was not asked for and why. ``target``
    becomes the one that turned out to be meant (``moved``), and ``model`` the one that is asked, which may be
    ``guessed``. Once an ask was tried again to no avail, no other is.
    """

    target: Target
    model: str = ""
    groups: frozenset[str] = frozenset(GROUPS)
    exchanges: list[Exchange] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)
    moved: bool = False
    guessed: bool = False
    _spent: bool = False
    _hung: dict[bool, int] = field(default_factory=dict)

    @property
    def answered(self) -> bool:
        """Whether any HTTP answer has come."""
        return any(one.status for one in self.exchanges)

    def talk(self) -> Talk:
        """Yield asks; must be sent the exchange of each."""
        listed = yield from self._list()
        if self._dead():
            self._leave("everything else", "the server cannot be asked")
            return
        self.model = self.model or pick(listed.entries if listed else ())
        if not self.model:
            self.model, self.guessed = DEFAULT_MODEL, True
        chats = yield from self._first()
        if self.exchanges and not self.answered:
            self._leave("everything else", "nothing was ever answered")
            return
        entries = listed.entries if listed is not None and listed.status == 200 else []
        if entries and "models" in self.groups:
            slashed = next((one for one in entries if "/" in one), self.model if self.model in entries else entries[0])
            yield from self._ask(asks.model(slashed))
        if chats:
            yield from self._rest(asks.chats(self.model))
        yield from self._completions(chats)
        if "errors" in self.groups:
            yield from self._mistakes()
        if "backend" in self.groups:
            yield from self._rest([asks.page(path) for path in PAGES], retried=False, wanted=True)

    # Parts of it.

    def _list(self) -> Generator[Ask, Exchange, Exchange | None]:
        """Ask for the list; where the base URL seems to lack ``/v1`` or to have one too many, try the other."""
        if "models" not in self.groups and self.model:
            self._leave("models", "not asked for")
            return None
        listed = yield from self._ask(asks.models())
        wrong = listed.status in (404, 405) or (listed.status == 200 and listed.uncut and not _is_list(listed))
        if not wrong or self._dead():
            return listed
        other = self.target.other_base()
        before = self.target
        self.target = other
        # It is only a try: what is said to it says nothing about what the user gave.
        guess = replace(asks.models(), name=f"models below {other.path or '/'}", provokes="route")
        tried = yield from self._ask(guess)
        if tried.status == 200 and _is_list(tried):
            self.moved = True
            return tried
        self.target = before
        return listed

    def _first(self) -> Generator[Ask, Exchange, bool]:
        """Ask for a chat and a stream; returns whether there is reason to ask for more."""
        heard: list[Exchange] = []
        if "chat" in self.groups:
            heard.append((yield from self._ask(asks.whole(self.model))))
        if "stream" in self.groups and (self.answered or not heard):
            heard.append((yield from self._ask(asks.stream(self.model))))
        # Where neither was to be asked for, nothing is known that speaks against the rest.
        good = not heard or any(one.good for one in heard)
        if not good:
            for name in ("chat", "stream", "tools"):
                if name in self.groups:
                    self._leave(name, "the plainest request is not answered")
        return good

    def _completions(self, chats: bool) -> Talk:
        if "completions" not in self.groups:
            return
        first, *rest = asks.completions(self.model)
        heard = yield from self._ask(first)
        if heard.status == 200:
            yield from self._rest(rest)
        else:
            self._leave("completions", f"the plainest request got {_told(heard)}")

    def _mistakes(self) -> Talk:
        """Ask what is wrong on purpose; only a browser's question where nothing right was answered either."""
        wrong = asks.mistakes(self.model, keyed=bool(self.target.key))
        if self.exchanges and not any(one.good for one in self.exchanges):
            self._leave("errors", "not one request was answered as it should be")
            wrong = tuple(one for one in wrong if one.provokes == "preflight")
        yield from self._rest(wrong, retried=False, wanted=True)

    def _rest(self, all: Iterable[Ask], *, retried: bool = True, wanted: bool = False) -> Talk:
        """Ask all of it that belongs to a group to be asked for; whatever its group when it is ``wanted``."""
        for ask in all:
            if not wanted and _GROUP.get(ask.name, ask.kind) not in self.groups:
                continue
            if self._hung.get(ask.stream, 0) >= HANGS:
                self._leave(ask.name, "such answers hang")
                continue
            yield from self._ask(ask, retried=retried)

    def _ask(self, ask: Ask, *, retried: bool = True) -> One:
        """Ask, again where a client would, and where a redirect leads on the same server; return the last."""
        heard = yield from self._hear(ask)
        tried = 0
        while retried and not self._spent and not ask.provokes and _invites(heard):
            if tried == RETRIES:
                self._spent = True
                break
            heard = yield from self._hear(replace(ask, wait=_wait(heard, tried), again=False))
            tried += 1
        there = redirected(self.target, heard)
        if there is not None:
            heard = yield from self._hear(replace(ask, name=f"{ask.name}, redirected", path=there, rooted=True))
        return heard

    def _hear(self, ask: Ask) -> One:
        heard = yield ask
        self.exchanges.append(heard)
        if heard.recording.gave_up in ("silence", "time") and not ask.provokes:
            self._hung[ask.stream] = self._hung.get(ask.stream, 0) + 1
        return heard

    def _dead(self) -> bool:
        return bool(self.exchanges) and all(one.recording.trouble for one in self.exchanges)

    def _leave(self, name: str, why: str) -> None:
        if (name, why) not in self.left_out:
            self.left_out.append((name, why))


def _is_list(heard: Exchange) -> bool:
    value = heard.json.value
    return isinstance(value, list) or (isinstance(value, dict) and ("data" in value or "models" in value))


def _invites(heard: Exchange) -> bool:
    """Whether a client would try this again: broken connections, overload, and what asks for it."""
    if heard.recording.trouble or heard.message.flaw:
        return False
    should = heard.message.header("x-should-retry")
    if should in ("true", "false"):
        return should == "true"
    if not heard.status:
        return heard.recording.ending in ("fin", "rst")
    return heard.status in _RETRIED or heard.status >= 500


def _wait(heard: Exchange, tried: int) -> float:
    """Return how long to wait: what the server says, if that is not too long, and a little more each time if not."""
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        value = heard.message.header(name)
        try:
            seconds = float(value or "") * unit
        except ValueError:
            continue
        if 0 <= seconds <= LONGEST_WAIT:
            return seconds
    return 0.25 * 2.0**tried


def _told(heard: Exchange) -> str:
    return f"status {heard.status}" if heard.status else "no answer"
