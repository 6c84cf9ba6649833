"""What is said about failures of the category ``bodies``."""

from __future__ import annotations

from mockoai.check.words import Words

_CHOICES = "Code that reads `choices[0].message` fails."

WORDS: dict[str, Words] = {
    "body-empty": Words(
        "error",
        "openai-python fails with a JSON error, openai-node returns undefined.",
        "The server failed after it had said 200.",
    ),
    "body-null": Words("error", "Code that reads the answer fails.", "The server failed after it had said 200."),
    "body-truncated-json": Words(
        "error",
        "All of them fail with a JSON error, and do not try again.",
        "Something between cuts answers: ask the server without it.",
    ),
    "choices-empty-nonstream": Words("error", _CHOICES, "Look for a filter. Read `choices` with care in clients."),
    "choices-null-nonstream": Words("error", f"{_CHOICES} LangChain says why.", "Look for an error beside it."),
    "message-null": Words("error", _CHOICES, "Send a message, if an empty one."),
    "content-missing": Words("info", "They give None.", "Take a missing content for none."),
    "role-missing-nonstream": Words("warning", "LangChain fails on it.", "Send `assistant`."),
    "finish-null-nonstream": Words(
        "error", "The AI SDK says `other`, LiteLLM makes up `stop`.", "Send why the answer ended."
    ),
    "usage-missing-nonstream": Words(
        "error",
        "Their usage is undefined; LiteLLM reports zeros.",
        "Usage missing: cost code will see NaN. Count tokens yourself.",
    ),
    "tool-args-object-nonstream": Words(
        "error",
        "openai-python hands on an object, and `json.loads` fails.",
        "Send arguments as the text of one JSON object.",
    ),
    "leading-bom-nonstream": Words("warning", "openai-node 4 fails on it.", "Send no byte order mark."),
    "content-array-nonstream": Words(
        "error", "The AI SDK expects a text, and others show a list.", "Send the content as a text."
    ),
    "annotations-and-nulls": Words("info", "They read it.", "Nothing to do."),
}
