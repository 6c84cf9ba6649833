"""Waiting for what a server finds out behind an answer: that whoever asked has left."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockoai.journal import Exchange
    from mockoai.testing.session import Session


def ended(session: Session, tries: int = 20) -> tuple[Exchange, ...]:
    """Return the exchanges of ``session`` once all have ended, and at the latest after ``tries`` quarters of a second.

    A verdict gives answers that time once; on a machine that others use too it can take longer to see a client leave.
    """
    for _ in range(tries):
        session.settle()
        if all(one.finished for one in session.exchanges):
            break
    return session.exchanges
