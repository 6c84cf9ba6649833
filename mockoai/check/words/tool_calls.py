"""What is said about failures of the category ``tool-calls``."""

from __future__ import annotations

from mockoai.check.words import Words

_INDEX = "Number the calls of an answer: 0, 1, 2."
_JSON = "Send arguments as the text of one JSON object, piece by piece."

WORDS: dict[str, Words] = {
    "tool-index-missing": Words(
        "error",
        "`@ai-sdk/openai` loses the call; helpers of openai-python fail; LangChain makes two of one.",
        _INDEX,
    ),
    "tool-index-null": Words("error", "`@ai-sdk/openai` loses the call; helpers of openai-python fail.", _INDEX),
    "tool-index-string": Words("error", "Both of the AI SDK's providers reject it.", _INDEX),
    "tool-index-starts-at-1": Words("warning", "Current ones read it; code that fills a list leaves a hole.", _INDEX),
    "tool-index-all-zero": Words(
        "error", "Most merge the calls into one that makes no sense.", f"{_INDEX} Tell calls apart by id in clients."
    ),
    "tool-id-repeated": Words("warning", "Code that joins ids makes `c1c1c1`.", "Send the id once."),
    "tool-name-repeated": Words("warning", "LangChain and code that joins names make `ff`.", "Send id and name once."),
    "tool-id-empty-continuation": Words(
        "info",
        "SDKs read it; code that takes every id for a new call makes many.",
        "Leave the id out where it goes on.",
    ),
    "tool-id-missing": Words(
        "error", "LiteLLM drops the call; LangChain has none to answer to.", "Send an id with the first piece."
    ),
    "tool-id-not-unique": Words("error", "Results of tools go to the wrong call.", "Give every call an id of its own."),
    "tool-id-short-alnum": Words(
        "info", "They read it; another provider may refuse it when the conversation goes on there.", "Nothing to do."
    ),
    "tool-name-null-continuation": Words("info", "They read it.", "Leave the name out where it goes on."),
    "tool-name-late": Words(
        "error", "`@ai-sdk/openai` fails with `Expected 'function.name'`.", "Send the name with the first piece."
    ),
    "tool-name-split": Words(
        "error", "The AI SDK makes two calls of it, LiteLLM keeps the last part.", "Send the name in one piece."
    ),
    "tool-type-missing-or-empty": Words(
        "warning", "A missing type is read; an empty one breaks `@ai-sdk/openai`.", "Send `function`."
    ),
    "tool-args-one-chunk": Words("info", "They read it.", "Nothing to do."),
    "tool-args-empty-string": Words(
        "warning", "`json.loads('')` fails; the AI SDK and LangChain take it for no arguments.", "Send `{}`."
    ),
    "tool-args-null": Words("error", "Code that parses them fails.", "Send `{}`."),
    "tool-args-object": Words("error", "openai-node makes `[object Object]`, and others reject it.", _JSON),
    "tool-args-invalid-json": Words(
        "error",
        "The AI SDK says so; LangChain mends it to a call without a word.",
        "Look for a limit that cuts the answer, or a weak model.",
    ),
    "tool-args-doubled": Words(
        "error", "LangChain takes the first, others fail.", "Do not send all arguments again at the end."
    ),
    "tool-args-cumulative": Words(
        "error", "They join the pieces, and get no JSON.", "Send only what is new in every piece."
    ),
    "tool-args-parsable-prefix": Words(
        "error",
        "Those that try JSON after every piece may run the tool too soon.",
        f"{_JSON} Wait for the finish reason in clients.",
    ),
    "tool-args-double-encoded": Words("error", "They get a text in place of an object.", "Encode arguments once."),
    "tool-parallel-interleaved": Words("info", "They read it.", "Gather pieces by index."),
    "tool-parallel-sequential": Words("info", "They read it: it is OpenAI's way.", "Nothing to do."),
    "tool-in-content-xml": Words(
        "error",
        "They see a text and no call.",
        "Give the server the parser of this model's calls (`--enable-auto-tool-choice` of vLLM), or a template for it.",
    ),
    "tool-json-leaks-into-content": Words(
        "warning", "They show the call to the user.", "Look at the template of the model."
    ),
    "tool-finish-stop": Words(
        "error", "Loops that go on while the reason is `tool_calls` end early.", "Look for calls, not for the reason."
    ),
    "tool-finish-missing": Words(
        "error", "They cannot tell a whole call from a cut one.", "Send `tool_calls` with the last chunk."
    ),
    "tool-finish-but-no-calls": Words("error", "Agents go round and round.", "Look for calls, not for the reason."),
    "tool-unknown-name": Words(
        "error", "They call what is not there.", "Answer such a call with an error, so that the model can mend it."
    ),
    "tool-function-null": Words(
        "error", "LangChain fails, and the AI SDK reports an error.", "Leave `function` out where there is none."
    ),
    "tool-calls-null-or-empty": Words(
        "info", "SDKs read it; in JavaScript an empty array is true.", "Look at the length, not at the field."
    ),
    "tool-legacy-function-call": Words(
        "error", "The AI SDK says that tools were called, and has no call.", "Send `tool_calls`."
    ),
    "tool-extra-content-signature": Words(
        "warning", "Most drop it, and the next request is refused with 400.", "Send it back as it came."
    ),
    "tool-schema-400": Words(
        "error",
        "They raise a bad-request error.",
        "Write the schema as this server wants it: the message says what it lacks.",
    ),
}
