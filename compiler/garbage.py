"""Python's collector of cyclic garbage, kept from looking again and again at what is not garbage."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

SELDOM = 100_000  # new objects between two looks
FEW = 10_000  # new objects that are looked through in less time than it may take to ask what is frozen


@contextmanager
def uncollected() -> Iterator[None]:
    """Do without: a tree has many nodes and no cycles.

    What was made in the meantime counts as looked at: else the first new object after it would look through all
    of it. A program that has frozen objects of its own keeps them frozen, and pays for the look. Whether it has is
    counted object by object, 100 ms for three million, so that it is asked only where much was made.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            if gc.get_count()[0] > FEW and not gc.get_freeze_count():
                gc.freeze()
                gc.unfreeze()  # to the oldest generation
            gc.enable()


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Collect less often, where much is kept and little is garbage."""
    often, *older = gc.get_threshold()
    gc.set_threshold(max(often, SELDOM) if often else often, *older)
    try:
        yield
    finally:
        gc.set_threshold(often, *older)
