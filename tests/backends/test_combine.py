"""Every backend with every shipped scenario, and with that every fault: they go together, or there is a reason."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from functools import cache
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockoai.address import split_path
from mockoai.backends import BACKENDS
from mockoai.cli.planned import Planned, best, plan
from mockoai.cli.sample import asks, main_rule
from mockoai.endpoints.routes import UNKNOWN
from mockoai.faults import registry
from mockoai.mock import Mock
from mockoai.plan.steps import Plan
from mockoai.recall import Filled
from mockoai.request import Request
from mockoai.scenario import catalogue
from mockoai.scenario.model import Scenario
from tests.support.planning import PATHS, body, head, header

FAMILIAR = {"frame", "body", "transport"}
"""Layers whose faults have to do with bytes, of which every backend has some."""
USER = [{"role": "user", "content": "What is the weather in Paris?"}]
TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}
ASKED: dict[str, tuple[str, dict[str, Any]]] = {
    "chat": ("chat", {"messages": USER}),
    "chat, streamed": ("chat", {"messages": USER, "stream": True}),
    "two choices": ("chat", {"messages": USER, "stream": True, "n": 2}),
    "tool call": ("chat", {"messages": USER, "tools": [TOOL], "tool_choice": "required"}),
    "tool call, streamed": ("chat", {"messages": USER, "tools": [TOOL], "tool_choice": "required", "stream": True}),
    "completion": ("completions", {"prompt": "Hi"}),
    "completion, streamed": ("completions", {"prompt": "Hi", "stream": True}),
    "embeddings": ("embeddings", {"input": "Hi"}),
    "models": ("models", {}),
}


class Clock:
    """A clock on which every look is a quarter of an hour later."""

    def __init__(self) -> None:
        self.now = 1_767_225_600.0

    def __call__(self) -> float:
        self.now += 900
        return self.now


def asked(name: str, endpoint: str, fields: dict[str, Any]) -> Request:
    backend = BACKENDS[name]
    path = PATHS[endpoint].replace("/v1", backend.base, 1)
    model = backend.models()[0].id
    body = orjson.dumps({"model": model, **fields}) if fields else b""
    found, parameters = backend.resolve(path)
    headers = (("host", "127.0.0.1"), ("content-type", "application/json"))
    method = "POST" if fields else "GET"
    return Request(method, path, headers, body, target=path, endpoint=found, parameters=parameters)


def read(plan: Plan) -> Iterator[bytes]:
    """Return what should be JSON in an answer: the data of each event, or the body."""
    data = body(plan)
    if not data:
        return
    if not any(value.startswith("text/event-stream") for value in header(plan, "content-type")):
        if any("json" in value for value in header(plan, "content-type")):
            yield data
        return
    for line in data.replace(b"\r\n", b"\n").split(b"\n"):
        if line.startswith(b"data:") and line != b"data: [DONE]":
            yield line.removeprefix(b"data:")


def broken(plan: Plan) -> bytes | None:
    """Return the first piece of an answer that should be JSON and is not."""
    for piece in read(plan):
        try:
            json.loads(piece)
        except ValueError:
            return piece
    return None


@cache
def scenarios() -> dict[str, Scenario]:
    return {id: catalogue.get(id) for id in catalogue.ids()}


def chosen(name: str) -> Iterator[Scenario]:
    """Return for every fault the first scenario with it, and of the others one in eight, different for each backend."""
    seen: set[str] = set()
    offset = list(BACKENDS).index(name)
    for number, scenario in enumerate(scenarios().values()):
        faults = {fault.id for fault in main_rule(scenario).faults}
        if faults - seen or (number + offset) % 8 == 0:
            seen |= faults
            yield scenario


def sampled(name: str, scenario: Scenario) -> Planned:
    rule = main_rule(scenario)
    return best(scenario, rule, asks(scenario, rule, BACKENDS[name]), backend=name)


@cache
def on_openai(id: str) -> tuple[dict[str, str], bool]:
    """Return the faults that fire there with their layers, and whether all that should be JSON is."""
    plan = sampled("openai", scenarios()[id]).answer.plan
    return {fault.id: fault.layer for fault in plan.faults if fault.fired}, broken(plan) is None


@cache
def healthy(name: str) -> Plan:
    """Return a streamed chat with usage, as the backend answers it."""
    fields = {"messages": USER, "stream": True, "stream_options": {"include_usage": True}}
    mock = Mock(backend=name)
    request = asked(name, "chat", fields)
    return mock.answer(request, split_path(request.path), mock.sessions.get("default")).plan


def lacks(name: str, fault: str) -> bool:
    """Whether the healthy stream of a backend has nothing for ``fault`` to act on."""
    plan = healthy(name)
    ends = [one for one in read(plan) if b'"choices":[]' in one.replace(b" ", b"") and b'"usage"' in one]
    if fault == "usage-after-done":
        return not ends
    if fault == "connection-close-on-stream":
        return header(plan, "connection") == ["close"]
    if fault == "header-missing":
        return not {"x-request-id", "x-ratelimit-limit-requests"} <= {*names(plan)}
    # All others need the end of the stream to be there.
    return b"[DONE]" not in body(plan)


def names(plan: Plan) -> list[str]:
    lines = head(plan).decode("latin-1").splitlines()[1:]
    return [line.partition(":")[0].lower() for line in lines if line]


@pytest.mark.parametrize("name", BACKENDS)
def test_scenarios_can_be_answered_by_every_backend(name: str) -> None:
    silent: list[str] = []
    unsound: list[str] = []
    for number, scenario in enumerate(chosen(name)):
        planned = sampled(name, scenario)
        answer = planned.answer
        if number % 5 == 0:
            again = plan(scenario, planned.request, planned.call, name).answer.plan
            assert (again.data, again.steps) == (answer.plan.data, answer.plan.steps), scenario.id
        fired, sound = on_openai(scenario.id)
        if planned.request.endpoint == UNKNOWN or BACKENDS[name].resolve(planned.request.path)[0] == UNKNOWN:
            continue  # and no rule answers it
        here = {fault.id for fault in answer.plan.faults if fault.fired}
        reasons = {fault.id: fault.why for fault in answer.plan.faults}
        for fault, layer in fired.items():
            if fault not in here:
                assert reasons.get(fault), f"{scenario.id}: {fault} did not fire, and does not say why"
                if layer in FAMILIAR and not lacks(name, fault):
                    silent.append(f"{scenario.id}: {fault}: {reasons[fault]}")
        if sound and (piece := broken(answer.plan)) is not None:
            unsound.append(f"{scenario.id}: {piece[:200]!r}")
    assert not silent, "\n".join(silent)
    assert not unsound, "\n".join(unsound)


def test_every_fault_is_in_a_scenario() -> None:
    found = {fault.id for scenario in scenarios().values() for rule in scenario.rules for fault in rule.faults}
    assert set(registry.load()) - found == {"noop"}


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["role", "content", "type"]), inner),
    max_leaves=6,
)
FIELDS = st.dictionaries(
    st.sampled_from(
        [
            *("model", "messages", "prompt", "input", "stream", "temperature", "top_p", "n", "max_tokens", "stop"),
            *("tools", "tool_choice", "logprobs", "top_logprobs", "stream_options", "response_format", "user"),
        ]
    ),
    VALUES,
    max_size=5,
)
BODIES = st.binary(max_size=20) | FIELDS.map(lambda fields: json.dumps(fields).encode())


@given(st.sampled_from(list(BACKENDS)), st.sampled_from(["chat", "completions", "embeddings"]), BODIES, st.booleans())
def test_every_request_is_answered_and_errors_are_json_or_text(
    name: str, endpoint: str, data: bytes, sound: bool
) -> None:
    request = asked(name, endpoint, {"messages": USER, "prompt": "Hi", "input": "Hi"})
    with suppress(ValueError, TypeError):
        data = orjson.dumps({**orjson.loads(request.body), **orjson.loads(data)}) if sound else data
    mock = Mock(backend=name)
    answer = mock.answer(replace(request, body=data), split_path(request.path), mock.sessions.get("default"))
    assert broken(answer.plan) is None
    # llama.cpp takes what its JSON library throws for a mistake of its own.
    own = {500} if name == "llama-cpp" else set()
    assert answer.plan.status in {200, 400, 401, 404, 405, 415, 422} | own


@pytest.mark.parametrize("name", BACKENDS)
def test_an_answer_that_is_recalled_is_the_one_that_would_have_been_built(name: str) -> None:
    for title, (endpoint, fields) in ASKED.items():
        request = asked(name, endpoint, fields)
        quick, slow = Mock(backend=name, clock=Clock()), Mock(backend=name, clock=Clock())
        address = split_path(request.target)
        recalled = False
        for _ in range(4):
            found = quick.recall(request)
            if found is not None:
                given = found[1].plan
                recalled = recalled or isinstance(given, Filled)
            else:
                session = quick.sessions.get("default")
                answer = quick.answer(request, address, session)
                quick.learn(request, request, address, session, answer)
                given = answer.plan
            built = slow.answer(request, address, slow.sessions.get("default")).plan
            assert (given.data, given.steps) == (built.data, built.steps), title
        # Bodies with a digest of themselves in their headers are built anew each time; streams have none.
        if BACKENDS[name].recallable and "streamed" in title and built.status == 200:
            assert recalled, f"{title}: it is never recalled"
