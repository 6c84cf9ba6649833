"""``noop``: the template for a fault. Copy this file, rename, and write the scenario and the test.

1. Choose the layer (see ``mockoai.plan.items``): the highest one at which the deviation can be said.
2. Fields are the parameters of the scenario file: ``Place``, ``Duration``, ``int``, ``float``, ``str``, ``bool``,
   ``Literal`` or ``Json``, each with a default where there is a sensible one. A trailing underscore (``for_``) is
   left off in YAML.
3. ``feed`` gets one item and gives back what goes on. Call ``run.fire()`` when, and only when, it did its work.
4. Add ``scenarios/<category>/<id>.yaml``, and a test that reads the bytes from a socket.
"""

from __future__ import annotations

from collections.abc import Iterable

from mockoai.faults.base import Fault, Run
from mockoai.faults.registry import fault
from mockoai.plan.items import Event, Item


@fault("noop", family="noop", layer="event")
class Noop(Fault):
    """Change nothing.

    On the wire: the healthy answer. Who does it: every server, most of the time.
    """

    def feed(self, item: Event, run: Run) -> Iterable[Item]:
        """Let ``item`` through."""
        run.fire("let an event through")
        return [item]
