"""Driver for openai-python: the synchronous client, read as its README reads it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import openai
from talk import Answer, Driver, Json, NoSuchCallError, serve, usage


class OpenAIPython(Driver):
    """``openai.OpenAI``."""

    own = (openai.OpenAIError,)

    def open(self, job: Json) -> Any:
        """Return a client of the package."""
        return openai.OpenAI(base_url=job["url"], api_key=job["key"], default_headers=job["headers"], **settings(job))

    def ask(self, client: Any, job: Json) -> Iterator[Any]:
        """Call the method for the endpoint."""
        if job["endpoint"] == "chat":
            answer = client.chat.completions.create(**job["body"])
        elif job["endpoint"] == "completions":
            answer = client.completions.create(**job["body"])
        elif job["endpoint"] == "models":
            yield from client.models.list()
            return
        elif job["endpoint"] == "model":
            answer = client.models.retrieve(job["model"])
        else:
            raise NoSuchCallError(f"no method for {job['endpoint']}")
        if job["body"].get("stream"):
            yield from answer
        else:
            yield answer

    def read(self, given: list[Any], job: Json, answer: Answer) -> None:
        """Read the fields of the objects."""
        read(given, job, answer)


def settings(job: Json) -> Json:
    """Return the timeout, and how often to try where the client's default is not wanted."""
    return {"timeout": job["timeout"]} | ({} if job["retries"] is None else {"max_retries": job["retries"]})


def read(given: list[Any], job: Json, answer: Answer) -> None:
    """Read objects that look like those of the API; shared with clients that give the same."""
    if job["endpoint"] in ("models", "model"):
        answer["models"] = []
        for one in given:
            answer["models"].append(one.id)
    elif job["body"].get("stream"):
        _read_stream(given, job, answer)
    else:
        for one in given:
            _read_whole(one, job, answer)


def _read_stream(chunks: list[Any], job: Json, answer: Answer) -> None:
    answer.update(text="", finish=None, usage=None)
    if job["endpoint"] == "chat":
        answer["_calls"] = {}
    for chunk in chunks:
        if "stream_options" in job["body"]:
            # Who asks for usage knows of the chunk that has nothing else, and no application but those has this.
            if chunk.usage:
                answer["usage"] = _usage(chunk.usage)
            if len(chunk.choices) == 0:
                continue
        choice = chunk.choices[0]
        if job["endpoint"] == "completions":
            answer["text"] += choice.text or ""
        else:
            delta = choice.delta
            if delta.content:
                answer["text"] += delta.content
            for call in delta.tool_calls or []:
                function = call.function
                answer.add_call(call.index, call.id, function.name, function.arguments)
        if choice.finish_reason:
            answer["finish"] = choice.finish_reason


def _read_whole(one: Any, job: Json, answer: Answer) -> None:
    choice = one.choices[0]
    if job["endpoint"] == "completions":
        answer["text"] = choice.text
    else:
        message = choice.message
        answer["text"] = message.content or ""
        answer["tool_calls"] = [
            {"id": call.id, "name": call.function.name, "arguments": call.function.arguments}
            for call in message.tool_calls or []
        ]
    answer["finish"] = choice.finish_reason
    answer["usage"] = _usage(one.usage) if one.usage else None


def _usage(counts: Any) -> Json:
    return usage(counts.prompt_tokens, counts.completion_tokens, counts.total_tokens)


if __name__ == "__main__":
    serve(OpenAIPython())
