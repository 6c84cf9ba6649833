"""Whatever a server sends, the check comes to an end and says something; it never fails."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from mockoai.check.conversation import Conversation
from mockoai.check.judge import report
from mockoai.check.model import Ask, Bounds, Recording, Segment
from mockoai.check.run import hold
from mockoai.check.target import Target
from mockoai.mock import Mock
from mockoai.scenario import catalogue
from tests.check.player import Player

HEADS = st.sampled_from(
    [
        b"",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\n",
        b"HTTP/1.1 429 No\r\nRetry-After: 1e400\r\n\r\n",
        b"HTTP/1.1 307 There\r\nLocation: http://[::\r\n\r\n",
        b"HTTP/1.1 200 OK\nDate: Thu, 99 Foo 2026 00:00:00 GMT\n\n",
    ]
)
KEYS = [
    *("choices", "delta", "message", "content", "text", "role", "index", "finish_reason", "logprobs"),
    *("tool_calls", "function", "arguments", "name", "id", "object", "created", "data", "models"),
    *("usage", "prompt_tokens", "completion_tokens", "total_tokens", "error", "code", "detail"),
]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats() | st.sampled_from(["", "stop", "null", "\ud83d", "é"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(KEYS),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


def some(**fields: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    """Return objects that may have each of ``fields``, or something else in its place."""
    return st.fixed_dictionaries({}, optional={name: value | VALUES for name, value in fields.items()})


FUNCTION = some(name=st.just("get_weather"), arguments=st.sampled_from(["", "{", '{"city":"x"}', "null", '"{}"']))
CALL = some(id=st.just("call_1"), index=st.integers(0, 1), type=st.just("function"), function=FUNCTION)
SAID = some(role=st.just("assistant"), content=st.just("Hi."), tool_calls=st.lists(CALL, max_size=2))
CHOICE = some(
    index=st.integers(0, 1),
    delta=SAID,
    message=SAID,
    text=st.just("Hi"),
    finish_reason=st.sampled_from(["stop", "length"]),
)
COUNTS = some(prompt_tokens=st.just(1), completion_tokens=st.just(2), total_tokens=st.just(3))
CHUNK = some(
    choices=st.lists(CHOICE, max_size=3), usage=COUNTS, id=st.just("x"), created=st.just(1), model=st.just("m")
)


def judged(*answers: bytes) -> int:
    conversation = Conversation(Target(path="/v1"))
    asked = 0

    def record(target: Target, ask: Ask, patience: float) -> Recording:
        nonlocal asked
        asked += 1
        data = answers[asked % len(answers)]
        return Recording(segments=(Segment(0.1, data[:40]), Segment(0.2, data[40:])), ending="fin", ended=0.3)

    hold(conversation, record, Bounds())
    report(conversation)
    return asked


@settings(max_examples=60)
@given(st.lists(st.tuples(HEADS, st.binary(max_size=200)), min_size=1, max_size=3))
def test_any_bytes(answers: list[tuple[bytes, bytes]]) -> None:
    assert judged(*[head + body for head, body in answers]) < 60


@settings(max_examples=80)
@given(st.lists(VALUES | CHUNK, min_size=1, max_size=5))
def test_any_json_in_bodies_and_events(values: list[object]) -> None:
    texts = [json.dumps(one) for one in values]
    events = "".join(f"data: {one}\n\n" for one in texts).encode("utf-8", "replace") + b"data: [DONE]\n\n"
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"
    assert judged(head + texts[0].encode("utf-8", "replace"), head + events) < 60


@settings(max_examples=40)
@given(st.sampled_from(catalogue.ids()), st.data())
def test_answers_of_the_catalogue_with_bytes_changed(id: str, data: st.DataObject) -> None:
    conversation = Conversation(Target(path=f"/scenario/{id}/v1"), groups=frozenset({"models", "chat", "stream"}))
    player = Player(Mock(clock=lambda: 0.0))

    def record(target: Target, ask: Ask, patience: float) -> Recording:
        heard = player(target, ask, patience)
        if not heard.segments or len(heard.data) > 20_000:
            return heard
        place = data.draw(st.integers(0, len(heard.data) - 1))
        junk = data.draw(st.binary(max_size=3))
        changed = heard.data[:place] + junk + heard.data[place + 1 :]
        return Recording(segments=(Segment(0.0, changed),), ending=heard.ending, ended=heard.ended)

    hold(conversation, record, Bounds())
    report(conversation)
