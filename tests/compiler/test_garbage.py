"""When garbage is collected."""

from __future__ import annotations

import gc
import subprocess
import sys

import pytest

from agpc.compiler.garbage import uncollected


def test_what_was_made_without_the_collector_is_not_looked_through_right_after() -> None:
    program = """
import gc
from agpc.compiler.garbage import uncollected
looks = []
gc.callbacks.append(lambda phase, info: looks.append(info["generation"]) if phase == "start" else None)
with uncollected():
    made = [[] for _ in range(100_000)]
more = [[] for _ in range(10)]
print(looks, gc.isenabled(), gc.get_freeze_count(), len(made), len(more))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[] True 0 100000 10\n"


def test_a_collector_that_is_off_stays_off() -> None:
    was_on = gc.isenabled()
    gc.disable()
    try:
        with uncollected():
            assert not gc.isenabled()
        assert not gc.isenabled()
    finally:
        if was_on:
            gc.enable()


def test_what_a_program_has_frozen_stays_frozen() -> None:
    gc.freeze()
    try:
        frozen = gc.get_freeze_count()
        with uncollected():
            pass
        assert gc.get_freeze_count() == frozen
    finally:
        gc.unfreeze()


def test_little_is_never_worth_counting_what_is_frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is counted object by object: where millions are frozen, each short text would take a tenth of a second."""

    def counted() -> int:
        raise AssertionError("everything that is frozen was counted")

    monkeypatch.setattr(gc, "get_freeze_count", counted)
    gc.collect()
    with uncollected():
        made = [[] for _ in range(100)]
    assert len(made) == 100
