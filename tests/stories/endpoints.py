"""A script that tries every endpoint of a server: eight calls, two of which must be refused.

The broken form counts what was answered with 200, so that a server which refuses nothing does best. The mended one
knows what each call must get, and looks at what came.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

MODEL = "qwen3-max"
ASKED = {"model": MODEL, "messages": [{"role": "user", "content": "Hello!"}]}


@dataclass(frozen=True)
class Call:
    """One call: what it is called, what is asked for, which ``status`` is due, and whether the ``body`` is right."""

    name: str
    method: str
    path: str
    body: Callable[[httpx.Response], bool]
    status: int = 200
    json: Any = None


def _lists_models(answer: httpx.Response) -> bool:
    body = answer.json()
    return body["object"] == "list" and MODEL in [one["id"] for one in body["data"]]


def _is_chat(answer: httpx.Response) -> bool:
    body = answer.json()
    return body["object"] == "chat.completion" and bool(body["choices"][0]["message"]["content"])


def _is_text(answer: httpx.Response) -> bool:
    body = answer.json()
    return body["object"] == "text_completion" and bool(body["choices"][0]["text"])


def _is_error(answer: httpx.Response) -> bool:
    return bool(answer.json()["error"]["message"])


CALLS = [
    Call("List Models", "GET", "/v1/models", _lists_models),
    Call("Get Model Details", "GET", f"/v1/models/{MODEL}", lambda answer: answer.json()["id"] == MODEL),
    Call("Health Check", "GET", "/health", lambda answer: answer.json()["status"] == "ok"),
    Call("Prometheus Metrics", "GET", "/metrics", lambda answer: "# TYPE " in answer.text),
    Call("Chat Completions", "POST", "/v1/chat/completions", _is_chat, json=ASKED),
    Call("Text Completions", "POST", "/v1/completions", _is_text, json={"model": MODEL, "prompt": "Hello"}),
    Call("Invalid Model", "GET", "/v1/models/no-such-model", _is_error, status=404),
    Call("Missing Messages", "POST", "/v1/chat/completions", _is_error, status=400, json={"model": MODEL}),
]


def broken(origin: str) -> dict[str, str]:
    """Try the server as it was done, and return what is wrong with each call."""
    return {call.name: "" if answer.status_code == 200 else str(answer.status_code) for call, answer in _asked(origin)}


def mended(origin: str) -> dict[str, str]:
    """Try the server as it is done, and return what is wrong with each call."""
    found: dict[str, str] = {}
    for call, answer in _asked(origin):
        found[call.name] = ""
        try:
            if answer.status_code != call.status:
                found[call.name] = f"{answer.status_code} instead of {call.status}"
            elif not call.body(answer):
                found[call.name] = "the body is not what it should be"
        except (ValueError, LookupError, TypeError) as error:
            found[call.name] = f"the body cannot be read: {error!r}"
    return found


def summary(found: dict[str, str]) -> str:
    """Return the last line of the script."""
    passed = sum(not problem for problem in found.values())
    return f"Passed: {passed}/{len(found)} ({passed / len(found):.0%})"


def _asked(origin: str) -> list[tuple[Call, httpx.Response]]:
    with httpx.Client(base_url=origin) as client:
        return [(call, client.request(call.method, call.path, json=call.json)) for call in CALLS]
