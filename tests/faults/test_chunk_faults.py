"""Chunks and bodies whose fields are not what a loop over ``chunk.choices[0].delta`` takes for granted."""

from __future__ import annotations

from typing import Any

import pytest

from mockoai.scenario.diagnose import ScenarioError
from tests.support.faulted import NOW, TEXT, Faulted, faulted

WHOLE = "".join(TEXT)
N = len(TEXT)
AZURE = (
    b'data: {"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{"prompt_index":0,'
    b'"content_filter_results":{"hate":{"filtered":false,"severity":"safe"},"self_harm":{"filtered":false,'
    b'"severity":"safe"},"sexual":{"filtered":false,"severity":"safe"},"violence":{"filtered":false,'
    b'"severity":"safe"}}}]}'
)
ANNOTATIONS = (
    b'data: {"choices":[{"index":0,"finish_reason":null,"content_filter_offsets":{"check_offset":44,"start_offset":44,'
    b'"end_offset":74},"content_filter_results":{"hate":{"filtered":false,"severity":"safe"},"self_harm":'
    b'{"filtered":false,"severity":"safe"},"sexual":{"filtered":false,"severity":"safe"},"violence":'
    b'{"filtered":false,"severity":"safe"}}}],"created":0,"id":"","model":"","object":""}'
)

# --- chunks more ------------------------------------------------------------------------------------------

INSERTED = [
    ("choices-empty-first-azure", 0, AZURE),
    ("delta-missing-azure-annotations", 4, ANNOTATIONS),
    ("data-null-or-scalar", 4, b"data: null"),
    ("{ data-null-or-scalar: { value: ok, after: role } }", 1, b'data: "ok"'),
    ("{ data-null-or-scalar: { value: [], after: 0 tokens } }", 0, b"data: []"),
    ("{ data-null-or-scalar: { after: 2 events } }", 2, b"data: null"),
    ("{ data-null-or-scalar: { after: done } }", N + 3, b"data: null"),
]


@pytest.mark.parametrize(("fault", "position", "frame"), INSERTED, ids=[one[0] for one in INSERTED])
def test_what_is_sent_between(fault: str, position: int, frame: bytes) -> None:
    answer = faulted(fault)

    frames = answer.frames
    assert frames.pop(position) == frame
    assert b"\n\n".join(frames) + b"\n\n" == faulted("noop").body, "the rest is the healthy stream"
    assert answer.fault.fired


CHUNKS = [
    ("delta-null", b'"choices":[{"index":0,"delta":null,"finish_reason":null}]'),
    (
        "content-null",
        b'"choices":[{"index":0,"delta":{"content":null},"logprobs":null,"finish_reason":null}]',
    ),
    (
        "{ many-empty-deltas: { count: 1 } }",
        b'"choices":[{"index":0,"delta":{"content":""},"logprobs":null,"finish_reason":null}]',
    ),
]


@pytest.mark.parametrize(("fault", "choices"), CHUNKS, ids=[one for one, _ in CHUNKS])
@pytest.mark.parametrize("usage", [True, False])
def test_chunks_between(fault: str, choices: bytes, usage: bool) -> None:
    answer = faulted(fault, stream_options={"include_usage": usage})

    tail = b',"usage":null}' if usage else b"}"
    assert answer.frames[4].endswith(choices + tail)
    assert answer.frames[4].startswith(b'data: {"id":"chatcmpl-')
    assert answer.text == WHOLE


def test_many_chunks_between() -> None:
    answer = faulted("many-empty-deltas")

    assert [choice["delta"] for choice in answer.choices].count({"content": ""}) == 20
    assert len(answer.frames) == N + 3 + 20


@pytest.mark.parametrize(
    "fault",
    ["delta-null", "delta-missing-azure-annotations", "content-null", "data-null-or-scalar", "many-empty-deltas"],
)
def test_a_place_past_the_end(fault: str) -> None:
    answer = faulted(f"{{ {fault}: {{ after: 8 tokens }} }}")

    assert not answer.fault.fired
    assert answer.fault.why.startswith("the answer has no place `8 tokens`")
    assert answer.plan.data == faulted("noop").plan.data
    assert faulted(fault, stream=False).fault.why == "the answer is not streamed"


# --- choices ----------------------------------------------------------------------------------------------

CHOICES: list[tuple[str, Any]] = [("choices-null", None), ("choices-empty", [])]


@pytest.mark.parametrize(("fault", "value"), CHOICES)
def test_choices(fault: str, value: Any) -> None:
    streamed = faulted(fault)
    second = faulted(f"{{ {fault}: {{ at: 2 events }} }}")
    body = faulted(fault, stream=False)

    assert streamed.events[0]["choices"] == value
    assert streamed.text == WHOLE
    assert second.events[1]["choices"] == value
    assert second.text == WHOLE.removeprefix("It")
    assert body.json["choices"] == value


@pytest.mark.parametrize("endpoint", ["chat", "completions"])
def test_no_choices(endpoint: str) -> None:
    assert "choices" not in faulted("choices-missing", endpoint).events[0]
    assert "choices" not in faulted("choices-missing", endpoint, stream=False).json


@pytest.mark.parametrize("fault", ["choices-null", "choices-missing", "choices-empty"])
def test_no_such_chunk(fault: str) -> None:
    late = faulted(f"{{ {fault}: {{ at: 40 events }} }}")
    models = faulted(fault, "models")

    assert late.fault.why.startswith("the answer has no place `40 events`")
    assert models.fault.why == "the answer has no `choices` of its own at `1 event`"


# --- fields -----------------------------------------------------------------------------------------------


def values(answer: Faulted, key: str) -> list[Any]:
    """Return the field of every chunk; ``-`` where it is missing."""
    return [event.get(key, "-") for event in answer.events]


EVERY = N + 2
FIELDS: list[tuple[str, str, list[Any]]] = [
    ("id-empty", "id", [""] * EVERY),
    ("id-missing-or-null", "id", ["-"] * EVERY),
    ("{ id-missing-or-null: { form: 'null' } }", "id", [None] * EVERY),
    ("created-missing", "created", ["-"] * (EVERY - 1) + [int(NOW)]),
    ("created-missing", "object", ["-"] * (EVERY - 1) + ["chat.completion.chunk"]),
    ("created-float", "created", [int(NOW) + 0.123] * EVERY),
    ("created-string", "created", ["2026-10-21T07:27:59Z"] * EVERY),
    ("{ created-string: { value: '2025-01-01T00:00:00Z' } }", "created", ["2025-01-01T00:00:00Z"] * EVERY),
    ("model-missing-or-alias", "model", ["-"] * EVERY),
    ("{ model-missing-or-alias: { name: x/y } }", "model", ["x/y"] * EVERY),
    ("object-wrong", "object", ["chat.completion"] * EVERY),
    (
        "{ object-wrong: { value: chat.completion.done, at: finish } }",
        "object",
        ["chat.completion.chunk"] * (EVERY - 1) + ["chat.completion.done"],
    ),
    ("service-tier-unknown", "service_tier", ["on_demand"] * EVERY),
    ("{ service-tier-unknown: { value: null } }", "service_tier", [None] * EVERY),
    ("error-null-field", "error", [None] * EVERY),
    ("{ set-field: { path: x, value: 1 } }", "x", [1] * EVERY),
    ("{ set-field: { path: x, value: 1, at: 2 tokens } }", "x", ["-", "-", 1] + ["-"] * (EVERY - 3)),
    ("{ drop-field: { path: system_fingerprint } }", "system_fingerprint", ["-"] * EVERY),
]


@pytest.mark.parametrize(("fault", "key", "expected"), FIELDS, ids=[f"{one} {key}" for one, key, _ in FIELDS])
def test_fields(fault: str, key: str, expected: list[Any]) -> None:
    answer = faulted(fault)

    assert values(answer, key) == expected
    assert answer.text == WHOLE
    assert answer.done
    assert answer.fault.fired


@pytest.mark.parametrize(
    ("fault", "key", "expected"),
    [
        ("id-empty", "id", ""),
        ("created-float", "created", int(NOW) + 0.123),
        ("model-missing-or-alias", "model", "-"),
        ("error-null-field", "error", None),
        ("service-tier-unknown", "service_tier", "on_demand"),
        ("{ set-field: { path: 'choices[0].message', value: 7 } }", "choices", None),
    ],
)
def test_fields_of_a_body(fault: str, key: str, expected: Any) -> None:
    answer = faulted(fault, stream=False)

    assert answer.fault.fired
    if key == "choices":
        assert answer.json["choices"][0]["message"] == 7
    else:
        assert answer.json.get(key, "-") == expected


def test_an_id_for_every_chunk() -> None:
    answer = faulted("id-changes")

    ids = values(answer, "id")
    assert ids[0] == faulted("noop").events[0]["id"]
    assert len(set(ids)) == EVERY
    assert {(len(id), id[:9]) for id in ids} == {(len(ids[0]), "chatcmpl-")}
    assert faulted("id-changes").body == answer.body, "drawn from the seed"


def test_choices_without_an_index() -> None:
    assert not any("index" in choice for choice in faulted("index-missing").choices)
    assert "index" not in faulted("index-missing", stream=False).json["choices"][0]


def test_log_probabilities_in_other_shapes() -> None:
    nulls = faulted("logprobs-wrong-shape").choices
    tokens = faulted("{ logprobs-wrong-shape: { form: tokens } }").choices

    assert {str(choice["logprobs"]) for choice in nulls} == {"{'content': None, 'refusal': None}"}
    assert tokens[1]["logprobs"] == {
        "tokens": ["It"],
        "token_logprobs": [-0.1],
        "top_logprobs": None,
        "text_offset": [],
    }


def test_fields_that_openai_does_not_have() -> None:
    answer = faulted("extra-fields")
    own = faulted("{ extra-fields: { chunk: { sla_metrics: {} }, choice: { token_id: 5 } } }").events[0]

    assert {"x_groq", "provider", "sla_metrics", "citations", "timings", "note"} <= set(answer.events[0])
    assert answer.choices[0]["seed"] == 2**63
    assert (own["sla_metrics"], own["choices"][0]["token_id"]) == ({}, 5)
    assert "provider" not in own


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("{ set-field: { path: 'a..b', value: 1 } }", "not a path"),
        ("{ drop-field: { path: '' } }", "a path must name something"),
        ("{ extra-fields: { choice: 7 } }", "`choice` must be a mapping"),
        ("{ many-empty-deltas: { count: 0 } }", "`count` must be 1 or more"),
        ("{ huge-chunk: { size: 0 } }", "`size` must be 1 or more"),
    ],
)
def test_parameters_that_make_no_sense(fault: str, message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        faulted(fault)


# --- roles and content ------------------------------------------------------------------------------------

ROLES: list[tuple[str, list[Any], Any]] = [
    ("role-missing", ["-"] * (N + 2), "-"),
    ("role-empty-string", [""] * (N + 2), ""),
    ("role-unknown", ["model"] * (N + 2), "model"),
    ("role-null", ["assistant"] + [None] * (N + 1), None),
    ("role-every-chunk", ["assistant"] * (N + 2), None),
]


@pytest.mark.parametrize(("fault", "deltas", "message"), ROLES, ids=[one[0] for one in ROLES])
def test_roles(fault: str, deltas: list[Any], message: Any) -> None:
    streamed = faulted(fault)
    body = faulted(fault, stream=False)

    assert [delta.get("role", "-") for delta in streamed.deltas] == deltas
    assert streamed.text == WHOLE
    if body.fault.fired:
        assert body.json["choices"][0]["message"].get("role", "-") == message
    else:
        assert body.fault.why == "the answer is not streamed"


def test_the_role_comes_first_in_the_delta() -> None:
    assert b'"delta":{"role":"assistant","content":"It"}' in faulted("role-every-chunk").body
    assert b'"delta":{"role":null,"content":"It"}' in faulted("role-null").body
    assert b'"delta":{"role":"","content":"It"}' in faulted("role-empty-string").body


def test_the_role_comes_with_the_first_token() -> None:
    answer = faulted("first-chunk-with-content")

    assert answer.deltas[0] == {"role": "assistant", "content": "It"}
    assert len(answer.frames) == N + 2
    assert answer.text == WHOLE


def test_no_text_for_the_role_to_come_with() -> None:
    for reply in ("{ refusal: No. }", "{ text: '' }"):
        answer = faulted("first-chunk-with-content", reply=reply, n=2)

        assert not answer.fault.fired
        assert answer.plan.data == faulted("noop", reply=reply, n=2).plan.data


def test_content_in_parts() -> None:
    streamed = faulted("content-parts-array")
    thinking = faulted("{ content-parts-array: { thinking: Hm. } }", stream=False)

    contents = [delta["content"] for delta in streamed.deltas if delta.get("content")]
    assert contents == [[{"type": "text", "text": token}] for token in TEXT]
    assert thinking.json["choices"][0]["message"]["content"] == [
        {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]},
        {"type": "text", "text": WHOLE},
    ]


def test_content_that_is_no_text() -> None:
    answer = faulted("content-non-string")

    assert [delta.get("content") for delta in answer.deltas][:4] == ["", "It", 7, " 21"]
    assert faulted("{ content-non-string: { value: [] } }", stream=False).json["choices"][0]["message"]["content"] == []


def test_a_message_without_content() -> None:
    assert "content" not in faulted("content-missing", stream=False).json["choices"][0]["message"]
    assert faulted("message-null", stream=False).json["choices"][0]["message"] is None


def test_text_and_messages_in_the_place_of_deltas() -> None:
    text = faulted("text-instead-of-delta").choices[1]
    both = faulted("{ text-instead-of-delta: { both: true } }").choices[1]
    message = faulted("message-instead-of-delta").choices[1]

    assert text == {"index": 0, "text": "It", "logprobs": None, "finish_reason": None}
    assert both == {"index": 0, "text": "It", "delta": {"content": "It"}, "logprobs": None, "finish_reason": None}
    assert message == {"index": 0, "message": {"content": "It"}, "logprobs": None, "finish_reason": None}


def test_a_chunk_of_megabytes() -> None:
    answer = faulted("huge-chunk")

    assert answer.deltas[1]["content"] == "It" + "x" * 4_000_000
    assert faulted("{ huge-chunk: { size: 10 } }", "completions", stream=False).json["choices"][0]["text"] == (
        "It" + "x" * 10 + WHOLE.removeprefix("It")
    )


# --- reasoning --------------------------------------------------------------------------------------------

THINKING = "{ reasoning: We think., text: Fine. }"


def test_reasoning_content() -> None:
    answer = faulted("reasoning-content", reply=THINKING)
    message = faulted("reasoning-content", reply=THINKING, stream=False).json["choices"][0]["message"]

    assert b'"delta":{"content":null,"reasoning_content":"We"}' in answer.body
    assert "".join(delta.get("reasoning_content", "") for delta in answer.deltas) == "We think."
    assert answer.text == "Fine."
    assert (message["content"], message["reasoning_content"]) == ("Fine.", "We think.")


def test_reasoning_field() -> None:
    channel = faulted("reasoning-field", reply=THINKING).deltas[1]
    plain = faulted("{ reasoning-field: { channel: '' } }", reply=THINKING).deltas[1]

    assert channel == {"reasoning": "We", "channel": "analysis"}
    assert plain == {"reasoning": "We"}


@pytest.mark.parametrize("fault", ["reasoning-content", "reasoning-field"])
def test_a_reply_without_reasoning(fault: str) -> None:
    answer = faulted(fault)

    assert answer.fault.why == "the reply has no `reasoning`"
    assert not answer.fault.fired
    assert answer.plan.data == faulted("noop").plan.data


# --- one body instead of a stream -------------------------------------------------------------------------


@pytest.mark.parametrize("endpoint", ["chat", "completions"])
def test_one_body_for_a_stream(endpoint: str) -> None:
    answer = faulted("json-for-stream-request", endpoint)

    assert answer.head["content-type"] == "application/json"
    assert answer.json["object"] in ("chat.completion", "text_completion")
    assert answer.json["usage"]["completion_tokens"] == N
    assert not answer.plan.stream


@pytest.mark.parametrize(("endpoint", "fields"), [("chat", {"stream": False}), ("embeddings", {"stream": True})])
def test_no_stream_was_due(endpoint: str, fields: dict[str, Any]) -> None:
    answer = faulted("json-for-stream-request", endpoint, **fields)

    assert not answer.fault.fired
    assert answer.fault.why == "the answer is no stream anyway"


def test_a_fault_of_streams_beside_it_does_not_fire() -> None:
    answer = faulted("json-for-stream-request, finish-missing")

    json, finish = answer.plan.faults
    assert json.fired
    assert (finish.fired, finish.why) == (False, "the answer is not streamed")
