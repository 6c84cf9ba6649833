"""The server's log: a line for every exchange on stderr, without secrets, and never in the server's way.

A pipe that nobody reads fills up, and writing to it then blocks for ever: a test harness that starts the
server and leaves its stderr alone would stop it after some hundred requests. So lines go through a bounded
queue to a thread that writes them; when the queue is full, lines are left out, and how many is said as soon
as somebody reads again.
"""

from __future__ import annotations

import os
import threading
import time
from queue import SimpleQueue

from mockoai.cli.terminal import Paint
from mockoai.journal import DeliveredFault, Exchange, Refused
from mockoai.report.redact import Redactor
from mockoai.scenario.render import printable

LEVELS = ("debug", "info", "warning", "error")
MAX_LINES = 10_000
"""Lines that may wait to be written."""
CLOSING = 0.5
"""Seconds that closing waits for lines to be written."""


class Log:
    """Writes lines to a file descriptor, stderr's by default, from a thread of its own."""

    def __init__(self, descriptor: int = 2) -> None:
        self._descriptor = descriptor
        self._lines: SimpleQueue[str | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self.left_out = 0

    def line(self, text: str) -> None:
        """Have ``text`` written as a line; returns at once."""
        if self._lines.qsize() >= MAX_LINES:
            self.left_out += 1
            return
        self._lines.put(text)
        if self._thread is None:
            self._thread = threading.Thread(target=self._write, name="mockoai-log", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Wait, but not for long, until all lines are written."""
        if self._thread is not None:
            self._lines.put(None)
            self._thread.join(CLOSING)

    def _write(self) -> None:
        open_ = True
        while open_:
            texts = [self._lines.get()]
            while not self._lines.empty():
                texts.append(self._lines.get())
            if None in texts:
                texts = texts[: texts.index(None)]
                open_ = False
            if self.left_out:
                texts.append(f"({self.left_out} lines left out: nobody was reading)")
                self.left_out = 0
            # Not through sys.stderr: a thread stuck inside its lock would abort the interpreter at its exit.
            data = "".join(f"{text}\n" for text in texts).encode("utf-8", "backslashreplace")
            try:
                while data:
                    data = data[os.write(self._descriptor, data) :]
            except OSError:
                return  # nobody will ever read again


class ExchangeLog:
    """Turns finished exchanges into lines: what was asked, what answered, and what became of the faults."""

    def __init__(self, log: Log, redactor: Redactor, paint: Paint, level: str = "info") -> None:
        """``level``: ``debug`` adds how each ended; ``warning`` keeps what went otherwise than planned."""
        self._log = log
        self._redactor = redactor
        self._paint = paint
        self._level = LEVELS.index(level)

    def __call__(self, exchange: Exchange) -> None:
        """Log ``exchange``."""
        faults = exchange.faults()
        sound = all(one.fired and one.delivered for one in faults) and not exchange.near
        if self._level > LEVELS.index("info") and (sound or self._level > LEVELS.index("warning")):
            return
        self._log.line(self.text(exchange, faults))

    def refused(self, refused: Refused) -> None:
        """Log what was no request."""
        if self._level > LEVELS.index("warning"):
            return
        paint = self._paint
        parts = [
            paint("dim", time.strftime("%H:%M:%S", time.localtime(refused.received))),
            paint("warn", f"refused {refused.status}"),
            printable(refused.why),
            paint("dim", f"connection {refused.connection}"),
        ]
        self._log.line("  ".join(parts))

    def text(self, exchange: Exchange, faults: list[DeliveredFault]) -> str:
        """Return the line for ``exchange``."""
        paint = self._paint
        plan, request, delivery = exchange.plan, exchange.request, exchange.delivery
        redactor = self._redactor.knowing(request)

        def safe(text: str) -> str:
            return printable(redactor.text(text))

        status = str(plan.status or "-")
        answered = "/".join(part for part in (exchange.scenario, exchange.rule) if part) or "no rule"
        parts = [
            paint("dim", time.strftime("%H:%M:%S", time.localtime(exchange.received))),
            safe(f"{request.method} {request.target}"),
            paint("good" if status < "4" else "warn", status),
            safe(answered),
            *(self._fault(one) for one in faults),
        ]
        if delivery.outcome != plan.ending:
            parts.append(paint("warn", {"client-left": "the client left"}.get(delivery.outcome, delivery.outcome)))
        parts.append(paint("dim", f"{delivery.ended:.3f}s"))
        if exchange.near:
            parts.append(safe(" ".join(exchange.near.split())))
        if self._level == 0:
            parts.append(paint("dim", safe(_detail(exchange))))
        return "  ".join(parts)

    def _fault(self, fault: DeliveredFault) -> str:
        if fault.delivered:
            return self._paint("name", f"{fault.id}: delivered")
        state = "NOT DELIVERED" if fault.fired else "NOT FIRED"
        return self._paint("bad", f"{fault.id}: {state}") + f" ({fault.why})"


def _detail(exchange: Exchange) -> str:
    delivery = exchange.delivery
    reused = ", reused" if exchange.reused else ""
    return (
        f"[{exchange.number}] session {exchange.session}, connection {exchange.connection}{reused}, "
        f"{delivery.steps} of {len(exchange.plan.steps)} steps, {delivery.bytes} bytes, {delivery.outcome}"
    )
