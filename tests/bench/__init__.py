"""Speed of mockoai beside two neighbours, in one run on one machine: ``python -m tests.bench --help``.

Strategy. All servers run at the same time on one core; the load generator has another, so an idle server
costs the one being measured nothing. Rounds are interleaved (A B C A B C), so a machine that slows down
slows all of them; the median of the rounds is reported with the least and the most. Beside each rate stands
the server's own CPU time per answer, which other work on the machine disturbs less.

Every server gives the same text in the same number of events (:mod:`tests.bench.answer`), and what comes
back is checked (:mod:`tests.bench.load`), so nobody wins by sending less. ``bare`` is a server without
HTTP, planning or journal that writes prepared bytes (:mod:`tests.bench.bare`): what this machine and this
load generator allow at most.
"""
