"""API keys that a server accepts, how each behaves, and what may be asked for in a minute.

On the command line a key and its ways are one text: ``sk-1``, ``sk-2,expired``, ``sk-3,revoked-after=2,rpm=3``.
"""

from __future__ import annotations

from dataclasses import dataclass

WAYS = ("expired", "no-quota", "organization=ORG", "revoked-after=N", "rpm=N", "tpm=N")
"""What can be said of a key on the command line."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One API key.

    ``key``: the key itself. ``expired``: whether it is refused as expired. ``revoked_after``: after how many uses it is
    refused as unknown. ``no_quota``: whether its account has no credit left. ``organization``: whose it is; a request
    that names another is refused. ``rpm``: requests a minute. ``tpm``: tokens a minute.
    """

    key: str
    expired: bool = False
    revoked_after: int | None = None
    no_quota: bool = False
    organization: str | None = None
    rpm: int | None = None
    tpm: int | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """What every key may ask for in a minute. ``rpm``: requests. ``tpm``: tokens."""

    rpm: int | None = None
    tpm: int | None = None

    def of(self, key: ApiKey | None) -> Limits:
        """Return the limits of ``key``: its own where it has them."""
        if key is None:
            return self
        return Limits(
            rpm=self.rpm if key.rpm is None else key.rpm,
            tpm=self.tpm if key.tpm is None else key.tpm,
        )

    @property
    def any(self) -> bool:
        """Whether there is a limit at all."""
        return self.rpm is not None or self.tpm is not None


def parse_key(text: str) -> ApiKey:
    """Read a key as it is written on the command line; raises ValueError saying what is wrong."""
    key, *ways = [part.strip() for part in text.split(",")]
    if not key:
        raise ValueError("the key is empty")
    values: dict[str, bool | int | str] = {}
    for way in ways:
        name, given, value = way.partition("=")
        field = name.replace("-", "_")
        if field in values:
            raise ValueError(f"`{name}` is said twice")
        if name in ("expired", "no-quota") and not given:
            values[field] = True
        elif name == "organization" and value:
            values[field] = value
        elif name in ("rpm", "tpm", "revoked-after") and value.isdecimal() and value.isascii():
            values[field] = int(value)
            if name != "revoked-after" and not values[field]:
                raise ValueError(f"`{way}` lets nothing through; write 1 or more")
        else:
            raise ValueError(f"`{way}` is not known; behind a key can stand {', '.join(WAYS)}")
    return ApiKey(key=key, **values)  # type: ignore[arg-type]
