"""The Rego target: an OPA bundle that decides as the interpreter does."""

from __future__ import annotations

from .target import RegoTarget

TARGET = RegoTarget()

__all__ = ["TARGET"]
