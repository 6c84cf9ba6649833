"""What holds for every fault of the reply and event layers, whatever its parameters and the answer."""

from __future__ import annotations

import copy
import dataclasses
import types
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from hypothesis import given, settings
from hypothesis import strategies as st

from mockoai.faults import registry
from mockoai.faults.base import Fault
from mockoai.faults.payload import EACH, changed, drop, put
from mockoai.plan.duration import Duration
from mockoai.plan.items import End
from mockoai.plan.place import MARKS, Place
from mockoai.plan.steps import Plan
from mockoai.request import Request
from mockoai.scenario.model import Json, Lorem, Reply, Timing, ToolCallReply
from tests.support.planning import GAPS, asked, planned

MODULES = (
    "error",
    "error_body",
    "rate_limit",
    "model",
    "tool",
    "tool_delta",
    "tool_split",
    "tool_text",
    "finish",
    "usage",
    "usage_place",
    "chunk",
    "chunk_field",
    "chunk_text",
    "midstream",
    "midstream_bytes",
    "midstream_chunk",
)
FAULTS = {id: cls for id, cls in registry.load().items() if cls.__module__.removeprefix("mockoai.faults.") in MODULES}

PATHS = (
    "choices",
    "choices[0]",
    "choices[0].delta.tool_calls[0]",
    "choices[0].index",
    "choices[0].message",
    "choices[*].delta.role",
    "data[*].id",
    "id",
    "system_fingerprint",
    "usage",
)

WEATHER = ToolCallReply(name="get_weather", arguments={"city": "Zürich", "days": [1, 2]})
CLOCK = ToolCallReply(name="clock", arguments='{"zone": "a\\"}"')

places = st.one_of(
    st.builds(Place, st.sampled_from(["tokens", "events"]), st.integers(0, 9).map(float)),
    st.builds(Place, st.just("seconds"), st.sampled_from([0.0, 0.2, 9.0])),
    st.builds(Place, st.just("percent"), st.integers(0, 100).map(float)),
    st.sampled_from([Place("mark", mark=mark) for mark in MARKS]),
)
replies = st.one_of(
    st.none(),
    st.builds(Reply, text=st.sampled_from(["", "x", "Good morning to you.", 'Déjà vu 😀 "quoted"\n'])),
    st.builds(Reply, lorem=st.builds(Lorem, tokens=st.integers(1, 12))),
    st.sampled_from(
        [
            Reply(tool_calls=(WEATHER,)),
            Reply(tool_calls=(WEATHER, CLOCK), text="One moment."),
            Reply(tool_calls=(CLOCK, WEATHER), choices=2),
            Reply(text="Two of them.", choices=2),
            Reply(text="Short.", finish="length"),
            Reply(text="So.", reasoning="We think about it."),
            Reply(refusal="I cannot do that.", choices=2),
        ]
    ),
)
timings = st.sampled_from([None, GAPS, Timing(headers=Duration.fixed(0.1), before_done=Duration.fixed(1.0))])


@st.composite
def requests(draw: st.DrawFn) -> Request:
    endpoint = draw(st.sampled_from(["chat", "chat", "chat", "completions", "embeddings", "models"]))
    stream = draw(st.booleans()) and endpoint in ("chat", "completions")
    fields: dict[str, Any] = {}
    if stream and draw(st.booleans()):
        fields["stream_options"] = {"include_usage": True}
    if endpoint == "chat" and draw(st.booleans()):
        fields["logprobs"] = True
    if endpoint == "models" and draw(st.booleans()):
        return dataclasses.replace(asked("models"), path="/v1/models/gpt-4o", endpoint="model",
                                   parameters=(("model", "gpt-4o"),))  # fmt: skip
    return asked(endpoint, stream=stream, **fields)


def values_of(hint: Any) -> st.SearchStrategy[Any]:
    """Return values for a parameter of the type ``hint``."""
    origin = get_origin(hint)
    if origin is Literal:
        return st.sampled_from(get_args(hint))
    if origin in (Union, types.UnionType):
        return st.one_of([values_of(one) for one in get_args(hint)])
    known: dict[Any, st.SearchStrategy[Any]] = {
        type(None): st.none(),
        Place: places,
        Duration: st.sampled_from([Duration.fixed(0.0), Duration.fixed(0.25), Duration("uniform", 1.0, 90.0)]),
        int: st.sampled_from([0, 1, 2, 40, 400]),
        bool: st.booleans(),
        str: st.sampled_from(["", "stop", "Zürich", "x_y"]),
        Json: st.sampled_from([None, 7, "text", [], {"a": 1}]),
    }
    return known[hint]


@st.composite
def faults(draw: st.DrawFn) -> Fault:
    cls = FAULTS[draw(st.sampled_from(sorted(FAULTS)))]
    hints = get_type_hints(cls)
    values: dict[str, Any] = {}
    for field in dataclasses.fields(cls):
        if field.name == "path":
            values["path"] = draw(st.sampled_from(PATHS))
        elif draw(st.booleans()):
            values[field.name] = draw(values_of(hints[field.name]))
    try:
        return cls(**values)
    except ValueError:  # parameters that the loader refuses
        return cls(**{name: value for name, value in values.items() if name == "path"})


def assert_well_formed(plan: Plan) -> None:
    """Assert what the writer and the journal rely on."""
    assert [type(step) for step in plan.steps].count(End) == 1
    assert isinstance(plan.steps[-1], End)
    for step, following in zip(plan.steps, plan.steps[1:], strict=False):
        assert following.at >= step.at >= 0
    labels = {name for step in plan.steps for name in step.faults}
    for outcome in plan.faults:
        assert outcome.why
        assert not outcome.fired or outcome.id in labels


@settings(max_examples=600, deadline=None)
@given(fault=faults(), request=requests(), reply=replies, timing=timings)
def test_a_fault_changes_the_answer_when_and_only_when_it_fired(
    fault: Fault, request: Request, reply: Reply | None, timing: Timing | None
) -> None:
    plan = planned(fault, request=request, reply=reply, timing=timing)
    healthy = planned(request=request, reply=reply, timing=timing)

    assert_well_formed(plan)
    assert plan.faults[0].fired == (plan.data != healthy.data), plan.faults[0]
    assert plan.ending == "clean"
    assert plan == planned(fault, request=request, reply=reply, timing=timing)


@settings(max_examples=300, deadline=None)
@given(some=st.lists(faults(), min_size=2, max_size=5), request=requests(), reply=replies)
def test_any_faults_together_give_a_well_formed_plan(some: list[Fault], request: Request, reply: Reply | None) -> None:
    kept: list[Fault] = []
    for fault in some:
        if registry.conflict([*kept, fault]) is None:
            kept.append(fault)

    assert_well_formed(planned(*kept, request=request, reply=reply))


json_values = st.recursive(
    st.sampled_from([None, True, 0, 1, "a"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=12,
)
json_paths = st.lists(st.sampled_from(["a", "b", EACH, 0, 1]), max_size=4).map(tuple)


@given(value=json_values, path=json_paths, create=st.booleans(), change=st.sampled_from([drop, put("new")]))
def test_a_changed_payload_leaves_the_one_it_was_made_from_alone(
    value: Any, path: tuple[str | int, ...], create: bool, change: Any
) -> None:
    before = copy.deepcopy(value)

    new = changed(value, path, change, create=create)

    assert value == before
    assert new is value or new != value
