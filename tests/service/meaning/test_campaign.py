"""A short run of the campaign of meaning, on either store."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

from .campaign import run

LIVES = 4


def test_what_is_decided_is_never_more_open_than_the_reference(
    new_store_url: Callable[[], str],
) -> None:
    urls = (new_store_url() for _ in range(LIVES))
    found = run(islice(urls, LIVES), lambda: True, first=200)
    assert found["lives"] == LIVES and found["call permit"] > 0 and found["facts"] > 0
