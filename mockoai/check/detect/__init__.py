"""The detectors: ``detect/<category>.py`` for every category of the catalogue, each function named by the ids it finds.

To write one: decorate a function with :func:`~mockoai.check.detect.registry.detects`, yield a
:class:`~mockoai.check.detect.registry.Seen` for every sight, and say in ``words/<category>.py`` what it means. It must
look at what is on the wire in general, never for the text of a scenario.
"""
