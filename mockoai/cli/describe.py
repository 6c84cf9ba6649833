"""What there is to list and explain, as JSON values."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

Entry = dict[str, Any]

_TITLE = re.compile(rb"^title: +([^\s'\"|>&*!%@`{\[][^\r\n]*?)[ \t]*\r?$", re.MULTILINE)
_NEAREST = re.compile(rb"^nearest:", re.MULTILINE)


def scenarios() -> Iterator[Entry]:
    """Yield ``id``, ``category``, ``title``, ``exact`` and ``path`` of every shipped scenario, without reading YAML."""
    from mockoai.scenario import catalogue

    for id, entry in catalogue.index().items():
        data = entry.path.read_bytes()
        yield {
            "id": id,
            "category": entry.category,
            "title": _title(id, data),
            "exact": not _NEAREST.search(data),
            "path": str(entry.path),
        }


def planned(entry: Entry) -> Entry:
    """Return ``entry``, one of :func:`scenarios`, with what takes a plan to know.

    ``nearest``: why the wire is not exactly the failure, empty where it is. ``layers`` and ``faults``: those of its
    rules. ``status``: the HTTP status of the answer that shows it, None when no whole head of one is sent.
    """
    from mockoai.cli.planned import sample
    from mockoai.plan.items import LAYERS
    from mockoai.scenario import catalogue

    loaded = catalogue.get(entry["id"])
    faults = [one for rule in loaded.rules for one in rule.faults]
    plan = sample(loaded).answer.plan
    return entry | {
        "nearest": loaded.nearest,
        "layers": sorted({one.layer for one in faults}, key=LAYERS.index),
        "faults": list(dict.fromkeys(one.id for one in faults)),
        "status": plan.status if any(step.mark == "headers" for step in plan.steps) else None,
    }


def scenario(id: str) -> Entry:
    """Return the shipped scenario ``id``: what it documents, its file, and a plan that shows it."""
    from mockoai.cli.planned import as_text, sample
    from mockoai.plan.render import to_json
    from mockoai.scenario import catalogue

    path = catalogue.path(id)
    loaded = catalogue.get(id)
    planned = sample(loaded)
    return {
        "id": id,
        "category": loaded.category,
        "title": loaded.title,
        "description": loaded.description,
        "who": loaded.who,
        "evidence": loaded.evidence,
        "sound_client": loaded.sound_client,
        "nearest": loaded.nearest,
        "faults": list(dict.fromkeys(one.id for rule in loaded.rules for one in rule.faults)),
        "path": str(path),
        "yaml": path.read_text(encoding="utf-8"),
        "wire": as_text(planned),
        "plan": to_json(planned.answer.plan),
    }


def _title(id: str, data: bytes) -> str:
    """Return the title of a scenario; a plain one is found without YAML, which takes long for all of them."""
    found = _TITLE.search(data)
    if found and b" #" not in found[1] and b": " not in found[1]:
        return found[1].decode()
    from mockoai.scenario import catalogue

    return catalogue.get(id).title


def faults() -> Iterator[Entry]:
    """Yield what is known of every fault, by family."""
    from mockoai.faults import registry

    loaded = registry.load()
    for id in sorted(loaded, key=lambda id: (registry.FAMILIES.index(loaded[id].family), id)):
        yield fault(id)


def fault(id: str) -> Entry:
    """Return what is known of the fault ``id``."""
    from mockoai.faults import registry
    from mockoai.scenario.faultlist import parameters

    import_module("mockoai.scenario.read")  # it knows how every type is written; without it a place is a mapping

    cls = registry.load()[id]
    text = prose(cls.__doc__ or "")
    return {
        "id": id,
        "family": cls.family,
        "layer": cls.layer,
        "needs": cls.needs,
        "claims": sorted(cls.claims),
        "summary": text.split("\n\n")[0].replace("\n", " ").removesuffix("."),
        "description": text,
        "parameters": [
            {"name": key.name, "expected": prose(key.shape.expected), "required": key.required}
            | ({} if key.required else {"default": value(key.default)})
            for key in parameters(cls).keys.values()
        ],
    }


def backends() -> Iterator[Entry]:
    """Yield what is known of every backend; ``summary`` is the first sentence of its description."""
    from mockoai.backends import BACKENDS

    for name, backend in BACKENDS.items():
        doc = type(backend).__doc__ or ""
        yield {
            "name": name,
            "title": backend.title,
            "summary": prose(doc).split("\n\n")[0].replace("\n", " ").removesuffix("."),
            "port": backend.port,
            "base": backend.base,
            "auth": backend.auth,
            "pages": list(getattr(backend, "pages", {})),
            "models": [model.id for model in backend.models()],
            "description": prose(doc),
        }


def value(default: Any) -> Any:
    """Return a parameter's default as it is written in a file."""
    if default is None or isinstance(default, (bool, int, float, str, list, dict)):
        return default
    if isinstance(default, tuple):
        return [value(one) for one in default]
    return str(default)


def prose(text: str) -> str:
    """Return a docstring as a reader without markup wants it: paragraphs unwrapped, backticks single."""
    paragraphs = [" ".join(one.split()) for one in inspect.cleandoc(text).split("\n\n")]
    return "\n\n".join(re.sub(r":\w+:`~?\.?([^`]+)`", r"`\1`", one).replace("``", "`") for one in paragraphs)
