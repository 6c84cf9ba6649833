"""How a Python driver talks: one case a line on stdin, one result a line on stdout. Only the standard library.

It runs in the environment of the client, which has nothing of this project. What the client itself prints goes to
stderr. When nothing comes from the client for ``silence`` seconds, or the call takes more than ``limit``, the
driver reports the hang with what had come until then and ends; whoever runs it starts another.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

Json = dict[str, Any]
LONGEST = 2000
"""Characters of an error's message that are reported."""
MOST = 3
"""Errors that are reported of those that a client only mentions."""


class NoSuchCallError(Exception):
    """The client has no interface for what the case asks."""


class Answer(dict[str, Any]):
    """What an application made of the answer, by field; a field that the client's interface lacks is absent.

    ``text``, ``finish``, ``tool_calls`` (``id``, ``name`` and ``arguments`` of each), ``usage`` (``prompt``,
    ``completion`` and ``total``), ``reasoning``, ``models`` (their ids).
    """

    def add_call(self, index: Any, id: Any, name: Any, arguments: Any) -> None:
        """Put a fragment of a tool call where loops that follow the documentation put it: at its index."""
        calls = self.setdefault("_calls", {})
        call = calls.setdefault(index, {"id": "", "name": "", "arguments": ""})
        for field, value in (("id", id), ("name", name), ("arguments", arguments)):
            if value:
                call[field] += value

    def finished(self) -> Json:
        """Return it as JSON can have it."""
        calls = self.pop("_calls", None)
        if calls is not None:
            self["tool_calls"] = list(calls.values())
        text = self.get("text")
        if isinstance(text, str):
            # Halves of a pair that stand beside each other are no character in Python, but would be one in JSON.
            self["text"] = text.encode("utf-8", "backslashreplace").decode()
        return self


class Driver:
    """One client. A driver implements :meth:`ask` and :meth:`read`."""

    own: tuple[type[BaseException], ...] = ()
    """The classes of the client's own errors."""

    def open(self, job: Json) -> Any:
        """Return a new client for the case, or whatever stands for it."""
        raise NotImplementedError

    def ask(self, client: Any, job: Json) -> Iterator[Any]:
        """Make the call, and yield what the client gives: the chunks of a stream, or the one answer."""
        raise NotImplementedError

    def read(self, given: list[Any], job: Json, answer: Answer) -> None:
        """Make ``answer`` of what the client gave, in the way that applications write it, without guards."""
        raise NotImplementedError

    def use(self, answer: Answer) -> None:
        """Do with a whole answer what every application does: take the arguments of tool calls apart."""
        for call in answer.get("tool_calls", answer.get("_calls", {}).values()):
            json.loads(call["arguments"])

    def notices(self, given: list[Any]) -> list[Json]:
        """Return the errors that the client reports in a way of its own, without raising them."""
        return []


class Case:
    """A case under way."""

    def __init__(self, driver: Driver, job: Json, say: Callable[[Json], None]) -> None:
        self.driver = driver
        self.job = job
        self.say = say
        self.client: Any = None  # kept after the case, as applications keep theirs
        self.given: list[Any] = []
        self.raised: BaseException | None = None
        self.begun = self.heard = time.monotonic()
        self._ended = threading.Lock()

    def run(self) -> None:
        """Make the calls of the case and report."""
        watch = threading.Thread(target=self._watch, daemon=True)
        watch.start()
        try:
            self.client = self.driver.open(self.job)
            for _ in range(self.job["warm"]):
                list(self.driver.ask(self.client, self.job))
            self.heard = time.monotonic()
            for one in self.driver.ask(self.client, self.job):
                self.given.append(one)
                self.heard = time.monotonic()
                if self.job["leave"] and len(self.given) >= self.job["leave"]:
                    break
        except NoSuchCallError as error:
            self._report({"none": str(error)})
            return
        except BaseException as error:
            self.raised = error
        self._report({})

    def _watch(self) -> None:
        while not self._ended.locked():
            time.sleep(0.02)
            now = time.monotonic()
            if now - self.heard > self.job["silence"] or now - self.begun > self.job["limit"]:
                self._report({"hung": True})
                os._exit(0)

    def _report(self, more: Json) -> None:
        if not self._ended.acquire(blocking=False):
            threading.Event().wait()  # the watch is about to end the process
        given = list(self.given)
        answer = Answer()
        loop: Json | None = None
        try:
            self.driver.read(given, self.job, answer)
            if self.raised is None and "hung" not in more:
                self.driver.use(answer)
        except Exception as error:
            loop = self.describe(error)
        self.say(
            {
                "case": self.job["case"],
                "sdk": None if self.raised is None else self.describe(self.raised),
                "loop": loop,
                "noticed": self.driver.notices(given)[:MOST],
                "hung": False,
                "given": len(given),
                "seconds": round(time.monotonic() - self.begun, 3),
                "answer": answer.finished(),
                **more,
            }
        )

    def describe(self, error: BaseException) -> Json:
        """Return an error as JSON: whether it is the client's own, its class, what it says and what is behind it."""
        cause = error.__cause__ or error.__context__
        return {
            "own": isinstance(error, self.driver.own),
            "class": name_of(error),
            "message": str(error)[:LONGEST],
            "cause": "" if cause is None else f"{name_of(cause)}: {cause}"[:LONGEST],
        }


def name_of(error: BaseException) -> str:
    """Return the class of ``error`` with the package it is from."""
    package = type(error).__module__.partition(".")[0]
    return type(error).__name__ if package == "builtins" else f"{package}.{type(error).__name__}"


def serve(driver: Driver) -> None:
    """Answer the cases on stdin until it ends."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def say(result: Json) -> None:
        # A lone surrogate in an answer is a finding and must not end the driver.
        out.write(json.dumps(result, ensure_ascii=True, default=str) + "\n")
        out.flush()

    say({"ready": True})
    for line in sys.stdin:
        case = Case(driver, json.loads(line), say)
        case.run()


def usage(prompt: Any, completion: Any, total: Any) -> Json:
    """Return token counts as results have them."""
    return {"prompt": prompt, "completion": completion, "total": total}
