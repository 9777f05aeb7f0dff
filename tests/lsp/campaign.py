"""Many random edits at length: `python -m lsp.campaign [--seconds N] [--seed N]`, of which each run is named by its seed."""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
from pathlib import Path
from time import monotonic

from pygls.exceptions import JsonRpcException

from lsp.editor import started
from lsp.random_edits import run_steps


async def campaign(seconds: float, first: int) -> int:
    """Run sequences until the time is over, and give how many went wrong."""
    wrong = edits = 0
    seed, end = first, monotonic() + seconds
    with tempfile.TemporaryDirectory() as directory:
        async with started(Path(directory), folders=[]) as editor:
            while monotonic() < end:
                chosen = random.Random(seed)
                steps = [
                    tuple(chosen.randrange(2_000) for _ in range(4))
                    for _ in range(chosen.randrange(1, 40))
                ]
                try:
                    await run_steps(editor, Path(directory) / f"run{seed}", steps)  # type: ignore[arg-type]
                except (AssertionError, JsonRpcException) as error:  # or an internal error
                    wrong += 1
                    print(f"seed {seed}: {error}", flush=True)
                edits += len(steps)
                seed += 1
    print(
        f"{seed - first} sequences, {edits} steps, {wrong} that ended otherwise than a fresh check"
    )
    return wrong


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    raise SystemExit(asyncio.run(campaign(given.seconds, given.seed)) > 0)
