"""The target: which allows become stanzas of which policy, and what the ledger says of each rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from ...compiler.ir import nodes as ir
from ...compiler.ir.documentation import line_of_rule
from ...compiler.meaning import interpreter
from ...compiler.report.diagnostics import Diagnostics, at
from ...compiler.structs import Struct, field
from ...compiler.text.strings import is_seen
from ..abilities import Cannot
from ..chains import closed, told
from ..emission import (
    Artifact,
    Emission,
    LedgerEntry,
    Options,
)
from ..file_names import Paths, segment
from ..partial import (
    Loss,
    Unsayable,
    account,
    binding_of,
    obliging,
    obliging_too,
    unbound,
    unsaid_clauses,
    warning,
)
from ..starts import accounted, in_tasks
from ..templates import templates_of
from .abilities import ABILITIES, VAULT
from .capability_places import CapabilityPlaces
from .index import PathIndex
from .locations import paths_of
from .paths import ONE, Path

CAPABILITIES = (
    "create",
    "read",
    "update",
    "patch",
    "delete",
    "list",
    "sudo",
    "subscribe",
    "recover",
)

MAX_POLICY = 1_048_576
"""Bytes of one policy, as of 2026-11-24: it is one entry of Vault's storage, unless set otherwise."""

# Paths are plain (`paths.is_plain`), and names are identifiers.
_TEMPLATES = templates_of(__package__)


class Stanza(Struct):
    """A path, the capabilities at it, and the rule that opens it, with its source line."""

    path: Path
    capabilities: tuple[str, ...]
    rule: ir.Allow


class Vault:
    """Policies for the agents that `bind vault` gives a name."""

    name = "vault"
    abilities = ABILITIES

    def emit(self, policy: ir.Policy, options: Options) -> Emission:
        """Make a policy for each bound agent and intent, and account for every rule."""
        binding = binding_of(policy, "vault")
        if binding is None:
            return unbound(
                in_tasks(policy), "vault", "Vault", '"secret/data/${id}"', "read", '"NAME"'
            )
        emission = _Work(closed(in_tasks(policy)), binding).emission()
        return replace(emission, ledger=accounted(policy, told(policy, emission.ledger)))


class _Work(Struct, frozen=False):
    """What has been made of one policy so far."""

    policy: ir.Policy
    binding: ir.Binding
    files: dict[str, str] = field(default_factory=dict)
    artifacts: dict[str, Artifact] = field(default_factory=dict)
    diagnostics: Diagnostics = field(default_factory=list)
    stanzas: dict[str, list[Stanza]] = field(default_factory=dict)
    lost: dict[str, Loss] = field(default_factory=dict)
    narrowed: set[str] = field(default_factory=set)
    paths: Paths = field(default_factory=Paths)
    members: dict[ir.Names, frozenset[str]] = field(default_factory=dict)
    bound: frozenset[str] = field(init=False)
    places: CapabilityPlaces = field(init=False)
    obliging: tuple[ir.Allow, ...] = field(init=False)
    forbidden: dict[str, list[int]] = field(default_factory=dict)
    """The forbids of each capability, by their place among all."""

    def __post_init__(self) -> None:
        """Index what every rule is held against, so that no rule is held against every other."""
        self.bound = frozenset(name for name, _ in self.binding.agents)
        self.places = CapabilityPlaces(self.policy, self.binding)
        self.obliging = obliging(self.policy.allows)
        for number, forbid in enumerate(self.policy.forbids):
            for capability in self.policy.expand(forbid.capabilities):
                self.forbidden.setdefault(capability, []).append(number)

    def emission(self) -> Emission:
        """Everything together; no files if a name is wrong."""
        self._check_names()
        for allow in self.policy.allows:
            try:
                self.stanzas[allow.id] = list(self._stanzas(allow))
            except Unsayable as reason:
                self.lost[allow.id] = Loss(f"{reason} cannot be said to Vault")
        for agent, intent, stanzas in self._policies():
            self._write(agent, intent, stanzas)
        ledger = tuple(self._entry(rule) for rule in self.policy.rules)
        if any(each.severity == "error" for each in self.diagnostics):
            return Emission({}, (), tuple(self.diagnostics))
        for rule, entry in zip(self.policy.rules, ledger, strict=True):
            self.diagnostics.extend(warning(rule, entry, VAULT))
        return Emission(self.files, ledger, tuple(self.diagnostics), self.artifacts)

    def _check_names(self) -> None:
        for resource in self.binding.resources:
            for action in resource.actions:
                for name in action.names:
                    if name not in CAPABILITIES:
                        self.diagnostics.append(
                            at(
                                "AGP5005",
                                resource.span,
                                f"Vault has no capability `{name}`",
                                help=f"it has {', '.join(f'`{each}`' for each in CAPABILITIES)}",
                            )
                        )

    def _stanzas(self, allow: ir.Allow) -> list[Stanza]:
        """The stanzas that an allow stands for. Raises `Unsayable`."""
        if allow.revoke and not allow.requirements:
            raise Unsayable("what revokes it")
        for loss in unsaid_clauses(allow, VAULT):
            raise Unsayable(loss.reason)
        mine = self.policy.expand(allow.capabilities)
        for other, loss in obliging_too(allow, mine, self.obliging, self.policy, VAULT):
            if self._share_agents(allow, other):
                raise Unsayable(loss.reason)
        forbids, forbid = VAULT.can["forbids"], self._may_meet(allow)
        if isinstance(forbids, Cannot) and forbid is not None:
            raise Unsayable(forbids.beside.format(forbid.id))
        found = []
        for capability in self.policy.expand(allow.capabilities):
            place = self.places.of(capability)
            alike = self.places.alike(capability)
            if alike is not None:
                raise Unsayable(f"the difference between `{capability}` and `{alike}`")
            paths = paths_of(place.location, allow.condition)
            found += [Stanza(path, place.names, allow) for path in paths]
        return found

    def _may_meet(self, allow: ir.Allow) -> ir.Forbid | None:
        """The first forbid that some call of an allow may meet too.

        As far as agents, intents and capabilities tell.
        """
        named = {
            number
            for capability in self.policy.expand(allow.capabilities)
            for number in self.forbidden.get(capability, ())
        }
        forbids = (self.policy.forbids[number] for number in sorted(named))
        return next(
            (
                each
                for each in forbids
                if ir.overlap(allow.intents, each.intents) and self._share_agents(allow, each)
            ),
            None,
        )

    def _share_agents(self, one: ir.Rule, other: ir.Rule) -> bool:
        """Whether some declared agent is among those of two rules."""
        return not self._agents(one.agents).isdisjoint(self._agents(other.agents))

    def _agents(self, named: ir.Names) -> frozenset[str]:
        """The declared agents among those that a rule is for."""
        if named not in self.members:
            self.members[named] = frozenset(
                each.name
                for each in self.policy.agents
                if interpreter.agent_matches(self.policy, named, each.id)
            )
        return self.members[named]

    def _policies(self) -> Iterator[tuple[ir.Agent, ir.Intent, list[Stanza]]]:
        """What is open to each bound agent for each intent."""
        found: dict[tuple[str, str], list[Stanza]] = {}
        for allow in self.policy.allows:
            stanzas = self.stanzas.get(allow.id)
            if stanzas:
                intents = self.policy.purposes(allow.intents)
                for who in product(self._agents(allow.agents) & self.bound, intents):
                    found.setdefault(who, []).extend(stanzas)
        for agent in self.policy.agents:
            for intent in self.policy.intents:
                if (agent.name, intent.name) in found:
                    yield agent, intent, found[agent.name, intent.name]

    def _write(self, agent: ir.Agent, intent: ir.Intent, mine: list[Stanza]) -> None:
        """Write the policy of one agent and intent, to whom some stanzas are open."""
        at_path: dict[Path, list[Stanza]] = {}
        for each in mine:
            at_path.setdefault(each.path, []).append(each)
        index = PathIndex(at_path)
        stanzas = []
        for path in sorted(at_path):
            # Vault takes the more specific pattern alone, so the other one loses what both match.
            if any(not (path.covers(o) or o.covers(path)) for o in index.meeting(path)):
                self.narrowed.update(each.rule.id for each in at_path[path])
            here = [each for other in index.covering(path) for each in at_path[other]]
            names = sorted({name for each in here for name in each.capabilities})
            stanzas.append(
                {
                    "path": str(path),
                    "capabilities": ", ".join(f'"{name}"' for name in names),
                    "rules": sorted({_comment(_said(self.policy, r.rule)) for r in here}),
                }
            )
        file = self.paths.take(f"{segment(agent.name)}/{segment(intent.name)}", ".hcl")
        template = _TEMPLATES.get_template("policy.hcl.j2")
        text = template.render(agent=agent.name, intent=intent.name, stanzas=stanzas)
        if len(text.encode()) > MAX_POLICY:
            self._refuse(agent, intent, len(text.encode()), mine)
        self.files[file] = text
        self.artifacts[file] = Artifact("vault policy", agent.name, intent.name)

    def _refuse(self, agent: ir.Agent, intent: ir.Intent, size: int, mine: list[Stanza]) -> None:
        """Report a policy that Vault does not store, at the rule that is the most of it."""
        sizes: Counter[str] = Counter()
        for each in mine:
            sizes[each.rule.id] += len(str(each.path))
        largest = max(sizes, key=lambda name: sizes[name])
        span = next(each.rule.span for each in mine if each.rule.id == largest)
        what = f"the Vault policy of `{agent.name}` for `{intent.name}`"
        message = f"{what} has {size:,} bytes, and {MAX_POLICY:,} is the most"
        help = f"the largest part is of `{largest}`: name fewer paths, or a `*` at the end of one"
        self.diagnostics.append(at("AGP5002", span, message, help=help))

    def _entry(self, rule: ir.Rule) -> LedgerEntry:
        """What the ledger says of a rule."""
        if isinstance(rule, ir.Forbid):  # the allows that it may meet are left out
            nothing = "nothing is opened that it may meet, so there is nothing to deny"
            return account(rule, (), idle=(nothing,))
        if rule.id in self.lost:
            return account(rule, (self.lost[rule.id],), is_left_out=True)
        agents = self._agents(rule.agents)
        if agents.isdisjoint(self.bound):
            nobody = Loss("no agent that `bind vault` names is among its agents")
            return account(rule, (nobody,), is_left_out=True)
        losses = []
        if (
            rule.agents is ir.DECLARED
            or not agents <= self.bound
            or not self.policy.family_names.isdisjoint(rule.agents)
        ):
            losses.append(Loss("only agents that `bind vault` names have a policy there"))
        if rule.id in self.narrowed:
            losses.append(Loss("Vault takes the most specific of several paths alone"))
        if any(ONE in each.path.segments for each in self.stanzas[rule.id]):
            losses.append(Loss("an attribute inside the path is one segment there"))
        closed = not self.stanzas[rule.id]
        idle = ("no path can meet it, so nothing is opened",) if closed else ()
        return account(rule, losses, idle=idle)


def _said(policy: ir.Policy, rule: ir.Rule) -> str:
    """A rule's identity and place, and what comments say of it."""
    doc = line_of_rule(policy, rule)
    return f"{rule.id} ({rule.span}){f': {doc}' if doc else ''}"


def _comment(text: str) -> str:
    """Write text as the rest of a comment line."""
    return "".join(each if is_seen(each) else f"<U+{ord(each):04X}>" for each in text)


TARGET = Vault()
