"""What is said about failures of the category ``models``."""

from __future__ import annotations

from mockoai.check.words import Words

_NONE = "They show no models, without an error."
_LIST = 'Send `{"object": "list", "data": [{"id", "object", "created", "owned_by"}]}`.'

WORDS: dict[str, Words] = {
    "models-openai": Words("info", "All of them read it.", "Nothing to do."),
    "models-bare-array": Words(
        "error",
        "openai-python fails on it, and openai-node shows no models.",
        f"{_LIST} Read an array, too, in clients.",
    ),
    "models-data-null": Words(
        "warning", "SDKs show no models; `data.map` fails in JavaScript.", "No model is there: load or pull one."
    ),
    "models-models-key": Words("error", _NONE, _LIST),
    "models-no-object": Words("info", "They read it.", "Nothing to do."),
    "models-no-created": Words("info", "SDKs read it; typed clients fail.", "Nothing to do."),
    "models-created-zero": Words("info", "Lists sorted by date have no order.", "Nothing to do."),
    "models-created-constant": Words("info", "Lists sorted by date have no order.", "Nothing to do."),
    "models-id-missing": Words("error", "openai-python gives None for a name.", _LIST),
    "models-strings": Words("error", "openai-python gives texts, which have no `id`.", _LIST),
    "models-empty": Words(
        "warning", "They show no models.", "No model is loaded: load one, or name one with `--model`."
    ),
    "models-404": Words(
        "warning",
        "Connection tests that list models fail, though chats work.",
        "Name a model in the client's settings.",
    ),
    "models-200-error": Words("error", _NONE, "Look at the base URL: the list is at `/v1/models` on most servers."),
    "models-html": Words(
        "error",
        "openai-python fails on it, and openai-node shows no models.",
        "Got HTML: this is a web page, not an API. Look at the base URL, and for a login before the server.",
    ),
    "models-extra-fields": Words("info", "They read it.", "Nothing to do: the size of the context may be among them."),
    "models-huge": Words("info", "They read it; menus become slow.", "Search instead of scrolling."),
    "models-pagination": Words(
        "warning", "They read the first page and never ask for the rest.", "Ask for the other pages yourself."
    ),
    "models-slash-ids": Words(
        "info",
        "`GET /models/{id}` fails where a server takes the slash for one of the path.",
        "Take the model from the list.",
    ),
    "models-retrieve-missing": Words(
        "info", "They raise a not-found error for a model that is listed.", "Take the model from the list."
    ),
    "models-auth-open": Words(
        "error",
        "Connection tests that list models pass, and chats get 401.",
        "Give a key. Test connections with a chat.",
    ),
}
