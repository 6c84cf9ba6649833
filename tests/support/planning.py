"""Plans for faults, without a server: one rule, one request, a fixed clock."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson

from mockoai.address import Address
from mockoai.faults import registry
from mockoai.faults.base import Fault
from mockoai.mock import Mock
from mockoai.plan.duration import Duration
from mockoai.plan.items import Wait, Write
from mockoai.plan.place import Place
from mockoai.plan.steps import Plan, PlannedFault
from mockoai.request import Request
from mockoai.scenario.model import LiteralEvent, Reply, Rule, Scenario, Timing

NOW = 1_767_225_600.0
TOKENS = ("One", " two", " three", " four", " five")
PATHS = {
    "chat": "/v1/chat/completions",
    "completions": "/v1/completions",
    "embeddings": "/v1/embeddings",
    "models": "/v1/models",
}

GAPS = Timing(first_token=Duration.fixed(0.2), between_tokens=Duration.fixed(0.05))
"""First token after 0.2 s, then one every 50 ms."""


def fault(id: str, **parameters: Any) -> Fault:
    """Make a fault; places and durations are given as text, as in a scenario file."""
    cls = registry.load()[id]
    values = {}
    for name, value in parameters.items():
        kind = cls.__dataclass_fields__[name].type
        if isinstance(value, str) and "Place" in str(kind):
            value = Place.parse(value)
        elif isinstance(value, (int, float)) and "Duration" in str(kind):
            value = Duration.fixed(value)
        values[name] = value
    return cls(**values)


def asked(endpoint: str = "chat", *, stream: bool = True, **fields: Any) -> Request:
    """Return a plain request."""
    said: Mapping[str, Any] = {
        "chat": {"messages": [{"role": "user", "content": "Count."}]},
        "completions": {"prompt": "Count."},
        "embeddings": {"input": "Count."},
    }.get(endpoint, {})
    body = orjson.dumps({"model": "gpt-4o-mini", **said, **({"stream": True} if stream else {}), **fields})
    method = "GET" if endpoint == "models" else "POST"
    return Request(
        method=method,
        path=PATHS[endpoint],
        target=PATHS[endpoint],
        endpoint=endpoint,
        body=b"" if method == "GET" else body,
    )


def planned(
    *faults: Fault,
    request: Request | None = None,
    stream: bool = True,
    reply: Reply | None = None,
    timing: Timing | None = None,
    events: tuple[LiteralEvent, ...] | None = None,
) -> Plan:
    """Plan the answer of one rule with ``faults``; by default five tokens, streamed, all at once."""
    request = request or asked(stream=stream)
    if reply is None and events is None and request.endpoint in ("chat", "completions"):
        reply = Reply(text="".join(TOKENS), tokens=TOKENS)
    rule = Rule(reply=reply, faults=faults, timing=timing, events=events)
    mock = Mock([Scenario(id="test", rules=(rule,))], clock=lambda: NOW)
    return mock.answer(request, Address(request.path), mock.sessions.get("default")).plan


def body(plan: Plan) -> bytes:
    """Return the body as the client reads it: no head, no chunk framing."""
    return b"".join(step.data[step.lead : step.lead + step.body] for step in plan.steps if isinstance(step, Write))


def head(plan: Plan) -> bytes:
    """Return the head."""
    return next(step.data for step in plan.steps if isinstance(step, Write) and step.mark == "headers")


def header(plan: Plan, name: str) -> list[str]:
    """Return the values of every header called ``name``."""
    lines = head(plan).decode("latin-1").splitlines()[1:]
    pairs = [line.split(": ", 1) for line in lines if line]
    return [value for key, value in pairs if key.lower() == name.lower()]


def waits(plan: Plan) -> list[tuple[float, float]]:
    """Return when every wait begins and how long it is, in seconds."""
    return [(step.at, step.seconds) for step in plan.steps if isinstance(step, Wait)]


def writes(plan: Plan) -> list[Write]:
    """Return the writes."""
    return [step for step in plan.steps if isinstance(step, Write)]


def outcome(plan: Plan, id: str) -> PlannedFault:
    """Return what became of the fault ``id``."""
    return next(one for one in plan.faults if one.id == id)


def shown(data: bytes) -> bytes:
    """Return ``data`` with the JSON of every chunk shortened to what it says: ``{role}``, ``{ two}``, ``{stop}``."""

    def short(match: re.Match[bytes]) -> bytes:
        chunk = orjson.loads(match[0])
        if not chunk.get("choices"):
            return b"{usage}" if "usage" in chunk else match[0]
        choice = chunk["choices"][0]
        said = choice.get("delta", {})
        word = said.get("content") or choice["finish_reason"] or ("role" if "role" in said else "")
        return b"{" + word.encode() + b"}"

    return re.sub(rb'\{"id":"chatcmpl-[^\n\r]*\}', short, data)


HEALTHY = (
    b"".join(b"data: {%s}\n\n" % word for word in (b"role", *[token.encode() for token in TOKENS], b"stop"))
    + b"data: [DONE]\n\n"
)
"""The healthy stream, as :func:`shown` shows it."""
