"""Tool calls that the model or the server garbled: what a client finds in deltas and bodies."""

from __future__ import annotations

import pytest

from mockoai.faults.tool import JsonEnd
from tests.support.faulted import ONE, PARIS, ROME, TWO, Faulted, calls, faulted, whole


def arguments(answer: Faulted, index: int = 0) -> str:
    return "".join(call["function"]["arguments"] for call in calls(answer) if call["index"] == index)


GARBLED = [
    ("tool-args-invalid-json", '{"city":"Paris"'),
    ("tool-args-doubled", PARIS + PARIS),
    ("tool-args-double-encoded", r'"{\"city\":\"Paris\"}"'),
    ("tool-args-empty-string", ""),
]


@pytest.mark.parametrize(("fault", "expected"), GARBLED)
def test_arguments(fault: str, expected: str) -> None:
    streamed = faulted(fault, reply=ONE)
    body = faulted(fault, reply=ONE, stream=False)

    assert arguments(streamed) == expected
    assert whole(body)[0]["function"] == {"name": "get_weather", "arguments": expected}
    assert streamed.fault.fired
    assert body.fault.fired
    assert streamed.choices[-1]["finish_reason"] == "tool_calls"


def test_arguments_of_every_call_are_garbled() -> None:
    answer = faulted("tool-args-invalid-json", reply=TWO)

    assert (arguments(answer, 0), arguments(answer, 1)) == ('{"city":"Paris"', '{"city":"Rome"')


def test_a_fragment_with_nothing_left_is_dropped() -> None:
    reply = "{ tool_calls: [{ name: f, arguments: '{\"a\":{}}' }] }"

    deltas = calls(faulted("tool-args-invalid-json", reply=reply))

    assert all(call["function"]["arguments"] for call in deltas[1:])
    assert "".join(call["function"]["arguments"] for call in deltas) == '{"a":{}'


def test_arguments_that_are_whole_before_they_end() -> None:
    answer = faulted("tool-args-parsable-prefix", reply=ONE)

    pieces = [call["function"]["arguments"] for call in calls(answer)]
    assert "".join(pieces[:-1]) == PARIS
    assert pieces[-1] == ', "limit": 10}'
    assert calls(answer)[-1] == {"index": 0, "function": {"arguments": pieces[-1]}}


def test_cumulative_arguments() -> None:
    answer = faulted("tool-args-cumulative", reply=ONE)

    pieces = [call["function"]["arguments"] for call in calls(answer)]
    assert pieces == ["", '{"', '{"city', '{"city":"', '{"city":"Paris', PARIS]


def test_a_whole_call_in_one_delta() -> None:
    answer = faulted("tool-args-one-chunk", reply=TWO)

    assert calls(answer) == [
        {"index": 0, "id": "call_a", "type": "function", "function": {"name": "get_weather", "arguments": PARIS}},
        {"index": 1, "id": "call_b", "type": "function", "function": {"name": "get_time", "arguments": ROME}},
    ]


def test_a_whole_call_comes_when_its_last_piece_was_due() -> None:
    from mockoai.scenario.model import Reply, ToolCallReply
    from tests.support.planning import GAPS, fault, planned, writes

    reply = Reply(tool_calls=(ToolCallReply("f", {"city": "Paris"}),))
    late = planned(fault("tool-args-one-chunk"), reply=reply, timing=GAPS)
    healthy = planned(reply=reply, timing=GAPS)

    (call,) = [step for step in writes(late) if b'"tool_calls":[' in step.data]
    assert call.at == max(step.at for step in writes(healthy) if b'"tool_calls":[' in step.data)


def test_an_unknown_name() -> None:
    assert calls(faulted("tool-unknown-name", reply=ONE))[0]["function"]["name"] == "search_the_web_v2"
    assert whole(faulted("{ tool-unknown-name: { name: x } }", reply=ONE, stream=False))[0]["function"]["name"] == "x"


@pytest.mark.parametrize("stream", [True, False])
def test_the_reason_stop(stream: bool) -> None:
    answer = faulted("tool-finish-stop", reply=ONE, stream=stream)

    choice = answer.choices[-1] if stream else answer.json["choices"][0]
    assert choice["finish_reason"] == "stop"
    assert answer.fault.fired


XML = '<tool_call>\n{"name": "get_weather", "arguments": {"city":"Paris"}}\n</tool_call>'


def test_calls_as_xml_in_the_text() -> None:
    streamed = faulted("tool-in-content-xml", reply=TWO)
    body = faulted("tool-in-content-xml", reply=ONE, stream=False).json["choices"][0]

    other = '\n<tool_call>\n{"name": "get_time", "arguments": {"city":"Rome"}}\n</tool_call>'
    assert streamed.text == XML + other
    assert not calls(streamed)
    assert streamed.choices[-1]["finish_reason"] == "stop"
    assert body["message"] == {"role": "assistant", "content": XML, "refusal": None, "annotations": []}
    assert body["finish_reason"] == "stop"


def test_calls_as_json_in_the_text_as_well() -> None:
    streamed = faulted("tool-json-leaks-into-content", reply=TWO)
    message = faulted("tool-json-leaks-into-content", reply=ONE, stream=False).json["choices"][0]["message"]

    leaked = f'{{"name": "get_weather", "arguments": {PARIS}}}'
    assert streamed.text == leaked + f'\n{{"name": "get_time", "arguments": {ROME}}}'
    assert (arguments(streamed, 0), arguments(streamed, 1)) == (PARIS, ROME)
    kinds = ["tool_calls" in delta for delta in streamed.deltas if "tool_calls" in delta or delta.get("content")]
    assert kinds == sorted(kinds)
    assert streamed.choices[-1]["finish_reason"] == "tool_calls"
    assert message["content"] == leaked
    assert message["tool_calls"][0]["function"]["arguments"] == PARIS


def test_a_function_call_of_old() -> None:
    streamed = faulted("tool-legacy-function-call", reply=TWO)
    choice = faulted("tool-legacy-function-call", reply=ONE, stream=False).json["choices"][0]

    pieces = [delta["function_call"] for delta in streamed.deltas if "function_call" in delta]
    assert pieces[0] == {"name": "get_weather", "arguments": ""}
    assert "".join(piece["arguments"] for piece in pieces) == PARIS
    assert streamed.choices[-1]["finish_reason"] == "function_call"
    assert choice["message"]["function_call"] == {"name": "get_weather", "arguments": PARIS}
    assert choice["finish_reason"] == "function_call"


def test_deltas_of_two_calls_in_turn() -> None:
    answer = faulted("tool-parallel-interleaved", reply=TWO)

    assert [call["index"] for call in calls(answer)] == [0, 1] * 6
    assert (arguments(answer, 0), arguments(answer, 1)) == (PARIS, ROME)
    assert answer.choices[-1]["finish_reason"] == "tool_calls"


FAULTS = [
    *[fault for fault, _ in GARBLED],
    "tool-args-parsable-prefix",
    "tool-args-cumulative",
    "tool-args-one-chunk",
    "tool-unknown-name",
    "tool-finish-stop",
    "tool-in-content-xml",
    "tool-json-leaks-into-content",
    "tool-legacy-function-call",
    "tool-parallel-interleaved",
]


@pytest.mark.parametrize("fault", FAULTS)
def test_an_answer_without_a_call(fault: str) -> None:
    answer = faulted(fault)

    assert not answer.fault.fired
    assert answer.fault.why == "the answer calls no tool"
    assert answer.plan.data == faulted("noop").plan.data


NOTHING_TO_DO = [
    ("tool-args-invalid-json", "{ tool_calls: [{ name: f, arguments: '7' }] }"),
    ("tool-args-doubled", "{ tool_calls: [{ name: f, arguments: '{' }] }"),
    ("tool-args-empty-string", "{ tool_calls: [{ name: f, arguments: '' }] }"),
    ("tool-unknown-name", "{ tool_calls: [{ name: search_the_web_v2, arguments: {} }] }"),
    ("tool-finish-stop", "{ finish: stop, tool_calls: [{ name: f, arguments: {} }] }"),
    ("tool-parallel-interleaved", ONE),
]


@pytest.mark.parametrize(("fault", "reply"), NOTHING_TO_DO)
def test_a_call_that_gives_it_nothing_to_do(fault: str, reply: str) -> None:
    answer = faulted(fault, reply=reply)

    assert not answer.fault.fired
    assert answer.fault.why


@pytest.mark.parametrize("fault", ["tool-args-cumulative", "tool-args-one-chunk", "tool-parallel-interleaved"])
def test_a_fault_of_deltas_needs_a_stream(fault: str) -> None:
    answer = faulted(fault, reply=TWO, stream=False)

    assert not answer.fault.fired
    assert answer.fault.why == "the answer is not streamed"


@pytest.mark.parametrize(
    ("pieces", "ends"),
    [
        (["{}"], [1]),
        (["{", "}", "}"], [None, 0, None]),
        (['{"a":[', '"}", {', "}]", "}x"], [None, None, None, 0]),
        (['{"a\\', '"}":1}'], [None, 5]),
        (["[1]"], [2]),
        (["", "7"], [None, None]),
    ],
)
def test_where_json_closes(pieces: list[str], ends: list[int | None]) -> None:
    follower = JsonEnd()

    assert [follower.feed(piece) for piece in pieces] == ends
    assert follower.text == "".join(pieces)
