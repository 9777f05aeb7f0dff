"""The Rego target: an OPA bundle that decides as the interpreter does.

Begin with `target.py`.
"""

from __future__ import annotations

from .target import RegoTarget

TARGET = RegoTarget()

__all__ = ["TARGET"]
