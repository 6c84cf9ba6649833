"""The routes of the API, and which of them a path is."""

from __future__ import annotations

from mockoai.endpoints.base import Endpoint
from mockoai.endpoints.chat import Chat
from mockoai.endpoints.completions import Completions
from mockoai.endpoints.embeddings import Embeddings
from mockoai.endpoints.models import ModelList, OneModel
from mockoai.endpoints.pages import Pages

ENDPOINTS: dict[str, Endpoint] = {
    endpoint.name: endpoint for endpoint in (Chat(), Completions(), Embeddings(), ModelList(), OneModel(), Pages())
}
"""Every endpoint by its name."""

PAGE = Pages.name
"""The name of what clients of a backend probe beside the API."""

UNKNOWN = "unknown"
"""The name of what is no route."""

_VERSION = "/v1/"
_ROUTES = {
    "chat/completions": Chat.name,
    "completions": Completions.name,
    "embeddings": Embeddings.name,
    "models": ModelList.name,
}
_ONE_MODEL = "models/"


def resolve(path: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return the name of the endpoint at ``path`` and what the path says.

    ``path`` is percent-decoded and has its leading slash. ``/v1`` may be left out, as on llama.cpp. A path
    with a slash at its end is another path (RFC 3986 §6.2.3 leaves that to the server), and no route. The id
    of a model may hold slashes.
    """
    rest = path[len(_VERSION) :] if path.startswith(_VERSION) else path[1:]
    if name := _ROUTES.get(rest):
        return name, ()
    if rest.startswith(_ONE_MODEL) and not rest.endswith("/"):
        return OneModel.name, (("model", rest[len(_ONE_MODEL) :]),)
    return UNKNOWN, ()
