"""The answer to a request, planned where it keeps nobody waiting, and accounted for whatever happens.

Strategy. Planning takes a fraction of a millisecond, so it is done at once, on the event loop. What takes longer, a
hundred thousand tokens or two thousand embeddings, is planned in a thread, one at a time, while streams go on being
sent. A session counts its requests, so those that come behind such a one in its session wait for it: they are
planned in the order in which they came.

No request is without an exchange: neither one whose session has lost what it was to be answered with, nor one that
hits a defect of ours.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Hashable
from dataclasses import replace

from mockoai.address import HEADER, Address, model_scenario
from mockoai.errors import MockoaiError
from mockoai.match.conditions import unmet
from mockoai.match.match import Match, match
from mockoai.mock import Answer, Mock
from mockoai.plan.items import Failure
from mockoai.reply.bounds import large
from mockoai.request import Request
from mockoai.seed import Seed
from mockoai.state import MAX_SESSIONS, Session

Counts = dict[str, dict[int, int]]

_DEFECT = Failure(
    status=500,
    message="mockoai could not plan this answer, which is a defect of mockoai. Its log has the details.",
    type="server_error",
    code="internal",
)
_FORGOTTEN = "session-forgotten"

logger = logging.getLogger("mockoai.server")


class Planner:
    """Plans the answers of ``mock``."""

    def __init__(self, mock: Mock) -> None:
        self.mock = mock
        self._turn = asyncio.Lock()
        self._busy: Counter[str] = Counter()

    async def plan(self, request: Request, address: Address, session: Session, key: Hashable | None) -> Answer:
        """Plan the answer to ``request``, and keep it under ``key`` for the next one like it."""
        if session.lost and not _names_scenario(request, address):
            return self._forgotten(request, session)
        late = self._is_large(request, address, session)
        if not late and session.id not in self._busy:
            # What is kept for the next request may be changed by one thread at a time.
            return self._answer(request, address, session, None if self._busy else key)
        self._busy[session.id] += 1
        try:
            async with self._turn:
                if late:
                    return await asyncio.to_thread(self._answer, request, address, session, key)
                return self._answer(request, address, session, key)
        finally:
            self._busy[session.id] -= 1
            if not self._busy[session.id]:
                del self._busy[session.id]

    def _is_large(self, request: Request, address: Address, session: Session) -> bool:
        try:
            scenario = self.mock.choose(address, request, session)
        except MockoaiError:
            return False
        return any(
            large(rule.reply, request) and next(unmet(rule.when, request), None) is None for rule in scenario.rules
        )

    def _answer(self, request: Request, address: Address, session: Session, key: Hashable | None) -> Answer:
        before = dict(session.counters)
        try:
            answer = self.mock.answer(request, address, session)
            if key is not None:
                self.mock.learn(key, request, address, session, answer)
        except Exception:
            logger.exception("no plan could be made for %s %s", request.method, request.path)
            scenario, rule = self._decided(request, address, session, before)
            return replace(self.mock.refuse(_DEFECT, request, session), scenario=scenario, rule=rule)
        return answer

    def _decided(self, request: Request, address: Address, session: Session, before: Counts) -> tuple[str, str]:
        """Return which scenario and rule failed, as far as can be told afterwards: what was drawn is not known."""
        try:
            scenario = self.mock.choose(address, request, session)
            endpoint, parameters = self.mock.imitated(scenario).resolve(request.path)
            request = replace(request, endpoint=endpoint, parameters=parameters)
            found = match(scenario, request, before.get(scenario.id, {}), Seed(0))
        except Exception:
            return "", ""
        if not isinstance(found, Match) or any(one.when.chance is not None for one in scenario.rules):
            return scenario.id, ""
        return scenario.id, found.rule.name or f"rule {found.index + 1}"

    def _forgotten(self, request: Request, session: Session) -> Answer:
        had, help = {
            "scenario": ("a scenario of its own", f"Set it again: PUT /_mockoai/scenario?session={session.id}."),
            "counts": ("counts of its calls", f"To count from 1: POST /_mockoai/reset?session={session.id}."),
        }[session.lost]
        message = (
            f"Session `{session.id}` had {had}, which it lost: {MAX_SESSIONS:,} other sessions were used since. {help}"
        )
        failure = Failure(status=404, message=message, code=_FORGOTTEN)
        return replace(self.mock.refuse(failure, request, session), near=message)


def _names_scenario(request: Request, address: Address) -> bool:
    return bool(request.header(HEADER) or address.scenario or model_scenario(request.model))
