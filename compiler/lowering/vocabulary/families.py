"""Families of agents: the identities that each comes to with the families that it includes.

Families may include one another to any depth and in any shape, so that each is resolved once, and
without recursion.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from ...ir import nodes as ir
from ...ir.spiffe import spiffe_matches, without
from ...report.diagnostics import at
from ...structs import Struct, field
from ...syntax import tree as syntax
from ..literals.forms import spiffe_id
from ..names.names import Names

SHOWN = 6  # families of a circle that a message names


class Identities(Struct, frozen=False):
    """SPIFFE IDs and patterns of them."""

    patterns: set[str] = field(default_factory=set)
    ids: set[str] = field(default_factory=set)


class _Inclusion(Struct):
    """A family that another one names, and where."""

    name: str
    member: syntax.Name


def resolve_families(names: Names, agents: Mapping[str, ir.Agent]) -> dict[str, Identities]:
    """Give the identities of every family; those that contain each other are reported."""
    found: dict[str, Identities] = {}
    inclusions: dict[str, list[_Inclusion]] = {}
    leaving_out = {
        each.name: each
        for each in names.all("agent")
        if isinstance(each.node, syntax.AgentsDeclaration) and each.node.excepted
    }
    for each in names.all("agent"):
        if isinstance(each.node, syntax.AgentsDeclaration):
            found[each.name] = Identities()
            members = _members(each.package, each.node.members, names, agents, found[each.name])
            inclusions[each.name] = list(_plain(members, leaving_out.keys(), names))
    done: set[str] = set()
    for start in inclusions:
        _include(start, inclusions, found, done, names)
    for each in leaving_out.values():
        assert isinstance(each.node, syntax.AgentsDeclaration)
        out = Identities()
        members = _members(each.package, each.node.excepted, names, agents, out)
        for inclusion in _plain(members, leaving_out.keys(), names):
            out.patterns |= found[inclusion.name].patterns
            out.ids |= found[inclusion.name].ids
        _leave_out(found[each.name], out)
    return found


def _plain(
    inclusions: Iterable[_Inclusion], leaving_out: Collection[str], names: Names
) -> Iterator[_Inclusion]:
    """Inclusions of families that leave nobody out; the others are reported."""
    for each in inclusions:
        if each.name not in leaving_out:
            yield each
            continue
        names.diagnostics.append(
            at(
                "AGP1114",
                each.member.span,
                f"`{each.member.text}` has an `except`, and so it is no part of another family",
                help="name both where they are used, as in `to a, b`, or write its members here",
            )
        )


def _leave_out(family: Identities, out: Identities) -> None:
    """Take some agents from a family: from its patterns those that they may stand for, and its IDs one by one."""
    everything = out.ids | out.patterns
    family.ids = {
        each
        for each in family.ids
        if each not in out.ids and not any(spiffe_matches(one, each) for one in out.patterns)
    }
    family.patterns = {without(each, everything) for each in family.patterns}


def _members(
    package: str,
    members: Iterable[syntax.Text | syntax.Name],
    names: Names,
    agents: Mapping[str, ir.Agent],
    found: Identities,
) -> Iterator[_Inclusion]:
    """Add what is named itself, and give the families that are."""
    for member in members:
        if isinstance(member, syntax.Text):
            id = spiffe_id(member, names.diagnostics, pattern=True)
            if id is not None:
                (found.patterns if "*" in id else found.ids).add(id)
            continue
        declared = names.agent(package, member)
        if declared is None:
            continue
        if declared.name in agents:
            found.ids.add(agents[declared.name].id)
        elif isinstance(declared.node, syntax.AgentsDeclaration):
            yield _Inclusion(declared.name, member)


def _include(
    start: str,
    inclusions: Mapping[str, Sequence[_Inclusion]],
    found: Mapping[str, Identities],
    done: set[str],
    names: Names,
) -> None:
    """Add to a family, and first to those below it, what the families that it includes come to."""
    if start in done:
        return
    path: list[_Inclusion] = []  # how the search came to the family that is open last
    opened = {start: 0}
    waiting = [(start, iter(inclusions[start]))]
    while waiting:
        name, rest = waiting[-1]
        inclusion = next(rest, None)
        if inclusion is None:
            waiting.pop()
            del opened[name]
            done.add(name)
            for each in inclusions[name]:
                found[name].patterns |= found[each.name].patterns
                found[name].ids |= found[each.name].ids
            if path:
                path.pop()
        elif inclusion.name in opened:
            _report_circle([*path[opened[inclusion.name] :], inclusion], names)
        elif inclusion.name not in done:
            path.append(inclusion)
            opened[inclusion.name] = len(path)
            waiting.append((inclusion.name, iter(inclusions[inclusion.name])))


def _report_circle(circle: Sequence[_Inclusion], names: Names) -> None:
    """Report every inclusion of a circle, each where it stands."""
    around = [each.name for each in circle] * 2
    for index, each in enumerate(circle):
        shown = around[index : index + min(len(circle), SHOWN)]
        left_out = ["…"] if len(circle) > SHOWN else []
        text = " → ".join((*shown, *left_out, each.name))
        names.diagnostics.append(
            at("AGP1104", each.member.span, f"families contain each other: {text}")
        )
