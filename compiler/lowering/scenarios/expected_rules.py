"""The rules that an `expect … by` names."""

from __future__ import annotations

from collections.abc import Mapping

from ...ir import nodes as ir
from ...report.diagnostics import at, report
from ...structs import Struct
from ...syntax import tree as syntax
from ...text.suggestions import did_you_mean
from ..names.names import Names

_NOTHING = ("default", "nobody", "none", "nothing", "no_rule")


class ExpectedRules(Struct, frozen=False):
    """Looks up rules in those of a policy set, which have been lowered."""

    names: Names
    rules: Mapping[str, ir.Rule]

    def of(self, package: str, by: tuple[syntax.Name, ...]) -> tuple[str, ...] | None:
        """Give the identities that `by` names: whole, without the package, or by their last part."""
        found = []
        for name in by:
            matches = [
                id for id in (name.text, f"{package}.{name.text}") if id in self.rules
            ] or sorted(id for id in self.rules if id.endswith(f".{name.text}"))
            if len(matches) == 1:
                self.names.note(name, "rule", matches[0])
                found.append(matches[0])
            elif matches:
                several = " and ".join(f"`{each}`" for each in matches)
                report(
                    self.names.diagnostics,
                    "AGP1106",
                    name.span,
                    f"`{name.text}` may be {several}",
                    "write it in full",
                )
            elif not self._is_of_a_broken_rule(package, name.text):
                short = {id.removeprefix(f"{package}.") for id in self.rules}
                last = {id.rpartition(".")[2] for id in self.rules}
                self.names.miss(
                    name.text,
                    at(
                        "AGP1101",
                        name.span,
                        f"there is no rule `{name.text}`",
                        help=("write `by no rule`" if name.text in _NOTHING else None)
                        or did_you_mean(name.text, short | last)
                        or self._rules_of_grant(package, name.text),
                    ),
                )
        return tuple(sorted(found)) if len(found) == len(by) else None

    def _is_of_a_broken_rule(self, package: str, name: str) -> bool:
        """Whether a name may be that of a rule that is written, and was not made sense of."""
        written = name.removeprefix(f"{package}.")
        for each in self.names.all("rule"):
            node = each.node
            assert isinstance(node, syntax.RuleDeclaration)
            if any(id == each.name or id.startswith(f"{each.name}.") for id in self.rules):
                continue  # a grant has all of its rules, or none
            short = each.name.removeprefix(f"{package}.")
            if written in (node.name.text, short):
                return True
            for clause in node.clauses:
                if isinstance(clause, syntax.AllowClause):
                    last = "+".join(capability.text for capability in clause.capabilities)
                    last = clause.label.text if clause.label else last
                    if written in (last, f"{short}.{last}"):
                        return True
        return False

    def _rules_of_grant(self, package: str, grant: str) -> str | None:
        """Say which rules a grant has, since `by` names rules."""
        prefix = f"{package}.{grant}."
        ids = sorted(id.removeprefix(f"{package}.") for id in self.rules if id.startswith(prefix))
        if not ids:
            return None
        return (
            f"a grant is not a rule; each `allow` is: {', '.join(f'`{each}`' for each in ids[:3])}"
        )
