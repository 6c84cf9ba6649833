"""What is said about failures of the category ``completions``."""

from __future__ import annotations

from mockoai.check.words import Words

_RAISE = "They raise an error and do not try again."

WORDS: dict[str, Words] = {
    "legacy-stream-shape": Words("info", "All of them read it: it is OpenAI's way.", "Nothing to do."),
    "legacy-finish-empty-string": Words(
        "warning", "Code that tests for `is not None` stops at the first chunk.", "Send null until the end."
    ),
    "legacy-usage-zeros-each": Words(
        "warning", "Code that takes a chunk with usage for the last drops all text.", "Send usage once."
    ),
    "legacy-chat-id": Words("info", "They read it.", "Nothing to do; ids of completions begin with `cmpl-`."),
    "legacy-multi-prompt-index": Words(
        "info", "Code that ignores `index` mixes the answers to several prompts.", "Gather text by `index`."
    ),
    "legacy-endpoint-missing": Words("info", "They raise a not-found error.", "Use chat completions."),
    "legacy-suffix-422": Words("info", _RAISE, "Leave `suffix` out."),
    "legacy-batch-422": Words("info", _RAISE, "Send one prompt at a time."),
    "legacy-n-stream-400": Words("info", _RAISE, "Ask for one choice where you stream."),
    "legacy-echo-and-logprobs": Words(
        "info", "The first log probability is null: code that adds them up fails.", "Begin at the second."
    ),
    "legacy-empty-prompt-panic": Words(
        "warning", "They see a connection that breaks.", "Never send an empty list of prompts. Servers should say 400."
    ),
}
