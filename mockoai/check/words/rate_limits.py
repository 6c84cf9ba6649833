"""What is said about failures of the category ``rate-limits``."""

from __future__ import annotations

from mockoai.check.words import Words

_RETRIED = "They try again twice, half a second and a second later, and then raise it."
_HONOURED = "All of the common ones wait for it."

WORDS: dict[str, Words] = {
    "rate-limit-tokens": Words("error", _RETRIED, "Send fewer tokens a minute, or have the limit raised."),
    "rate-limit-requests": Words("error", _RETRIED, "Send fewer requests a minute, or have the limit raised."),
    "quota-exhausted-429": Words(
        "error",
        "They try again, which cannot help; LangChain.js stops at the code.",
        "Pay, or wait for the next period.",
    ),
    "rate-limit-no-headers": Words(
        "warning",
        "They guess: half a second to eight, growing with every attempt.",
        "Servers should send `Retry-After` with 429.",
    ),
    "retry-after-seconds": Words("info", _HONOURED, "Nothing to do."),
    "retry-after-float": Words(
        "info", "openai-python and openai-node read fractions; others may not.", "The standard has whole seconds only."
    ),
    "retry-after-http-date": Words("info", _HONOURED, "Clocks must agree for it."),
    "retry-after-ms": Words("info", "OpenAI's SDKs wait for it, and it wins over `Retry-After`.", "Send both."),
    "retry-after-zero": Words(
        "warning",
        "openai-node 7.5 and the AI SDK ask again at once; others wait as usual.",
        "Name the true wait, or it is asked for again and again.",
    ),
    "retry-after-negative-or-garbage": Words("warning", "They guess instead.", "Send whole seconds or a date."),
    "retry-after-61s": Words(
        "warning",
        "openai-python from 2.52 on sleeps for all of it; others ask again within three seconds.",
        "Give up sooner yourself where a user waits: set `max_retries=0` and look at the header.",
    ),
    "retry-after-121s": Words(
        "warning",
        "openai-python from 2.52 on gives up at once; others ask again within three seconds.",
        "It is longer than any client waits: plan for the error.",
    ),
    "x-should-retry-false": Words(
        "error", "OpenAI's SDKs stop; the AI SDK asks again all the same.", "Do not send the request again."
    ),
    "x-should-retry-true": Words(
        "info", "OpenAI's SDKs try again, whatever the status; the AI SDK does not.", "Send the request again."
    ),
    "ratelimit-headers-openai": Words(
        "info",
        "The times are written as in `6m0s`; code that reads them as seconds fails.",
        "Read them as durations of Go.",
    ),
    "ratelimit-headers-invalid": Words(
        "warning",
        "Code that paces itself by them loops, or never waits.",
        "Ignore limits below zero. Servers should leave out what they do not know.",
    ),
    "retry-after-on-200": Words(
        "warning",
        "SDKs ignore it; layers that look at the header first sleep after every success.",
        "Send it with errors only.",
    ),
    "retry-after-not-cors-exposed": Words(
        "warning",
        "Those in a browser cannot read it and guess instead.",
        "Name it in `Access-Control-Expose-Headers`.",
    ),
    "overloaded-429": Words("error", _RETRIED, "The queue is full: ask again later, or add a server."),
    "server-busy-503": Words("error", _RETRIED, "The queue is full: ask again later, or make it longer."),
    "concurrency-429": Words("error", _RETRIED, "Send fewer requests at a time."),
    "fail-n-then-succeed": Words(
        "warning", "They get through at the second or third attempt, and are slow.", "Look at why the first ones fail."
    ),
    "retry-amplification": Words(
        "error",
        "Every layer multiplies: 3 attempts for most, 12 for llama-index, for one call.",
        "Let one layer try again and switch it off in the others.",
    ),
}
