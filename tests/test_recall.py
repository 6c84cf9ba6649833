"""Recalling an answer changes its speed and nothing else."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mockoai import recall
from mockoai.address import split_path
from mockoai.faults.noop import Noop
from mockoai.mock import Mock
from mockoai.plan.duration import Duration
from mockoai.recall import MAX_TEMPLATES, Filled, Recall
from mockoai.request import Request
from mockoai.scenario.model import CallRange, Reply, Rule, Scenario, Timing, When
from tests.support.asking import NOW, ask, chat

BODIES = st.builds(
    chat,
    st.text(max_size=30),
    stream=st.booleans(),
    n=st.integers(1, 3),
    logprobs=st.booleans(),
    max_tokens=st.integers(1, 40),
    model=st.sampled_from(["gpt-4o", "3141592653", "x"]),
)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        self.now += 1000
        return self.now


def served(mock: Mock, request: Request) -> Any:
    """Answer as the server does: recalled when it can be."""
    recalled = mock.recall(request)
    if recalled is not None:
        return recalled[1].plan
    address = split_path(request.target)
    session = mock.sessions.get("default")
    answer = mock.answer(request, address, session)
    mock.learn(request, request, address, session, answer)
    return answer.plan


def built(mock: Mock, request: Request) -> Any:
    """Answer without recalling anything."""
    return mock.answer(request, split_path(request.target), mock.sessions.get("default")).plan


@given(BODIES)
def test_a_recalled_plan_is_the_plan_that_would_have_been_built(body: Any) -> None:
    request = ask(body)
    quick, slow = Mock(clock=Clock()), Mock(clock=Clock())
    for _ in range(4):
        recalled, direct = served(quick, request), built(slow, request)
        assert recalled.data == direct.data
        assert recalled.steps == direct.steps
        assert (recalled.status, recalled.tokens, recalled.events) == (
            direct.status,
            direct.tokens,
            direct.events,
        )
        assert (recalled.ending, recalled.duration, recalled.length) == (
            direct.ending,
            direct.duration,
            direct.length,
        )
        assert (recalled.keep_alive, recalled.stream, recalled.size) == (
            direct.keep_alive,
            direct.stream,
            direct.size,
        )


def test_the_third_of_equal_requests_is_recalled() -> None:
    mock = Mock(clock=Clock())
    plans = [served(mock, ask(chat(stream=True))) for _ in range(3)]
    assert [isinstance(plan, Filled) for plan in plans] == [False, False, True]


def recalls(scenario: Scenario) -> bool:
    mock = Mock([scenario], clock=Clock())
    return any(isinstance(served(mock, ask(chat())), Filled) for _ in range(5))


def test_counts_chance_faults_and_drawn_times_are_never_recalled() -> None:
    drawn = Timing(first_token=Duration("uniform", 0.0, 1.0))
    assert recalls(Scenario(id="s"))
    assert not recalls(Scenario(id="s", rules=(Rule(faults=(Noop(),)),)))
    assert not recalls(Scenario(id="s", rules=(Rule(when=When(call=CallRange(1, 9))),)))
    assert not recalls(Scenario(id="s", rules=(Rule(when=When(chance=0.0)), Rule())))
    assert not recalls(Scenario(id="s", timing=drawn))


def test_another_scenario_of_the_session_is_answered_at_once() -> None:
    mock = Mock(clock=Clock())
    request = ask(chat())
    for _ in range(3):
        served(mock, request)
    mock.sessions.get("default").scenario = Scenario(id="other", rules=(Rule(when=When(stream=True)),))
    assert served(mock, request).status == 404


def test_a_named_scenario_that_is_replaced_is_answered_anew() -> None:
    first, second = (Scenario(id="s", rules=(Rule(reply=Reply(text=text)),)) for text in ("first", "second"))
    mock = Mock([first], clock=Clock())
    request = ask(chat(), "/scenario/s/v1/chat/completions")
    assert [b"first" in served(mock, request).data for _ in range(3)] == [True] * 3
    mock.scenarios["s"] = second
    assert b"second" in served(mock, request).data


def test_what_is_kept_is_bounded() -> None:
    kept = Recall()
    for number in range(MAX_TEMPLATES + 50):
        kept.keep(number, None)
    assert kept.get(0) is None
    assert len(kept._entries) == MAX_TEMPLATES
    for number in range(recall.MAX_SEEN + 50):
        kept.again(("seen", number))
    assert len(kept._seen) == recall.MAX_SEEN


def test_what_is_kept_is_bounded_in_bytes_too() -> None:
    kept = Recall()
    for number in range(MAX_TEMPLATES):
        kept.keep((number, ((b"name", b"x" * 65536),)), None)
    assert 0 < len(kept._entries) <= recall.MAX_BYTES // 65536
    assert kept._bytes <= recall.MAX_BYTES
    while kept._entries:
        _, (_, cost) = kept._entries.popitem()
        kept._bytes -= cost
    assert kept._bytes == 0
