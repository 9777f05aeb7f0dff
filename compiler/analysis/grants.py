"""The grants of a policy: allows that share what stands once for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..ir import nodes as ir
from ..records import dataclass
from ..report.diagnostics import Label


@dataclass(frozen=True, slots=True)
class Grant:
    """The allows of one grant, in the order written. What their terms are, they are together."""

    name: str
    allows: tuple[ir.Allow, ...]

    @property
    def first(self) -> ir.Allow:
        """The allow that stands for the others."""
        return self.allows[0]

    def labels(self, text: str) -> tuple[Label, ...]:
        """Point at the first allow, and say how many more there are."""
        more = len(self.allows) - 1
        also = f", and {more} more of this grant" if more else ""
        return (Label(self.first.span, text + also),)


def grants(policy: ir.Policy) -> Iterator[Grant]:
    """The grants of a policy, in the order of their names."""
    packages = {each.name for each in policy.packages}
    # With the terms, in case a grant and a package have one name: `a.b` with `x`, `a` with `b.x`.
    found: dict[tuple[object, ...], list[ir.Allow]] = {}
    names: dict[tuple[object, ...], str] = {}
    for allow in policy.allows:
        name = grant_of(allow.id, packages)
        key: tuple[object, ...] = (name, allow.credential, allow.validity, bool(allow.revoke))
        names[key] = name
        found.setdefault(key, []).append(allow)
    for key, allows in found.items():
        yield Grant(names[key], tuple(sorted(allows, key=lambda each: each.span)))


def grant_of(identity: str, packages: set[str]) -> str:
    """The grant in the identity of an allow: what follows the longest package's name.

    >>> grant_of("acme.finance.pay.ledger.read", {"acme.finance"})
    'acme.finance.pay'
    """
    parts = identity.split(".")
    for length in range(len(parts) - 2, 0, -1):
        if ".".join(parts[:length]) in packages:
            return ".".join(parts[: length + 1])
    return identity


def first_of_each_file(rules: Iterable[ir.Rule], text: str) -> Iterator[tuple[ir.Rule, Label]]:
    """Give the first of the rules in each file, with a label that counts the others in it."""
    by_file: dict[str, list[ir.Rule]] = {}
    for rule in sorted(rules, key=lambda each: each.span):
        by_file.setdefault(rule.span.file, []).append(rule)
    for first, *others in by_file.values():
        more = f", and {len(others)} more of this file" if others else ""
        yield first, Label(first.span, text + more)
