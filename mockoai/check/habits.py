"""What backends are known for: findings that say nothing about this one server, since all of its kind do so. Data.

Only what is worse than ``info`` elsewhere is listed. A server that is guessed to be of the kind has these as ``info``.
"""

from __future__ import annotations

from collections.abc import Mapping

HABITS: Mapping[str, frozenset[str]] = {
    "tgi": frozenset(
        {
            "legacy-finish-empty-string",
            "models-retrieve-missing",
            "tool-finish-stop",
            "tool-id-repeated",
            "usage-missing",
        }
    ),
    "vllm": frozenset({"models-retrieve-missing"}),
    "aphrodite": frozenset({"models-retrieve-missing"}),
}
"""The ids by backend."""
