"""``/metrics`` for Prometheus: what the journal has seen, in plain numbers that become families when scraped.

Strategy. Each server has a registry of its own and nothing is registered process-wide, so two servers in one
process do not meet. An exchange that ends costs a few additions; prometheus-client is imported at the first
scrape. Labels are bounded: endpoints, statuses and faults by nature, scenarios by :data:`MAX_SCENARIOS`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import accumulate
from typing import TYPE_CHECKING

import mockoai
from mockoai.journal import Exchange
from mockoai.mock import Mock
from mockoai.server.vllm_metrics import VLLMMetrics

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry
    from prometheus_client.metrics_core import Metric

    from mockoai.wire.protocol import Connection

BUCKETS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)
"""Upper bounds of the durations that are counted together, in seconds."""
MAX_SCENARIOS = 1000
"""Scenario ids that are told apart; further ones are counted as ``other``."""


class _Durations:
    """The durations of one endpoint's exchanges: how many in each bucket, and their sum."""

    __slots__ = ("counts", "sum")

    def __init__(self) -> None:
        self.counts = [0] * (len(BUCKETS) + 1)
        self.sum = 0.0


class Metrics:
    """The figures of one server, fed by its journal; ``connections`` gives those that are open."""

    def __init__(self, mock: Mock, connections: Callable[[], Iterable[Connection]] = tuple) -> None:
        self.mock = mock
        self.connections = connections
        self.requests: Counter[tuple[str, int, str]] = Counter()
        self.errors: Counter[tuple[str, int]] = Counter()
        self.vllm = VLLMMetrics(mock)
        self.left: Counter[str] = Counter()
        self.fired: Counter[str] = Counter()
        self.undelivered: Counter[str] = Counter()
        self.unfired: Counter[str] = Counter()
        self.durations: dict[str, _Durations] = {}
        self.tokens = 0
        self.bytes = 0
        self._scenarios: set[str] = set()
        self._registry: CollectorRegistry | None = None
        mock.journal.listen(self._count)

    def render(self, accept: str) -> tuple[bytes, str]:
        """Return the figures in the format that the Accept header asks for, and its content type."""
        from prometheus_client import CollectorRegistry
        from prometheus_client.exposition import choose_encoder

        if self._registry is None:
            self._registry = CollectorRegistry()
            self._registry.register(self)
        encode, content_type = choose_encoder(accept)
        return encode(self._registry), content_type

    def collect(self) -> Iterator[Metric]:
        """Yield the metric families, as prometheus-client asks its collectors to."""
        from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily

        yield from self._exchanges()
        yield from self.vllm.collect()
        mock, journal = self.mock, self.mock.journal
        open_now = tuple(self.connections())
        counters: tuple[tuple[str, str, float], ...] = (
            ("tokens_sent", "Tokens of the answers that were sent.", self.tokens),
            ("sent_bytes", "Bytes that were sent, heads included.", self.bytes),
            ("journal_dropped", "Exchanges that the journal let go to make room.", journal.dropped),
        )
        for name, help, value in counters:
            yield CounterMetricFamily(f"mockoai_{name}", help, value=value)
        gauges: tuple[tuple[str, str, float], ...] = (
            ("uptime_seconds", "Seconds since the start.", mock.clock() - mock.started),
            ("connections_open", "Connections that are open.", len(open_now)),
            (
                "streams_open",
                "Streams under way.",
                sum(one.plan is not None and one.plan.stream for one in open_now),
            ),
            ("exchanges_open", "Exchanges under way.", journal.total - journal.ended),
            ("journal_exchanges", "Exchanges in the journal.", len(journal)),
            ("journal_bytes", "Bytes that the journal takes.", journal.bytes),
            ("sessions", "Sessions that are known.", len(mock.sessions.ids())),
        )
        for name, help, value in gauges:
            yield GaugeMetricFamily(f"mockoai_{name}", help, value=value)
        version = GaugeMetricFamily("mockoai_build", "1, labelled with the version.", labels=["version"])
        version.add_metric([mockoai.__version__], 1)
        yield version

    def _exchanges(self) -> Iterator[Metric]:
        from prometheus_client.metrics_core import CounterMetricFamily, HistogramMetricFamily

        labels = ["endpoint", "status", "scenario"]
        requests = CounterMetricFamily("mockoai_requests", "Exchanges that have ended.", labels=labels)
        for (endpoint, status, scenario), count in self.requests.items():
            requests.add_metric([endpoint, str(status), scenario], count)
        yield requests
        errors = CounterMetricFamily(
            "mockoai_errors", "Answers with a status of 400 or more.", labels=["endpoint", "status"]
        )
        for (endpoint, status), count in self.errors.items():
            errors.add_metric([endpoint, str(status)], count)
        yield errors
        help = "From reading the request to the end of the answer."
        durations = HistogramMetricFamily("mockoai_request_duration_seconds", help, labels=["endpoint"])
        bounds = [*map(str, BUCKETS), "+Inf"]
        for endpoint, one in self.durations.items():
            durations.add_metric([endpoint], list(zip(bounds, accumulate(one.counts), strict=True)), one.sum)
        yield durations
        counters: tuple[tuple[str, str, str, Mapping[str, int]], ...] = (
            ("client_left", "Clients that left before the end of the answer.", "endpoint", self.left),
            ("faults_fired", "Faults that found their place in an answer.", "fault", self.fired),
            ("faults_not_fired", "Faults that were asked for and found no place.", "fault", self.unfired),
            (
                "faults_not_delivered",
                "Faults that fired, but not before the client left.",
                "fault",
                self.undelivered,
            ),
        )
        for name, help, label, counts in counters:
            family = CounterMetricFamily(f"mockoai_{name}", help, labels=[label])
            for key, count in counts.items():
                family.add_metric([key], count)
            yield family

    def _count(self, exchange: Exchange) -> None:
        delivery, plan = exchange.delivery, exchange.plan
        endpoint, scenario = exchange.request.endpoint, exchange.scenario
        if scenario not in self._scenarios:
            if len(self._scenarios) < MAX_SCENARIOS:
                self._scenarios.add(scenario)
            else:
                scenario = "other"
        self.requests[endpoint, plan.status, scenario] += 1
        if plan.status >= 400:
            self.errors[endpoint, plan.status] += 1
        durations = self.durations.get(endpoint)
        if durations is None:
            durations = self.durations[endpoint] = _Durations()
        durations.counts[bisect_left(BUCKETS, delivery.ended)] += 1
        durations.sum += delivery.ended
        self.bytes += delivery.bytes
        if delivery.outcome in ("client-left", "stopped"):
            self.left[endpoint] += delivery.outcome == "client-left"
            self.tokens += plan.steps[delivery.steps - 1].tokens if delivery.steps else 0
        else:
            self.tokens += plan.tokens
        for fault in exchange.faults() if plan.faults else ():
            if fault.fired:
                self.fired[fault.id] += 1
                self.undelivered[fault.id] += not fault.delivered
            else:
                self.unfired[fault.id] += 1
