"""What is known of an exchange, and what follows from it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mockoai.backends import BACKENDS
from mockoai.plan.context import Context
from mockoai.seed import Seed
from tests.support.asking import ask, chat


def context(usage: str = "asked", obfuscation: bool = True, **fields: Any) -> Context:
    class Imitated(type(BACKENDS["openai"])):  # type: ignore[misc]
        pass

    backend = Imitated()
    Imitated.usage, Imitated.obfuscation = usage, obfuscation
    return Context(ask(chat(stream=True, **fields)), backend, Seed(0), Seed(0), now=1.9)


@pytest.mark.parametrize(
    ("usage", "options", "expected"),
    [
        ("asked", {}, False),
        ("asked", {"stream_options": None}, False),
        ("asked", {"stream_options": {}}, False),
        ("asked", {"stream_options": {"include_usage": False}}, False),
        ("asked", {"stream_options": {"include_usage": 1}}, False),
        ("asked", {"stream_options": {"include_usage": True}}, True),
        ("always", {}, True),
        ("always", {"stream_options": {"include_usage": False}}, True),
        ("never", {"stream_options": {"include_usage": True}}, False),
    ],
)
def test_whether_a_stream_carries_usage(usage: str, options: dict[str, Any], expected: bool) -> None:
    assert context(usage, **options).include_usage is expected


@pytest.mark.parametrize(
    ("pads", "options", "expected"),
    [
        (True, {}, True),
        (True, {"stream_options": {}}, True),
        (True, {"stream_options": {"include_obfuscation": True}}, True),
        (True, {"stream_options": {"include_obfuscation": False}}, False),
        (False, {"stream_options": {"include_obfuscation": True}}, False),
    ],
)
def test_whether_chunks_are_padded(pads: bool, options: dict[str, Any], expected: bool) -> None:
    assert context(obfuscation=pads, **options).include_obfuscation is expected


def test_the_clock_is_shown_in_whole_seconds() -> None:
    assert context().created == 1
    assert replace(context(), now=2.0).created == 2
    assert context().endpoint == "chat"
