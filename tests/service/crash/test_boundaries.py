"""Some of the statements at which `make crash` kills a process, which goes through all of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from .boundaries import go_through


def test_a_process_that_is_killed_at_any_statement_leaves_no_half_and_goes_on(
    new_store_url: Callable[[], str], tmp_path: Path
) -> None:
    # one of eleven of a file; one of nineteen of a database, where each try takes several times as long
    step = 11 if new_store_url().startswith("sqlite") else 19
    urls = iter(new_store_url, None)
    assert go_through(urls, tmp_path, step) > 80
