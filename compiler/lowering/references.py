"""What a rule refers to: agents, intents, capabilities, and what its conditions may read there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field

from ..records import dataclass
from ..report.diagnostics import at, report
from ..syntax import tree as syntax
from ..text.suggestions import did_you_mean
from .attributes import (
    Environment,
    Holder,
    Readable,
    merge,
    together,
)
from .names import Names
from .vocabulary import Vocabulary

_EVERYTHING = ("all", "everything", "every", "anything", "any")


@dataclass(frozen=True, slots=True)
class Scope:
    """Whom, what for and what a statement names, and what a condition may read there."""

    agents: tuple[str, ...] | None
    intents: tuple[str, ...] | None
    capabilities: tuple[str, ...]
    env: Environment
    is_known: bool
    """Whether all that it names is declared; what is not has been reported."""


@dataclass(slots=True)
class References:
    """Looks up what rules, constraints and tests refer to; what can be read there is kept."""

    names: Names
    vocabulary: Vocabulary
    _readable: dict[tuple[str, tuple[str, ...] | None], Readable] = field(default_factory=dict)
    _visible_fields: dict[tuple[str, str], Readable] = field(default_factory=dict)

    # --- what a condition may read ---

    def scope(
        self,
        package: str,
        agents: Iterable[syntax.Name] | None,
        intents: Iterable[syntax.Name] | None,
        capabilities: Iterable[syntax.Name],
    ) -> Scope:
        """Look up what a statement names; without names, it is of any agent or intent."""
        who = None if agents is None else self.agents(package, agents)
        why = None if intents is None else self.intents(package, intents)
        what = self.capabilities(package, capabilities)
        unjudged = ["agent"] if who is None and agents is not None else []
        unjudged += ["task"] if why is None and intents is not None else []
        unjudged += ["resource", "args"] if what is None else []
        env = self.environment(package, who, why, what or (), unjudged)
        return Scope(who, why, what or (), env, not unjudged)

    def environment(
        self,
        package: str,
        agents: tuple[str, ...] | None,
        intents: tuple[str, ...] | None,
        capabilities: tuple[str, ...],
        unjudged: Iterable[str] = (),
    ) -> Environment:
        """Where the conditions stand of what names these; `unjudged` roots are not checked."""
        resources = tuple(sorted({each.rpartition(".")[0] for each in capabilities}))
        roots = {
            "agent": self._merged("agent", agents),
            "task": self._merged("task", intents),
            "resource": self._merged("resource", None if "any" in capabilities else resources),
            "args": self._merged("args", None if "any" in capabilities else capabilities),
            "context": self._visible("context", package),
            "user": self._visible("user", package),
        }
        for root in unjudged:
            del roots[root]
        return Environment(package, self.names, roots)

    def _merged(self, root: str, names: tuple[str, ...] | None) -> Readable:
        key = (root, names)
        found = self._readable.get(key)
        if found is None:
            found = self._readable[key] = merge(root, self._holders(root, names))
        return found

    def _holders(self, root: str, names: tuple[str, ...] | None) -> Iterable[Holder]:
        known = self.vocabulary
        if root == "agent":
            for name in sorted((*known.agents, *known.families)) if names is None else names:
                one = known.agents.get(name)
                if one is not None:
                    yield f"agent `{name}`", one.attributes
                elif name in known.families:
                    yield f"family `{name}`", known.families[name].attributes
        elif root == "task":
            for name in sorted(known.intents) if names is None else names:
                yield f"intent `{name}`", known.intents[name].fields
        elif root == "resource":
            for name in sorted(known.resources) if names is None else names:
                resource = known.resources[name]
                yield f"{resource.kind} `{name}`", resource.attributes
        else:
            for name in sorted(f"{each}.*" for each in known.resources) if names is None else names:
                resource_name, _, wanted = name.rpartition(".")
                for action in known.resources[resource_name].actions:
                    if wanted in ("*", action.name):
                        yield f"`{resource_name}.{action.name}`", action.parameters

    def _visible(self, kind: str, package: str) -> Readable:
        """The fields of `context` or `user` that a package sees: its own, and used packages'."""
        key = (kind, package)
        found = self._visible_fields.get(key)
        if found is None:
            declared = self.vocabulary.context if kind == "context" else self.vocabulary.user
            fields = together(declared.get(each, ()) for each in self.names.visible(package))
            merged = merge(kind, [(f"the `{kind}` block", fields)])
            found = self._visible_fields[key] = merged
        return found

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
                else f"write `RESOURCE.ACTION`, or `{node.text}.*` for all actions of a resource",
            )
            return None
        declared = self.names.resource(package, syntax.Name(node.span, prefix))
        if declared is None:
            return None
        resource = self.vocabulary.resources[declared.name]
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
                ),
            )
            return None
        return f"{declared.name}.{action}"

    def capabilities(self, package: str, nodes: Iterable[syntax.Name]) -> tuple[str, ...] | None:
        """The qualified names of capabilities, sorted; None if one is unknown."""
        found = [self.capability(package, node) for node in nodes]
        known = [each for each in found if each is not None]
        return tuple(sorted(set(known))) if len(known) == len(found) else None
