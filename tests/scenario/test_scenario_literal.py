"""The escape hatches, as they are written and as they are kept."""

from __future__ import annotations

import pytest

from mockoai.scenario.model import LiteralEvent, LiteralWire
from mockoai.scenario.read import shape_of
from tests.scenario.reading import attempt, read, refusal

EVENT, WIRE = shape_of(LiteralEvent), shape_of(LiteralWire)


@pytest.mark.parametrize(
    ("text", "event"),
    [
        ("{ data: x }", LiteralEvent(data="x", has_data=True)),
        ("{ data: { a: 1 } }", LiteralEvent(data={"a": 1}, has_data=True)),
        ("{ data: null }", LiteralEvent(has_data=True)),
        ("{ data: }", LiteralEvent(has_data=True)),
        ("{ data: '[DONE]' }", LiteralEvent(data="[DONE]", has_data=True)),
        ("{ done: true }", LiteralEvent(data="[DONE]", has_data=True)),
        ("{ done: true, event: end }", LiteralEvent(data="[DONE]", has_data=True, event="end")),
        ("{ event: e, id: '1', retry: 3000 }", LiteralEvent(event="e", id="1", retry=3000)),
        ("{ comment: '' }", LiteralEvent(comment="")),
        ("{ wait: 30ms }", LiteralEvent(wait=0.03)),
    ],
)
def test_events_are_read(text: str, event: LiteralEvent) -> None:
    assert read(EVENT, text) == event


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{}", "empty-value"),
        ("x", "wrong-type"),
        ("{ comment: a, data: b }", "exclusive-keys"),
        ("{ wait: 1s, id: a }", "exclusive-keys"),
        ("{ done: true, data: b }", "exclusive-keys"),
        ("{ done: false }", "unknown-value"),
        ('{ event: "a\\nb" }', "bad-event"),
        ('{ comment: "a\\rb" }', "bad-event"),
        ("{ retry: -1 }", "out-of-range"),
        ("{ wait: 30 }", "bad-duration"),
        ("{ wait: { normal: [1s, 1s] } }", "wrong-type"),
        ("{ date: x }", "unknown-key"),
    ],
)
def test_wrong_events_are_refused(text: str, code: str) -> None:
    assert refusal(EVENT, text).code == code


def test_bytes_waits_and_an_end() -> None:
    text = '["a\\r\\n", { wait: 1.5s }, { text: é }, { bytes: "\\xff" }, { base64: AP8= }, { end: rst }]'
    assert read(WIRE, text) == LiteralWire((b"a\r\n", 1.5, "é".encode(), b"\xff", b"\x00\xff"), "rst")


def test_without_an_end_the_end_is_clean() -> None:
    assert read(WIRE, "[a]") == LiteralWire((b"a",), "clean")
    assert read(WIRE, "[{ end: hang }]") == LiteralWire((), "hang")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[]", "empty-value"),
        ("a", "wrong-type"),
        ("[1]", "wrong-type"),
        ("[[a]]", "bad-entry"),
        ("[{}]", "bad-entry"),
        ("[{ text: a, wait: 1s }]", "bad-entry"),
        ("[{ txet: a }]", "unknown-key"),
        ("[{ end: reset }]", "unknown-value"),
        ("[{ end: fin }, a]", "wire-end"),
        ("[{ end: fin }, { end: fin }]", "wire-end"),
        ("[{ wait: 3 }]", "bad-duration"),
        ("[{ bytes: ☃ }]", "bad-bytes"),
    ],
)
def test_wrong_bytes_are_refused(text: str, code: str) -> None:
    assert refusal(WIRE, text).code == code


def test_all_wrong_steps_are_found() -> None:
    _, mistakes = attempt(WIRE, "[1, { wait: 3 }, { end: reset }, a]")
    assert [one.code for one in mistakes] == ["wrong-type", "bad-duration", "unknown-value", "wire-end"]


@pytest.mark.parametrize(
    ("text", "help"),
    [
        ("done", "`- done: true`"),
        ("'[DONE]'", "`- done: true`"),
        ("[DONE]", 'quote it: `data: "[DONE]"`'),
        ("{ data: [DONE] }", 'quote it: `data: "[DONE]"`'),
        ("30ms", "`- wait: 30ms`"),
        ("hello", "`- data: …`"),
    ],
)
def test_what_an_event_was_meant_to_be_is_said(text: str, help: str) -> None:
    found = refusal(EVENT, text)
    assert found.code == "wrong-type"
    assert help in found.help


@pytest.mark.parametrize(
    ("text", "data"),
    [("['DONE']", ["DONE"]), ("[done]", ["done"]), ("[DONE, 1]", ["DONE", 1]), ("[[DONE]]", [["DONE"]]), ("[]", [])],
)
def test_lists_are_data_like_any_other(text: str, data: object) -> None:
    assert read(EVENT, f"{{ data: {text} }}").data == data


@pytest.mark.parametrize(
    ("text", "help"),
    [
        ("rst", '`- end: rst`; to send the letters, quote them: `"rst"`'),
        ("clean", "`- end: clean`"),
        ("1.5s", "`- wait: 1.5s`"),
    ],
)
def test_a_word_alone_in_wire_is_no_bytes(text: str, help: str) -> None:
    found = refusal(WIRE, f"[{text}]")
    assert found.code == "bad-entry"
    assert help in found.help
    assert read(WIRE, f'["{text}"]').steps == (text.encode(),)
    assert read(WIRE, f"[{{ text: {text} }}]").steps == (text.encode(),)


@pytest.mark.parametrize(
    ("end", "meant"), [("close", "fin"), ("reset", "rst"), ("stall", "hang"), ("keep-alive", "clean")]
)
def test_an_end_by_another_name(end: str, meant: str) -> None:
    assert refusal(WIRE, f"[{{ end: {end} }}]").help == f"write `{meant}`"
    assert refusal(WIRE, "[{ end: rts }]").help == "did you mean `rst`?"
