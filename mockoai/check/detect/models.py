"""Detectors of the category ``models``: the shape of the list, its entries, and single models."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote

from mockoai.check.detect.look import body, listed, plural, short
from mockoai.check.detect.registry import Case, Seen, detects
from mockoai.check.model import Json
from mockoai.check.reading.exchange import Exchange
from mockoai.check.reading.failure import read_failure

_ENTRY = frozenset({"id", "object", "created", "owned_by"})
_LIST = frozenset({"object", "data"})
MANY = 1000
"""Models that are too many for a menu."""


@detects("models-404", "models-200-error", "models-html")
def none(case: Case) -> Iterator[Seen]:
    """No list at all."""
    others = any(one.good for one in case.answers if one.ask.kind != "models")
    for one in case.lists:
        if one.ask.name != "models":
            continue
        if one.status in (404, 405) and others:
            yield Seen("models-404", one, f"{one.status} to the list", body(one))
        elif one.status == 200 and one.form == "html":
            yield Seen("models-html", one, "200 with a web page", body(one))
        elif one.status == 200 and read_failure(one).shape in ("string", "nested") and "data" not in one.object:
            yield Seen("models-200-error", one, f"200, and it says: {short(read_failure(one).message)}", body(one))


@detects(
    "models-openai", "models-bare-array", "models-data-null", "models-models-key", "models-no-object", "models-empty"
)
def shape(case: Case) -> Iterator[Seen]:
    """How the list is wrapped."""
    for one in case.lists:
        if one.status == 200 and (found := _shape(one.json.value)):
            yield Seen(found[0], one, found[1], body(one)[:200])


def _shape(value: Json) -> tuple[str, str] | None:
    if isinstance(value, list):
        return "models-bare-array", f"an array of {plural(len(value), 'model')}"
    if not isinstance(value, dict):
        return None
    if "data" not in value:
        if isinstance(value.get("models"), list):
            return "models-models-key", f"{plural(len(value['models']), 'model')} under `models`"
        return None
    if value["data"] is None:
        return "models-data-null", "`data` is null"
    if value["data"] == []:
        return "models-empty", "`data` is empty"
    if "object" not in value:
        return "models-no-object", "the list has no `object`"
    entries = [one for one in value["data"] if isinstance(one, dict)] if isinstance(value["data"], list) else []
    if entries and set(value) == _LIST and all(set(one) == _ENTRY for one in entries):
        return "models-openai", f"{plural(len(entries), 'model')}, as OpenAI lists them"
    return None


def _entries(one: Exchange) -> list[Json]:
    value = one.json.value
    for key in ("data", "models"):
        if isinstance(value, dict) and isinstance(value.get(key), list):
            value = value[key]
    return value if isinstance(value, list) else []


@detects(
    "models-strings",
    "models-id-missing",
    "models-no-created",
    "models-created-zero",
    "models-created-constant",
    "models-extra-fields",
    "models-huge",
    "models-pagination",
)
def entries(case: Case) -> Iterator[Seen]:
    """What is in the list."""
    for one in case.lists:
        found = _entries(one) if one.status == 200 else []
        if not found:
            continue
        for id, text in _odd_entries(found):
            yield Seen(id, one, text, body(one)[:300])
        if one.object.get("has_more") or one.object.get("next_page") or one.object.get("nextPageToken"):
            yield Seen(
                "models-pagination",
                one,
                f"{plural(len(found), 'model')}, and the list says it has more",
                body(one)[-200:],
            )


def _odd_entries(found: list[Json]) -> Iterator[tuple[str, str]]:
    if any(isinstance(one, str) for one in found):
        yield "models-strings", "names instead of models"
    models = [one for one in found if isinstance(one, dict)]
    if any(not one.get("id") for one in models):
        yield "models-id-missing", "a model without `id`"
    made = [one.get("created") for one in models]
    if models and any(at is None for at in made):
        yield "models-no-created", "models without `created`"
    elif made and all(at == 0 for at in made):
        yield "models-created-zero", "`created` is 0"
    elif (len(made) > 2 and len(set(map(str, made))) == 1) or made == [1_677_610_602]:
        yield "models-created-constant", f"`created` is {made[0]} for all"
    if extra := sorted({key for one in models for key in one} - _ENTRY):
        yield "models-extra-fields", f"fields that OpenAI does not have: {listed(extra)}"
    if len(found) >= MANY:
        yield "models-huge", f"{len(found):,} models"


@detects("models-slash-ids", "models-retrieve-missing")
def retrieve(case: Case) -> Iterator[Seen]:
    """One model by its name."""
    slashed = [(one, id) for one in case.lists for id in one.entries if "/" in id]
    for one, id in slashed[:1]:
        yield Seen("models-slash-ids", one, f"`{id}` and {len(slashed) - 1} more", body(one)[:200])
    for one in case.answers:
        missing = one.status in (404, 405) or (one.status == 200 and read_failure(one).shape == "string")
        if one.ask.kind == "model" and missing:
            name = unquote(one.ask.path.removeprefix("/models/"))
            text = f"`{name}` is listed, and GET {one.path} gets {one.status}"
            yield Seen("models-retrieve-missing", one, text, body(one))


@detects("models-auth-open")
def open_list(case: Case) -> Iterator[Seen]:
    """The list needs no key, and the rest does."""
    lists = [one for one in case.lists if one.good]
    refused = [one for one in case.errors if one.generates and one.status in (401, 403) and one.ask.credential == "own"]
    if lists and refused:
        text = f"the list is given, and {refused[0].ask.method} {refused[0].path} gets {refused[0].status}"
        yield Seen("models-auth-open", lists[0], text, body(refused[0]))
