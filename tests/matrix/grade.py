"""The grade of a client's reaction to one case. Pure: what the client did, what the journal says, what was meant.

The rules, the first that applies:

1. The client has no interface for the call: **none**.
2. The failure did not reach it, by the journal: **undelivered**. That is no grade, and the text says why.
3. It gave nothing for five seconds at a timeout of three, or did not come to an end: **hung**, whatever came before.
4. The application's loop raised on what the client had let through: **foreign**, by the loop. It comes before what the
   client raised later, since an application would not have got there.
5. The client raised: **own** when the error is of a class that its documentation says to catch, else **foreign**.
6. The client reported an error without raising it, in a way of its own that an application sees without looking into
   the answer (an error part, an invalid tool call, a finish reason that stands for a failure): the same.
7. What the application has is what was truly meant: **survived**.
8. Otherwise **silent**: a wrong answer was taken as right. ``differs`` names what is wrong in it.

What was meant is compared field by field, and only where the client's interface has the field. The text must be
equal; a refusal may be shown as text. Tool calls must be as many, with equal names, with arguments that are equal as
JSON (or, not being JSON, as text), and with ids by which they can be told apart and answered: none empty, none
twice, none glued together from fragments. One that the client made up where the server sent none is good. The finish
reason must be equal, and so must be the counts of usage where any were due. Of an error that was meant, every answer
differs. A client that was to leave has the beginning of the text, and the server saw it leave.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Json = Mapping[str, Any]
Mark = Literal["survived", "silent", "own", "foreign", "hung", "undelivered", "none"]
By = Literal["", "sdk", "loop"]

MARKS: tuple[Mark, ...] = ("survived", "own", "foreign", "silent", "hung", "undelivered", "none")
"""All marks, in the order of the summary."""


@dataclass(frozen=True, slots=True)
class Grade:
    """A mark and what it rests on.

    ``by`` says whether the SDK or the application's loop raised. ``differs`` has, for every field of the answer that
    is wrong, what was meant and what the application has. ``why`` is for marks that need words.
    """

    mark: Mark
    by: By = ""
    differs: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    why: str = ""


def grade(result: Json, exchanges: Json, meant: Json | None, *, leave: bool = False) -> Grade:
    """Grade ``result``, what a driver reports, by ``exchanges``, what the journal has; ``leave`` if it was to leave."""
    if "none" in result:
        return Grade("none", why=result["none"])
    if not exchanges["delivered"]:
        return Grade("undelivered", why=exchanges["why"])
    answer = result["answer"]
    if result["hung"]:
        whole = meant is not None and bool(answer) and not differences(meant, answer)
        return Grade("hung", why="with the whole answer" if whole else f"after {result['given']} chunks")
    if result["loop"]:
        return Grade("own" if result["loop"]["own"] else "foreign", "loop")
    for error in (result["sdk"], *result["noticed"]):
        if error:
            return Grade("own" if error["own"] else "foreign", "sdk")
    if meant is None:
        return Grade("undelivered", why="no rule of the scenario gave the last answer")
    differs = left_early(meant, answer, exchanges["left"]) if leave else differences(meant, answer)
    return Grade("silent", differs=differs) if differs else Grade("survived")


def differences(meant: Json, answer: Json) -> dict[str, tuple[Any, Any]]:
    """Return what of ``answer`` is not as ``meant``, by field: both."""
    if meant["kind"] == "error":
        return {"error": ("an error", answer.get("text", answer.get("models")))}
    if meant["kind"] == "models":
        found = answer.get("models")
        return {} if found == meant["models"] else {"models": (meant["models"], found)}
    out: dict[str, tuple[Any, Any]] = {}
    if not _said(meant, answer):
        out["text"] = (meant.get("refusal") or meant["text"], answer.get("text"))
    if "tool_calls" in answer and not _same_calls(meant["tool_calls"], answer["tool_calls"]):
        out["tool_calls"] = (meant["tool_calls"], answer["tool_calls"])
    if meant.get("refusal") and "text" not in out:
        return out  # the reason for a refusal is told in different words by everyone
    if "finish" in answer and answer["finish"] != meant["finish"]:
        out["finish"] = (meant["finish"], answer["finish"])
    if "usage" in answer and meant["usage"] and answer["usage"] != meant["usage"]:
        out["usage"] = (meant["usage"], answer["usage"])
    return out


def left_early(meant: Json, answer: Json, left: bool) -> dict[str, tuple[Any, Any]]:
    """Return what is wrong with a client that was to leave in the middle of its answer."""
    out: dict[str, tuple[Any, Any]] = {}
    if not meant["text"].startswith(answer.get("text") or ""):
        out["text"] = (meant["text"], answer.get("text"))
    if not left:
        out["left"] = ("the connection is closed", "it stays open, and the server goes on")
    return out


def _said(meant: Json, answer: Json) -> bool:
    """Tell whether the answer says what was meant; a refusal may be told from text or not."""
    if meant.get("refusal"):
        return meant["refusal"] in (answer.get("text"), answer.get("refusal"))
    return bool(answer.get("text") == meant["text"])


def _same_calls(meant: list[Json], found: list[Json]) -> bool:
    ids = [call.get("id") for call in found]
    return (
        len(meant) == len(found)
        and all(ids)
        and len(set(map(str, ids))) == len(ids)
        and all(_same_call(one, other) for one, other in zip(meant, found, strict=True))
    )


def _same_call(meant: Json, found: Json) -> bool:
    if meant["id"] in str(found["id"]) and meant["id"] != found["id"]:
        return False  # glued together from fragments
    if meant["name"] != found.get("name"):
        return False
    return bool(_arguments(meant["arguments"]) == _arguments(found.get("arguments")))


def _arguments(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
