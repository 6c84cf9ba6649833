"""What is said about failures of the category ``sse``."""

from __future__ import annotations

from mockoai.check.words import Words

_FINE = "SDKs read it."
_EMPTY = "openai-python, openai-node and LiteLLM end with an empty answer, as a success."
_JSON = "All of them fail with a JSON error; the AI SDK goes on without the event."
_CRASH = "openai-python, LangChain and LiteLLM fail with a JSON error on it; openai-node and the AI SDK do not mind."
_TYPE = "Send streams as `text/event-stream`."

WORDS: dict[str, Words] = {
    "sse-no-space": Words(
        "info", f"{_FINE} Hand-written readers that look for `data: ` see nothing.", "Write one space behind the colon."
    ),
    "sse-two-spaces": Words(
        "error",
        "They read the chunks and fail at the very end: ` [DONE]` is not `[DONE]`.",
        "Write one space behind the colon.",
    ),
    "sse-crlf": Words("info", f"{_FINE} Readers that split at two line feeds wait for ever.", "End lines in LF alone."),
    "sse-cr-only": Words("warning", f"{_FINE} Hand-written readers rarely do.", "End lines in LF."),
    "sse-mixed-eol": Words(
        "warning", "Current SDKs read it; openai-node did not always before 7.5.", "End all lines in LF."
    ),
    "sse-crlf-split": Words(
        "info", f"{_FINE} Hand-written readers may see one line end more.", "End lines in LF: it cannot be cut in two."
    ),
    "sse-missing-data-prefix": Words("error", _EMPTY, "Write `data: ` before every chunk."),
    "sse-double-data-prefix": Words(
        "error", _JSON, "Two layers frame the events: one of them must pass them on as they are."
    ),
    "sse-missing-blank-line": Words(
        "error", "All events become one that is never JSON, or never comes.", "End every event with an empty line."
    ),
    "sse-last-event-unterminated": Words(
        "error",
        "They drop the last event, and with it the finish reason or the usage.",
        "End the last event with an empty line, too.",
    ),
    "sse-raw-newlines-in-data": Words("error", _JSON, "Write JSON on one line, or `data: ` before each of its lines."),
    "sse-multiline-data": Words("info", f"{_FINE} Readers of lines do not.", "Write JSON on one line."),
    "sse-truncated-json-event": Words("error", _JSON, "Something between cuts events at the end of its buffer."),
    "sse-split-field-name": Words(
        "info",
        f"{_FINE} Code that splits what it reads at once loses tokens.",
        "Nothing to do: networks may cut anywhere.",
    ),
    "sse-many-events-per-segment": Words(
        "warning", f"{_FINE} Everything is there at once.", "Flush behind every event, or it is no stream."
    ),
    "sse-comment-ping": Words(
        "info",
        f"{_FINE} Hand-written readers may take a line that begins with a colon for data.",
        "Nothing to do: it keeps connections alive.",
    ),
    "sse-comment-with-json": Words("info", "They ignore it.", "Nothing to do; what is in comments reaches nobody."),
    "sse-id-then-blank": Words("error", _CRASH, "Leave `id:` out, or send no comment behind it."),
    "sse-id-only-event": Words("error", _CRASH, "Send `id:` together with data, or not at all."),
    "sse-retry-only-event": Words("error", _CRASH, "Leave `retry:` out: no client connects again by itself."),
    "sse-empty-data": Words(
        "error",
        "openai-python, openai-node, LangChain and LiteLLM break off; the AI SDK goes on.",
        "Keep connections alive with comments (`: ping`), not with empty data.",
    ),
    "sse-event-ping-json": Words(
        "error",
        "They hand it on as a chunk, and code that reads `choices` fails.",
        "Keep connections alive with comments (`: ping`).",
    ),
    "sse-event-name": Words(
        "info", "SDKs read it; openai-node 4 wraps the chunk and loses the text.", "Leave `event:` out."
    ),
    "sse-id-every-event": Words(
        "info", f"{_FINE} A blank line too many behind an `id:` breaks openai-python.", "Leave `id:` out."
    ),
    "sse-leading-newlines": Words("info", _FINE, "Nothing to do."),
    "sse-bom": Words(
        "warning", "openai-python, openai-node 4 and LiteLLM lose the first event.", "Send no byte order mark."
    ),
    "done-missing": Words(
        "info",
        "They end with the connection; strict ones wait for it, or drop what they hold back.",
        "End streams with `data: [DONE]`.",
    ),
    "done-missing-and-finish-missing": Words(
        "error",
        "openai-python and openai-node take the short answer for whole; LiteLLM adds `stop`.",
        "The stream is cut. Take an answer without a finish reason for cut.",
    ),
    "done-twice": Words(
        "info", f"{_FINE} They stop at the first.", "Two layers end the stream: one of them is enough."
    ),
    "done-first": Words("error", _EMPTY, "[DONE] must come last."),
    "done-no-prefix": Words("info", "They ignore the line, and end with the connection.", "Write `data: [DONE]`."),
    "done-trailing-space": Words(
        "warning",
        "The AI SDK fails at the very end; openai-python and older openai-node do not mind.",
        "Write `data: [DONE]` and nothing behind it.",
    ),
    "done-lowercase": Words(
        "error", "All of them fail with a JSON error at the very end.", "Write `[DONE]` in capitals."
    ),
    "done-quoted": Words(
        "error",
        "They hand the text on as a chunk, and code that reads `choices` fails.",
        "Write `[DONE]` without quotes: it is no JSON.",
    ),
    "done-unterminated": Words("info", _FINE, "End it with an empty line."),
    "data-after-done": Words(
        "error", "openai-python and openai-node do not read it; the AI SDK adds it to the answer.", "Send [DONE] last."
    ),
    "usage-after-done": Words(
        "error", "openai-python and openai-node lose the usage.", "Send the usage before [DONE]."
    ),
    "error-after-done": Words(
        "warning",
        "openai-python and openai-node do not read it; the AI SDK reports an error, though the answer is whole.",
        "Send nothing behind [DONE].",
    ),
    "sse-content-type-json": Words("warning", f"{_FINE} Readers in browsers refuse it.", _TYPE),
    "sse-content-type-text-plain": Words("warning", f"{_FINE} Readers in browsers refuse it.", _TYPE),
    "sse-content-type-missing": Words("warning", f"{_FINE} Readers in browsers refuse it.", _TYPE),
    "json-for-stream-request": Words(
        "error", _EMPTY, "The server or a cache before it does not stream: ask with `stream: false`."
    ),
    "sse-for-nonstream-request": Words(
        "error",
        "openai-python and openai-node return the raw text; others fail.",
        "Answer with one JSON object unless `stream` is true.",
    ),
    "json-array-for-stream": Words("error", _EMPTY, "Frame every chunk as an event: `data: {…}` and an empty line."),
    "ndjson-for-stream": Words(
        "error", _EMPTY, "This is the form of Ollama's own API: ask below `/v1`, or frame every chunk as an event."
    ),
    "empty-200-stream": Words(
        "error",
        _EMPTY,
        "The server failed after it had said 200: its log says why. Take an empty answer for a failure.",
    ),
    "done-only": Words("error", _EMPTY, "Something swallowed an error: look at the log of the proxy."),
    "full-completion-as-chunk": Words(
        "error", "Code that reads `delta` fails; the AI SDK shows no text.", "Put the text into `delta`, in chunks."
    ),
}
