"""A healthy server for the clients to talk to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mockoai.mock import Mock
from mockoai.server.lifecycle import Server


@pytest.fixture(scope="module")
def healthy_url() -> Iterator[str]:
    with Server(Mock(), port=0) as server:
        yield server.url
