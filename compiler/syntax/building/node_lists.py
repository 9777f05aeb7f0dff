"""Lists that stand in nodes, and are no nodes of their own."""

from __future__ import annotations

from typing import Any, TypeAlias

from ...report.source import Span
from .. import tree as syntax

Fields: TypeAlias = tuple[syntax.FieldDeclaration, ...]
Names: TypeAlias = tuple[syntax.Name, ...]
Pairs: TypeAlias = tuple[syntax.Pair, ...]
Needs: TypeAlias = tuple[syntax.Need, ...]


def together(span: Span, *parts: Any) -> tuple[Any, ...]:
    """Several parts, or one that may be of several: the parser sees to it without a span."""
    return parts
