"""Exchanges as JSON: what the control API, the live feed and reports show of them. Secrets are redacted here.

``summary`` is one line of a list, ``detail`` the whole: the request, the plan step by step with what was
sent of it and when, and what became of every fault. Times within an exchange are seconds after its request
was read; ``received`` is in seconds since 1970. Bytes that are UTF-8 are shown as ``text``, others as
``base64``.
"""

from __future__ import annotations

from typing import Any

from mockoai.journal import Exchange
from mockoai.plan.render import shown, to_json
from mockoai.report.redact import Redactor

Json = dict[str, Any]

PRECISION = 6
"""Decimals of a time in seconds: microseconds."""


def summary(exchange: Exchange, redactor: Redactor) -> Json:
    """Return the one-line form of ``exchange``.

    ``ending.actual`` and ``ending.at`` are null while it is under way; ``faults`` says of each whether it
    fired and was delivered.
    """
    request, delivery, plan = exchange.request, exchange.delivery, exchange.plan
    redactor = redactor.knowing(request)
    return {
        "number": exchange.number,
        "session": redactor.text(exchange.session),
        "scenario": exchange.scenario or None,
        "rule": exchange.rule or None,
        "received": round(exchange.received, PRECISION),
        "method": request.method,
        "target": redactor.text(request.target),
        "endpoint": request.endpoint,
        "model": redactor.text(exchange.model) or None,
        "stream": plan.stream,
        "status": plan.status or None,
        "finished": exchange.finished,
        "ending": {
            "planned": plan.ending,
            "actual": delivery.outcome or None,
            "at": round(delivery.ended, PRECISION) if delivery.outcome else None,
        },
        "sent": {"bytes": delivery.bytes, "steps": delivery.steps, "of_steps": len(plan.steps)},
        "faults": [
            {"id": one.id, "layer": one.layer, "fired": one.fired, "delivered": one.delivered, "why": one.why}
            for one in exchange.faults()
        ],
        "near": redactor.text(exchange.near) or None,
        "connection": {"number": exchange.connection, "reused": exchange.reused},
    }


def detail(exchange: Exchange, redactor: Redactor) -> Json:
    """Return everything that is known of ``exchange``: its summary, request, plan and what was sent."""
    request, delivery = exchange.request, exchange.delivery
    redactor = redactor.knowing(request)
    left = delivery.outcome == "client-left"
    return {
        **summary(exchange, redactor),
        "request": {
            "method": request.method,
            "target": redactor.text(request.target),
            "http_version": request.http_version,
            "headers": redactor.headers(request.headers),
            "body": {
                "bytes": exchange.body_size,
                "kept": len(request.body),
                **shown(redactor.data(request.body)),
            },
        },
        "plan": _plan(exchange, redactor),
        "client": {
            "left_early": left,
            "at": round(delivery.ended, PRECISION) if left else None,
        },
    }


def sent_at(exchange: Exchange) -> list[float | None]:
    """Return for every step of the plan when it was carried out, or None when it was not."""
    times: list[float | None] = [None] * len(exchange.plan.steps)
    start = 0
    for done, at in tuple(exchange.delivery.times):
        times[start:done] = [at] * (done - start)
        start = done
    if exchange.finished and exchange.delivery.steps == len(times):
        times[-1] = exchange.delivery.ended
    return times


def _plan(exchange: Exchange, redactor: Redactor) -> Json:
    """Return the plan as ``mockoai plan --json`` does, and for every step when it was ``sent``."""
    out = to_json(redactor.plan(exchange.plan))
    for step, sent in zip(out["steps"], sent_at(exchange), strict=True):
        step["sent"] = None if sent is None else round(sent, PRECISION)
    return out
