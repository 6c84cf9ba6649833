"""What holds for every fault of the frame, body and transport layers, whatever its parameters and the answer."""

from __future__ import annotations

import dataclasses
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from mockoai.faults import registry
from mockoai.faults.base import Fault
from mockoai.plan.duration import Duration
from mockoai.plan.items import End, Wait
from mockoai.plan.place import MARKS, Place
from mockoai.plan.steps import Plan
from mockoai.request import Request
from mockoai.scenario.model import LiteralEvent, Lorem, Reply, Timing, ToolCallReply
from tests.support.planning import GAPS, asked, body, planned

MODULES = (
    "done",
    "encoding",
    "ending",
    "framing",
    "header",
    "keepalive",
    "segments",
    "shape",
    "sse",
    "sse_between",
    "text",
    "timing",
)
FAULTS = [cls for cls in registry.load().values() if cls.__module__.removeprefix("mockoai.faults.") in MODULES]
BY_ID = {cls.id: cls for cls in FAULTS}

CUTS = ("fin-mid-chunked", "rst-mid-stream", "hold-open-after-done", "fin-after-done-no-terminator")
"""Faults that only end the answer early."""

BEGUN = ("bad-chunk-size", "gzip-truncated", "lone-surrogate-escapes", "sse-id-then-blank")
"""Faults that prepare for a place, and so change bytes though the place never comes."""

SAME_BYTES = [cls.id for cls in FAULTS if cls.family == "timing" and cls.layer == "transport"] + [
    "sse-crlf-split",
    "sse-split-field-name",
    "utf8-split-across-packets",
]
"""Faults that only change when bytes leave."""

SAME_BODY = [
    cls.id for cls in FAULTS if cls.family in ("header", "framing") and cls.id not in ("error-after-headers-nonstream",)
]
"""Faults that change the head or the framing, and no byte of the body."""

Literals = tuple[LiteralEvent, ...] | None

seconds = st.sampled_from([0.0, 0.001, 0.05, 0.3, 2.0, 60.0])
durations = st.one_of(
    st.builds(Duration.fixed, seconds),
    st.builds(Duration, st.just("uniform"), st.just(0.0), seconds),
    st.builds(Duration, st.just("normal"), seconds, seconds),
)
places = st.one_of(
    st.builds(Place, st.sampled_from(["tokens", "events"]), st.integers(0, 12).map(float)),
    st.builds(Place, st.just("bytes"), st.integers(0, 3000).map(float)),
    st.builds(Place, st.just("seconds"), seconds),
    st.builds(Place, st.just("percent"), st.integers(0, 100).map(float)),
    st.sampled_from([Place("mark", mark=mark) for mark in MARKS]),
)
replies = st.one_of(
    st.none(),
    st.builds(Reply, text=st.sampled_from(["", "x", "Good morning.", "Déjà vu 😀", 'a "quoted"\nline'])),
    st.builds(Reply, lorem=st.builds(Lorem, tokens=st.integers(1, 20))),
    st.just(Reply(tool_calls=(ToolCallReply(name="get_weather", arguments={"city": "Zürich"}),))),
    st.just(Reply(text="Two of them.", choices=2)),
)
literals = st.none() | st.lists(
    st.sampled_from(
        [
            LiteralEvent(data="only", has_data=True),
            LiteralEvent(data={"choices": []}, has_data=True, id="1"),
            LiteralEvent(data="[DONE]", has_data=True),
            LiteralEvent(comment="ping"),
            LiteralEvent(wait=0.5),
        ]
    ),
    max_size=4,
).map(tuple)
timings = st.sampled_from([None, GAPS, Timing(headers=Duration.fixed(0.1), before_done=Duration.fixed(1.0))])


@st.composite
def requests(draw: st.DrawFn) -> Request:
    endpoint = draw(st.sampled_from(["chat", "chat", "completions", "embeddings", "models"]))
    stream = draw(st.booleans()) and endpoint in ("chat", "completions")
    usage = {"stream_options": {"include_usage": True}} if stream and draw(st.booleans()) else {}
    return asked(endpoint, stream=stream, **usage)


def values_of(hint: Any, name: str) -> st.SearchStrategy[Any]:
    """Return values for a parameter of the type ``hint``."""
    if get_origin(hint) is Literal:
        return st.sampled_from(get_args(hint))
    if hint is Place:
        return places
    if hint is Duration:
        return durations
    if hint is int:
        return st.sampled_from([0, 1, 2, 3, 40, 400, 4000])
    if hint is bool:
        return st.booleans()
    assert hint is str, f"{name}: {hint}"
    return st.sampled_from(["ping", "x-request-id", "Content-Length", "connection"])


@st.composite
def faults(draw: st.DrawFn, ids: list[str] | None = None) -> Fault:
    cls = BY_ID[draw(st.sampled_from(sorted(ids or BY_ID)))]
    hints = get_type_hints(cls)
    chosen = {
        name: draw(values_of(hints[name], name))
        for name in [field.name for field in dataclasses.fields(cls)]
        if name in ("name", "value") or draw(st.booleans())
    }
    try:
        return cls(**chosen)
    except ValueError:
        reject()


def assert_well_formed(plan: Plan) -> None:
    """Assert what the writer and the journal rely on."""
    assert [type(step) for step in plan.steps].count(End) == 1
    assert isinstance(plan.steps[-1], End)
    for step, following in zip(plan.steps, plan.steps[1:], strict=False):
        assert following.at >= step.at >= 0
        if isinstance(step, Wait):
            assert step.seconds >= 0
            assert following.at >= step.at + step.seconds - 1e-9
    labels = {name for step in plan.steps for name in step.faults}
    for outcome in plan.faults:
        assert outcome.why
        if outcome.fired:
            assert outcome.id in labels


@settings(max_examples=400, deadline=None)
@given(fault=faults(), request=requests(), reply=replies, timing=timings, events=literals)
def test_any_fault_gives_a_well_formed_plan(
    fault: Fault, request: Request, reply: Reply | None, timing: Timing | None, events: Literals
) -> None:
    with_fault = planned(fault, request=request, reply=reply, timing=timing, events=events)
    healthy = planned(request=request, reply=reply, timing=timing, events=events)

    assert_well_formed(with_fault)
    if not with_fault.faults[0].fired and fault.id not in BEGUN:
        assert with_fault.data == healthy.data
        assert with_fault.ending == healthy.ending


@settings(max_examples=200, deadline=None)
@given(
    some=st.lists(faults(), min_size=2, max_size=4), request=requests(), reply=replies, timing=timings, events=literals
)
def test_any_faults_together_give_a_well_formed_plan(
    some: list[Fault], request: Request, reply: Reply | None, timing: Timing | None, events: Literals
) -> None:
    kept: list[Fault] = []
    for fault in some:
        if registry.conflict([*kept, fault]) is None:
            kept.append(fault)

    assert_well_formed(planned(*kept, request=request, reply=reply, timing=timing, events=events))


@settings(max_examples=150, deadline=None)
@given(fault=faults(list(CUTS)), request=requests(), reply=replies, timing=timings, events=literals)
def test_a_cut_sends_a_prefix_of_the_healthy_answer(
    fault: Fault, request: Request, reply: Reply | None, timing: Timing | None, events: Literals
) -> None:
    cut = planned(fault, request=request, reply=reply, timing=timing, events=events)
    healthy = planned(request=request, reply=reply, timing=timing, events=events)

    assert healthy.data.startswith(cut.data)
    if cut.faults[0].fired and fault.id == "fin-mid-chunked":
        assert len(cut.data) < len(healthy.data)


@settings(max_examples=150, deadline=None)
@given(fault=faults(SAME_BYTES), request=requests(), reply=replies, timing=timings, events=literals)
def test_a_fault_of_timing_changes_no_byte_and_sends_none_earlier(
    fault: Fault, request: Request, reply: Reply | None, timing: Timing | None, events: Literals
) -> None:
    late = planned(fault, request=request, reply=reply, timing=timing, events=events)
    healthy = planned(request=request, reply=reply, timing=timing, events=events)

    assert late.data == healthy.data
    assert late.ending == healthy.ending
    assert late.duration >= healthy.duration


@settings(max_examples=150, deadline=None)
@given(fault=faults(SAME_BODY), request=requests(), reply=replies, events=literals)
def test_a_fault_of_the_head_or_framing_changes_no_byte_of_the_body(
    fault: Fault, request: Request, reply: Reply | None, events: Literals
) -> None:
    with_fault = planned(fault, request=request, reply=reply, events=events)

    assert body(with_fault) == body(planned(request=request, reply=reply, events=events))


@pytest.mark.parametrize(
    ("id", "parameter", "least"),
    [
        ("burst-then-pause", "burst", 1),
        ("byte-dribble", "size", 1),
        ("content-length-too-long", "by", 1),
        ("content-length-too-short", "by", 1),
        ("done-twice", "times", 2),
        ("duplicate-content-length", "by", 1),
        ("fin-mid-headers", "keep", 1),
        ("header-overflow-64k", "size", 1),
        ("leading-blank-lines-json", "count", 1),
        ("sse-comment-ping", "every", 1),
        ("sse-leading-newlines", "count", 1),
        ("sse-retry-only-event", "retry", 0),
        ("sse-truncated-json-event", "keep", 0),
    ],
)
def test_a_number_that_makes_no_sense_is_refused(id: str, parameter: str, least: int) -> None:
    BY_ID[id](**{parameter: least})
    with pytest.raises(ValueError, match=f"`{parameter}` must be {least} or more"):
        BY_ID[id](**{parameter: least - 1})


@pytest.mark.parametrize("cls", FAULTS, ids=lambda cls: cls.id)
def test_a_fault_says_what_it_does_on_the_wire_and_which_catalogue_entry_it_is(cls: type[Fault]) -> None:
    words = " ".join((cls.__doc__ or "").split())
    assert "On the wire:" in words
    assert "Who does it:" in words
    assert "Catalogue: ``" in words
