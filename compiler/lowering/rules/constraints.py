"""`separate`, `isolate` and `assert` to IR; what they claim is proved by the analysis."""

from __future__ import annotations

from ...ir import nodes as ir
from ...report.diagnostics import report
from ...syntax import tree as syntax
from ..conditions.conditions import ConditionReader
from ..references.capabilities import capabilities_of
from ..references.facts import misplaced, report_misplaced
from ..references.references import References
from .clauses import needs


def separation(
    package: str, node: syntax.SeparateDeclaration, refer: References
) -> ir.Separation | None:
    """Lower `separate CAP, CAP [per task]`."""
    capabilities = capabilities_of(refer, package, node.capabilities, unmarked=True)
    if capabilities is None:
        return None
    if len(capabilities) < 2 and not any(each.endswith(("any", ".*")) for each in capabilities):
        report(
            refer.names.diagnostics,
            "AGP1401",
            node.span,
            "`separate` needs two capabilities or more",
            "name those that no one agent may have together",
        )
    return ir.Separation(capabilities, node.per_task, node.span)


def isolation(
    package: str, node: syntax.IsolateDeclaration, refer: References
) -> ir.Isolation | None:
    """Lower `isolate A from B [except CAP, …]`."""
    left = refer.agents(package, (node.left,))
    right = refer.agents(package, (node.right,))
    excepted = capabilities_of(refer, package, node.excepted, unmarked=False)
    if left is None or right is None or excepted is None:
        return None
    return ir.Isolation(left[0], right[0], excepted, node.span)


def delegation(
    package: str, node: syntax.DelegateDeclaration, refer: References
) -> ir.Delegation | None:
    """Lower `delegate A for I to B for J`."""
    agents = [refer.agents(package, (each,)) for each in (node.delegator, node.delegate)]
    intents = [refer.intents(package, (each,)) for each in (node.intent, node.delegate_intent)]
    if None in agents or None in intents:
        return None
    (delegator, delegate), (intent, delegate_intent) = (
        [each[0] for each in found if each] for found in (agents, intents)
    )
    return ir.Delegation(delegator, intent, delegate, delegate_intent, node.span)


def containment(
    package: str, node: syntax.WithinDeclaration, refer: References
) -> ir.Containment | None:
    """Lower `assert A within B [for I within J]`."""
    inner, outer = (refer.agents(package, (each,)) for each in (node.inner, node.outer))
    inner_intent = outer_intent = None
    if node.inner_intent is not None and node.outer_intent is not None:
        both = (node.inner_intent, node.outer_intent)
        first, second = (refer.intents(package, (each,)) for each in both)
        if first is None or second is None:
            return None
        inner_intent, outer_intent = first[0], second[0]
    if inner is None or outer is None:
        return None
    return ir.Containment(inner[0], outer[0], inner_intent, outer_intent, node.span)


def assertion(
    package: str, node: syntax.AssertDeclaration, refer: References
) -> ir.Assertion | None:
    """Lower `assert [no] AGENTS can CAPS [for INTENT] [when EXPR] [without NEED]`."""
    subject = refer.subject(package, ir.DECLARED, node.agents, node.intents)
    scope = refer.scope(package, subject, node.capabilities, unmarked=not node.possible)
    condition = (
        ConditionReader(scope.env, user="this assertion").lower(node.when) if node.when else None
    )
    report_misplaced(refer.names.diagnostics, misplaced(condition, None))
    if not scope.is_known:
        return None
    if node.without and node.possible:
        report(
            refer.names.diagnostics,
            "AGP1403",
            node.span,
            "`without` belongs to `assert no`",
            "say what may not happen without it: `assert no … can … without …`",
        )
    return ir.Assertion(
        node.possible,
        scope.agents,
        scope.capabilities,
        scope.intents,
        condition,
        needs(node.without, refer.names.diagnostics),
        node.span,
    )
