"""What happened in a session, as text: what somebody wants to know whose test has just failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockoai.journal import Exchange
from mockoai.report.redact import Redactor
from mockoai.testing import checks

if TYPE_CHECKING:
    from mockoai.testing.session import Session

SHOWN = 20
"""Exchanges that are shown, the last ones."""


def story(session: Session, *, problems: bool = True) -> str:
    """Return the exchanges of ``session``, a line each, and what is wrong with the test if ``problems``."""
    exchanges = session.exchanges
    scenarios = ", ".join(one.id for one in session.scenarios) or session.scenario.id
    lines = [f"session {session.id}, scenario {scenarios}: {_count(len(exchanges))}"]
    if len(exchanges) > SHOWN:
        lines.append(f"  … {len(exchanges) - SHOWN} before")
    lines += [f"  {line(one)}" for one in exchanges[-SHOWN:]]
    if problems and (found := session.check()):
        lines.append(checks.render(found))
    return "\n".join(lines)


def line(exchange: Exchange) -> str:
    """Return what was asked, what was answered and how it ended, in a line without secrets."""
    request, plan, delivery = exchange.request, exchange.plan, exchange.delivery
    parts = [f"{request.method} {request.path}"]
    if exchange.model:
        parts.append(exchange.model + (", stream" if plan.stream else ""))
    parts.append(f"{plan.status or 'no status'}, {delivery.bytes} bytes, {delivery.outcome or 'under way'}")
    parts.append(f"rule `{exchange.rule}`" if exchange.rule else "no rule")
    for fault in exchange.faults():
        parts.append(f"{fault.id} {'delivered' if fault.delivered else f'not delivered: {fault.why}'}")
    return Redactor().knowing(request).text(" · ".join(parts))


def _count(number: int) -> str:
    return "1 exchange" if number == 1 else f"{number} exchanges"
