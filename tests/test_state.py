"""Sessions keep to themselves, and to a bound."""

from mockoai.request import Request
from mockoai.scenario.model import Scenario
from mockoai.state import DEFAULT_SESSION, Occurrences, Session, Sessions, content_seed

OWN = Scenario(id="own")


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


def test_a_session_that_was_pushed_out_is_told_what_it_lost_until_it_is_set_right() -> None:
    sessions = Sessions(limit=1)
    sessions.get("scenario").scenario = OWN
    sessions.get("counts").counters["s"] = {0: 1}
    sessions.get("none")
    sessions.get("both").scenario = OWN
    sessions.get("both").counters["s"] = {0: 1}
    ids = ["scenario", "counts", "none", "both", "new"]
    lost = ["scenario", "counts", "", "scenario", ""]
    assert [sessions.get(id).lost for id in ids] == lost
    assert [sessions.lost(id) for id in ids] == lost
    assert [sessions.get(id).lost for id in ids] == lost  # each was pushed out by the next
    session = sessions.get("scenario")
    session.reset()
    assert session.lost == sessions.lost("scenario") == "scenario"
    session.scenario = None
    assert session.lost == ""
    session = sessions.get("counts")
    session.reset()
    assert session.lost == ""


def test_resetting_all_sessions_heals_those_that_lost_counts() -> None:
    sessions = Sessions(limit=1)
    sessions.get("a").counters["s"] = {0: 1}
    sessions.get("b").counters["s"] = {0: 1}
    sessions.get("c").scenario = OWN
    kept = sessions.get("d")
    kept.counters["s"] = {0: 1}
    sessions.reset("a")
    assert kept.counters
    assert sessions.get("a").lost == ""
    sessions.reset()
    assert [sessions.get(id).lost for id in ("b", "c")] == ["", "scenario"]


def test_a_session_that_is_dropped_is_not_remembered() -> None:
    sessions = Sessions(limit=1)
    sessions.get("a").scenario = OWN
    sessions.get("b")
    assert not sessions.drop("a")
    assert sessions.get("a").lost == ""


def test_what_is_remembered_of_sessions_is_bounded() -> None:
    sessions = Sessions(limit=1, remembered=2)
    for id in "abcd":
        sessions.get(id).scenario = OWN
    assert [sessions.get(id).lost for id in "ca"] == ["scenario", ""]


def test_the_content_seed_depends_on_what_is_asked_alone() -> None:
    scenario = Scenario(id="s", seed=1)
    ask = Request("POST", "/v1/chat/completions", body=b"{}", headers=(("x", "1"),))
    same = Request("POST", "/v1/chat/completions", body=b"{}", headers=(("x", "2"),), target="/session/a/v1")
    other = Request("POST", "/v1/chat/completions", body=b"{ }")
    assert content_seed(scenario, ask) == content_seed(scenario, same)
    assert content_seed(scenario, ask) != content_seed(scenario, other)
    assert content_seed(scenario, ask) != content_seed(Scenario(id="s", seed=2), ask)
