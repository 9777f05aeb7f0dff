"""The Python target: a package without dependencies, and the same in memory.

Begin with `target.py`.
"""

from __future__ import annotations

from .memory import evaluator
from .target import PythonTarget

TARGET = PythonTarget()

__all__ = ["TARGET", "evaluator"]
