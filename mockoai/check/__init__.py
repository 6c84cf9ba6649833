"""The health check of an endpoint: what it sends is recorded byte by byte, and judged.

One direction, as everywhere::

    target -> conversation: asks -> recorder: bytes and their times -> reading -> detect -> judge -> Report
                   ^---------------------- what came back, read ----------'

:mod:`~mockoai.check.recorder` is the only module that touches a socket or a clock. Everything else is pure: the
conversation is a generator that takes what was read and gives the next request, so it can be held with a planned
answer as well as with a server. Who looks for the detector of a catalogue id finds it in
``detect/<category>.py``, and what is said about it in ``words/<category>.py``.
"""
