"""The grants of a policy: allows that share what stands once for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ..ir import nodes as ir
from ..ir.identities import grant_of
from ..report.diagnostics import Diagnostic, Label
from ..report.fixes import HOLE, Edit, Fix
from ..structs import Struct


class Grant(Struct):
    """The allows of one grant, in the order written. What their terms are, they are together."""

    name: str
    allows: tuple[ir.Allow, ...]

    @property
    def first(self) -> ir.Allow:
        """The allow that stands for the others."""
        return self.allows[0]

    @property
    def end(self) -> str | None:
        """When its validity ends, if that is said."""
        return None if self.first.validity is None else self.first.validity.end

    def finding(
        self,
        code: str,
        message: str,
        text: str,
        help: str,
        *others: Label,
        clause: str | None = None,
    ) -> Diagnostic:
        """Say something of the grant, at its first allow, with the text there and how many more there are.

        `clause` is what the grant lacks, where it can be written down.
        """
        label = counted(self.allows, text, "grant")
        fixes: tuple[Fix, ...] = ()
        if clause is not None:
            edit = Edit(self.first.span, clause, "line before")
            fixes = (Fix(f"add `{clause}`", (edit,)),)
        return Diagnostic(code, message, (label, *others), help, fixes=fixes)


def grants(policy: ir.Policy) -> Iterator[Grant]:
    """The grants of a policy, in the order of their names."""
    # With the terms, in case a grant and a package have one name: `a.b` with `x`, `a` with `b.x`.
    found: dict[tuple[object, ...], list[ir.Allow]] = {}
    names: dict[tuple[object, ...], str] = {}
    for allow in policy.allows:
        name = grant_of(policy, allow)
        key: tuple[object, ...] = (name, allow.credential, allow.validity, bool(allow.revoke))
        names[key] = name
        found.setdefault(key, []).append(allow)
    for key, allows in found.items():
        yield Grant(names[key], tuple(sorted(allows, key=lambda each: each.span)))


def once_a_file(
    code: str, rules: Iterable[ir.Rule], message: str, text: str, help: str, line: str
) -> Iterator[Diagnostic]:
    """Say something of the first of the rules in each file, which `{}` names, and count the others in it.

    `line` is what the package lacks.
    """
    by_file: dict[str, list[ir.Rule]] = {}
    for rule in sorted(rules, key=lambda each: each.span):
        by_file.setdefault(rule.span.file, []).append(rule)
    for alike in by_file.values():
        label = counted(alike, text, "file")
        edit = Edit(alike[0].span, line, "behind package")
        fixes = (Fix(f"add `{line.replace(HOLE, '…')}`", (edit,)),)
        yield Diagnostic(code, message.format(alike[0].id), (label,), help, fixes=fixes)


def counted(rules: Sequence[ir.Rule], text: str, whole: str) -> Label:
    """Point at the first of some rules, and say how many more of the whole there are."""
    more = len(rules) - 1
    return Label(rules[0].span, f"{text}, and {more} more of this {whole}" if more else text)
