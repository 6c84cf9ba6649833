"""The client matrix: real clients meet every scenario of the catalogue, and what each made of it is written down.

``make matrix`` installs the clients, each in an environment of its own under ``build/matrix``, serves the catalogue
with ``mockoai serve``, and has every client ask for every scenario: with its retries off and a timeout of three
seconds, and again with its own retries where a failure invites them. It writes ``scenarios/clients.json`` and, made
from that alone, ``scenarios/CLIENTS.md``. Neither is edited.

=================  ===============================================================================================
``clients``        which clients, in which environments
``environments``   install them, and say which versions came
``cases``          what to ask for so that a scenario shows its failure
``meaning``        what was truly meant: the answer to the same request without the faults
``drivers/``       one small program per client: cases in, what the client made of them out
``drive``          runs a driver, and kills one that hangs
``server``         the server, and what its journal says of a case
``run``            every case by every client, in parallel, resumable
``grade``          the grade of a reaction: one pure function
``document``       results as the JSON document
``render``         the JSON document as Markdown
=================  ===============================================================================================
"""
