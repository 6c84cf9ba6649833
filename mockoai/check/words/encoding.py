"""What is said about failures of the category ``encoding``."""

from __future__ import annotations

from mockoai.check.words import Words

WORDS: dict[str, Words] = {
    "gzip-sse-valid": Words(
        "info", "They unpack it, but packing holds tokens back.", "Leave `text/event-stream` out of what is compressed."
    ),
    "gzip-claimed-not-gzipped": Words(
        "error", "All of them fail on it.", "Something unpacks the body and leaves the header: look at the proxies."
    ),
    "gzip-truncated": Words(
        "error",
        "A stream that stops is an empty or short success for openai-python, openai-node and LiteLLM.",
        "Whoever packs the stream was killed, or forgets to flush the end.",
    ),
    "br-claimed-plain": Words(
        "error",
        "openai-python without brotli lets it pass; those on Node fail.",
        "Something unpacks the body and leaves the header: look at the CDN.",
    ),
    "utf8-invalid-bytes": Words(
        "error",
        "openai-python fails with `UnicodeDecodeError`; openai-node puts U+FFFD there without a word.",
        "Decode tokens together, not one by one, and send UTF-8.",
    ),
    "utf8-truncated-sequence": Words(
        "error",
        "openai-python fails with `UnicodeDecodeError`; openai-node puts U+FFFD there without a word.",
        "Hold back the bytes of a character until it is complete.",
    ),
    "utf8-split-across-packets": Words(
        "info", "Current ones join it; openai-node did not before 4.84.", "Nothing to do: networks may cut anywhere."
    ),
    "replacement-characters": Words(
        "warning",
        "They pass a spoilt text on, without an error.",
        "Hold back the bytes of a character until it is complete.",
    ),
    "raw-control-char": Words(
        "error",
        "All of them fail on the chunk; the AI SDK goes on without it.",
        "Write JSON with a library, not by joining texts.",
    ),
    "nan-literal": Words(
        "error",
        "openai-python reads it and passes `nan` on; those in JavaScript fail.",
        "Replace NaN by null before it is written.",
    ),
    "lone-surrogate-escapes": Words(
        "warning",
        "The halves join when the text is put together; whoever writes one of them as UTF-8 fails.",
        "Do not cut a character in two.",
    ),
    "bom-before-body": Words(
        "warning",
        "openai-python, older openai-node and LiteLLM may lose the first event; openai-node 4 fails on JSON.",
        "Send no byte order mark.",
    ),
    "u2028-in-content": Words(
        "warning",
        "Current ones read it; readers of lines that take more than LF, CR and CR LF for an end cut the JSON.",
        "Split events at LF and CR only.",
    ),
    "leading-blank-lines-json": Words(
        "info",
        "They read it; code that takes the first line for the body does not.",
        "Nothing to do: it keeps connections alive.",
    ),
    "json-content-type-missing": Words(
        "error", "openai-node returns the JSON as a text.", "Send `Content-Type: application/json`."
    ),
    "html-200": Words(
        "error",
        "They return the page as if it were the answer, and a stream ends empty, as a success.",
        "Got HTML: this is a web page, not an API. Look at the base URL, and for a login before the server.",
    ),
}
