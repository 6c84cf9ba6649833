"""What is asked when: tries again as a client would, gives up where it is no use, finds the base, picks a model."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from mockoai.check import asks
from mockoai.check.conversation import GROUPS, RETRIES, Conversation
from mockoai.check.model import Ask, Bounds, Recording, Segment
from mockoai.check.pick import pick
from mockoai.check.run import hold
from mockoai.check.target import Target
from mockoai.mock import Mock
from tests.check.player import KEY, PATIENT, Player

Answer = Callable[[str, Ask], tuple[int, object]]


def held(answer: Answer, *, headers: str = "", path: str = "/v1", **settings: object) -> Conversation:
    """Hold a conversation with a server that answers each request by ``answer`` of its path and ask."""
    conversation = Conversation(Target(path=path, key=KEY), **settings)  # type: ignore[arg-type]

    def record(target: Target, ask: Ask, patience: float) -> Recording:
        status, body = answer(target.where(ask.path, rooted=ask.rooted), ask)
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(data)}\r\n{headers}\r\n".encode()
        return Recording(segments=(Segment(0.0, head + data),) if status else ())

    hold(conversation, record, Bounds())
    return conversation


def names(conversation: Conversation) -> list[str]:
    return [one.ask.name for one in conversation.exchanges]


def test_a_healthy_server_is_asked_for_everything_once() -> None:
    conversation = Conversation(Target(path="/v1", key=KEY))
    hold(conversation, Player(Mock()), PATIENT)
    assert len(names(conversation)) == len(set(names(conversation)))
    expected = {one.name for one in (*asks.chats("m"), *asks.completions("m"), *asks.mistakes("m", keyed=True))}
    assert expected < set(names(conversation))
    assert len(names(conversation)) < 40
    assert not conversation.left_out


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_can_be_asked_for_by_itself(group: str) -> None:
    conversation = Conversation(Target(path="/v1"), model="gpt-4o-mini", groups=frozenset({group}))
    hold(conversation, Player(Mock()), PATIENT)
    asked = {one.ask.kind for one in conversation.exchanges}
    usual = {"models": {"models", "model"}, "completions": {"completions"}, "backend": {"page"}}
    assert asked - {"other"} == usual.get(group, {"chat"})


@pytest.mark.parametrize("status", [429, 500, 503, 408])
def test_what_invites_a_retry_is_tried_again_but_not_for_ever(status: int) -> None:
    conversation = held(lambda path, ask: (status, {"error": {"message": "no"}}))
    assert names(conversation).count("models") == 1 + RETRIES
    # Once is enough: what was tried again to no avail says all there is to say.
    assert names(conversation).count("chat") == 1
    assert len(conversation.exchanges) < 15


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_what_does_not_invite_a_retry_is_asked_once(status: int) -> None:
    conversation = held(lambda path, ask: (status, {"error": {"message": "no"}}))
    assert names(conversation).count("chat") == 1


@pytest.mark.parametrize(
    ("headers", "waits"),
    [
        ("Retry-After: 2\r\n", [2.0, 2.0, 2.0]),
        ("retry-after-ms: 300\r\nRetry-After: 2\r\n", [0.3, 0.3, 0.3]),
        ("Retry-After: 3600\r\n", [0.25, 0.5, 1.0]),
        ("Retry-After: soon\r\n", [0.25, 0.5, 1.0]),
        ("Retry-After: -5\r\n", [0.25, 0.5, 1.0]),
        ("Retry-After: nan\r\n", [0.25, 0.5, 1.0]),
        ("x-should-retry: false\r\n", []),
    ],
)
def test_it_comes_back_as_late_as_it_is_told_within_bounds(headers: str, waits: list[float]) -> None:
    conversation = held(lambda path, ask: (429, {}), headers=headers)
    assert [one.ask.wait for one in conversation.exchanges if one.ask.wait] == waits


def lists(*bases: str) -> Answer:
    """Answer the list below ``bases`` only, and 404 to all else."""

    def answer(path: str, ask: Ask) -> tuple[int, object]:
        listed = {"object": "list", "data": [{"id": "m", "object": "model"}]}
        return (200, listed) if path in [f"{one}/models" for one in bases] else (404, {"detail": "Not Found"})

    return answer


@pytest.mark.parametrize(
    ("given", "true", "moved"), [("", "/v1", True), ("/v1", "/v1", False), ("/v1", "", True), ("/api", "/api/v1", True)]
)
def test_the_base_is_found_with_v1_and_without(given: str, true: str, moved: bool) -> None:
    conversation = held(lists(true), path=given)
    assert (conversation.target.path, conversation.moved) == (true, moved)
    assert next(one.path for one in conversation.exchanges if one.ask.name == "chat").startswith(f"{true}/chat")


def test_a_base_that_is_nowhere_stays_as_it_was_given() -> None:
    conversation = held(lists(), path="/api")
    assert (conversation.target.path, conversation.moved) == ("/api", False)


def test_answers_that_hang_are_not_asked_for_again_and_again() -> None:
    conversation = Conversation(Target(path="/scenario/stall-mid-stream/v1"), model="gpt-4o-mini")
    hold(conversation, Player(Mock(), Bounds()), Bounds(patience=5.0, early=5.0))
    silent = [one.ask.stream for one in conversation.exchanges if one.recording.gave_up]
    assert silent.count(True) <= 3
    assert [why for _, why in conversation.left_out if why == "such answers hang"]


def test_a_server_that_never_answers_is_left_soon() -> None:
    conversation = held(lambda path, ask: (0, b""))
    assert names(conversation)[-1] == "chat"
    assert len(conversation.exchanges) <= 2 + RETRIES
    assert ("everything else", "nothing was ever answered") in conversation.left_out


@pytest.mark.parametrize(
    ("listed", "picked"),
    [
        ([], ""),
        (["text-embedding-3-small", "gpt-4o", "gpt-4o-mini-2024-07-18", "gpt-4o-mini"], "gpt-4o-mini"),
        (["whisper-1", "tts-1", "dall-e-3"], "whisper-1"),
        (["meta-llama/Llama-3.1-70B-Instruct", "meta-llama/Llama-3.1-8B-Instruct"], "meta-llama/Llama-3.1-8B-Instruct"),
        (["nomic-embed-text", "llama3.1:latest"], "llama3.1:latest"),
        (["bge-m3", "qwen-max", "qwen-turbo"], "qwen-max"),
    ],
)
def test_a_small_model_that_chats_is_picked(listed: list[str], picked: str) -> None:
    assert pick(listed) == picked
