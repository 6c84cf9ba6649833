"""An OpenAI-compatible server that misbehaves exactly as told.

Four names serve other programs: :func:`load` reads scenarios, :class:`Mock` is what a server serves, :class:`Server`
puts it behind a socket, :func:`fault` writes a fault in Python. They are imported when first used, so that ``import
mockoai`` costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockoai.mock import Mock
    from mockoai.scenario.load import load
    from mockoai.server.lifecycle import Server
    from mockoai.testing.written import fault

__version__ = "0.1.0"

__all__ = ["Mock", "Server", "__version__", "fault", "load"]

_WHERE = {
    "Mock": "mockoai.mock",
    "Server": "mockoai.server.lifecycle",
    "fault": "mockoai.testing.written",
    "load": "mockoai.scenario.load",
}


def __getattr__(name: str) -> Any:
    if name in _WHERE:
        import importlib

        return getattr(importlib.import_module(_WHERE[name]), name)
    raise AttributeError(f"module 'mockoai' has no attribute {name!r}")
