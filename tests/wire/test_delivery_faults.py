"""What only a real socket and the real clock can show, on both event loops."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from mockoai.mock import Mock
from mockoai.scenario.model import Lorem, Reply, Rule, Scenario
from mockoai.server.lifecycle import Server
from tests.support.planning import fault
from tests.support.sockets import Client, chat, exchange

LONG = Reply(lorem=Lorem(tokens=3000))
SHORT = Reply(text="ok", tokens=("ok",))

RULES = {
    "split": Rule(faults=(fault("utf8-split-across-packets", gap=0.02),), reply=Reply(text="é", tokens=("é",))),
    "stall": Rule(faults=(fault("stall-mid-stream", after="1 token", for_=0.2),), reply=SHORT),
    "reset": Rule(faults=(fault("rst-mid-stream", after="done"),), reply=LONG),
    "reset-at-once": Rule(faults=(fault("rst-before-headers"),)),
    "idle": Rule(faults=(fault("keepalive-idle-close-race", idle=0.1),), reply=SHORT),
    "idle-long": Rule(faults=(fault("keepalive-idle-close-race", idle=30.0),), reply=SHORT),
    "hold": Rule(faults=(fault("hold-open-after-done"),), reply=SHORT),
}
LAST_CHUNK = b"0\r\n\r\n"


@pytest.fixture(scope="module", params=["asyncio", "uvloop"])
def port(request: pytest.FixtureRequest) -> Iterator[int]:
    if request.param == "uvloop":
        pytest.importorskip("uvloop")
    mock = Mock([Scenario(id=id, rules=(rule,)) for id, rule in RULES.items()])
    with Server(mock, port=0, loop=request.param) as server:
        yield server.port


def ask(id: str) -> bytes:
    return chat(stream=True, path=f"/scenario/{id}/v1/chat/completions")


def test_the_halves_of_a_character_arrive_in_two_reads(port: int) -> None:
    received = exchange(port, ask("split"), until=LAST_CHUNK)
    first, second = (piece for _, piece in received.reads if b"\xc3" in piece or b"\xa9" in piece)

    assert first.endswith(b"\xc3")
    assert second.startswith(b"\xa9")


def test_silence_lasts_as_long_as_planned(port: int) -> None:
    received = exchange(port, ask("stall"), until=LAST_CHUNK, idle=5.0)
    times = [when for when, _ in received.reads]

    assert times[-1] - times[0] > 0.19


def test_a_reset_lets_every_byte_through_to_a_reader_that_lags_behind(port: int) -> None:
    whole = exchange(port, ask("reset"), idle=5.0)
    with Client(port, receive_buffer=4096) as client:
        client.send(ask("reset"))
        time.sleep(0.3)
        late = client.receive(idle=5.0)

    assert whole.ending == late.ending == "rst"
    assert len(whole.data) > 500_000
    assert whole.data.endswith(b"data: [DONE]\n\n\r\n")
    assert late.data.endswith(b"data: [DONE]\n\n\r\n")


def test_a_reset_before_the_head_is_a_reset(port: int) -> None:
    received = exchange(port, ask("reset-at-once"))

    assert (received.data, received.ending) == (b"", "rst")


def test_an_idle_connection_is_closed(port: int) -> None:
    with Client(port) as client:
        client.send(ask("idle"))
        whole = client.receive(until=LAST_CHUNK)
        rest = client.receive(idle=5.0)

    assert whole.data.endswith(LAST_CHUNK)
    assert (rest.data, rest.ending) == (b"", "fin")


def test_the_next_request_on_an_idle_connection_is_reset_and_a_new_connection_is_answered(port: int) -> None:
    for _ in range(2):
        with Client(port) as client:
            client.send(ask("idle-long"))
            assert client.receive(until=LAST_CHUNK).status == 200
            client.send(ask("idle-long"))
            second = client.receive(idle=5.0)

        assert (second.data, second.ending) == (b"", "rst")


def test_a_connection_is_held_open_behind_done(port: int) -> None:
    received = exchange(port, ask("hold"), idle=0.2)

    assert received.data.endswith(b"data: [DONE]\n\n\r\n")
    assert received.ending == "open"
