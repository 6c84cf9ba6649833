"""Strings for a JSON Schema: by pattern, format, length and the name of the property."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from mockoai.reply.prose import SENTENCES, WORDS
from mockoai.reply.regex import text_matching
from mockoai.seed import HEXADECIMAL, Seed

LONGEST = 10_000
"""Characters to which a ``minLength`` is obeyed."""

_CITIES = ("Paris", "Lisbon", "Oslo", "Nairobi", "Kyoto", "Montreal", "Lima", "Zagreb")
_NAMES = ("Ada Moreau", "Jonas Lind", "Mei Tanaka", "Samuel Okoro", "Ines Duarte", "Peter Novak")
_COUNTRIES = ("France", "Portugal", "Norway", "Kenya", "Japan", "Canada", "Peru", "Croatia")

_HINTS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("city", "location", "place", "destination", "origin"), _CITIES),
    (("country",), _COUNTRIES),
    (("firstname", "givenname"), tuple([name.split()[0] for name in _NAMES])),
    (("lastname", "familyname", "surname"), tuple([name.split()[1] for name in _NAMES])),
    (("username", "login"), ("ada.moreau", "jonas42", "mei_t", "s.okoro")),
    (("filename", "file", "path"), ("notes.txt", "report.md", "data/2024.csv")),
    (("author", "person", "fullname", "customer"), _NAMES),
    (("currency",), ("EUR", "USD", "JPY", "NOK")),
    (("language", "lang"), ("English", "French", "Japanese", "Portuguese")),
    (("color", "colour"), ("amber", "teal", "ivory", "crimson")),
    (("phone",), ("+33 1 23 45 67 89", "+47 22 12 34 56")),
    (("email",), ("ada@example.com", "jonas@example.org", "mei@example.net")),
    (("url", "website", "link"), ("https://example.com/", "https://example.org/notes")),
    (("timezone",), ("Europe/Paris", "Asia/Tokyo", "America/Lima")),
    (
        (
            "summary",
            "description",
            "reason",
            "explanation",
            "answer",
            "text",
            "content",
            "comment",
            "message",
        ),
        SENTENCES,
    ),
    (
        ("title", "query", "question", "topic", "subject"),
        tuple([" ".join(one.split()[:4]) for one in SENTENCES]),
    ),
)
"""Names of properties, or words of them, and what is said under them."""

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def string(schema: Mapping[str, Any], seed: Seed, name: str = "") -> str:
    """Return a string that ``schema`` allows: its ``pattern``, ``format``, ``minLength`` and ``maxLength``.

    ``name`` is the name of the property, for a plausible value. A format gives way to the other keywords,
    which are assertions where it is none (JSON Schema 2020-12, Validation §7.2.1).
    """
    shortest = _length(schema.get("minLength")) or 0
    longest = _length(schema.get("maxLength"))
    pattern = schema.get("pattern")
    if isinstance(pattern, str):
        text = text_matching(pattern, seed, shortest=shortest, longest=longest)
        if text is not None:
            return text
    named = schema.get("format")
    make = FORMATS.get(named) if isinstance(named, str) else None
    if make is not None:
        text = make(seed)
        if shortest <= len(text) and (longest is None or len(text) <= longest):
            return text
    text = _plausible(name, seed)
    number = 0
    while len(text) < shortest:
        text += " " + seed.child("more", number).choice(WORDS)
        number += 1
    if longest is not None and len(text) > longest:
        text = text[:longest]
        text = text[:-1] + "s" if text.endswith(" ") else text
    return text


def _plausible(name: str, seed: Seed) -> str:
    words = [word.lower() for word in _WORD.findall(name)]
    whole = "".join(words)
    for keys, values in _HINTS:
        if whole in keys or any(key in words for key in keys):
            return seed.choice(values)
    if words and words[-1] == "name":
        return seed.choice(_NAMES)
    if words and words[-1] == "id":
        return seed.text(8, HEXADECIMAL)
    return f"{seed.choice(WORDS)} {seed.child('second').choice(WORDS)}"


def _length(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return max(0, min(int(value), LONGEST))


def _date(seed: Seed) -> str:
    data = seed.data(3)
    return f"{2020 + data[0] % 10}-{1 + data[1] % 12:02}-{1 + data[2] % 28:02}"


def _time(seed: Seed) -> str:
    data = seed.child("time").data(3)
    return f"{data[0] % 24:02}:{data[1] % 60:02}:{data[2] % 60:02}Z"


def _uuid(seed: Seed) -> str:
    # Version 4, variant 10 (RFC 9562 §5.4).
    digits = seed.text(32, HEXADECIMAL)
    digits = f"{digits[:12]}4{digits[13:16]}{'89ab'[seed.integer(0, 3)]}{digits[17:]}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _email(seed: Seed) -> str:
    return f"{seed.choice(WORDS)}@example.com"


def _host(seed: Seed) -> str:
    return f"{seed.choice(WORDS)}.example.com"


def _uri(seed: Seed) -> str:
    return f"https://example.com/{seed.choice(WORDS)}"


def _ipv4(seed: Seed) -> str:
    return f"192.0.2.{seed.integer(1, 254)}"


def _ipv6(seed: Seed) -> str:
    return f"2001:db8::{seed.integer(1, 0xFFFF):x}"


def _duration(seed: Seed) -> str:
    return f"P{seed.integer(1, 30)}DT{seed.child('hours').integer(1, 23)}H"


def _pointer(seed: Seed) -> str:
    return f"/{seed.choice(WORDS)}/{seed.child('index').integer(0, 9)}"


FORMATS: dict[str, Callable[[Seed], str]] = {
    "date-time": lambda seed: f"{_date(seed)}T{_time(seed)}",
    "date": _date,
    "time": _time,
    "duration": _duration,
    "email": _email,
    "idn-email": _email,
    "hostname": _host,
    "idn-hostname": _host,
    "ipv4": _ipv4,
    "ipv6": _ipv6,
    "uri": _uri,
    "url": _uri,
    "iri": _uri,
    "uri-reference": _uri,
    "iri-reference": _uri,
    "uri-template": lambda seed: f"{_uri(seed)}/{{id}}",
    "uuid": _uuid,
    "json-pointer": _pointer,
    "relative-json-pointer": lambda seed: f"1{_pointer(seed)}",
    "regex": lambda seed: f"^{seed.choice(WORDS)}$",
    "byte": lambda seed: seed.text(8) + "AA==",
    "binary": lambda seed: seed.text(12),
}
"""A maker for every format that is known. Hosts and addresses are those reserved for documentation (RFC 2606, 5737)."""
