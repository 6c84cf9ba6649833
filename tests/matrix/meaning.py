"""What an answer truly means: what a healthy server would have said to the same request. Pure.

The rule that answered is taken without its faults, planned for the very request that the client sent, and read by
the plainest of readers. Where a fault does not spoil the answer but is the answer, or where the reply itself is what
is wrong, :data:`MEANT` says what was meant instead.
"""

from __future__ import annotations

import hashlib
import http.client
import io
import json
import socket
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast
from urllib.parse import unquote

from mockoai.address import split_path
from mockoai.endpoints import resolve
from mockoai.mock import Mock
from mockoai.request import Request
from mockoai.scenario.model import HEALTHY, Rule, Scenario, When

Meaning = dict[str, Any]
"""``kind``: ``answer``, ``models`` or ``error``. An answer has ``text``, ``tool_calls``, ``finish`` and ``usage``,
and ``refusal`` when it is one; usage is None where none was due. Models are their ids, in ``models``."""

ERROR: Meaning = {"kind": "error"}
"""What was meant is an error: whatever a client takes for an answer is none."""

AS_SENT = "as sent"
"""The faulted answer is well formed, and what it says is what was meant."""

BY_ITSELF = "by itself"
"""What the server says without the scenario: the client was sent there."""

LONG = 10_000
"""Characters of a text that are kept."""
_NOTHING = "that is how servers write that a tool takes nothing"
_FAILED = "the finish reason says that the server failed"

MEANT: Mapping[str, tuple[Meaning | str, str]] = {
    "context-overflow-silent": (ERROR, "the prompt was too long, and the server does not say so"),
    "err-content-filter-mid-stream": (AS_SENT, "the answer was filtered, and says so"),
    "err-finish-network-error": (ERROR, _FAILED),
    "finish-error": (ERROR, _FAILED),
    "finish-unknown": ({"finish": "stop"}, "the answer ended by itself"),
    "huge-chunk": (AS_SENT, "the answer is that long"),
    "lone-surrogate-escapes": (AS_SENT, "the two halves are one character"),
    "models-data-null": ({"models": []}, "there are no models"),
    "models-empty": (AS_SENT, "there are no models"),
    "models-huge": (AS_SENT, "there are that many"),
    "redirect-307-trailing-slash": (BY_ITSELF, "the answer is at the place that the redirect names"),
    "think-tags-in-content": ({"text": "It is 21 degrees in Paris."}, "the reasoning is no part of the answer"),
    "tool-args-empty-string": ({"arguments": "{}"}, _NOTHING),
    "tool-args-null": ({"arguments": "{}"}, _NOTHING),
    "tool-finish-but-no-calls": ({"finish": "stop"}, "no tool is called"),
}
"""What was meant by a scenario whose rule without its faults does not say it, and why. A mapping replaces fields,
``arguments`` those of every call."""


def of(scenario: Scenario, last: Mapping[str, Any] | None) -> Meaning | None:
    """Return what the ``last`` answer of a case meant, by the journal; None when no rule of ``scenario`` gave it."""
    names = [rule.name or f"rule {number}" for number, rule in enumerate(scenario.rules, 1)]
    if last is None or last["rule"] not in names:
        return None
    asked = request(**last["request"])
    return meant(scenario, scenario.rules[names.index(last["rule"])], asked, session=last["session"], call=last["call"])


def request(method: str, target: str, body: str) -> Request:
    """Return a request as the server has it, session and scenario off the front of its path."""
    path, _, query = target.partition("?")
    address = split_path(unquote(path))
    endpoint, parameters = resolve(address.path)
    return Request(
        method=method,
        path=address.path,
        body=body.encode(),
        query=query,
        target=target,
        endpoint=endpoint,
        parameters=parameters,
    )


def meant(scenario: Scenario, rule: Rule, asked: Request, *, session: str = "default", call: int = 1) -> Meaning:
    """Return what ``rule`` of ``scenario`` means by its answer to ``asked``, the ``call``-th like it in ``session``."""
    override, _ = MEANT.get(scenario.id, ({}, ""))
    if override == BY_ITSELF:
        scenario, rule = HEALTHY, Rule()
    if override is ERROR or (rule.reply is not None and rule.reply.error is not None):
        return ERROR
    faults = rule.faults if override == AS_SENT else ()
    alone = replace(scenario, rules=(replace(rule, when=When(), faults=faults),))
    mock = Mock([alone])
    for _ in range(call):
        answer = mock.answer(asked, split_path(asked.path), mock.sessions.get(session))
    found = read(answer.plan.data, asked)
    if isinstance(override, str):
        return found
    if "arguments" in override:
        return {**found, "tool_calls": [{**call, **override} for call in found.get("tool_calls", ())]}
    return {**found, **override}


def read(data: bytes, asked: Request) -> Meaning:
    """Read the bytes of a sound answer to ``asked``."""
    status, content_type, body = _http(data, asked.method)
    if status >= 400:
        return ERROR
    if content_type.startswith("text/event-stream"):
        lines = [line.removeprefix("data: ") for line in body.decode().split("\n") if line.startswith("data: ")]
        return _stream([json.loads(line) for line in lines if line != "[DONE]"])
    whole = json.loads(body)
    if asked.endpoint == "models":
        return {"kind": "models", "models": [one["id"] for one in whole["data"] or []]}
    if asked.endpoint == "model":
        return {"kind": "models", "models": [whole["id"]]}
    return _whole(whole)


def _http(data: bytes, method: str) -> tuple[int, str, bytes]:
    class Socket:
        def makefile(self, mode: str) -> io.BytesIO:
            return io.BytesIO(data)

    response = http.client.HTTPResponse(cast(socket.socket, Socket()), method=method)
    response.begin()
    return response.status, response.getheader("Content-Type", ""), response.read()


def _stream(chunks: list[Any]) -> Meaning:
    text, refusal, finish, usage = "", "", None, None
    calls: dict[int, dict[str, str]] = {}
    for chunk in chunks:
        usage = _usage(chunk.get("usage")) or usage
        # Of several choices the first is what an application that asked for one would take.
        for choice in [one for one in chunk["choices"] if one["index"] == 0]:
            delta = choice.get("delta", {})
            text += (choice.get("text") if "delta" not in choice else delta.get("content")) or ""
            refusal += delta.get("refusal") or ""
            finish = choice["finish_reason"] or finish
            for part in delta.get("tool_calls") or []:
                call = calls.setdefault(part["index"], {"id": "", "name": "", "arguments": ""})
                call["id"] += part.get("id") or ""
                call["name"] += part["function"].get("name") or ""
                call["arguments"] += part["function"].get("arguments") or ""
    return _answer(text, refusal, list(calls.values()), finish, usage)


def _whole(body: Any) -> Meaning:
    choice = next(one for one in body["choices"] if one["index"] == 0)
    message = choice.get("message", {})
    text = (message.get("content") if "message" in choice else choice["text"]) or ""
    calls = [
        {"id": call["id"], "name": call["function"]["name"], "arguments": call["function"]["arguments"]}
        for call in message.get("tool_calls") or []
    ]
    return _answer(text, message.get("refusal") or "", calls, choice["finish_reason"], _usage(body.get("usage")))


def condensed(text: Any) -> Any:
    """Return a long ``text`` as its beginning, length and digest, which is enough to compare it; others as they are."""
    if not isinstance(text, str) or len(text) <= LONG:
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{text[:100]}… ({len(text)} characters, {digest})"


def _answer(halves: str, refusal: str, calls: list[dict[str, str]], finish: str | None, usage: Any) -> Meaning:
    text = halves.encode("utf-16-le", "surrogatepass").decode("utf-16-le")  # halves that meet are one character
    found: Meaning = {"kind": "answer", "text": condensed(text), "tool_calls": calls, "finish": finish, "usage": usage}
    return {**found, "refusal": refusal} if refusal else found


def _usage(counts: Any) -> dict[str, int] | None:
    if not counts:
        return None
    return {
        "prompt": counts["prompt_tokens"],
        "completion": counts["completion_tokens"],
        "total": counts["total_tokens"],
    }
