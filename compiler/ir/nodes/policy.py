"""A policy set: all that its packages declare, merged."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from ...structs import Struct, field
from .bindings import TOOLS, Binding
from .constraints import Assertion, Constraint, Containment, Delegation, Isolation, Separation
from .documentation import Doc, DocumentedKind
from .facts import Meter, Source
from .rules import DECLARED, Allow, Forbid, Names, Rule, Unnamed
from .tests import Test
from .types import TASK_STATE, TASK_STATES, Field
from .vocabulary import Action, Agent, ConstantSet, Enumeration, Family, Intent, Package, Resource


class Policy(Struct, slots=False):
    """A policy set.

    `context` and `user` are the declared fields of a request, merged over the packages; `user` is
    None where no package declares a `user` block. `docs`, what comments say of it all, decides nothing and
    takes no part in comparisons.
    """

    packages: tuple[Package, ...] = ()
    agents: tuple[Agent, ...] = ()
    families: tuple[Family, ...] = ()
    intents: tuple[Intent, ...] = ()
    resources: tuple[Resource, ...] = ()
    levels: tuple[Enumeration, ...] = ()
    enums: tuple[Enumeration, ...] = ()
    sets: tuple[ConstantSet, ...] = ()
    context: tuple[Field, ...] = ()
    user: tuple[Field, ...] | None = None
    meters: tuple[Meter, ...] = ()
    sources: tuple[Source, ...] = ()
    delegations: tuple[Delegation, ...] = ()
    allows: tuple[Allow, ...] = ()
    forbids: tuple[Forbid, ...] = ()
    separations: tuple[Separation, ...] = ()
    isolations: tuple[Isolation, ...] = ()
    containments: tuple[Containment, ...] = ()
    assertions: tuple[Assertion, ...] = ()
    tests: tuple[Test, ...] = ()
    bindings: tuple[Binding, ...] = ()
    docs: tuple[Doc, ...] = field(default=(), compare=False, repr=False)

    @property
    def rules(self) -> Iterator[Rule]:
        """All rules: the forbids, then the allows, each sorted by identity."""
        yield from self.forbids
        yield from self.allows

    @property
    def constraints(self) -> Iterator[Constraint]:
        """All statements of what has to hold of the rules together, and the delegations."""
        yield from self.delegations
        yield from self.separations
        yield from self.isolations
        yield from self.containments
        yield from self.assertions

    @cached_property
    def docs_by_name(self) -> dict[tuple[DocumentedKind, str], str]:
        """What comments say, by kind and name."""
        return {(each.kind, each.name): each.text for each in self.docs}

    def doc(self, kind: DocumentedKind, name: str) -> str:
        """What comments say of something; nothing if they say nothing."""
        return self.docs_by_name.get((kind, name), "")

    @cached_property
    def meters_by_key(self) -> dict[str, Meter]:
        """The meters by what requests call them."""
        return {each.key: each for each in self.meters}

    @cached_property
    def sources_by_key(self) -> dict[str, Source]:
        """The sources by what requests call them."""
        return {each.key: each for each in self.sources}

    @cached_property
    def members_of(self) -> dict[str, tuple[str, ...]]:
        """The members of each level and enum, the built-in one included, by name."""
        declared = {each.name: each.members for each in (*self.levels, *self.enums)}
        return {TASK_STATE: TASK_STATES, **declared}

    @cached_property
    def capabilities(self) -> tuple[str, ...]:
        """Every declared capability, `RESOURCE.ACTION`, sorted."""
        return tuple(
            sorted(
                f"{each.name}.{action.name}" for each in self.resources for action in each.actions
            )
        )

    @cached_property
    def declared_actions(self) -> dict[str, Action]:
        """What each capability declares, by its name."""
        return {
            f"{each.name}.{action.name}": action
            for each in self.resources
            for action in each.actions
        }

    @cached_property
    def actions_by_resource(self) -> dict[str, tuple[str, ...]]:
        """The capabilities of each resource, by its name."""
        return {
            each.name: tuple(f"{each.name}.{action.name}" for action in each.actions)
            for each in self.resources
        }

    @cached_property
    def actions_called(self) -> dict[str, dict[str, str]]:
        """For each resource its actions, by what a request may call them.

        That is the action's own name, or one that `bind mcp` gives it: the name of the server's tool.
        """
        found = {
            each.name: {action.name: action.name for action in each.actions}
            for each in self.resources
        }
        for binding in self.bindings:
            if binding.target == TOOLS:
                for bound in binding.resources:
                    for action in bound.actions:
                        for name in action.names:
                            found[bound.resource].setdefault(name, action.action)
        return found

    @cached_property
    def tools_called(self) -> tuple[tuple[str, str, str], ...]:
        """Of `actions_called` what is not an action's own name: (resource, tool, action), sorted."""
        return tuple(
            sorted(
                (resource, tool, action)
                for resource, called in self.actions_called.items()
                for tool, action in called.items()
                if tool != action
            )
        )

    def expand(self, capabilities: tuple[str, ...]) -> tuple[str, ...]:
        """Replace `any` and `R.*` by the declared capabilities that they stand for, sorted."""
        found: set[str] = set()
        for name in capabilities:
            if name == "any":
                return self.capabilities
            if name.endswith(".*"):
                found.update(self.actions_by_resource[name.removesuffix(".*")])
            else:
                found.add(name)
        return tuple(sorted(found))

    @cached_property
    def rules_about(self) -> dict[str, tuple[Rule, ...]]:
        """The rules about each capability, in the order of `rules`; a capability without any has no entry."""
        found: dict[str, list[Rule]] = {}
        for rule in self.rules:
            for capability in self.expand(rule.capabilities):
                found.setdefault(capability, []).append(rule)
        return {capability: tuple(rules) for capability, rules in found.items()}

    @cached_property
    def starts(self) -> dict[str, Allow]:
        """The rules that nobody writes, by which a first start of each intent is open; by capability."""
        from ..starts import first_starts  # which reads these nodes

        return first_starts(
            self.intents, self.resources, self.allows, self.packages, self.identities
        )

    @cached_property
    def identities(self) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
        """The SPIFFE IDs and the SPIFFE patterns of each agent and family, by name."""
        found = {each.name: ((each.id,), ()) for each in self.agents}
        return {**found, **{each.name: (each.ids, each.patterns) for each in self.families}}

    @cached_property
    def package_names(self) -> frozenset[str]:
        """The names of the packages."""
        return frozenset(each.name for each in self.packages)

    @cached_property
    def family_names(self) -> frozenset[str]:
        """The names of the families."""
        return frozenset(each.name for each in self.families)

    def identify(self, agents: Names = DECLARED) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Give the SPIFFE IDs and patterns of the declared agents and families that are meant."""
        names = self.identities if isinstance(agents, Unnamed) else agents
        ids = {id for name in names for id in self.identities[name][0]}
        patterns = {pattern for name in names for pattern in self.identities[name][1]}
        return tuple(sorted(ids)), tuple(sorted(patterns))

    def purposes(self, intents: Names) -> tuple[str, ...]:
        """Give the names of the declared intents that are meant, sorted."""
        if isinstance(intents, Unnamed):
            return tuple(sorted(each.name for each in self.intents))
        return intents
