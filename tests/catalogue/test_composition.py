"""Faults together: whatever two faults of different layers a rule lists, both do what they are for, or one says why not.

And a place past the end of the answer is never passed over in silence.
"""

from __future__ import annotations

import dataclasses
from typing import Any, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockoai.cli.planned import CLOCK
from mockoai.faults import registry
from mockoai.faults.base import Fault
from mockoai.mock import Mock
from mockoai.plan.duration import Duration
from mockoai.plan.items import LAYERS, End, Wait
from mockoai.plan.place import Place
from mockoai.plan.steps import Plan, PlannedFault
from mockoai.scenario.diagnose import ScenarioError
from mockoai.scenario.load import load_text
from mockoai.scenario.model import Reply, Rule, Scenario, Timing, ToolCallReply
from tests.support.asking import ask
from mockoai.address import Address
from mockoai.request import Request
