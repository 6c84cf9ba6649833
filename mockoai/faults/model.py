"""The model list in the shapes that clients stumble over.

These act on ``GET /models``, and where it is a question of an entry's fields on ``GET /models/{model}`` as
well. Other endpoints they leave alone, and say so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal
from urllib.parse import parse_qs

from mockoai.faults.base import Fault, Run, countable
from mockoai.faults.payload import ABSENT, Change, Path, changed, drop, parse_path, put
from mockoai.faults.registry import fault
from mockoai.plan.items import Event, Item, Model, Part

LISTS = ("models", "model")
ELSEWHERE = "the answer is no model list"


@dataclass(frozen=True, kw_only=True)
class ListFault(Fault):
    """A fault that changes the body of the model list."""

    def body(self, body: dict[str, Any], run: Run) -> Any:
        """Return what is sent in place of ``body``."""
        raise NotImplementedError

    def feed(self, item: Event, run: Run) -> Iterable[Item]:
        """Change the list."""
        if run.context.endpoint != "models" or item.mark == "error":
            run.missed(ELSEWHERE)
            return [item]
        payload = self.body(_list(item.payload), run)
        if payload == item.payload:
            run.missed("the list is like that already")
            return [item]
        run.fire("changed the model list")
        return [replace(item, payload=payload)]


def _list(body: Any) -> dict[str, Any]:
    """Return the model list as OpenAI has it: some servers send the entries alone, or null for none."""
    return {"object": "list", "data": body} if isinstance(body, list) else {**body, "data": body.get("data") or []}


@dataclass(frozen=True, kw_only=True)
class EntryFault(Fault):
    """A fault that changes a field of every entry, in the list and alone."""

    field: ClassVar[str]
    create: ClassVar[bool] = False

    def change(self) -> Change:
        """Return the change to make at :attr:`field`."""
        raise NotImplementedError

    def feed(self, item: Event, run: Run) -> Iterable[Item]:
        """Change the field."""
        if run.context.endpoint not in LISTS or item.mark == "error":
            run.missed(ELSEWHERE)
            return [item]
        path = (*_entries(item.payload, run), *parse_path(self.field))
        payload = changed(item.payload, path, self.change(), create=self.create)
        if payload is item.payload:
            run.missed("no entry has anything for it to change")
            return [item]
        run.fire(f"changed `{self.field}`")
        return [replace(item, payload=payload)]


def _entries(body: Any, run: Run) -> Path:
    """Return the path to the entries of ``body``: of the list, wrapped or bare, or of the one that it is."""
    if run.context.endpoint != "models":
        return ()
    return parse_path("data[*]" if isinstance(body, dict) else "[*]")


# --- the list ---------------------------------------------------------------------------------------------


@fault("models-bare-array", family="model", layer="event", claims=["models"])
class ModelsBareArray(ListFault):
    """Answer with the entries alone, not wrapped in an object.

    On the wire: ``[{"id":"…",…},…]``. Who does it: Together. Catalogue: ``models-bare-array``.
    """

    def body(self, body: dict[str, Any], run: Run) -> Any:
        """Return the entries."""
        return body["data"]


@fault("models-data-null", family="model", layer="event", claims=["models"])
class ModelsDataNull(ListFault):
    """Answer with null for the entries.

    On the wire: ``{"object":"list","data":null}``. Who does it: Ollama without models. Catalogue:
    ``models-data-null``.
    """

    def body(self, body: dict[str, Any], run: Run) -> Any:
        """Return the null."""
        return {**body, "data": None}


@fault("models-empty", family="model", layer="event", claims=["models"])
class ModelsEmpty(ListFault):
    """Answer with an empty list.

    On the wire: ``{"object":"list","data":[]}``. Who does it: text-generation-webui with nothing loaded, LM
    Studio without just-in-time loading. Catalogue: ``models-empty``.
    """

    def body(self, body: dict[str, Any], run: Run) -> Any:
        """Return the empty list."""
        return {**body, "data": []}


@fault("models-models-key", family="model", layer="event", claims=["models"])
class ModelsModelsKey(ListFault):
    """Answer with the entries under ``models``, alone or beside ``data``.

    On the wire: ``{"models":[…]}``; with ``both: true`` ``{"models":[…],"object":"list","data":[…]}``. Who
    does it: Gemini's native list, Ollama's ``/api/tags``; llama.cpp sends both. Catalogue:
    ``models-models-key``.
    """

    both: bool = False

    def body(self, body: dict[str, Any], run: Run) -> Any:
        """Return the entries under the other key."""
        return {"models": body["data"], **(body if self.both else {})}


@fault("models-strings", family="model", layer="event", claims=["models"])
class ModelsStrings(ListFault):
    """Answer with names instead of entries.

    On the wire: ``{"object":"list","data":["a","b"]}``. Who does it: proxies written by hand. Catalogue:
    ``models-strings``.
    """

    def body(self, body: dict[str, Any], run: Run) -> Any:
        """Return the names."""
        return {**body, "data": [entry["id"] for entry in body["data"]]}


@fault("models-pagination", family="model", layer="event", claims=["models"])
class ModelsPagination(ListFault):
    """Answer with the first entries only, and say that there are more.

    On the wire: ``{"object":"list","data":[…],"has_more":true,"first_id":"…","last_id":"…"}`` with
    ``count`` entries; with ``?after_id=`` the entries behind that one. Who does it: servers in the style of
    Anthropic. Catalogue: ``models-pagination``.
    """

    count: int = 2

    def __post_init__(self) -> None:
        countable("count", self.count)

    def body(self, body: dict[str, Any], run: Run) -> Any:
        """Return one page."""
        after = parse_qs(run.context.request.query).get("after_id", [""])[-1]
        names = [entry["id"] for entry in body["data"]]
        rest = body["data"][names.index(after) + 1 if after in names else 0 :]
        page = rest[: self.count]
        ids = {"first_id": page[0]["id"], "last_id": page[-1]["id"]} if page else {}
        return {**body, "data": page, "has_more": len(rest) > len(page), **ids}


@fault("models-huge", family="model", layer="reply")
class ModelsHuge(Fault):
    """List very many models.

    On the wire: ``count`` entries more, named ``aggregator/model-0`` and so on. Who does it: aggregators.
    Catalogue: ``models-huge``.
    """

    count: int = 10_000

    def __post_init__(self) -> None:
        countable("count", self.count)

    def feed(self, item: Part, run: Run) -> Iterable[Item]:
        """Follow the first entry by all the others."""
        if run.context.endpoint != "models" or not isinstance(item, Model):
            run.missed(ELSEWHERE)
            return [item]
        if run.fired:
            return [item]
        run.fire(f"added {self.count} models")
        more = [replace(item, id=f"aggregator/model-{number}") for number in range(self.count)]
        return [item, *more]


# --- entries ----------------------------------------------------------------------------------------------


@fault("models-no-created", family="model", layer="event", claims=["models-created"])
class ModelsNoCreated(EntryFault):
    """List models without ``created``.

    On the wire: ``{"id":"…","object":"model","owned_by":"organization_owner"}``. Who does it: LM Studio;
    LocalAI, which also leaves ``owned_by`` out. Catalogue: ``models-no-created``.
    """

    field = "created"

    def change(self) -> Change:
        """Take it away."""
        return drop


@fault("models-created", family="model", layer="event", claims=["models-created"])
class ModelsCreated(EntryFault):
    """List all models as made at the same moment.

    On the wire: ``"created":1677610602`` everywhere, or 0. Who does it: LiteLLM; text-generation-webui says
    0. Catalogue: ``models-created-constant``, ``models-created-zero``.
    """

    field = "created"
    value: int = 1677610602

    def change(self) -> Change:
        """Set it."""
        return put(self.value)


@fault("models-id-missing", family="model", layer="event")
class ModelsIdMissing(EntryFault):
    """List models without an id: no key or null.

    On the wire: ``{"object":"model","created":…,"owned_by":"…"}``. Who does it: proxies written by hand.
    Catalogue: ``models-id-missing``.
    """

    field = "id"
    form: Literal["missing", "null"] = "missing"

    def change(self) -> Change:
        """Take it away."""
        return drop if self.form == "missing" else put(None)


@fault("models-extra-fields", family="model", layer="event")
class ModelsExtraFields(Fault):
    """List models with fields that OpenAI does not have.

    On the wire: ``"root":"…","parent":null,"max_model_len":8192,"permission":[{…}]`` behind the usual ones.
    Who does it: vLLM, Aphrodite, SGLang. Catalogue: ``models-extra-fields``.
    """

    length: int = 8192

    def feed(self, item: Event, run: Run) -> Iterable[Item]:
        """Add the fields to every entry."""
        if run.context.endpoint not in LISTS or item.mark == "error":
            run.missed(ELSEWHERE)
            return [item]
        path = _entries(item.payload, run)
        payload = changed(item.payload, path, lambda entry: self._entry(entry, run))
        run.fire("added fields")
        return [replace(item, payload=payload)]

    def _entry(self, entry: Any, run: Run) -> Any:
        if not isinstance(entry, dict):
            return entry
        name = entry.get("id", ABSENT)
        permission = {
            "id": f"modelperm-{run.seed.child(str(name)).text(32, '0123456789abcdef')}",
            "object": "model_permission",
            "created": run.context.created,
            "allow_create_engine": False,
            "allow_sampling": True,
            "allow_logprobs": True,
            "allow_search_indices": False,
            "allow_view": True,
            "allow_fine_tuning": False,
            "organization": "*",
            "group": None,
            "is_blocking": False,
        }
        root = {} if name is ABSENT else {"root": name}
        return {**entry, **root, "parent": None, "max_model_len": self.length, "permission": [permission]}
