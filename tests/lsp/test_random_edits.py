"""Whatever is edited, the editor says in the end what a fresh check says of the same texts."""

from __future__ import annotations

import asyncio
from itertools import count
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lsp.editor import started
from lsp.random_edits import Step, run_steps

NUMBERS = st.integers(0, 2_000)
STEPS = st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS, NUMBERS), min_size=1, max_size=30)


def test_edits_end_in_what_a_fresh_check_says(tmp_path: Path) -> None:
    with asyncio.Runner() as runner:
        context = started(tmp_path, folders=[])
        editor = runner.run(context.__aenter__())
        numbers = count()

        @settings(
            max_examples=settings.default.max_examples // 10 or 1,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(STEPS)
        def edit(steps: list[Step]) -> None:
            runner.run(run_steps(editor, tmp_path / f"run{next(numbers)}", steps))

        edit()
        runner.run(context.__aexit__(None, None, None))
