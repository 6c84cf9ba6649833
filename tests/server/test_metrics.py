"""``/metrics``: what Prometheus reads is what happened."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from prometheus_client.parser import text_string_to_metric_families

import mockoai
from mockoai.mock import Mock
from mockoai.server import metrics
from mockoai.server.lifecycle import Server
from mockoai.server.metrics import BUCKETS, Metrics
from tests.server.conftest import Serve
from tests.support.scenarios import ENDLESS
from tests.support.sockets import Client, Received, chat, exchange, request

CUT = """
id: cut
rules:
  - when: { stream: true }
    reply: { text: "one two three", tokens: ["one", " two", " three"] }
    faults:
      - fin-mid-chunked: { after: 2 tokens }
  - when: { endpoint: completions }
    faults:
      - rst-mid-stream: { after: 900 tokens }
  - reply: { text: "one two three four", tokens: ["one", " two", " three", " four"] }
"""
Samples = dict[tuple[str, ...], float]


def _scrape(server: Server, accept: str = "") -> Received:
    with Client(server.port) as client:
        return client.ask(request("GET", "/metrics", headers={"accept": accept}))


def _samples(text: str) -> Samples:
    """Return every sample by its name and label values, in the order of the label names."""
    return {
        (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_exchanges_are_counted(serve: Serve) -> None:
    server = serve(CUT)
    cut = exchange(server.port, chat(stream=True))
    with Client(server.port) as client:
        client.ask(chat())
        client.ask(chat())
        client.ask(request("GET", "/v1/nothing"))
        whole = client.ask(request("POST", "/v1/completions", {"model": "gpt-3.5-turbo-instruct", "prompt": "x"}))
    found = _samples(_scrape(server).body.decode())
    assert found["mockoai_requests_total", "chat", "cut", "200"] == 3
    assert found["mockoai_requests_total", "unknown", "cut", "404"] == 1
    assert found["mockoai_request_duration_seconds_count", "chat"] == 3
    assert found["mockoai_request_duration_seconds_bucket", "chat", "+Inf"] == 3
    assert found["mockoai_faults_fired_total", "fin-mid-chunked"] == 1
    assert found["mockoai_faults_not_delivered_total", "fin-mid-chunked"] == 0
    assert found["mockoai_faults_not_fired_total", "rst-mid-stream"] == 1
    assert ("mockoai_faults_fired_total", "rst-mid-stream") not in found
    assert found["mockoai_tokens_sent_total",] == sum(one.plan.tokens for one in server.mock.journal)
    assert found["mockoai_sent_bytes_total",] == sum(one.delivery.bytes for one in server.mock.journal)
    assert found["mockoai_sent_bytes_total",] > len(cut.data) + len(whole.data)
    assert found["mockoai_journal_exchanges",] == 5
    assert found["mockoai_sessions",] == 1
    assert found["mockoai_exchanges_open",] == 0
    assert found["mockoai_build", mockoai.__version__] == 1


def test_what_is_under_way_is_counted(serve: Serve, eventually: Callable[[Callable[[], bool]], None]) -> None:
    server = serve(ENDLESS)
    clients = [Client(server.port) for _ in range(3)]
    for client in clients:
        client.send(chat(stream=True))
        client.receive(until=b"one")
    found = _samples(_scrape(server).body.decode())
    assert found["mockoai_streams_open",] == 3
    assert found["mockoai_exchanges_open",] == 3
    assert found["mockoai_connections_open",] == 4
    for client in clients:
        client.close()
    eventually(lambda: server.mock.journal.ended == 3)
    found = _samples(_scrape(server).body.decode())
    assert found["mockoai_streams_open",] == 0
    assert found["mockoai_client_left_total", "chat"] == 3
    assert found["mockoai_tokens_sent_total",] == 3  # of nine


def test_durations_fall_into_their_buckets(serve: Serve) -> None:
    server = serve("id: s\ntiming: { headers: 60ms }\nrules: [{ when: { endpoint: chat } }, {}]")
    with Client(server.port) as client:
        client.ask(chat())
        client.ask(chat())
    found = _samples(_scrape(server).body.decode())
    counts = [found["mockoai_request_duration_seconds_bucket", "chat", str(bound)] for bound in BUCKETS if bound < 100]
    assert counts == sorted(counts)
    assert found["mockoai_request_duration_seconds_bucket", "chat", "0.05"] == 0
    assert counts[-1] == 2
    assert found["mockoai_request_duration_seconds_sum", "chat"] > 0.119


def test_the_format_is_the_one_asked_for(server: Server) -> None:
    plain = _scrape(server)
    assert (plain.header("content-type") or "").startswith("text/plain")
    openmetrics = _scrape(server, "application/openmetrics-text; version=1.0.0")
    assert (openmetrics.header("content-type") or "").startswith("application/openmetrics-text")
    assert openmetrics.body.endswith(b"# EOF\n")


def test_scenario_labels_are_bounded(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "MAX_SCENARIOS", 2)
    server = serve(*(f"id: s{number}\nrules: [{{}}]" for number in range(4)))
    with Client(server.port) as client:
        for number in range(4):
            client.ask(chat(path=f"/scenario/s{number}/v1/chat/completions"))
    found = _samples(_scrape(server).body.decode())
    assert {key[2]: value for key, value in found.items() if key[0] == "mockoai_requests_total"} == {
        "s0": 1,
        "s1": 1,
        "other": 2,
    }


def test_nothing_is_registered_for_the_whole_process() -> None:
    from prometheus_client import REGISTRY

    one, other = Metrics(Mock()), Metrics(Mock())
    assert b"mockoai_uptime_seconds" in one.render("")[0]
    assert b"mockoai_uptime_seconds" in other.render("")[0]
    assert not [family.name for family in REGISTRY.collect() if family.name.startswith("mockoai")]


def test_errors_are_counted_apart(serve: Serve) -> None:
    server = serve(CUT)
    with Client(server.port) as client:
        client.ask(request("GET", "/v1/nothing"))
        client.ask(chat())
    found = _samples(_scrape(server).body.decode())
    assert found["mockoai_errors_total", "unknown", "404"] == 1
    assert sum(value for key, value in found.items() if key[0] == "mockoai_errors_total") == 1


def test_under_vllm_its_own_metrics_are_there_too() -> None:
    with Server(Mock(backend="vllm")) as server, Client(server.port) as client:
        model = client.ask(request("GET", "/v1/models")).json()["data"][0]["id"]
        body = {"model": model, "messages": [{"role": "user", "content": "hello"}]}
        usage = client.ask(request("POST", "/v1/chat/completions", body)).json()["usage"]
        client.ask(request("POST", "/v1/chat/completions", {**body, "max_tokens": 1}))
        client.ask(request("POST", "/v1/chat/completions", {**body, "model": "nobody"}))
        found = _samples(_scrape(server).body.decode())
    labels = ("0", model)
    assert found["vllm:prompt_tokens_total", *labels] == 2 * usage["prompt_tokens"]
    assert found["vllm:generation_tokens_total", *labels] == usage["completion_tokens"] + 1
    assert found["vllm:request_success_total", "0", "stop", model] == 1
    assert found["vllm:request_success_total", "0", "length", model] == 1
    assert found["vllm:num_requests_running", *labels] == 0
    assert found["vllm:time_to_first_token_seconds_count", *labels] == 2
    assert found["vllm:request_generation_tokens_bucket", "0", "1.0", model] == 1
    assert found["vllm:e2e_request_latency_seconds_bucket", "0", "+Inf", model] == 2


def test_other_backends_have_none_of_vllms(serve: Serve) -> None:
    assert b"vllm" not in _scrape(serve(CUT)).body
