"""The environment by which clients find a server: the variables that OpenAI's libraries and their like read."""

from __future__ import annotations

import os
from collections.abc import Mapping

KEY = "sk-mockoai"
"""The API key that is set; a server takes any unless it was given keys."""

_PROXIES = ("http_proxy", "all_proxy")
_NO_PROXY = ("NO_PROXY", "no_proxy")


def client_environment(
    url: str, *, key: str = KEY, host: str = "127.0.0.1", inherited: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the variables to set for a client of the server at the base URL ``url``.

    ``OPENAI_API_BASE`` is for versions of OpenAI's Python library before 1.0, and what was made after their pattern.
    Where ``inherited`` (default: the process's own) names a proxy, ``host`` is added to what goes past it.
    """
    inherited = os.environ if inherited is None else inherited
    found = {"OPENAI_BASE_URL": url, "OPENAI_API_BASE": url, "OPENAI_API_KEY": key}
    if any(inherited.get(name) or inherited.get(name.upper()) for name in _PROXIES):
        past = next((inherited[name] for name in _NO_PROXY if inherited.get(name)), "")
        if host not in past.split(","):
            past = f"{past},{host}".lstrip(",")
        found |= dict.fromkeys(_NO_PROXY, past)
    return found
