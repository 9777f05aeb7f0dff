"""Where the service keeps what it knows: one interface, on SQLite and on PostgreSQL.

Begin with `turn.py`, `rows.py`.
"""

from __future__ import annotations

from .connection import StoreError
from .rows import (
    Call,
    Checkpoint,
    Event,
    Generation,
    Head,
    Lease,
    Notice,
    Passkey,
    Person,
    Proof,
    Receiver,
    Request,
    Row,
    Seen,
    Session,
    Table,
    Task,
    Tile,
    Verdict,
)
from .store import Store
from .turn import ClockBehind, Reading, Turn

__all__ = [
    "Call",
    "Checkpoint",
    "ClockBehind",
    "Event",
    "Generation",
    "Head",
    "Lease",
    "Notice",
    "Passkey",
    "Person",
    "Proof",
    "Reading",
    "Receiver",
    "Request",
    "Row",
    "Seen",
    "Session",
    "Store",
    "StoreError",
    "Table",
    "Task",
    "Tile",
    "Turn",
    "Verdict",
]
