"""What a rule refers to: agents, intents, capabilities, and what its conditions may read there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, Literal, TypeAlias, TypeVar

from ...ir import nodes as ir
from ...ir.roots import ROOTS, Declarer
from ...report.diagnostics import Diagnostics, at, report
from ...report.fixes import replaced
from ...structs import Struct, changed, field
from ...syntax import tree as syntax
from ...text.suggestions import did_you_mean
from ..names.names import Names
from ..vocabulary.vocabulary import Vocabulary
from .attributes import (
    Environment,
    Holder,
    Readable,
    merge,
    together,
)
from .capabilities import capabilities_of
from .facts import Facts

U = TypeVar("U", Literal[ir.Unnamed.DECLARED], Literal[ir.Unnamed.ANYONE])

_EVERYTHING = ("all", "everything", "every", "anything", "any")

Subject: TypeAlias = tuple[tuple[str, ...] | U | None, tuple[str, ...] | U | None]
"""Whom a statement is about, and what for; None is what could not be made sense of."""


class StatementScope(Struct, Generic[U]):
    """Whom, what for and what a statement is about, and what a condition may read there."""

    agents: tuple[str, ...] | U
    intents: tuple[str, ...] | U
    capabilities: tuple[str, ...]
    env: Environment
    is_known: bool
    """Whether all that it names is declared; what is not has been reported."""


class References(Struct, frozen=False):
    """Looks up what rules, constraints and tests refer to; what can be read there is kept."""

    names: Names
    vocabulary: Vocabulary
    facts: Facts = field(default_factory=Facts)
    groups: dict[tuple[str, bool], frozenset[str] | None] = field(default_factory=dict)
    """What each group stands for, without and with actions that have no kind; None where it is mistaken."""
    _readable: dict[tuple[str, ir.Names], Readable] = field(default_factory=dict)
    _same_for_all: dict[str, dict[str, Readable]] = field(default_factory=dict)
    """By package."""

    def reporting_to(self, diagnostics: Diagnostics) -> References:
        """Look up the same for somebody who asks what was found on the way, by itself."""
        return changed(self, names=self.names.reporting_to(diagnostics))

    # --- what a condition may read ---

    def subject(
        self,
        package: str,
        unnamed: U,
        agents: Iterable[syntax.Name] | None,
        intents: Iterable[syntax.Name] | None,
    ) -> Subject[U]:
        """Look up whom and what for a statement names; `unnamed` is whom it is about without names."""
        return (
            unnamed if agents is None else self.agents(package, agents),
            unnamed if intents is None else self.intents(package, intents),
        )

    def scope(
        self,
        package: str,
        subject: Subject[U],
        capabilities: Iterable[syntax.Name],
        unmarked: bool,
    ) -> StatementScope[U]:
        """Look up what capabilities a statement names; of every kind are actions without one if `unmarked`."""
        who, why = subject
        what = capabilities_of(self, package, capabilities, unmarked=unmarked)
        env = self.environment(package, who, why, what)
        return StatementScope(who or (), why or (), what or (), env, None not in (who, why, what))

    def environment(
        self,
        package: str,
        agents: ir.Names | None,
        intents: ir.Names | None,
        capabilities: tuple[str, ...] | None,
    ) -> Environment:
        """Where the conditions stand of what names these; None is what could not be made sense of."""
        named: dict[Declarer | None, ir.Names | None] = {"agents": agents, "intents": intents}
        if capabilities is not None:
            everything = "any" in capabilities
            capabilities = self._asked_of(capabilities)
            resources = tuple(sorted({each.rpartition(".")[0] for each in capabilities}))
            named["resources"] = ir.DECLARED if everything else resources
            named["actions"] = ir.DECLARED if everything else capabilities
        of_package = self._of_package(package)
        roots: dict[str, Readable] = {}
        for root, row in ROOTS.items():
            if root in of_package:
                roots[root] = of_package[root]
            elif (names := named.get(row.declared_by)) is not None:
                roots[root] = self._merged(root, names)
        return Environment(package, self.names, self.vocabulary.sets, roots, self)

    def records_environment(self, package: str, capabilities: tuple[str, ...]) -> Environment:
        """Where the conditions stand of what reads records of these capabilities, by whomever."""
        env = self.environment(package, None, None, capabilities)
        for root in ("agent", "task"):
            merged = merge(root, self._holders(root, ir.DECLARED), by_all=False)
            env.roots[root] = changed(merged, declarers=(root, ir.DECLARED))
        return changed(env, refer=None)

    def anywhere(self, package: str) -> Environment:
        """Where a condition stands that may be used wherever what it reads is declared."""
        env = self.environment(package, None, None, None)
        for root, row in ROOTS.items():
            if row.declared_by not in (None, "block"):
                env.roots[root] = merge(root, self._holders(root, ir.DECLARED), by_all=False)
        return env

    def result_environment(
        self, package: str, capability: str, record: ir.RecordType | None, holder: str
    ) -> Environment:
        """Where the condition of an origin stands: it reads a call, and `it` in what the call gave back.

        `holder` is what declares the fields of `it`.
        """
        env = self.environment(package, None, None, (capability,))
        for root in ROOTS:
            if root not in ("args", "resource") and ROOTS[root].value is None:
                env.roots[root] = Readable({}, {}, ())
        return changed(env, refer=None, it=record, it_holder=holder)

    def expand(self, capabilities: tuple[str, ...]) -> tuple[str, ...]:
        """Write `any` and `R.*` out, sorted."""
        found: set[str] = set()
        for each in capabilities:
            resource, _, action = each.rpartition(".")
            for declared in self.vocabulary.resources.values():
                if each == "any" or declared.name == resource:
                    found.update(
                        f"{declared.name}.{one.name}"
                        for one in declared.actions
                        if each == "any" or action in ("*", one.name)
                    )
        return tuple(sorted(found))

    def _asked_of(self, capabilities: tuple[str, ...]) -> tuple[str, ...]:
        """The capabilities whose declarations say what can be read: starts only where there is nothing else.

        So `deny any when resource.secret` is no mistake; of a start, which has no such attribute, it is unknown.
        """
        startable = self.vocabulary.startable
        if not startable:
            return capabilities
        others = tuple(each for each in capabilities if each.rpartition(".")[0] not in startable)
        return others or capabilities

    def _declared(self) -> Iterable[str]:
        """The resources whose declarations say what can be read of `any`."""
        known = self.vocabulary
        return known.resources.keys() - known.startable or known.resources

    @property
    def members(self) -> dict[str, tuple[str, ...]]:
        """The members of levels and enums, by name."""
        known = (*self.vocabulary.levels.values(), *self.vocabulary.enums.values())
        declared = {each.name: each.members for each in known}
        return {ir.TASK_STATE: ir.TASK_STATES, **declared}

    def _merged(self, root: str, names: ir.Names) -> Readable:
        key = (root, names)
        found = self._readable.get(key)
        if found is None:
            merged = merge(root, self._holders(root, names))
            found = self._readable[key] = changed(merged, declarers=(root, names))
        return found

    def _holders(self, root: str, meant: ir.Names) -> Iterable[Holder]:
        for word, name, fields in self._declaring(root, meant):
            yield f"{word}`{name}`", fields

    def declarers(self, root: str, meant: ir.Names) -> Iterable[str]:
        """What declares the fields of a root, for names or for all: agents and families, intents, resources or actions."""
        return (name for _, name, _ in self._declaring(root, meant))

    def _declaring(
        self, root: str, meant: ir.Names
    ) -> Iterable[tuple[str, str, tuple[ir.Field, ...]]]:
        """Each with the word for it in a message, and its fields."""
        known = self.vocabulary
        names = None if isinstance(meant, ir.Unnamed) else meant
        by = ROOTS[root].declared_by
        if by == "agents":
            for name in sorted((*known.agents, *known.families)) if names is None else names:
                one = known.agents.get(name)
                if one is not None:
                    yield "agent ", name, one.attributes
                elif name in known.families:
                    yield "family ", name, known.families[name].attributes
        elif by == "intents":
            for name in sorted(known.intents) if names is None else names:
                yield "intent ", name, known.intents[name].fields
        elif by == "resources":
            for name in sorted(self._declared()) if names is None else names:
                resource = known.resources[name]
                yield f"{resource.kind} ", name, resource.attributes
        else:
            for name in (
                sorted(f"{each}.*" for each in self._declared()) if names is None else names
            ):
                resource_name, _, wanted = name.rpartition(".")
                for action in known.resources[resource_name].actions:
                    if wanted in ("*", action.name):
                        yield "", f"{resource_name}.{action.name}", action.parameters

    def _of_package(self, package: str) -> dict[str, Readable]:
        """The roots that are the same for whatever a statement of a package names."""
        found = self._same_for_all.get(package)
        if found is None:
            found = self._same_for_all[package] = {
                root: self._merged(root, ())
                if row.declared_by is None
                else self._visible(root, package)
                for root, row in ROOTS.items()
                if row.declared_by in (None, "block")
            }
        return found

    def _visible(self, kind: str, package: str) -> Readable:
        """The fields of `context` or `user` that a package sees: its own, and used packages'."""
        declared = getattr(self.vocabulary, kind)
        fields = together(declared.get(each, ()) for each in self.names.visible(package))
        merged = merge(kind, [(f"the `{kind}` block", fields)])
        return changed(merged, declarers=(kind, ()))

    # --- names in rules ---

    def agents(self, package: str, nodes: Iterable[syntax.Name]) -> tuple[str, ...] | None:
        """The qualified names of agents and families; None if one is unknown."""
        found = [self.names.agent(package, node) for node in nodes]
        known = [
            each.name
            for each in found
            if each is not None
            and (each.name in self.vocabulary.agents or each.name in self.vocabulary.families)
        ]
        return tuple(sorted(set(known))) if len(known) == len(found) else None

    def intents(self, package: str, nodes: Iterable[syntax.Name]) -> tuple[str, ...] | None:
        """The qualified names of intents; None if one is unknown."""
        found = [self.names.intent(package, node) for node in nodes]
        known = [each.name for each in found if each is not None]
        return tuple(sorted(set(known))) if len(known) == len(found) else None

    def capability(self, package: str, node: syntax.Name) -> str | None:
        """The qualified name of a capability: `any`, `R.*` or `R.A`."""
        if node.text == "any":
            return "any"
        prefix, _, action = node.text.rpartition(".")
        if not prefix:
            report(
                self.names.diagnostics,
                "AGP1101",
                node.span,
                f"`{node.text}` is not a capability",
                "write `any`, or `RESOURCE.*` for all actions of a resource"
                if node.text in _EVERYTHING
                else did_you_mean(node.text, self.names.written("group", package))
                or f"write `RESOURCE.ACTION`, or `{node.text}.*` for all actions of a resource",
            )
            return None
        declared = self.names.find("resource", package, prefix)
        if declared is None:  # then it may be the start of a task
            declared = self.names.find("intent", package, prefix)
        if declared is None:
            self.names.resource(package, syntax.Name(node.span, prefix))  # which says why
            return None
        resource = self.vocabulary.resources.get(declared.name)
        if resource is None:
            report(
                self.names.diagnostics,
                "AGP1611",
                node.span,
                f"nothing decides on `{node.text}` here",
                "write `language 2` first in the file that declares the intent, or name a start in a rule",
            )
            return None
        actions = [each.name for each in resource.actions]
        if action != "*" and action not in actions:
            self.names.miss(
                action,
                at(
                    "AGP1101",
                    node.span,
                    f"{resource.kind} `{prefix}` has no action `{action}`",
                    help=(f"write `{prefix}.*`" if action in _EVERYTHING else None)
                    or did_you_mean(action, actions)
                    or f"it has {', '.join(f'`{each}`' for each in actions) or 'none'}",
                    fixes=replaced(f"write `{prefix}.*`", node.span, f"{prefix}.*")
                    if action in _EVERYTHING
                    else (),
                ),
            )
            return None
        self.names.note(node, "action", capability := f"{declared.name}.{action}")
        return capability

    def kinds_of(self, capability: str) -> tuple[ir.ActionKind, ...]:
        """What an action is marked to do; nothing, if it is not marked."""
        action = self.vocabulary.action(capability)
        assert action is not None  # a capability is one that was found
        return action.kinds
