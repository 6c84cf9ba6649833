"""Sessions keep to themselves, and to a bound."""

from mockoai.request import Request
from mockoai.scenario.model import Scenario
from mockoai.state import DEFAULT_SESSION, Occurrences, Session, Sessions, content_seed


def test_equal_requests_are_counted_apart_from_others() -> None:
    session = Session("a")
    assert [session.occurrence(b"x"), session.occurrence(b"y"), session.occurrence(b"x")] == [1, 1, 2]
    session.reset()
    assert session.occurrence(b"x") == 1


def test_what_was_seen_is_bounded_for_all_sessions_together() -> None:
    seen = Occurrences(limit=10)
    sessions = [Session(str(number), seen) for number in range(4)]
    for number in range(20):
        for session in sessions:
            assert session.occurrence(number.to_bytes(4, "big")) == 1
    assert len(seen) == 10


def test_sessions_do_not_count_for_each_other() -> None:
    sessions = Sessions()
    assert [sessions.get(id).occurrence(b"x") for id in ("a", "b", "a")] == [1, 1, 2]


def test_the_least_recently_used_session_goes_first_and_the_default_never() -> None:
    sessions = Sessions(limit=3)
    sessions.get(DEFAULT_SESSION)
    first = sessions.get("a")
    sessions.get("b")
    assert sessions.get("a") is first
    sessions.get("c")
    assert sessions.ids() == [DEFAULT_SESSION, "a", "c"]


def test_a_session_can_be_dropped_once() -> None:
    sessions = Sessions()
    sessions.get("a")
    assert sessions.drop("a")
    assert not sessions.drop("a")
    assert sessions.find("a") is None


def test_the_content_seed_depends_on_what_is_asked_alone() -> None:
    scenario = Scenario(id="s", seed=1)
    ask = Request("POST", "/v1/chat/completions", body=b"{}", headers=(("x", "1"),))
    same = Request("POST", "/v1/chat/completions", body=b"{}", headers=(("x", "2"),), target="/session/a/v1")
    other = Request("POST", "/v1/chat/completions", body=b"{ }")
    assert content_seed(scenario, ask) == content_seed(scenario, same)
    assert content_seed(scenario, ask) != content_seed(scenario, other)
    assert content_seed(scenario, ask) != content_seed(Scenario(id="s", seed=2), ask)
