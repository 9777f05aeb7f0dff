"""Conditions that somebody asks about, outside of any file: names and types as in the policy."""

from __future__ import annotations

from collections.abc import Iterable

from ...ir import nodes as ir
from ...report.diagnostics import Diagnostic, Diagnostics
from ...syntax import tree as syntax
from ...syntax.parse import parse_expression
from ..names.names import Names
from ..references.references import References
from ..vocabulary.vocabulary import lower_vocabulary
from .conditions import ConditionReader


def condition_about(
    capability: str, intents: ir.Names, text: str, files: Iterable[syntax.File]
) -> tuple[ir.Condition | None, tuple[Diagnostic, ...]]:
    """Read a condition about calls of a capability by any agent, for some intents or any.

    `files` are those of a policy that compiles. Without a condition, the diagnostics say why.
    """
    diagnostics: Diagnostics = []
    expression = parse_expression(text, diagnostics)
    if expression is None:
        return None, tuple(diagnostics)
    names = Names(files, [])
    refer = References(names.reporting_to(diagnostics), lower_vocabulary(names))
    package = capability.rpartition(".")[0].rpartition(".")[0]
    env = refer.environment(package, ir.DECLARED, intents, (capability,))
    condition = ConditionReader(env).lower(expression)
    return condition, tuple(dict.fromkeys(diagnostics))
