"""What is said about failures of the category ``routing``."""

from __future__ import annotations

from mockoai.check.words import Words

_BASE = "Look at the base URL: it ends before `/chat/completions`, on most servers with `/v1`."
_NO_MODEL = "Ask for a model that the list has, under exactly that name."

WORDS: dict[str, Words] = {
    "unknown-route-404-openai": Words("error", "They raise a not-found error at once.", _BASE),
    "unknown-route-404-fastapi": Words(
        "error", "They raise a not-found error; openai-node before 7.5 shows `404 status code (no body)`.", _BASE
    ),
    "unknown-route-404-text": Words("error", "They raise a not-found error with the text in it.", _BASE),
    "unknown-route-404-llamacpp": Words("error", "They raise a not-found error whose code is a number.", _BASE),
    "unknown-route-200-error": Words(
        "error",
        "They take it for an answer: SDKs fail on `choices`, and streams end empty, as a success.",
        f"{_BASE} A server must not answer 200 where it has no endpoint.",
    ),
    "cors-preflight-not-handled": Words(
        "info",
        "Those in a browser are not allowed to send the request, and report a network error.",
        "Switch CORS on in the server, or ask through a server of your own. Programs outside a browser do not mind.",
    ),
    "method-not-allowed-405": Words("error", "They raise an error at once.", _BASE),
    "redirect-302-login": Words(
        "error",
        "They follow it, make a GET of the POST, and return the web page as if it were the answer.",
        "Something before the server wants a login. Ask past it, or give the header that it wants with `--header`.",
    ),
    "redirect-307-trailing-slash": Words(
        "warning",
        "They follow it and send the request again, which costs a round trip each time; some drop the key on the way.",
        "Use the path that the server redirects to.",
    ),
    "host-header-rejected": Words(
        "error",
        "They raise a bad-request error and do not try again.",
        "Ask the server under the name that it expects, or let it listen for others (`--listen`).",
    ),
    "model-not-found-404-openai": Words("error", "They raise a not-found error at once.", _NO_MODEL),
    "model-not-found-400-openai": Words(
        "error", "They raise a bad-request error: code that waits for 404 misses it.", _NO_MODEL
    ),
    "model-not-found-no-param": Words("error", "They raise a not-found error; `param` is not there.", _NO_MODEL),
    "model-not-found-vllm": Words("error", "They raise a not-found error whose code is the number 404.", _NO_MODEL),
    "model-not-found-400-fastchat": Words(
        "error", "They raise a bad-request error; openai-node before 7 shows `(no body)`.", _NO_MODEL
    ),
    "model-not-found-ollama": Words(
        "error",
        "They raise a not-found error; its code is null.",
        "Pull the model first, and ask for it with its tag.",
    ),
    "deployment-not-found-azure": Words(
        "error",
        "They raise a not-found error at once.",
        "The base URL names a deployment that does not exist: look it up in the portal, and wait if it is new.",
    ),
    "model-name-ignored": Words(
        "info",
        "They get an answer whatever model they ask for, so a misspelt name is never noticed.",
        "Look at `model` in the answer for the one that truly answered.",
    ),
    "gateway-no-route": Words(
        "error",
        "They raise a not-found error that says nothing of the API.",
        "The gateway has no route for this path or model: look at its configuration.",
    ),
    "gateway-no-healthy-upstream": Words(
        "error",
        "They try again twice and raise an error with the gateway's text.",
        "The gateway runs and the model server behind it does not.",
    ),
    "gateway-502-504-json": Words(
        "error",
        "They try again twice; the message is not where they look for it.",
        "The gateway runs, and the model server behind it fails or is too slow.",
    ),
    "model-loading-503": Words(
        "warning",
        "They try again for a second or two and give up, which is less than loading takes.",
        "Wait until `/health` says that it is ready before sending traffic.",
    ),
    "no-deployments-429": Words(
        "error",
        "They take it for a rate limit and try again.",
        "The router has taken all deployments out of service: look at their errors, and at its cooldown.",
    ),
    "anti-dos-host-403": Words(
        "error",
        "They raise a permission error with a web page for a message.",
        "What protects the server refuses the request: look at the `Host` that a proxy sends on.",
    ),
}
