"""A service with the scenario of the certification."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ..http.served import Served
from .point import certifying


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """The fixture of the scenario, on each kind of store."""
    url = None
    if request.param == "postgres":
        url = request.getfixturevalue("shared_cluster").create_database()
    with certifying(tmp_path_factory.mktemp("certified"), url=url) as found:
        yield found
