"""What is said about failures of the category ``headers``."""

from __future__ import annotations

from mockoai.check.words import Words

WORDS: dict[str, Words] = {
    "missing-request-id": Words(
        "info", "Their `_request_id` is null.", "Log an id of your own. Servers should send `x-request-id`."
    ),
    "request-id-echo": Words("info", "They can find their own id in the server's log.", "Nothing to do."),
    "openai-headers-absent": Words(
        "info",
        "Code that paces itself by `x-ratelimit-*` has nothing to go by.",
        "Nothing to do: few servers send them.",
    ),
    "connection-close-on-stream": Words(
        "info", "They make a new connection for every stream.", "Keep connections, above all with TLS."
    ),
    "missing-x-accel-buffering": Words(
        "info",
        "Behind nginx the whole answer may reach them at once, when it is over.",
        "Send `X-Accel-Buffering: no` and `Cache-Control: no-cache` with streams, or set `proxy_buffering off`.",
    ),
    "header-overflow-64k": Words(
        "error",
        "Those on Node refuse the answer (`Headers Overflow Error`), and those on aiohttp.",
        "Find the cookie or trace that grows. 16 KiB is what all of them take.",
    ),
    "duplicate-content-length": Words(
        "error", "All of them refuse the answer as a connection error.", "Look at the proxy that adds the second one."
    ),
    "content-length-and-chunked": Words(
        "error",
        "openai-python reads it; openai-node, the AI SDK and LiteLLM refuse it as malformed.",
        "A proxy must drop `Content-Length` when it sends chunks.",
    ),
    "lf-only-header-lines": Words(
        "error", "openai-python reads it; those on Node refuse it.", "End the lines of the head in CR LF."
    ),
    "no-reason-phrase": Words("info", "All of them read it.", "The space behind the code is required."),
    "unsolicited-100-continue": Words(
        "error",
        "Newer openai-node and the AI SDK take it for a bad answer.",
        "Send `100 Continue` only when it is asked for.",
    ),
    "trailers": Words("info", "All of them ignore it.", "Do not put an error there: nobody will see it."),
    "empty-reason-over-h2": Words(
        "error",
        "The AI SDK's message is empty, for it falls back to the reason phrase.",
        "Put the message under `error.message`, where all of them look.",
    ),
    "content-type-with-params": Words(
        "info", "SDKs read it; code that compares the whole text does not.", "Compare the media type only."
    ),
}
