"""Texts in quotes of which it is known what may stand in them: time zones, roles, people, methods, controls of one's own."""

from __future__ import annotations

from collections.abc import Iterator

from ....compiler.ir.times import time_zones
from ....compiler.syntax import tree as syntax
from ....compiler.text.strings import quoted
from .asked import CompletionPoint
from .offers import Offer


def strings(asked: CompletionPoint) -> Iterator[Offer]:
    """The texts that may stand here."""
    around = asked.of_string
    if around is None or "%STRING" not in asked.cursor.expected:
        return
    word = around.word
    if around.symbol(len(around.symbols) - 1) == "%CLOCK" and "during" in around.symbols:
        for zone in sorted(time_zones()):
            yield Offer(quoted(zone), "value", "", 4 if "/" in zone else 6)
    elif word == "by" and "approved" in around.symbols:
        yield from _used(asked, "people")
    elif word in ("by", "as") and {"approval", "approved"} & set(around.symbols):
        yield from _used(asked, "roles")
    elif word == "step_up":
        yield from _used(asked, "methods")
    elif word == "because" and "expect" in around.symbols:
        yield from _used(asked, "reasons")
    elif word == "owner":
        yield from _used(asked, "owners")
    elif word == "contact":
        yield from _used(asked, "contacts")
    elif word == "controls":
        for framework in asked.names.catalogue.own:
            for label, title in framework.controls.items():
                yield Offer(quoted(label), "control", title, 3)
    elif word == "agent" and "test" in around.symbols:
        for id in sorted(each.id for each in asked.known.agents.values()):
            yield Offer(quoted(id), "agent", "", 6)


def _used(asked: CompletionPoint, what: str) -> Iterator[Offer]:
    """Texts that the policy set has at other such places."""
    found: dict[str, int] = {}
    for each in _texts(asked, what):
        is_made_up = each.span.start == each.span.end  # by the parser, where a text is missing
        if not is_made_up and not asked.is_in(each):
            found[each.value] = found.get(each.value, 0) + 1
    for text, count in sorted(found.items()):
        times = "once" if count == 1 else f"{count} times"
        yield Offer(quoted(text), "value", f"used {times}", 3)


def _texts(asked: CompletionPoint, what: str) -> Iterator[syntax.Text]:
    if what in ("owners", "contacts"):
        for table in asked.names.packages.values():
            for owner in table.owners:
                yield owner.owner if what == "owners" else owner.contact
    for each in (*asked.names.all("rule"), *asked.names.all("terms")):
        assert isinstance(each.node, syntax.RuleDeclaration | syntax.TermsDeclaration)
        for clause in each.node.clauses:
            yield from _of_clause(clause, what)
    if what == "people":
        for statement in asked.tree.statements:
            if isinstance(statement, syntax.TestDeclaration):
                for one in statement.clauses:
                    if isinstance(one, syntax.ApprovedClause):
                        yield one.by


def _of_clause(clause: syntax.Clause, what: str) -> Iterator[syntax.Text]:
    match clause:
        case syntax.BecauseClause(text=text) if what == "reasons":
            yield text
        case syntax.OwnerClause() if what in ("owners", "contacts"):
            yield clause.owner if what == "owners" else clause.contact
        case (
            syntax.AllowClause(require=needs)
            | syntax.RequireClause(needs=needs)
            | syntax.UnlessClause(needs=needs)
        ):
            for need in needs:
                match need:
                    case syntax.ApprovalNeed(by=by) if what in ("roles", "people"):
                        is_role = what == "roles"
                        yield from (
                            each for each in by if is_role or each.value.startswith("user:")
                        )
                    case syntax.StepUpNeed(method=method) if what == "methods":
                        yield method
                    case _:
                        pass
        case _:
            pass


def obligations(asked: CompletionPoint) -> dict[str, dict[str, syntax.Pair]]:
    """The obligations that the policy set has, and their properties as they were written last."""
    found: dict[str, dict[str, syntax.Pair]] = {}
    for each in (*asked.names.all("rule"), *asked.names.all("terms")):
        assert isinstance(each.node, syntax.RuleDeclaration | syntax.TermsDeclaration)
        for clause in each.node.clauses:
            if isinstance(clause, syntax.ObligeClause):
                known = found.setdefault(clause.name.text, {})
                known.update((pair.name.text, pair) for pair in clause.properties)
    return found
