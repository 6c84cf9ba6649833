"""What the Qwen proxy does that its golden answers do not show."""

from __future__ import annotations

from tests.support.faulted import TWO
from tests.support.imitating import MESSAGES, chat, put, request

TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}


def calls(arguments: str) -> str:
    return "{ text: Well., tool_calls: [{ name: look, arguments: " + arguments + " }] }"


def test_calls_are_elements_in_the_text_one_behind_the_other() -> None:
    whole = chat("qwen-proxy", reply=TWO, tools=[TOOL])
    text = "<get_weather>\n<city>Paris</city>\n</get_weather>\n\n<get_time>\n<city>Rome</city>\n</get_time>"
    assert whole.json["choices"][0] == {
        "index": 0,
        "message": {"role": "assistant", "content": text},
        "finish_reason": "stop",
    }
    streamed = chat("qwen-proxy", reply=TWO, tools=[TOOL], stream=True)
    assert streamed.text == text
    assert len(streamed.chunks) > 10


def test_a_call_stands_apart_from_the_text_before_it() -> None:
    def content(arguments: str) -> str:
        said: str = chat("qwen-proxy", reply=calls(arguments), tools=[TOOL]).json["choices"][0]["message"]["content"]
        return said

    assert content("{ a: 1, b: [x], c: text }") == 'Well.\n\n<look>\n<a>1</a>\n<b>["x"]</b>\n<c>text</c>\n</look>'
    assert content("{}") == "Well.\n\n<look>\n</look>"
    assert content("'{bro'") == "Well.\n\n<look>\n{bro\n</look>"


def test_no_model_is_the_first_one() -> None:
    asked = request("qwen-proxy", {"messages": MESSAGES}, model=None)
    assert put("qwen-proxy", asked).json["model"] == "qwen3-max"
    assert put("qwen-proxy", asked, models=["qwen-own"]).json["model"] == "qwen-own"


def test_models_of_other_names_are_as_old() -> None:
    (one,) = put("qwen-proxy", request("qwen-proxy", None, "/v1/models"), models=["qwen-own"]).json["data"]
    assert (one["created"], one["root"]) == (1704067200, "qwen-own")


def test_any_key_will_do_until_there_are_some() -> None:
    asked = request("qwen-proxy", {"messages": MESSAGES}, key="dummy-key")
    assert put("qwen-proxy", asked).status == "200 OK"
    assert put("qwen-proxy", asked, keys=["sk-right"]).json["error"]["message"] == "Invalid API key"
