"""The server of a run: ``mockoai serve`` as its users start it, and what its journal says of a case."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from dataclasses import asdict, dataclass
from typing import Any

import httpx

from mockoai.scenario.model import HEALTHY

Json = dict[str, Any]

READY = re.compile(r"mockoai ready url=(http://[^ ]+)/v1\n")
SETTLE_SECONDS = 1.0
"""How long an exchange may take to end once the client has done with it."""
_LEFT = "client-left"


@dataclass(frozen=True, slots=True)
class Exchanges:
    """What the journal has of one case, in the order of arrival.

    ``delivered`` says whether the failure reached the client, and ``why`` why not; ``times`` are the moments at which
    the requests came, in seconds from the first; ``left`` says whether the last one ended because the client left.
    ``last`` has what the meaning of the last answer follows from: its ``rule``, and the ``request``, without secrets.
    """

    delivered: bool
    why: str
    times: tuple[float, ...]
    left: bool
    last: Json | None

    def to_json(self) -> Json:
        """Return it as JSON values."""
        return {**asdict(self), "times": list(self.times)}


class Server:
    """A running ``mockoai serve`` and a client of its control API."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "mockoai", "serve", "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout is not None
        ready = READY.fullmatch(self._process.stdout.readline())
        if ready is None:
            self._process.kill()
            self._process.communicate()
            raise RuntimeError("mockoai serve did not become ready")
        self.origin = ready[1]
        self._client = httpx.AsyncClient(base_url=f"{self.origin}/_mockoai", timeout=30, trust_env=False)

    async def stop(self) -> None:
        """End it."""
        await self._client.aclose()
        self._process.terminate()
        self._process.communicate(timeout=10)

    async def begin(self, session: str, scenario: str, yaml: str) -> str:
        """Begin ``session`` anew, and return the base URL at which a client meets ``scenario``, or ``yaml`` for it."""
        await self.forget(session)
        if yaml:
            answer = await self._client.put("/scenario", params={"session": session}, json={"yaml": yaml})
            answer.raise_for_status()
        named = "" if yaml or scenario == HEALTHY.id else f"/scenario/{scenario}"
        return f"{self.origin}/session/{session}{named}/v1"

    async def forget(self, session: str) -> None:
        """Forget the session with its exchanges."""
        await self._client.delete(f"/sessions/{session}")

    async def exchanges(self, session: str, scenario: str, rule: str, warm: int) -> Exchanges:
        """Return what came of a case, once its last exchange has ended or had the time to.

        ``rule`` is the one that had to answer the first request.
        """
        found = await self._list(session)
        waited = 0.0
        while found and not found[-1]["finished"] and waited < SETTLE_SECONDS:
            await asyncio.sleep(0.05)
            waited += 0.05
            found = await self._list(session)
        if not found:
            return Exchanges(False, "no request came", (), False, None)
        delivered, why = _delivered(found, scenario, rule)
        times = tuple(round(one["received"] - found[warm if warm < len(found) else 0]["received"], 3) for one in found)
        last = found[-1]
        asked = (await self._client.get(f"/exchanges/{last['number']}")).json()["request"]
        request = {name: asked[name] for name in ("method", "target")}
        request["body"] = asked["body"].get("text", "")
        answered = last["rule"] if last["scenario"] == scenario else None
        return Exchanges(
            delivered,
            why,
            times[warm:] or times,
            last["ending"]["actual"] == _LEFT,
            {"rule": answered, "request": request, "session": session, "call": len(found)},
        )

    async def _list(self, session: str) -> list[Json]:
        answer = await self._client.get("/exchanges", params={"session": session, "limit": 100})
        return list(answer.json()["exchanges"])


def _delivered(found: list[Json], scenario: str, rule: str) -> tuple[bool, str]:
    """Say whether the failure reached the client, and why not."""
    first = found[0]
    if first["scenario"] != scenario or (rule and first["rule"] != rule):
        return False, f"rule {first['rule'] or 'none'} answered, not {rule}"
    missed = [one for one in first["faults"] if not one["delivered"]]
    # A client may well leave at the first of several faults.
    left = first["ending"]["actual"] == _LEFT and len(missed) < len(first["faults"])
    if missed and not left:
        return False, f"{missed[0]['id']}: {missed[0]['why']}"
    return True, ""
