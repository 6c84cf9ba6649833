"""Scenario files: YAML in, frozen :class:`~mockoai.scenario.model.Scenario` out, or a diagnostic."""
