"""Driver for the LiteLLM SDK: its asynchronous functions with the ``openai/`` provider."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from typing import Any

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # or it fetches one from the network when it is imported

import litellm
import openai
from openai_python import read, settings
from talk import Answer, Driver, Json, NoSuchCallError, serve, usage

litellm.suppress_debug_info = True
litellm.telemetry = False


class LiteLLM(Driver):
    """``litellm.acompletion`` and ``litellm.atext_completion``."""

    # Its exceptions derive from those of openai-python, which it documents as what to catch.
    own = (openai.OpenAIError,)

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()

    def open(self, job: Json) -> Any:
        """There is no client to make; functions take everything."""
        calls = {"chat": litellm.acompletion, "completions": litellm.atext_completion}
        if job["endpoint"] not in calls:
            raise NoSuchCallError("it lists the models it knows, not those of a server")
        return calls[job["endpoint"]]

    def ask(self, client: Any, job: Json) -> Iterator[Any]:
        """Await the answer, and then each chunk of it."""
        body = dict(job["body"])
        model = body.pop("model")
        prefix = "openai" if job["endpoint"] == "chat" else "text-completion-openai"
        answer = self.loop.run_until_complete(
            client(
                model=f"{prefix}/{model}",
                api_base=job["url"],
                api_key=job["key"],
                extra_headers=job["headers"],
                **settings(job),
                **body,
            )
        )
        if not body.get("stream"):
            yield answer
            return
        chunks: AsyncIterator[Any] = answer.__aiter__()
        while True:
            try:
                yield self.loop.run_until_complete(anext(chunks))
            except StopAsyncIteration:
                return

    def read(self, given: list[Any], job: Json, answer: Answer) -> None:
        """Read its objects, which look like the API's; calls and usage of a stream by its own builder."""
        if not job["body"].get("stream") or job["endpoint"] != "chat":
            read(given, job, answer)
            return
        answer.update(text="", finish=None, usage=None, tool_calls=[])
        for chunk in given:
            choice = chunk.choices[0]
            if choice.delta.content:
                answer["text"] += choice.delta.content
            if choice.finish_reason:
                answer["finish"] = choice.finish_reason
        if not given:
            return
        whole: Any = litellm.stream_chunk_builder(given, messages=job["body"]["messages"])
        answer["tool_calls"] = [
            {"id": call.id, "name": call.function.name, "arguments": call.function.arguments}
            for call in whole.choices[0].message.tool_calls or []
        ]
        if "stream_options" in job["body"]:
            counts = whole.usage
            answer["usage"] = usage(counts.prompt_tokens, counts.completion_tokens, counts.total_tokens)


if __name__ == "__main__":
    serve(LiteLLM())
