"""vLLM's own metrics beside ours, while vLLM or one of its kin is imitated: what its dashboards and routers read.

The names, labels and meanings are those of vLLM's V1 engine. What a mock has no idea of (the KV cache, the queue)
stands at 0. The figures are of exchanges that have ended, and of answers that came from a model: no errors, no lists.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

from mockoai.journal import Exchange
from mockoai.mock import Mock

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

IMITATIONS = {"vllm": "vllm", "aphrodite": "aphrodite"}
"""The prefix of the metrics of each backend that has them."""
MAX_MODELS = 100
"""Models that are told apart; further ones are counted as ``other``."""

FIRST_TOKEN = (0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0, 20.0, 40.0)
BETWEEN_TOKENS = (0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0, 20.0)
WHOLE = (0.3, 0.5, 0.8, 1.0, 1.5, 2.0, 2.5, 5.0, 10.0, 15.0, 20.0, 30.0, 40.0, 50.0, 60.0, 120.0, 240.0, 480.0)
LENGTH = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000)


class _Histogram:
    """How many values fell into each bucket, and their sum."""

    __slots__ = ("bounds", "counts", "sum")

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.sum = 0.0

    def observe(self, value: float, times: int = 1) -> None:
        """Count ``value``."""
        self.counts[bisect_left(self.bounds, value)] += times
        self.sum += value * times


class _Model:
    """The figures of one model."""

    def __init__(self) -> None:
        self.prompt = 0
        self.generated = 0
        self.finished: Counter[str] = Counter()
        self.histograms = {
            "time_to_first_token_seconds": _Histogram(FIRST_TOKEN),
            "inter_token_latency_seconds": _Histogram(BETWEEN_TOKENS),
            "e2e_request_latency_seconds": _Histogram(WHOLE),
            "request_prompt_tokens": _Histogram(LENGTH),
            "request_generation_tokens": _Histogram(LENGTH),
        }


_HELP = {
    "time_to_first_token_seconds": "Histogram of time to first token in seconds.",
    "inter_token_latency_seconds": "Histogram of inter-token latency in seconds.",
    "e2e_request_latency_seconds": "Histogram of e2e request latency in seconds.",
    "request_prompt_tokens": "Number of prefill tokens processed.",
    "request_generation_tokens": "Number of generation tokens processed.",
}


class VLLMMetrics:
    """The figures of one server as vLLM would tell them; none unless it imitates vLLM."""

    def __init__(self, mock: Mock) -> None:
        self.mock = mock
        self.models: dict[str, _Model] = {}
        self.prefix = IMITATIONS.get(mock.imitated(mock.scenario).name, "")
        if self.prefix:
            mock.journal.listen(self._count)

    def collect(self) -> Iterator[Metric]:
        """Yield the metric families."""
        if not self.prefix:
            return
        from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

        prefix, labels = self.prefix, ["model_name", "engine"]
        names = list(self.models) or [one.id for one in self.mock.imitated(self.mock.scenario).models()]
        running = self.mock.journal.total - self.mock.journal.ended
        gauges = (
            ("num_requests_running", "Number of requests in model execution batches.", running),
            ("num_requests_waiting", "Number of requests waiting to be processed.", 0),
            ("kv_cache_usage_perc", "KV-cache usage. 1 means 100 percent usage.", 0),
        )
        for name, help, value in gauges:
            gauge = GaugeMetricFamily(f"{prefix}:{name}", help, labels=labels)
            gauge.add_metric([names[0], "0"], value)
            yield gauge
        prompt = CounterMetricFamily(f"{prefix}:prompt_tokens", "Number of prefill tokens processed.", labels=labels)
        generated = CounterMetricFamily(
            f"{prefix}:generation_tokens", "Number of generation tokens processed.", labels=labels
        )
        finished = CounterMetricFamily(
            f"{prefix}:request_success",
            "Count of successfully processed requests.",
            labels=[*labels, "finished_reason"],
        )
        for name, model in self.models.items():
            prompt.add_metric([name, "0"], model.prompt)
            generated.add_metric([name, "0"], model.generated)
            for reason, count in model.finished.items():
                finished.add_metric([name, "0", reason], count)
        yield from (prompt, generated, finished)
        for name, help in _HELP.items():
            family = HistogramMetricFamily(f"{prefix}:{name}", help, labels=labels)
            for model_name, model in self.models.items():
                one = model.histograms[name]
                bounds = [*[str(float(bound)) for bound in one.bounds], "+Inf"]
                family.add_metric([model_name, "0"], list(zip(bounds, accumulate(one.counts), strict=True)), one.sum)
            yield family

    def _count(self, exchange: Exchange) -> None:
        plan, delivery = exchange.plan, exchange.delivery
        if plan.status != 200 or exchange.request.endpoint not in ("chat", "completions"):
            return
        name = exchange.request.model
        if name not in self.models and len(self.models) >= MAX_MODELS:
            name = "other"
        model = self.models.setdefault(name, _Model())
        left = delivery.outcome in ("client-left", "stopped")
        tokens = (plan.steps[delivery.steps - 1].tokens if delivery.steps else 0) if left else plan.tokens
        model.prompt += plan.prompt_tokens
        model.generated += tokens
        model.finished["abort" if left else plan.finish or "stop"] += 1
        histograms = model.histograms
        histograms["request_prompt_tokens"].observe(plan.prompt_tokens)
        histograms["request_generation_tokens"].observe(tokens)
        histograms["e2e_request_latency_seconds"].observe(delivery.ended)
        if not tokens:
            return
        first = _first_token(exchange)
        histograms["time_to_first_token_seconds"].observe(first)
        if tokens > 1:
            histograms["inter_token_latency_seconds"].observe((delivery.ended - first) / (tokens - 1), tokens - 1)


def _first_token(exchange: Exchange) -> float:
    """Return when the first token was sent, in seconds after the request was read."""
    steps = exchange.plan.steps
    for done, at in exchange.delivery.times:
        if done and steps[done - 1].tokens:
            return at
    return exchange.delivery.ended
