"""The routes of the API: what each refuses, and the shapes of its answers."""

from __future__ import annotations

from mockoai.endpoints.access import check
from mockoai.endpoints.base import Endpoint
from mockoai.endpoints.routes import ENDPOINTS, resolve

__all__ = ["ENDPOINTS", "Endpoint", "check", "load", "resolve"]


def load() -> None:
    """Import what checking a request needs, so that the first one need not wait for it.

    It takes about a tenth of a second, most of it pydantic's, which is why importing this package leaves it.
    """
    import mockoai.endpoints.chat_rules
    import mockoai.endpoints.completions_request
    import mockoai.endpoints.embeddings_request  # noqa: F401
