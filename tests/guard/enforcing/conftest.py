"""Guards with a core of their own, and guards that ask a service: what holds of one holds of the other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .desk import REMOTE


@pytest.fixture(params=["embedded", "remote"])
def either(request: pytest.FixtureRequest) -> Iterator[None]:
    """Have the guards of a test be of either kind."""
    token = REMOTE.set(request.param == "remote")
    yield
    REMOTE.reset(token)
