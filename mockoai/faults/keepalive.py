"""Signs of life while nothing happens: each resets the client's read timeout, so a hung server looks well."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mockoai.faults.base import Fault, Run
from mockoai.faults.registry import fault
from mockoai.plan.duration import Duration
from mockoai.plan.items import Frame, Item
from mockoai.wire import sse

_EVERY = Duration.fixed(10.0)
_FOR = Duration.fixed(60.0)


@dataclass(frozen=True, kw_only=True)
class SignsOfLife(Fault):
    """Base of faults that send something every ``every`` before the body, for ``for`` in all."""

    every: Duration = _EVERY
    for_: Duration = _FOR

    def sign(self) -> bytes:
        """Return the bytes of one sign."""
        raise NotImplementedError

    def feed(self, item: Frame, run: Run) -> Iterable[Item]:
        """Put the signs before the first frame and move everything back."""
        if run.items:
            return [item]
        total = self.for_.sample(run.seed.child("for"))
        out: list[Item] = []
        after = 0.0
        while True:
            after += max(0.001, self.every.sample(run.seed.child("every", len(out))))
            if after > total:
                break
            out.append(Frame(at=item.at + after, data=self.sign(), comment=True))
        if not out:
            run.missed("`every` is longer than `for`")
            return [item]
        run.fire(f"sent {len(out)} signs of life in {total:g}s")
        run.delay += total
        return [*out, run.later(item, total)]


@fault("keepalive-comments-only", family="timing", layer="frame", needs="stream")
class KeepaliveCommentsOnly(SignsOfLife):
    r"""Send nothing but comments for a while before the first event.

    On the wire: ``: keep-alive\n\n`` every ``every``, then the healthy stream. Who does it: DeepSeek under
    load, exo every 10 s, TGI every 15 s, OpenRouter. Catalogue: ``keepalive-comments-only``.
    """

    text: str = "keep-alive"

    def sign(self) -> bytes:
        """Return the comment."""
        return sse.encode_comment(self.text)


@fault("keepalive-newlines-nonstream", family="timing", layer="frame", needs="body")
class KeepaliveNewlinesNonstream(SignsOfLife):
    r"""Send the head at once and blank lines for a while before the JSON body.

    On the wire: head, ``\n`` every ``every``, ``{…}``; the length counts them. Who does it: DeepSeek under
    load. Catalogue: ``keepalive-newlines-nonstream``.
    """

    def sign(self) -> bytes:
        """Return the blank line."""
        return b"\n"
