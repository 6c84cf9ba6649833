"""What is said about failures of the category ``transport``."""

from __future__ import annotations

from mockoai.check.words import Words

_CONNECTION = "They report a connection error after three attempts; llama-index makes twelve."
_LOG = "Look at the server's log: a worker crashed or was killed."

WORDS: dict[str, Words] = {
    "connect-refused": Words(
        "error",
        _CONNECTION,
        "Nobody listens there: start the server, compare the port. In a container `localhost` is the container itself.",
    ),
    "rst-before-headers": Words("error", _CONNECTION, _LOG),
    "fin-before-headers": Words(
        "error", _CONNECTION, f"{_LOG} If the server speaks TLS on this port, write `https://`."
    ),
    "fin-mid-headers": Words("error", _CONNECTION, "A proxy gave up inside the head: look at its log."),
    "fin-mid-chunked": Words(
        "error",
        "They fail with an error of the HTTP library, not one of the SDK's own, and do not try again.",
        f"{_LOG} Catch connection errors around the loop over a stream.",
    ),
    "rst-mid-stream": Words(
        "error",
        "They fail with an error of the HTTP library, perhaps without words; a relay may turn it into a clean end.",
        f"{_LOG} Catch connection errors around the loop over a stream.",
    ),
    "content-length-too-long": Words(
        "error",
        "openai-python fails, and openai-node 4 hangs.",
        "Something changes the body and leaves `Content-Length`: look at the proxies.",
    ),
    "content-length-too-short": Words(
        "error",
        "They read that much and lose the end without a word; what is left spoils the next answer on the connection.",
        "`Content-Length` counts bytes, not characters.",
    ),
    "close-delimited-ok": Words(
        "info",
        "They read it, but cannot tell a whole answer from a cut one.",
        "Send chunks, so that an end can be told from a crash.",
    ),
    "close-delimited-truncated": Words(
        "error",
        "They cannot tell it from an end: a short answer is a success, and LiteLLM says `stop`.",
        "Send chunks. Take an answer without a finish reason for cut.",
    ),
    "bad-chunk-size": Words(
        "error", "All of them fail on it, LiteLLM by hanging.", "A proxy breaks the chunks: ask the server without it."
    ),
    "rst-after-done": Words(
        "error",
        "Older openai-python and openai-node and the AI SDK raise an error, though the answer is whole.",
        "Close the connection properly: send the last chunk first.",
    ),
    "fin-after-done-no-terminator": Words(
        "error",
        "Older openai-python and openai-node and the AI SDK raise an error, though the answer is whole.",
        "Send the last chunk before closing.",
    ),
    "hold-open-after-done": Words(
        "error",
        "openai-node to 6 and the AI SDK hang; openai-python 1 waits for its read timeout.",
        "Send the last chunk behind [DONE]. Stop reading at [DONE] in clients.",
    ),
    "keepalive-idle-close-race": Words(
        "warning",
        "Now and then a request fails on a connection that was kept; SDKs try again, others fail.",
        "Let the server keep connections longer than its clients do (`timeout_keep_alive` of uvicorn).",
    ),
    "early-upstream-close": Words(
        "error",
        "A stream is an empty success, and a body an error.",
        "The proxy closes its own connection before it is read: open it inside the generator that streams.",
    ),
    "error-after-headers-nonstream": Words(
        "error",
        "They report a connection error and try again.",
        "The server fails after it has said 200: let it find out before.",
    ),
    "http10-response": Words("info", "All of them read it.", "No connection is kept."),
    "max-concurrent-accept-backlog": Words(
        "error",
        "openai-python waits ten minutes, openai-node five, before they give up.",
        "The server takes connections and answers none: it hangs, loads a model, or is busy. Set a timeout.",
    ),
    "half-open-client-cancel": Words(
        "info", "Nothing shows whether the server goes on when they leave.", "Look at the server's load after a cancel."
    ),
}
