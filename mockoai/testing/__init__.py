"""mockoai inside tests: sessions of a server, scenarios built in Python, and what became of them.

The fixture of :mod:`mockoai.pytest_plugin` is a :class:`mockoai.testing.session.Session`; without pytest,
:meth:`mockoai.Server.session` opens one.
"""
