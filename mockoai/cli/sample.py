"""Requests to plan with when none was given: realistic ones, made to fit a rule. Pure.

:func:`requests` yields them from the most ordinary on: a streaming chat, the same asking for usage, for
tools, for a whole body, and so on. Whoever plans takes the first under which every fault of the rule fires,
so a fault that can only act on tool calls is shown on a tool call without being told. :func:`asks` adds as which
call of a session to send them, for a rule that only answers what an earlier one lets pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

import orjson

from mockoai.backends.base import Backend
from mockoai.endpoints import resolve
from mockoai.reply.regex import text_matching
from mockoai.request import Request
from mockoai.scenario.model import Rule, Scenario, Test
from mockoai.seed import Seed

PROMPT = "What is the weather in Paris?"
KEY = "sk-mockoai-sample"
MODEL = "gpt-4o-mini"

ROUTES: dict[str, tuple[str, str]] = {
    "chat": ("POST", "/v1/chat/completions"),
    "completions": ("POST", "/v1/completions"),
    "embeddings": ("POST", "/v1/embeddings"),
    "models": ("GET", "/v1/models"),
    "model": ("GET", "/v1/models/{model}"),
    "unknown": ("POST", "/v1/ask"),
}
"""Method and path of every endpoint."""

_TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "unit": {"enum": ["celsius", "fahrenheit"]}},
            "required": ["city", "unit"],
            "additionalProperties": False,
        },
    },
}
_SCHEMA = {
    "type": "json_schema",
    "json_schema": {
        "name": "weather",
        "strict": True,
        "schema": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "celsius": {"type": "number"}},
            "required": ["city", "celsius"],
            "additionalProperties": False,
        },
    },
}
_USAGE = {"stream_options": {"include_usage": True}}
_CALL = {"tools": [_TOOL], "tool_choice": "required"}

Fields = dict[str, Any]

ABSENT = object()
"""What a field is that shall not be there."""

VARIANTS: dict[str, tuple[Fields, ...]] = {
    "chat": (
        {"stream": True},
        {"stream": True, **_USAGE},
        {"stream": True, **_CALL},
        {"stream": True, **_CALL, **_USAGE},
        {},
        _CALL,
        {"stream": True, "n": 2},
        {"stream": True, "n": 2, **_USAGE},
        {"stream": True, "logprobs": True, "top_logprobs": 2},
        {"stream": True, "response_format": _SCHEMA},
        {"response_format": _SCHEMA},
        {"n": 2},
        {"logprobs": True, "top_logprobs": 2},
        {"stream": True, "max_tokens": 5},
        {"max_tokens": 5},
    ),
    "completions": (
        {"stream": True},
        {"stream": True, **_USAGE},
        {},
        {"stream": True, "n": 2},
        {"stream": True, "logprobs": 2},
        {"logprobs": 2},
        {"echo": True},
        {"stream": True, "max_tokens": 5},
    ),
    "embeddings": ({}, {"encoding_format": "base64"}),
}
"""What is added to the plainest body of an endpoint, most ordinary first."""

_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d+|\*)\]")


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asked of the request; None leaves it to the rule."""

    endpoint: str | None = None
    stream: bool | None = None


def requests(scenario: Scenario, rule: Rule, backend: Backend, wish: Wish = Wish()) -> Iterator[Request]:
    """Yield requests that meet ``rule.when`` as far as it can be met, the most ordinary first."""
    names: tuple[str, ...] = rule.when.endpoint
    if wish.endpoint:
        names = (wish.endpoint,)
    model = _model(scenario, rule, backend)
    stream = rule.when.stream if wish.stream is None else wish.stream
    # A rule for any endpoint is met on chat first, and elsewhere only when chat cannot show its faults.
    for name in names or ("chat", "completions", "models", "embeddings", "model"):
        for variant in VARIANTS.get(name, ({},)):
            fields = variant if stream is None else {**variant, "stream": stream}
            if not stream and stream is not None and "stream_options" in fields:
                continue
            yield request(name, model, fields, rule)


def asks(scenario: Scenario, rule: Rule, backend: Backend, wish: Wish = Wish()) -> Iterator[tuple[Request, int]]:
    """Yield :func:`requests`, and as which call of a session ``rule`` would answer them, counted from 1.

    A later rule may only be reached by what an earlier one lets pass: a later call, or without a header that is
    tested for.
    """
    if rule.when.call is not None:
        calls = [rule.when.call.first]
    else:
        calls = sorted({1, *(one.when.call.last + 1 for one in scenario.rules if one.when.call and one.when.call.last)})
    tested = {name.lower() for one in scenario.rules for name, _ in one.when.header}
    for call in calls:
        for one in requests(scenario, rule, backend, wish):
            yield one, call
            if "authorization" in tested:
                yield _with_header(one, "authorization", KEY), call
            if tested:
                yield replace(one, headers=tuple(pair for pair in one.headers if pair[0] not in tested)), call


def main_rule(scenario: Scenario) -> Rule:
    """Return the rule that a scenario is about: the first that does not just answer as a healthy server."""
    return next((rule for rule in scenario.rules if not is_plain(rule)), scenario.rules[0])


def is_plain(rule: Rule) -> bool:
    """Whether ``rule`` answers as a healthy server would."""
    return not rule.faults and (rule.reply, rule.timing, rule.events, rule.wire) == (None,) * 4


def _with_header(request: Request, name: str, value: str) -> Request:
    return replace(request, headers=(*(pair for pair in request.headers if pair[0] != name), (name, value)))


def request(endpoint: str, model: str, fields: Mapping[str, Any], rule: Rule) -> Request:
    """Return a request to ``endpoint``: its plainest body, ``fields``, and what ``rule.when`` tests for."""
    method, path = ROUTES[endpoint]
    with_body = method == "POST"
    if rule.when.method and method not in rule.when.method:
        method = rule.when.method[0]
        with_body = with_body and (method in ("PUT", "PATCH") or bool(rule.when.body))
    path = path.replace("{model}", model)
    headers = [("host", "127.0.0.1:8000"), ("authorization", f"Bearer {KEY}"), ("accept", "*/*")]
    body = b""
    if with_body:
        content = {"model": model, **fields, **_said(endpoint, _message(rule))}
        for where, tests in rule.when.body:
            _put(content, where, tests)
        body = orjson.dumps(content)
        headers += [("content-type", "application/json"), ("content-length", str(len(body)))]
    for name, tests in rule.when.header:
        value = _fitting(tests, "1")
        if value is not ABSENT:
            headers = [*(pair for pair in headers if pair[0] != name.lower()), (name.lower(), str(value))]
    resolved, parameters = resolve(path)
    return Request(
        method=method,
        path=path,
        headers=tuple(headers),
        body=body,
        target=path,
        endpoint=resolved,
        parameters=parameters,
    )


def _said(endpoint: str, message: str) -> Fields:
    if endpoint == "completions":
        return {"prompt": message}
    if endpoint == "embeddings":
        return {"input": message}
    return {"messages": [{"role": "user", "content": message}]}


def _model(scenario: Scenario, rule: Rule, backend: Backend) -> str:
    listed = [one.id for one in (scenario.models if scenario.models is not None else backend.models())]
    for pattern in rule.when.model:
        for name in (MODEL, *listed):
            if fnmatchcase(name, pattern):
                return name
        return _plainest(pattern)
    if MODEL in listed or not listed:
        return MODEL
    return listed[0]


def _message(rule: Rule) -> str:
    value = _fitting(rule.when.message, PROMPT)
    return PROMPT if value is ABSENT else str(value)


def _put(content: Fields, where: str, tests: tuple[Test, ...]) -> None:
    """Make the value at ``where``, such as ``tools[0].function.name``, pass ``tests``."""
    steps: list[str | int] = [
        int(match[2].replace("*", "0")) if match[2] else match[1] for match in _STEP.finditer(where)
    ]
    if not steps:
        return
    if steps[0] == "tools" and "tools" not in content:
        content["tools"] = [orjson.loads(orjson.dumps(_TOOL))]
    holder: Any = content
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        if isinstance(step, int):
            if not isinstance(holder, list):
                return
            holder.extend(None for _ in range(step + 1 - len(holder)))
        elif not isinstance(holder, dict):
            return
        present = holder[step] if isinstance(step, int) else holder.get(step, ABSENT)
        if following is None:
            value = _fitting(tests, present)
            if value is not ABSENT:
                holder[step] = value
            elif isinstance(holder, dict):
                holder.pop(step, None)
            return
        if not isinstance(present, (dict, list)):
            holder[step] = [] if isinstance(following, int) else {}
        holder = holder[step]


def _fitting(tests: tuple[Test, ...], present: Any) -> Any:
    """Return a value that passes ``tests``, near to ``present``; either may be :data:`ABSENT`."""
    value = present
    for test in tests:
        wanted = test.value
        if test.how == "equals":
            value = wanted
        elif test.how == "contains":
            value = wanted if not isinstance(value, str) or wanted not in value else value
        elif test.how == "glob":
            value = value if isinstance(value, str) and fnmatchcase(value, wanted) else _plainest(wanted)
        elif test.how == "regex":
            # Never searched for: an expression may take for ever. One that is a word of the value is kept.
            plain = isinstance(value, str) and wanted in value
            value = value if plain else text_matching(wanted, Seed(0))
        elif test.how in ("gt", "ge"):
            value = wanted + (test.how == "gt")
        elif test.how in ("lt", "le"):
            value = wanted - (test.how == "lt")
        elif test.how == "exists":
            value = ABSENT if wanted is False else ("1" if value is ABSENT else value)
    return value


def _plainest(pattern: str) -> str:
    """Return a text that the glob ``pattern`` matches."""
    return re.sub(r"\[(.)[^\]]*\]", r"\1", pattern.replace("*", "").replace("?", "x"))
