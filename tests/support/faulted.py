"""Rules with faults put to the pure core: the plan of one answer, and what a client reads in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from mockoai.address import split_path
from mockoai.endpoints import resolve
from mockoai.mock import Answer, Mock
from mockoai.plan.items import Write
from mockoai.plan.steps import Plan, PlannedFault
from mockoai.request import Request
from mockoai.scenario.load import load_text
from mockoai.scenario.model import Scenario
from mockoai.state import Session

NOW = 1_792_567_679.25
"""The server's clock: Wed, 21 Oct 2026 07:27:59.25 GMT."""

USER = [{"role": "user", "content": "What is the weather in Paris?"}]
TEXT = ("It", " is", " 21", " degrees", " in", " Paris", ".")
"""The tokens of the usual reply."""

ONE = "{ tool_calls: [{ name: get_weather, arguments: { city: Paris }, id: call_a }] }"
TWO = (
    "{ tool_calls: [{ name: get_weather, arguments: { city: Paris }, id: call_a }, "
    "{ name: get_time, arguments: { city: Rome }, id: call_b }] }"
)
PARIS = '{"city":"Paris"}'
ROME = '{"city":"Rome"}'
"""Replies that call one tool and two, and their arguments."""


@dataclass(frozen=True)
class Faulted:
    """One answer: its plan and the parts of it that tests ask for."""

    plan: Plan

    @property
    def fault(self) -> PlannedFault:
        """The outcome of the rule's only fault."""
        (only,) = self.plan.faults
        return only

    @property
    def head(self) -> dict[str, str]:
        """The headers, by their names in lower case."""
        lines = self.plan.data.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")[1:]
        return {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}

    @property
    def body(self) -> bytes:
        """The bytes of the body as the client reads it."""
        return b"".join(
            step.data[step.lead : step.lead + step.body] for step in self.plan.steps if isinstance(step, Write)
        )

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return orjson.loads(self.body)

    @property
    def frames(self) -> list[bytes]:
        """The events of the body, each without its blank line."""
        assert self.body.endswith(b"\n\n"), self.body[-80:]
        return self.body.removesuffix(b"\n\n").split(b"\n\n")

    @property
    def events(self) -> list[Any]:
        """The data of the events as JSON, less ``[DONE]``, which must come last when it is there."""
        found = [frame.removeprefix(b"data: ") for frame in self.frames]
        assert b"[DONE]" not in found[:-1]
        return [orjson.loads(data) for data in found if data != b"[DONE]"]

    @property
    def done(self) -> bool:
        """Whether the body ends with ``[DONE]``."""
        return self.body.endswith(b"data: [DONE]\n\n")

    @property
    def choices(self) -> list[Any]:
        """The first choice of every event that has some."""
        return [event["choices"][0] for event in self.events if isinstance(event, dict) and event.get("choices")]

    @property
    def deltas(self) -> list[Any]:
        """The delta of every event's first choice."""
        return [choice["delta"] for choice in self.choices]

    @property
    def text(self) -> str:
        """The text of a streamed chat, put together as a careful client does it."""
        deltas = [choice.get("delta") for choice in self.choices]
        return "".join(one.get("content") or "" for one in deltas if one)


def scenario(faults: str, reply: str | None = None, **top: str) -> Scenario:
    """Return a scenario with one rule; ``faults`` and ``reply`` are written as in a file, on one line."""
    if reply is None:
        reply = "{ tokens: [" + ", ".join(f'"{token}"' for token in TEXT) + "] }"
    head = "".join(f"{key}: {value}\n" for key, value in top.items())
    return load_text(f"id: case\n{head}rules:\n  - reply: {reply}\n    faults: [{faults}]\n")


def request(
    endpoint: str = "chat",
    *,
    stream: bool = True,
    method: str | None = None,
    path: str | None = None,
    query: str = "",
    headers: tuple[tuple[str, str], ...] = (),
    **fields: Any,
) -> Request:
    """Return a request: a sound one to ``endpoint`` with ``fields`` besides, unless told otherwise."""
    paths = {"chat": "chat/completions", "completions": "completions", "embeddings": "embeddings"}
    path = path or f"/v1/{paths.get(endpoint, 'models')}" + ("/gpt-4o" if endpoint == "model" else "")
    body = b""
    if endpoint in paths and method != "GET":
        said = {"messages": USER} if endpoint == "chat" else {{"completions": "prompt"}.get(endpoint, "input"): "Hi"}
        usual: dict[str, Any] = {"model": "gpt-4o", **said}
        if stream and endpoint != "embeddings":
            usual["stream"] = True
        body = orjson.dumps({**usual, **fields})
    name, parameters = resolve(path)
    return Request(
        method=method or ("POST" if body else "GET"),
        path=path,
        headers=(("content-type", "application/json"), *headers),
        body=body,
        query=query,
        target=f"{path}?{query}" if query else path,
        endpoint=name,
        parameters=parameters,
    )


def answers(scenario: Scenario, times: int, *arguments: Any, **keywords: Any) -> list[Answer]:
    """Put the same request, as :func:`request` makes it, to ``scenario`` several times in one session."""
    mock, session = Mock([scenario], clock=lambda: NOW), Session("test")
    one = request(*arguments, **keywords)
    return [mock.answer(one, split_path(one.path), session) for _ in range(times)]


def ask(scenario: Scenario, *arguments: Any, **keywords: Any) -> Faulted:
    """Put one request, as :func:`request` makes it, to ``scenario``."""
    (answer,) = answers(scenario, 1, *arguments, **keywords)
    return Faulted(answer.plan)


def faulted(faults: str, *arguments: Any, reply: str | None = None, **keywords: Any) -> Faulted:
    """Return the answer of a rule with ``faults`` and ``reply`` to a request, as :func:`request` makes it."""
    return ask(scenario(faults, reply), *arguments, **keywords)


def calls(answer: Faulted) -> list[dict[str, Any]]:
    """Return all deltas of calls in the order they came."""
    return [call for delta in answer.deltas if delta for call in delta.get("tool_calls") or ()]


def whole(answer: Faulted) -> list[dict[str, Any]]:
    """Return the calls of a body."""
    found: list[dict[str, Any]] = answer.json["choices"][0]["message"]["tool_calls"]
    return found
