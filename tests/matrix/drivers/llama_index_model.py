"""Driver for llama-index with its OpenAILike model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import openai
from llama_index.core.llms import ChatMessage
from llama_index.llms.openai_like import OpenAILike
from openai_python import settings
from talk import Answer, Driver, Json, NoSuchCallError, serve, usage

NAMED = ("model", "messages", "prompt", "stream")
"""What has a place of its own in llama-index; the rest of a body goes with the call."""


class LlamaIndex(Driver):
    """``OpenAILike``, for chat and for completions."""

    # It raises what openai-python raises.
    own = (openai.OpenAIError,)
    model: Any

    def open(self, job: Json) -> Any:
        """Return the model."""
        if job["endpoint"] not in ("chat", "completions"):
            raise NoSuchCallError("it has models, but no list of them")
        self.model = OpenAILike(
            model=job["body"]["model"],
            api_base=job["url"],
            api_key=job["key"],
            default_headers=job["headers"],
            is_chat_model=job["endpoint"] == "chat",
            is_function_calling_model=True,
            **settings(job),
        )
        return self.model

    def ask(self, client: Any, job: Json) -> Iterator[Any]:
        """Chat or complete, streamed or not."""
        body = job["body"]
        more = {name: value for name, value in body.items() if name not in NAMED}
        if job["endpoint"] == "chat":
            said: Any = [ChatMessage(role=one["role"], content=one["content"]) for one in body["messages"]]
            call = client.stream_chat if body.get("stream") else client.chat
        else:
            said = body["prompt"]
            call = client.stream_complete if body.get("stream") else client.complete
        if body.get("stream"):
            yield from call(said, **more)
        else:
            yield call(said, **more)

    def read(self, given: list[Any], job: Json, answer: Answer) -> None:
        """Add the deltas up, and look at the last response for the rest; it has no finish reason of its own."""
        stream = job["body"].get("stream")
        answer["text"] = ""
        for response in given:
            if stream:
                answer["text"] += response.delta or ""
            else:
                answer["text"] = (response.message.content if job["endpoint"] == "chat" else response.text) or ""
        if not given or job["endpoint"] != "chat":
            return
        last = given[-1]
        counts = last.additional_kwargs
        if "stream_options" in job["body"] or not stream:
            answer["usage"] = (
                usage(counts["prompt_tokens"], counts["completion_tokens"], counts["total_tokens"]) if counts else None
            )
        calls = self.model.get_tool_calls_from_response(last, error_on_no_tool_call=False)
        answer["tool_calls"] = [
            {"id": call.tool_id, "name": call.tool_name, "arguments": json.dumps(call.tool_kwargs)} for call in calls
        ]


if __name__ == "__main__":
    serve(LlamaIndex())
