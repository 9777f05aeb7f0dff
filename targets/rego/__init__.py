"""The Rego target: an OPA bundle that decides as the interpreter does."""

from __future__ import annotations

from .emit import RegoTarget

TARGET = RegoTarget()

__all__ = ["TARGET"]
