"""What is said about failures of the category ``auth``."""

from __future__ import annotations

from mockoai.check.words import Words

_RAISE = "They raise an authentication error and do not try again."

WORDS: dict[str, Words] = {
    "auth-missing-key": Words(
        "error",
        _RAISE,
        "Give a key with `--api-key`. If one was given, look whether a proxy drops the `Authorization` header.",
    ),
    "auth-invalid-key": Words(
        "error", _RAISE, "The key is not accepted: look for a missing part, and whether it belongs to this server."
    ),
    "auth-401-bare-string": Words(
        "error",
        "They raise an authentication error; openai-node shows the text in quotes, the AI SDK only the reason phrase.",
        "Give the key that the server was started with. Its `/health` may stay open without one.",
    ),
    "auth-401-empty-body": Words(
        "error",
        "They raise an authentication error that says nothing: `401 status code (no body)`.",
        "Give a key. Servers should say in the body what is missing.",
    ),
    "auth-401-fastapi-detail": Words(
        "error",
        "They raise an authentication error; openai-node before 7.5 shows `(no body)`.",
        "Give the key that the server was started with. Servers should put the error under `error.message`.",
    ),
    "auth-401-nested-in-detail": Words(
        "error",
        "They raise an authentication error and none finds the error inside `detail`.",
        "Give one of the keys that the server knows. Servers should put the error at the top.",
    ),
    "auth-401-int-code": Words(
        "error",
        "They raise an authentication error; code that compares `error.code` with a text sees a number.",
        "Give the key that the server was started with. Lists of models may be open without one.",
    ),
    "auth-401-string-code": Words(
        "error",
        "They raise an authentication error; code that looks for `invalid_api_key` does not find it.",
        "Give a key of the proxy, not of the provider behind it.",
    ),
    "auth-401-azure": Words(
        "error",
        "They raise an authentication error whose `type` is not there.",
        "Azure wants the key in the header `api-key`, and the base URL of the resource that it belongs to.",
    ),
    "auth-401-flat-message": Words(
        "error",
        "They raise an authentication error; openai-node before 7 shows `(no body)`.",
        "Give a key of this gateway. Servers should put the error under `error`.",
    ),
    "auth-bad-scheme": Words(
        "info",
        "Those that send the key by itself, as `api-key` headers have it, get 401.",
        "Send `Authorization: Bearer KEY`.",
    ),
    "auth-any-key-accepted": Words(
        "info",
        "They work with any key; the SDKs need one to be set all the same.",
        "Set a key of any form in clients. Do not expose such a server beyond a trusted network.",
    ),
    "auth-402-out-of-credits": Words(
        "error",
        "They raise an error of no class of its own, and do not try again.",
        "Buy credit, or choose a free model.",
    ),
    "auth-403-region": Words(
        "error",
        "They raise a permission error and do not try again.",
        "The service refuses the address that the request came from; ask from elsewhere.",
    ),
}
