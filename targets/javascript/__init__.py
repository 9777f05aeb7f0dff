"""The JavaScript target: an ES module without dependencies, with type declarations.

Begin with `target.py`.
"""

from __future__ import annotations

from .target import JavaScriptTarget

TARGET = JavaScriptTarget()

__all__ = ["TARGET"]
