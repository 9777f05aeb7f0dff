"""What was done before, and where values come from, for one process: it puts facts into requests, and decides.

It knows the runtime alone, so that a program may have it without the compiler.

How each aggregate grows and shrinks (`aggregates.py`, `cells.py`), what a call adds (`shares.py`), what happens
in a run (`told.py`) and where values come from (`sources.py`), all of it within bounds (`store.py`).

Begin with `monitor.py`, `store.py`.
"""

from .limits import Limits as Limits
from .monitor import Answer as Answer
from .monitor import Monitor as Monitor
from .monitor import MonitorError as MonitorError
from .monitor import Policy as Policy
from .record import BrokenRecord as BrokenRecord

__all__ = ["Answer", "BrokenRecord", "Limits", "Monitor", "MonitorError", "Policy"]
