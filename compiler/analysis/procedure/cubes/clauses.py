"""What rules ask beside their conditions, as cubes: an active task, a validity, a window, evidence."""

from __future__ import annotations

from .....runtime.values import read_time
from ....ir import nodes as ir
from ....meaning import request
from ..domains.texts import Texts
from ..domains.values import (
    EDGES,
    Finite,
    Intervals,
    Values,
)
from .cube import NOW_KEY, Cube, CubeKey, Relation, key_of

TASK_STATE = key_of(request.TASK_STATE)
AGENT_ID = CubeKey("agent", ("id",), ir.STRING)
TASK_ID = CubeKey("task", ("id",), ir.STRING)
USER_ID = CubeKey("user", ("id",), ir.STRING)
PRESENT_TEXT = Values(False, False, Texts())
ALWAYS_THERE = (AGENT_ID, CubeKey("resource", ("id",), ir.STRING))


def active() -> Cube:
    """The task is active."""
    return Cube({TASK_STATE: Values(False, False, Finite(0b001, 3))})


def inactive() -> Cube:
    """The task is not known to be active."""
    return Cube({TASK_STATE: Values(True, True, Finite(0b110, 3))})


def known_now(relation: Relation) -> Cube:
    """A relation that needs a clock."""
    now = Values(False, False, Intervals("time", EDGES["time"]))
    return Cube({NOW_KEY: now}, frozenset((relation,)))


def valid(validity: ir.Validity) -> Intervals:
    """The instants of a validity."""
    low, high = EDGES["time"][0]
    start, end = read_time(validity.start), read_time(validity.end)
    span = (low if start is None else start, high if end is None else end - 1)
    return Intervals("time", (span,) if span[0] <= span[1] else ())
