"""Make the nodes of the syntax tree, each as soon as the parser has read it.

A function of `BUILD` makes the node of the rule of `agp.lark` of that name. It gets the span of
what the rule matched and the values of its parts: nodes, the text of a keyword that matters, and
None for a part that is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..report.source import Span
from ..text.field_names import canonical
from . import tree as syntax
from .building import bindings, conditions, declarations, rules, scenarios
from .characters import string_literal

BUILD: dict[str, Callable[..., Any]] = {
    "file": lambda span, language, package, *statements: (language, package, statements),
    **declarations.BUILD,
    **rules.BUILD,
    **conditions.BUILD,
    **scenarios.BUILD,
    **bindings.BUILD,
}


def number(span: Span, written: str) -> syntax.Number:
    """A number, without its underscores."""
    return syntax.Number(span, written.replace("_", ""))


def quoted_name(span: Span, text: str) -> syntax.Name:
    """A name, or a path, of which a part stands in quotes."""
    return syntax.Name(span, canonical(text))


LEAVES: dict[str, Callable[[Span, str], syntax.Node]] = {
    "%NAME": syntax.Name,
    "%PATH": syntax.Name,
    "%WILDCARD": syntax.Name,
    "%QUOTED_NAME": quoted_name,
    "%QUOTED_PATH": quoted_name,
    "%CONTROL_ID": syntax.Name,
    "%PLATFORM_NAME": syntax.Name,
    "%CLOCK": syntax.Name,
    "%NUMBER": number,
    "%DURATION": syntax.Duration,
    "%DATE": syntax.Date,
    "%TIME": syntax.Time,
    "%STRING": string_literal,
}
"""What a terminal becomes, given its span and its text."""
