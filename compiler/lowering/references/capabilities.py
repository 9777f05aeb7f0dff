"""The capabilities that a list names: by name, all of a resource, those of a kind, and groups of them.

Kinds and groups are written out here, so that nothing behind knows of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ...ir import nodes as ir
from ...report.diagnostics import at, report
from ...syntax import tree as syntax
from ..names.names import Names

if TYPE_CHECKING:
    from .references import References

_NO_WORD = re.compile(r"[^A-Za-z0-9_]+")


def capabilities_of(
    refer: References, package: str, nodes: Iterable[syntax.Name], *, unmarked: bool
) -> tuple[str, ...] | None:
    """The qualified names of capabilities, sorted; None if one is not known, or is none.

    Whether an action without a kind is of every kind, or of none, is as what names them wants it: `unmarked`.
    """
    found: set[str] = set()
    is_whole = True
    for node in nodes:
        group = group_named(refer.names, package, node)
        if group is None:
            named = _named(refer, package, node, unmarked)
        else:
            refer.names.note(node, "group", group)
            named = refer.groups.get((group, unmarked))  # what is wrong in one is told there
            if named is None and refer.groups.get((group, True)) is not None:
                _report_unmarked(refer, node, f"in group `{node.text}`", "KIND")
        is_whole = is_whole and named is not None
        found.update(named or ())
    return tuple(sorted(found)) if is_whole else None


def is_written_out(refer: References, package: str, node: syntax.Name) -> bool:
    """Whether something stands for capabilities that are written out: a kind, or a group."""
    return (
        " " in node.text
        or (node.text == "any" and bool(refer.vocabulary.startable))
        or group_named(refer.names, package, node) is not None
    )


def _is_start(refer: References, capability: str) -> bool:
    return capability.rpartition(".")[0] in refer.vocabulary.startable


def words_of(nodes: Iterable[syntax.Name]) -> str:
    """What an allow of kinds or groups is called without a label: a word, since what it stands for changes."""
    return "_".join(_NO_WORD.sub("_", each.text).strip("_") for each in nodes)


def group_named(names: Names, package: str, node: syntax.Name) -> str | None:
    """The group that a name is of. `R.A` is an action where there is such a resource, and no group of a package."""
    found = names.find("group", package, node.text)
    if found is None:
        return None
    prefix = node.text.rpartition(".")[0]
    if prefix and names.find("resource", package, prefix) is not None:
        return None
    return found.name


def _named(
    refer: References, package: str, node: syntax.Name, unmarked: bool
) -> frozenset[str] | None:
    """The capabilities that something which is no group stands for."""
    written, _, kind = node.text.partition(" ")
    if not kind:
        capability = refer.capability(package, node)
        startable = refer.vocabulary.startable
        if capability == "any" and not unmarked and startable:  # an allow names a start itself
            return _tools(refer, node)
        return None if capability is None else frozenset((capability,))
    if written != "any" and not written.endswith(".*"):
        report(
            refer.names.diagnostics,
            "AGP1111",
            node.span,
            f"`{kind}` stands behind `{written}`, which is not several actions",
            f"write `{written}` alone, or all that are marked so: `any {kind}`, `TOOL.* {kind}`",
        )
        return None
    whole = refer.capability(package, syntax.Name(node.span, written))
    if whole is None:
        return None
    everything = refer.expand((whole,))
    found = frozenset(
        each
        for each in everything
        if _is_of(refer.kinds_of(each), kind, unmarked)
        and (unmarked or whole != "any" or not _is_start(refer, each))
    )
    if found:
        return found
    where = "here" if whole == "any" else f"of `{written.removesuffix('.*')}`"
    _report_unmarked(refer, node, where, kind)
    return None


def _tools(refer: References, node: syntax.Name) -> frozenset[str] | None:
    """All but the starts of tasks; it is a mistake where there is nothing else."""
    known = refer.vocabulary
    found = frozenset(f"{each}.*" for each in known.resources if each not in known.startable)
    if found:
        return found
    report(
        refer.names.diagnostics,
        "AGP1101",
        node.span,
        "there is nothing here that `any` could allow",
        "declare a `tool`; the start of a task is named by itself, as in `allow INTENT.start`",
    )
    return None


def _report_unmarked(refer: References, node: syntax.Name, where: str, kind: str) -> None:
    refer.names.diagnostics.append(
        at(
            "AGP1112",
            node.span,
            f"no action {where} is marked as one of this kind",
            help=f"mark it where it is declared, `{kind} action …`, or in `extend TOOL {{ {kind} action … }}`",
        )
    )


def _is_of(kinds: tuple[ir.ActionKind, ...], kind: str, unmarked: bool) -> bool:
    return kind in kinds if kinds else unmarked


# --- Groups ---------------------------------------------------------------------------------------


def resolve_groups(refer: References) -> None:
    """Find out what each group stands for, without and with actions that have no kind; report mistakes in them.

    Groups may name one another to any depth and in any shape, so that this goes without recursion.
    """
    named: dict[str, list[tuple[str, syntax.Name]]] = {}
    for each in refer.names.all("group"):
        assert isinstance(each.node, syntax.GroupDeclaration)
        named[each.name] = []
        own: dict[bool, set[str] | None] = {False: set(), True: set()}
        for node in each.node.capabilities:
            group = group_named(refer.names, each.package, node)
            if group is not None:
                refer.names.note(node, "group", group)
                named[each.name].append((group, node))
                continue
            for unmarked, found in own.items():
                told = refer if unmarked else refer.reporting_to([])  # an allow says it of itself
                one = _named(told, each.package, node, unmarked)
                own[unmarked] = None if found is None or one is None else found | one
        for unmarked, found in own.items():
            refer.groups[each.name, unmarked] = None if found is None else frozenset(found)
    waiting = {name: {group for group, _ in inside} for name, inside in named.items()}
    users: dict[str, list[str]] = {name: [] for name in named}
    for name, groups in waiting.items():
        for group in groups:
            users[group].append(name)
    ready = [name for name, groups in waiting.items() if not groups]
    while ready:
        done = ready.pop()
        del waiting[done]
        for name in users[done]:
            for unmarked in (False, True):
                mine, theirs = refer.groups[name, unmarked], refer.groups[done, unmarked]
                both = None if mine is None or theirs is None else mine | theirs
                refer.groups[name, unmarked] = both
            waiting[name].discard(done)
            if not waiting[name]:
                ready.append(name)
    for name in waiting:
        refer.groups[name, False] = refer.groups[name, True] = None
    _report_circles(refer, {name: named[name] for name in waiting})


def _report_circles(refer: References, named: dict[str, list[tuple[str, syntax.Name]]]) -> None:
    """Report each inclusion of a circle of groups; others only lead into one."""
    reported: set[str] = set()
    for start in named:
        path: dict[str, syntax.Name] = {}
        at_ = start
        while at_ not in path and at_ not in reported:
            inside, path[at_] = next(each for each in named[at_] if each[0] in named)
            at_ = inside
        if at_ in reported:
            reported |= path.keys()
            continue
        listed = list(path)
        circle = listed[listed.index(at_) :]
        reported |= path.keys()
        shown = " → ".join((*circle[:6], *(["…"] if len(circle) > 6 else []), at_))
        for name in circle:
            message = f"groups contain each other: {shown}"
            report(refer.names.diagnostics, "AGP1104", path[name].span, message)
