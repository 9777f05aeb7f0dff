"""The roots that conditions read: what each has built in, and which names are taken there."""

from __future__ import annotations

from . import nodes as ir

ROOTS = ("agent", "args", "resource", "task", "context", "user", "now")
SCALARS = ("string", "bool", "int", "number", "time", "duration", "ip", "json")


BUILT_IN: dict[str, tuple[ir.Field, ...]] = {
    "agent": (ir.Field("id", ir.STRING),),
    "resource": (ir.Field("id", ir.STRING),),
    "task": (
        ir.Field("id", ir.STRING),
        ir.Field("state", ir.EnumType(ir.TASK_STATE)),
        ir.Field("started_at", ir.TIME, optional=True),
    ),
    "user": (ir.Field("id", ir.STRING, optional=True),),
}
RESERVED_FIELDS: dict[str, tuple[str, ...]] = {
    "agent": ("id",),
    "resource": ("id",),
    "task": ("id", "intent", "state", "started_at"),
    "user": ("id",),
    "context": ("time", "user", "task", "approvals", "step_up"),
}


RESOURCE_ID = "test-resource"
TASK_ID = "test-task"
