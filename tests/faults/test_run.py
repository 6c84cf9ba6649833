"""What fault authors rely on: places, cuts, waits, and which items carry a fault's name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import ClassVar

import pytest

from mockoai.backends import BACKENDS
from mockoai.faults import registry
from mockoai.faults.base import MOST, Cut, Fault, Run
from mockoai.plan.context import Context
from mockoai.plan.items import Chunk, End, Frame, Head, Item, Layer, Wait, Write
from mockoai.plan.place import Place
from mockoai.seed import Seed
from tests.support.planning import asked

CONTEXT = Context(
    request=asked(),
    backend=BACKENDS["openai"],
    seed=Seed(1),
    content=Seed(1),
    now=0.0,
    stream=True,
    tokens=4,
    size=30,
)

WRITES = (
    Write(data=b"HEAD", mark="headers"),
    Write(data=b"a\r\n0123456789\r\n", lead=3, body=10, tokens=0, events=1, mark="role", at=0.1),
    Write(data=b"a\r\nabcdefghij\r\n", lead=3, body=10, tokens=2, events=2, mark="content", at=0.2),
    Write(data=b"a\r\nABCDEFGHIJ\r\n", lead=3, body=10, tokens=4, events=3, mark="done", at=0.3),
    Write(data=b"0\r\n\r\n", tokens=4, events=3, mark="end", at=0.3),
)


@dataclass(frozen=True)
class Probe(Fault):
    """Does what ``act`` says."""

    id: ClassVar[str] = "probe"
    family: ClassVar[str] = "ending"
    layer: ClassVar[Layer] = "transport"
    act: Callable[[Item, Run], Iterable[Item]] = lambda item, run: [item]
    last: Callable[[Run], Iterable[Item]] = lambda run: ()

    def feed(self, item: Item, run: Run) -> Iterable[Item]:
        return self.act(item, run)

    def finish(self, run: Run) -> Iterable[Item]:
        return self.last(run)


def through(
    act: Callable[[Item, Run], Iterable[Item]],
    items: Iterable[Item] = WRITES,
    *,
    last: Callable[[Run], Iterable[Item]] = lambda run: (),
    context: Context = CONTEXT,
) -> tuple[Run, list[Item]]:
    run = Run(Probe(act, last), context)
    out = [new for item in items for new in run.feed(item)]
    return run, [*out, *run.finish()]


def cuts(text: str, *, context: Context = CONTEXT) -> list[Cut]:
    """Return every cut at the place ``text``; there must never be more than one."""
    found: list[Cut] = []
    place = Place.parse(text)

    def act(item: Item, run: Run) -> Iterable[Item]:
        assert isinstance(item, Write)
        cut = run.cut(place, item)
        found.extend([] if cut is None else [cut])
        return [item]

    through(act, context=context)
    assert len(found) <= 1
    return found


@pytest.mark.parametrize(
    ("place", "before", "after"),
    [
        ("headers", b"HEAD", None),
        ("0 tokens", b"HEAD", None),
        ("0 bytes", b"HEAD", None),
        ("role", b"a\r\n0123456789\r\n", None),
        ("1 event", b"a\r\n0123456789\r\n", None),
        ("1 token", b"a\r\nabcdefghij\r\n", None),
        ("2 tokens", b"a\r\nabcdefghij\r\n", None),
        ("10 bytes", b"a\r\n0123456789\r\n", None),
        ("12 bytes", b"a\r\nab", b"cdefghij\r\n"),
        ("1 byte", b"a\r\n0", b"123456789\r\n"),
        ("50%", b"a\r\nabcdefghij\r\n", None),
        ("0.15s", None, b"a\r\nabcdefghij\r\n"),
        ("end", b"0\r\n\r\n", None),
    ],
)
def test_a_place_cuts_the_answer_once(place: str, before: bytes | None, after: bytes | None) -> None:
    (cut,) = cuts(place)

    assert (cut.before.data if cut.before else None, cut.after.data if cut.after else None) == (before, after)


@pytest.mark.parametrize("place", ["5 tokens", "4 events", "31 bytes", "0.3s", "usage"])
def test_a_place_past_the_end_cuts_nothing(place: str) -> None:
    assert cuts(place) == []


def test_a_percentage_is_of_the_bytes_where_nothing_is_streamed() -> None:
    (cut,) = cuts("50%", context=replace(CONTEXT, stream=False))

    assert cut.before is not None
    assert cut.after is not None
    assert (cut.before.data, cut.after.data) == (b"a\r\nabcde", b"fghij\r\n")


def test_the_pieces_of_a_cut_know_their_body_and_only_the_second_completes_the_item() -> None:
    (cut,) = cuts("12 bytes")

    assert cut.before is not None
    assert cut.after is not None
    assert (cut.before.lead, cut.before.body, cut.before.tokens, cut.before.mark) == (3, 2, 0, "")
    assert (cut.after.lead, cut.after.body, cut.after.tokens, cut.after.mark) == (0, 8, 2, "content")
    assert cut.at == 0.2


def test_a_cut_at_a_moment_is_then() -> None:
    (cut,) = cuts("0.15s")

    assert cut.at == pytest.approx(0.15)


@pytest.mark.parametrize(
    ("place", "hits"), [("1 event", [1]), ("3 tokens", [3]), ("role", [1]), ("0.2s", [2]), ("15 bytes", [2])]
)
def test_at_is_the_item_that_reaches_the_place(place: str, hits: list[int]) -> None:
    found: list[int] = []

    def act(item: Item, run: Run) -> Iterable[Item]:
        if run.at(Place.parse(place), item):
            found.append(run.items)
        return [item]

    through(act)
    assert found == hits


def test_a_wait_moves_back_what_follows_the_end_included() -> None:
    def act(item: Item, run: Run) -> Iterable[Item]:
        return [item, run.wait(1.0, item)] if item.mark == "role" else [item]

    _, out = through(act, [*WRITES, End(at=0.3)])

    assert [item.at for item in out] == pytest.approx([0.0, 0.1, 0.1, 1.2, 1.3, 1.3, 1.3])
    assert isinstance(out[2], Wait)
    assert [item.faults for item in out] == [(), (), ("probe",), (), (), (), ()]


def test_what_is_changed_carries_the_name_and_what_is_let_through_does_not() -> None:
    def act(item: Item, run: Run) -> Iterable[Item]:
        assert isinstance(item, Write)
        return [replace(item, data=b"x")] if item.mark == "content" else [item]

    _, out = through(act)

    assert [item.faults for item in out] == [(), (), ("probe",), (), ()]


def test_what_is_held_back_and_let_go_unchanged_carries_no_name() -> None:
    held: list[Item] = []

    def act(item: Item, run: Run) -> Iterable[Item]:
        held.append(item)
        return ()

    _, out = through(act, last=lambda run: [*held, Write(data=b"more")])

    assert [item.faults for item in out] == [(), (), (), (), (), ("probe",)]


def test_what_is_only_moved_carries_no_name() -> None:
    _, out = through(lambda item, run: [run.later(item, 1.0)])

    assert [item.at for item in out] == pytest.approx([1.0, 1.1, 1.2, 1.3, 1.3])
    assert not any(item.faults for item in out)


def test_the_name_of_a_fault_that_dropped_something_goes_to_what_follows() -> None:
    def act(item: Item, run: Run) -> Iterable[Item]:
        if item.mark in ("content", "end"):
            run.fire("dropped it")
            return ()
        return [item]

    run, out = through(act)

    assert [(item.mark, item.faults) for item in out] == [
        ("headers", ()),
        ("role", ()),
        ("done", ("probe",)),
    ]
    assert run.pending


def test_items_of_other_layers_pass_by() -> None:
    seen: list[Item] = []

    def act(item: Item, run: Run) -> Iterable[Item]:
        seen.append(item)
        return [item]

    others = [Head(status=200), Frame(data=b"x"), Chunk(data=b"x"), End()]
    _, out = through(act, [*others, *WRITES])

    assert out == [*others, *WRITES]
    assert seen == list(WRITES)


def test_the_first_reason_stays_and_a_fault_that_fired_has_missed_nothing() -> None:
    run = Run(Probe(), CONTEXT)
    run.missed("first")
    run.missed("second")
    assert run.outcome().why == "first"

    run.fire("did it")
    run.fire("again")
    run.missed("too late")
    assert (run.outcome().fired, run.outcome().why) == (True, "did it")


def test_a_fault_draws_from_a_seed_of_its_own() -> None:
    assert Run(Probe(), CONTEXT).seed == CONTEXT.seed.child("fault", "probe")


@pytest.mark.parametrize("id", ["many-empty-deltas", "models-huge", "done-twice"])
def test_what_is_made_before_the_first_byte_leaves_is_bounded(id: str) -> None:
    cls = registry.load()[id]
    name = "times" if id == "done-twice" else "count"
    cls(**{name: MOST})
    with pytest.raises(ValueError, match=f"`{name}` must be 100000 or less"):
        cls(**{name: MOST + 1})
