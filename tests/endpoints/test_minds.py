"""A backend may answer what OpenAI refuses, and refuse what OpenAI answers."""

from __future__ import annotations

from typing import Any

from mockoai.backends.openai import OpenAI
from mockoai.endpoints import check
from mockoai.plan.context import Context
from mockoai.plan.items import Failure
from tests.support.rendering import asked

CHAT: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}


class Easygoing(OpenAI):
    """One that minds neither temperatures nor a missing model, but the word please."""

    def minds(self, failure: Failure) -> bool:
        return failure.param != "temperature" and failure.cause != "model-missing"

    def check(self, context: Context) -> Failure | None:
        refused = "please" not in (context.request.message or "please")
        return Failure(status=422, message="Say please.") if refused else None


def refused(fields: dict[str, Any]) -> Failure | None:
    return check(asked("chat", fields, backend=Easygoing()))


def test_what_it_does_not_mind_is_answered() -> None:
    please: dict[str, Any] = {**CHAT, "messages": [{"role": "user", "content": "please"}]}
    assert refused({**please, "temperature": 9}) is None
    assert refused({key: value for key, value in please.items() if key != "model"}) is None


def test_other_mistakes_in_the_same_request_are_found() -> None:
    failure = refused({**CHAT, "temperature": 9, "top_p": 9})
    assert failure is not None
    assert failure.param == "top_p"


def test_its_own_objections_come_last() -> None:
    own = refused(CHAT)
    assert own is not None
    assert (own.status, own.message) == (422, "Say please.")
    first = refused({**CHAT, "top_p": 9})
    assert first is not None
    assert first.param == "top_p"
