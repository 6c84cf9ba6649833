"""Questions to the control API: pages never lose or repeat an exchange."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockoai.journal import Exchange
from mockoai.plan.items import End
from mockoai.plan.steps import Plan, PlannedFault
from mockoai.request import Request
from mockoai.server.query import FILTERS, PAGES, ControlError, Filter, Query, json_object, page

KNOWN = (*FILTERS, *PAGES)


def exchange(number: int, session: str = "default", fired: bool | None = None) -> Exchange:
    faults = () if fired is None else (PlannedFault("noop", "transport", fired, "why"),)
    return Exchange(
        number=number,
        session=session,
        scenario="s",
        rule="r",
        request=Request("GET", "/v1/models", endpoint="models"),
        plan=Plan((End(),), faults),
        received=0.0,
        connection=1,
        reused=False,
    )


def query(**values: object) -> Query:
    return Query([(name, str(value)) for name, value in values.items()], KNOWN)


@given(
    numbers=st.lists(st.integers(1, 500), unique=True, max_size=60).map(sorted),
    limit=st.integers(1, 20),
    newest=st.booleans(),
)
def test_following_next_shows_every_exchange_once(numbers: list[int], limit: int, newest: bool) -> None:
    journal = [exchange(number) for number in numbers]
    seen: list[int] = []
    following: dict[str, int] | None = {}
    while following is not None:
        found = page(journal, query(limit=limit, order="newest" if newest else "oldest", **following))
        assert found.total == len(numbers)
        assert len(found.exchanges) <= limit
        seen += [one.number for one in found.exchanges]
        following = found.next
    assert seen == (numbers[::-1] if newest else numbers)


@given(st.lists(st.sampled_from(["a", "b"]), max_size=30), st.integers(0, 30))
def test_filters_and_cursors_go_together(sessions: list[str], since: int) -> None:
    journal = [exchange(number, session) for number, session in enumerate(sessions, 1)]
    found = page(journal, query(session="a", since=since, limit=1000))
    expected = [number for number, session in enumerate(sessions, 1) if session == "a" and number > since]
    assert [one.number for one in found.exchanges] == expected
    assert found.total == len(expected)


@pytest.mark.parametrize(
    ("fired", "wanted", "matches"),
    [
        (None, {"delivered": "true"}, False),
        (None, {"delivered": "false"}, False),
        (True, {"delivered": "true"}, True),
        (True, {"delivered": "false"}, False),
        (False, {"delivered": "false"}, True),
        (False, {"fault": "noop"}, True),
        (True, {"fault": "other"}, False),
        (True, {"fault": "other", "delivered": "false"}, False),
    ],
)
def test_delivered_is_asked_of_exchanges_with_faults(fired: bool | None, wanted: Any, matches: bool) -> None:
    one = exchange(1, fired=fired)
    one.delivery.steps, one.delivery.outcome = 1, "clean"
    assert (one in Filter.read(query(**wanted))) is matches


@given(st.text(max_size=10))
def test_a_number_is_digits_or_an_error(text: str) -> None:
    asked = Query([("since", text)], KNOWN)
    if text.isascii() and text.isdigit():
        assert asked.number("since") == int(text)
    else:
        with pytest.raises(ControlError):
            asked.number("since")


@given(st.binary(max_size=40))
def test_a_body_is_an_object_or_an_error(body: bytes) -> None:
    try:
        found = json_object(body, ("scenario", "yaml"))
    except ControlError:
        return
    assert set(found) <= {"scenario", "yaml"}
