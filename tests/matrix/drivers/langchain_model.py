"""Driver for langchain-openai: its chat model, and its completions model, read as LangChain's pages read them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import langchain_openai
import openai
from langchain_core.exceptions import LangChainException
from openai_python import settings
from talk import Answer, Driver, Json, NoSuchCallError, serve, usage

NAMED = ("model", "messages", "prompt", "stream", "stream_options")
"""What has a place of its own in LangChain; the rest of a body goes with the call."""


class LangChain(Driver):
    """``ChatOpenAI`` and ``OpenAI`` of langchain-openai."""

    # It documents that errors of openai-python come through, so those are what its users catch.
    own = (openai.OpenAIError, LangChainException)

    def open(self, job: Json) -> Any:
        """Return the model for the endpoint."""
        made = {"chat": langchain_openai.ChatOpenAI, "completions": langchain_openai.OpenAI}.get(job["endpoint"])
        if made is None:
            raise NoSuchCallError("it has models, but no list of them")
        more = {"stream_usage": True} if "stream_options" in job["body"] and job["endpoint"] == "chat" else {}
        return made(
            model=job["body"]["model"],
            base_url=job["url"],
            api_key=job["key"],
            default_headers=job["headers"],
            **more,
            **settings(job),
        )

    def ask(self, client: Any, job: Json) -> Iterator[Any]:
        """Stream, or invoke."""
        body = job["body"]
        more = {name: value for name, value in body.items() if name not in NAMED}
        said = body["messages"] if job["endpoint"] == "chat" else body["prompt"]
        if body.get("stream"):
            yield from client.stream(said, **more)
        elif job["endpoint"] == "chat":
            yield client.invoke(said, **more)
        else:
            yield client.generate([said], **more)

    def read(self, given: list[Any], job: Json, answer: Answer) -> None:
        """Add the messages up, as they are made to be, and the text besides."""
        stream = job["body"].get("stream")
        if job["endpoint"] == "completions":
            _read_completions(given, bool(stream), answer)
            return
        if stream:
            answer.update(text="", finish=None, usage=None, tool_calls=[])
        whole: Any = None
        for message in given:
            answer["text"] = answer.get("text", "") + message.content
            whole = message if whole is None else whole + message
        if whole is None:
            return
        answer["finish"] = whole.response_metadata.get("finish_reason")
        counts = whole.usage_metadata
        answer["usage"] = (
            usage(counts["input_tokens"], counts["output_tokens"], counts["total_tokens"]) if counts else None
        )
        answer["tool_calls"] = [
            {"id": call["id"], "name": call["name"], "arguments": json.dumps(call["args"])} for call in whole.tool_calls
        ]

    def notices(self, given: list[Any]) -> list[Json]:
        """Return the calls that it could not read; it keeps them apart."""
        whole: Any = None
        try:
            for message in given:
                whole = message if whole is None else whole + message
            broken = getattr(whole, "invalid_tool_calls", None) or []
        except Exception:
            return []  # what is wrong with them, `read` reports
        return [
            {"own": True, "class": "invalid_tool_calls", "message": str(call["error"] or call["args"]), "cause": ""}
            for call in broken
        ]


def _read_completions(given: list[Any], stream: bool, answer: Answer) -> None:
    if stream:
        answer["text"] = ""
        for text in given:
            answer["text"] += text
        return
    for result in given:
        first = result.generations[0][0]
        answer["text"] = first.text
        answer["finish"] = first.generation_info["finish_reason"]
        counts = result.llm_output["token_usage"]
        answer["usage"] = usage(counts["prompt_tokens"], counts["completion_tokens"], counts["total_tokens"])


if __name__ == "__main__":
    serve(LangChain())
