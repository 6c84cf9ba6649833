"""What is said about failures of the category ``usage``."""

from __future__ import annotations

from mockoai.check.words import Words

_PASSED = "They pass it on, and sums go wrong."

WORDS: dict[str, Words] = {
    "usage-missing": Words(
        "error",
        "Their usage is undefined; LiteLLM makes one up.",
        "Usage missing: cost code will see NaN. Count tokens yourself.",
    ),
    "usage-null-until-last": Words(
        "info",
        "The last chunk has no choices: code that reads `choices[0]` fails on it.",
        "Skip chunks without choices: it is OpenAI's way.",
    ),
    "usage-in-finish-chunk": Words(
        "info", "SDKs read it; code that waits for a chunk without choices misses it.", "Look for usage in every chunk."
    ),
    "usage-unrequested": Words("info", "They read it.", "Nothing to do."),
    "usage-cumulative-each-chunk": Words(
        "warning", "LangChain adds them up; others take the last.", "Take the last usage, never the sum."
    ),
    "usage-zeros-each-chunk": Words(
        "warning", "Code that takes a chunk with usage for the last drops all text.", "Send usage once, or null."
    ),
    "usage-zeros-final": Words("error", "The cost of every answer is 0.", "Count tokens yourself."),
    "usage-strings": Words(
        "error", 'Those in JavaScript add texts (`"5" + 1`), and the AI SDK reports an error.', "Send numbers."
    ),
    "usage-float": Words("error", "LangChain and LiteLLM break off.", "Send whole numbers."),
    "usage-negative": Words("error", _PASSED, "Leave out what is not known."),
    "usage-nan": Words(
        "error", "openai-python passes `nan` on; those in JavaScript fail on the JSON.", "Leave out what is not known."
    ),
    "usage-null-fields": Words(
        "error",
        "Adding null fails in openai-python and openai-node; the AI SDK and LangChain take it for 0.",
        "Leave out what is not known.",
    ),
    "usage-empty-object": Words(
        "error", "Adding what is not there fails, or gives NaN.", "Leave `usage` out where nothing is known."
    ),
    "usage-total-mismatch": Words(
        "warning",
        "The AI SDK and LiteLLM count again, others pass it on.",
        "Look what the total counts: reasoning, as a rule.",
    ),
    "usage-reasoning-exceeds-completion": Words(
        "warning", "Code that subtracts gets text tokens below zero.", "Never subtract without looking."
    ),
    "usage-details-null": Words("info", "Current ones read it.", "Take null for no details."),
    "usage-details-extra": Words("info", "They read it.", "Ignore counts that are not known."),
    "usage-chunk-without-choices": Words(
        "error", "The AI SDK reports an error, and code that reads `choices` fails.", "Send an empty array."
    ),
    "usage-before-finish": Words("info", "They read it.", "Look for usage in every chunk."),
    "usage-lost-on-disconnect": Words(
        "warning", "They have no counts for what was paid for.", "Count tokens yourself when a stream is cut."
    ),
    "usage-completion-tokens-only-first-choice": Words(
        "warning", "The cost of several choices is that of one.", "Count tokens yourself where `n` is above 1."
    ),
}
