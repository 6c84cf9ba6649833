"""What ``mockoai plan`` shows of a plan: every byte accounted for, in text and in JSON."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockoai.plan.items import End, Ending, Step, Wait, Write
from mockoai.plan.render import MIN_WIRE, ending, escape, render, rows, summary, to_json
from mockoai.plan.steps import Plan, PlannedFault
from tests.support import golden

GOLDEN = Path(__file__).parent / "golden" / "render"

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
LENGTH_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n"


def head(data: bytes = HEAD, at: float = 0.0, faults: tuple[str, ...] = ()) -> Write:
    return Write(at=at, mark="headers", data=data, faults=faults)


def piece(
    payload: bytes, *, events: int, at: float = 0.0, mark: str = "content", faults: tuple[str, ...] = ()
) -> Write:
    size = b"%x\r\n" % len(payload)
    data = size + payload + b"\r\n"
    return Write(at=at, events=events, mark=mark, faults=faults, data=data, lead=len(size), body=len(payload))  # type: ignore[arg-type]


def event(content: str, *, events: int, at: float = 0.0, faults: tuple[str, ...] = ()) -> Write:
    chunk = {
        "id": "chatcmpl-0123456789abcdefghijklmnopqrs",
        "object": "chat.completion.chunk",
        "created": 1767225600,
        "model": "gpt-4o-mini-2024-07-18",
        "choices": [{"index": 0, "delta": {"content": content}, "logprobs": None, "finish_reason": None}],
    }
    data = json.dumps(chunk, separators=(",", ":"), ensure_ascii=False)
    return piece(f"data: {data}\n\n".encode(), events=events, at=at, faults=faults)


LAST = Write(at=0.2, events=3, mark="end", data=b"0\r\n\r\n")
DONE = piece(b"data: [DONE]\n\n", events=3, at=0.2, mark="done")


def plan(*steps: Step, faults: tuple[PlannedFault, ...] = (), **more: object) -> Plan:
    settings: dict[str, object] = {"stream": True, "tokens": 2, "events": 3} | more
    return Plan(steps=steps, faults=faults, **settings)  # type: ignore[arg-type]


STREAM = (head(at=0.12), event("It", events=1, at=0.12), event(" is", events=2, at=0.14), DONE)

PLANS: dict[str, Plan] = {
    "healthy-stream": plan(*STREAM, LAST, End(at=0.2)),
    "closes-as-announced": plan(*STREAM, LAST, End(at=0.2), keep_alive=False),
    "fin-before-the-last-chunk": plan(
        *STREAM[:3],
        End(at=0.14, how="fin", faults=("fin-mid-chunked",)),
        faults=(PlannedFault("fin-mid-chunked", "transport", True, "closed after 2 tokens"),),
    ),
    "rst": plan(*STREAM[:2], End(at=0.12, how="rst", faults=("rst-mid-stream",))),
    "stall-then-hang": plan(
        *STREAM[:2],
        Wait(at=0.12, seconds=30.0, faults=("stall-mid-stream",)),
        End(at=30.12, how="hang", faults=("hold-open",)),
        faults=(
            PlannedFault("stall-mid-stream", "transport", True, "silent for 30s"),
            PlannedFault("hold-open", "transport", True, "left open"),
        ),
    ),
    "comment": plan(head(), piece(b": ping\n\n", events=0, mark="", faults=("sse-comment-ping",)), LAST, End()),
    "not-fired": plan(
        *STREAM,
        LAST,
        End(at=0.2),
        faults=(
            PlannedFault("sse-crlf", "frame", True, "3 events end in CR LF"),
            PlannedFault("usage-missing", "reply", False, "nothing in the answer for it to act on"),
        ),
    ),
    "body": plan(
        head(LENGTH_HEAD),
        Write(events=1, mark="body", data=b'{"a":"b\\n"}', body=11),
        End(),
        stream=False,
        events=1,
    ),
    "literal-bytes": plan(
        Write(data=b"HTTP/1.1 2\x00\xff0 \xc3\xa9\xe2\x80\xae\r\n", body=0),
        Wait(seconds=0.5),
        Write(at=0.5, data=b"\tgarbage \\ here", body=14),
        End(at=0.5, how="rst"),
        stream=False,
        status=0,
    ),
    "split-event": plan(
        head(),
        Write(events=1, mark="content", data=b'data: {"choices":', body=17, faults=("event-split",)),
        Write(at=0.05, events=1, mark="content", data=b"[]}\n\n", body=5, faults=("event-split",)),
        LAST,
        End(at=0.2),
    ),
    "several-faults-on-one-step": plan(
        head(faults=("header-missing", "header-doubled")),
        event("It", events=1, faults=("sse-crlf",)),
        LAST,
        End(),
    ),
    "long-token": plan(head(), event("a" * 600, events=1), event("a" * 600 + "é", events=2), LAST, End()),
}


@pytest.mark.parametrize("name", PLANS)
def test_golden(name: str) -> None:
    one = PLANS[name]
    golden.check(GOLDEN / f"{name}.txt", f"{summary(one)}\n\n{render(one)}")


@pytest.mark.parametrize("name", PLANS)
def test_full_shows_every_byte(name: str) -> None:
    text = render(PLANS[name], full=True)
    for step in PLANS[name].steps:
        if isinstance(step, Write):
            for line in step.data.splitlines() if step.mark == "headers" else [step.data]:
                assert escape(line) in text
    assert "B…" not in text


@pytest.mark.parametrize("width", [100, 120, 160])
def test_no_row_of_the_short_form_is_wider_than_asked(width: int) -> None:
    for name, one in PLANS.items():
        lines = render(one, width=width).splitlines()
        room = max(width, lines[0].index("wire") + MIN_WIRE)
        assert max(map(len, lines)) <= room, name


def test_a_shortened_row_shows_what_differs_from_the_event_before() -> None:
    lines = [line for line in render(PLANS["healthy-stream"], width=110).splitlines() if "event 2" in line]
    assert '"delta":{"content":" is"}' in lines[0]


def test_a_shortened_row_counts_what_it_leaves_out() -> None:
    long = event("x" * 500, events=1)
    line = next(line for line in render(plan(long, End())).splitlines() if "event 1" in line)
    gap = re.compile(r" …(\d+)B… ")
    shown = gap.sub("", line[line.index("data: ") - 8 :].strip())
    left_out = sum(int(number) for number in gap.findall(line))
    assert left_out + len(shown.replace("\\r", "r").replace("\\n", "n")) == len(long.data)


@pytest.mark.parametrize(
    ("how", "text"),
    [
        ("clean", "clean: the connection stays open, without the last chunk"),
        ("fin", "FIN: closed, without the last chunk"),
        ("rst", "RST: reset, without the last chunk"),
        ("hang", "hang: silent, and left open, without the last chunk"),
    ],
)
def test_ending(how: Ending, text: str) -> None:
    assert ending(plan(head(), event("It", events=1), End(how=how))) == text


def test_an_ending_behind_the_last_chunk_leaves_nothing_undone() -> None:
    assert ending(plan(head(), LAST, End(how="hang"))) == "hang: silent, and left open"
    whole = Write(data=b'{"a":"b\\n"}', body=11)
    assert ending(plan(head(LENGTH_HEAD), whole, End(how="fin"))) == "FIN: closed"


def test_an_ending_short_of_the_announced_length_says_by_how_much() -> None:
    part = Write(data=b'{"a":', body=5)
    assert ending(plan(head(LENGTH_HEAD), part, End(how="rst"))) == "RST: reset, 6 bytes short of its Content-Length"


def test_styles_are_those_of_the_state() -> None:
    marked = render(PLANS["not-fired"], paint=lambda style, text: f"<{style}>{text}</>")
    assert "<bad>NOT FIRED</>" in marked
    assert "<good>fired    </>" in marked


@given(st.binary(max_size=300))
def test_escaping_loses_nothing_and_shows_no_control_character(data: bytes) -> None:
    shown = escape(data)
    assert shown.isprintable()
    restored = shown.encode("utf-8", "surrogateescape").decode("latin-1")
    assert restored.encode("latin-1").decode("unicode_escape").encode("latin-1") == data


@given(st.lists(st.tuples(st.binary(min_size=1, max_size=400), st.booleans()), max_size=8), st.integers(60, 200))
def test_any_plan_renders_and_its_json_holds_its_bytes(pieces: list[tuple[bytes, bool]], width: int) -> None:
    steps: list[Step] = [
        Write(data=data, body=len(data), events=i, mark="content") if is_event else Write(data=data, body=len(data))
        for i, (data, is_event) in enumerate(pieces, 1)
    ]
    one = plan(*steps, End())
    assert len(rows(one)) == len(one.steps)
    assert render(one, width=width).count("\n") >= len(one.steps) + 1
    back = b"".join(
        step["text"].encode() if "text" in step else base64.b64decode(step["base64"])
        for step in to_json(one)["steps"]
        if "bytes" in step
    )
    assert back == one.data
    json.dumps(to_json(one))


def test_the_json_form_names_everything() -> None:
    faults = (PlannedFault("late", "transport", True, "held back"),)
    one = plan(
        head(at=0.12),
        event("It", events=1, at=0.12, faults=("late",)),
        Wait(at=0.12, tokens=1, events=1, seconds=0.5, faults=("late",)),
        Write(at=0.62, tokens=2, events=2, data=b"\xff"),
        End(at=0.7, tokens=2, events=2, how="rst"),
        faults=faults,
        keep_alive=False,
    )
    golden.check(GOLDEN.parent / "plan.json", json.dumps(to_json(one), indent=2, ensure_ascii=False) + "\n")
