"""What is asked: the requests of a thorough health check, small and harmless, as pure values.

The prompt asks for one sentence that ends with a full stop, so that an answer which was cut can be told from one
that is over. What is asked of a model that costs money is kept to a few short answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import quote

from mockoai.check.model import Ask, Json, Kind, Provoked

PROMPT = "What is the weather in Paris like in spring? Answer in one short sentence that ends with a full stop."
"""What models are asked, unless it is for tools."""
JSON_PROMPT = "Name the capital of France as a JSON object with one field, `capital`."
TOOL_PROMPT = "What is the weather in Paris, and what time is it in Rome? Use the tools."

LIMIT = 3
"""Tokens that an answer may have where a limit is tried."""

WRONG_KEY = "sk-mockoai-check-this-key-is-wrong"
WRONG_MODEL = "mockoai-check-no-such-model"
WRONG_ROUTE = "/mockoai-check/no-such-route"
REQUEST_ID = "mockoai-check-request-id"
"""The ``X-Request-Id`` that goes with one request."""
ORIGIN = "https://mockoai-check.example"
"""Where a browser would say that it comes from."""


def _tool(name: str, description: str) -> Json:
    parameters = {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    }
    return {"type": "function", "function": {"name": name, "description": description, "parameters": parameters}}


TOOLS = (_tool("get_weather", "The weather in a city."), _tool("get_time", "The local time in a city."))
TOOL_NAMES = frozenset(one["function"]["name"] for one in TOOLS)
_USAGE: dict[str, Json] = {"stream_options": {"include_usage": True}}


def models() -> Ask:
    """Return the ask for the list of models."""
    return Ask(name="models", kind="models", method="GET", path="/models")


def model(id: str) -> Ask:
    """Return the ask for one entry of the list.

    Slashes stay as they are, as clients send them; what no path can hold is escaped, for the name is the server's.
    """
    path = quote(id, safe="/:@!$&'()*+,;=-._~", errors="replace")
    return Ask(name="one model", kind="model", method="GET", path=f"/models/{path}")


def chat(name: str, model: str, *, prompt: str = PROMPT, **fields: Json) -> Ask:
    """Return an ask for a chat completion with ``fields`` besides."""
    body = {"model": model, "messages": [{"role": "user", "content": prompt}], **fields}
    return Ask(name=name, kind="chat", path="/chat/completions", body=body)


def completion(name: str, model: str, *, prompt: Json = PROMPT, provokes: Provoked = "", **fields: Json) -> Ask:
    """Return an ask for a legacy completion with ``fields`` besides."""
    body = {"model": model, "prompt": prompt, "max_tokens": 40, **fields}
    return Ask(name=name, kind="completions", path="/completions", body=body, provokes=provokes)


def whole(model: str) -> Ask:
    """Return the plainest ask for a chat completion."""
    ask = chat("chat", model)
    return _with(ask, headers=(("X-Request-Id", REQUEST_ID),))


def stream(model: str) -> Ask:
    """Return the plainest ask for a stream with usage."""
    return chat("stream", model, stream=True, **_USAGE)


def chats(model: str) -> tuple[Ask, ...]:
    """Return what else is asked of chat completions."""
    tools: dict[str, Json] = {"tools": list(TOOLS), "tool_choice": "required", "prompt": TOOL_PROMPT}
    return (
        chat("stream without usage", model, stream=True),
        _with(chat("same connection", model), again=True),
        chat("limit", model, max_tokens=LIMIT),
        chat("tools, streamed", model, stream=True, **tools, **_USAGE),
        chat("tools", model, **tools),
        _with(chat("two choices, streamed", model, stream=True, n=2, **_USAGE), provokes="parameter"),
        _with(chat("logprobs, streamed", model, stream=True, logprobs=True, top_logprobs=1), provokes="parameter"),
        _with(
            chat("JSON mode", model, prompt=JSON_PROMPT, response_format={"type": "json_object"}), provokes="parameter"
        ),
    )


def completions(model: str) -> tuple[Ask, ...]:
    """Return what is asked of the legacy endpoint; the first two are its health, the rest what servers differ in."""
    return (
        completion("completion", model),
        completion("completion, streamed", model, stream=True, **_USAGE),
        completion("two completions, streamed", model, stream=True, n=2, provokes="parameter"),
        completion("echo and logprobs", model, echo=True, logprobs=1, provokes="parameter"),
        completion("suffix", model, suffix=" Bon voyage!", provokes="parameter"),
        completion("two prompts, streamed", model, prompt=[PROMPT, PROMPT], stream=True, provokes="parameter"),
        completion("no prompt", model, prompt=[], stream=True, provokes="parameter"),
    )


def mistakes(model: str, *, keyed: bool) -> tuple[Ask, ...]:
    """Return the asks that are wrong on purpose; those that show a key only when there is one (``keyed``)."""
    plain = {"model": model, "messages": [{"role": "user", "content": PROMPT}]}
    keys = [
        _mistake("no key", "no-key", plain, credential="none"),
        _mistake("wrong key", "wrong-key", plain, credential="wrong"),
        _mistake("key without Bearer", "wrong-key", plain, credential="bare"),
    ]
    return (
        *(keys if keyed else keys[1:]),
        _mistake("wrong model", "model", {**plain, "model": WRONG_MODEL}),
        _mistake("no model", "no-model", {"messages": plain["messages"]}),
        _mistake("not JSON", "json", b'{"model": '),
        _mistake("wrong route", "route", plain, path=WRONG_ROUTE, kind="other"),
        _mistake("wrong method", "method", None, method="GET", kind="other"),
        _mistake(
            "preflight",
            "preflight",
            None,
            method="OPTIONS",
            kind="other",
            credential="none",
            headers=(
                ("Origin", ORIGIN),
                ("Access-Control-Request-Method", "POST"),
                ("Access-Control-Request-Headers", "authorization,content-type"),
            ),
        ),
    )


def page(path: str) -> Ask:
    """Return the ask for a page beside the API, which tells backends apart; it is not shown a key."""
    return Ask(name=path, kind="page", method="GET", path=path, rooted=True, credential="none", provokes="route")


def _mistake(
    name: str, provokes: Provoked, body: Mapping[str, Json] | bytes | None, *, kind: Kind = "chat", **more: Json
) -> Ask:
    return Ask(**{"name": name, "kind": kind, "path": "/chat/completions", "body": body, "provokes": provokes, **more})


def _with(ask: Ask, **changes: Json) -> Ask:
    return replace(ask, **changes)
