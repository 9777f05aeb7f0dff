"""The target: which allows become stanzas of which policy, and what the ledger says of each rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from jinja2 import Environment, PackageLoader, StrictUndefined

from ...compiler import interpreter, ir
from ...compiler.diagnostics import Diagnostic, Diagnostics, at
from ..emission import Artifact, Emission, Enforcement, LedgerEntry, Options
from .locations import NotSaid, paths_of
from .paths import Path

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
AUDIT = "audit"  # the obligation that Vault's own audit devices meet

MAX_POLICY = 1_048_576
"""Bytes of one policy, as of 2026-11-24: it is one entry of Vault's storage, unless set otherwise."""

_TEMPLATES = Environment(
    loader=PackageLoader(__package__),
    undefined=StrictUndefined,
    autoescape=False,  # paths are plain (`paths.is_plain`), and names are identifiers
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


@dataclass(frozen=True, slots=True)
class Stanza:
    """A path, the capabilities at it, and the rule that opens it, with its source line."""

    path: Path
    capabilities: tuple[str, ...]
    rule: ir.Allow


class Vault:
    """Policies for the agents that `bind vault` gives a name."""

    name = "vault"

    def emit(self, policy: ir.Policy, options: Options) -> Emission:
        """Make a policy for each bound agent and intent, and account for every rule."""
        binding = next((each for each in policy.bindings if each.target == "vault"), None)
        if binding is None:
            message = "the policy has no `bind vault`, so that nothing of it can be said to Vault"
            return Emission({}, (), (Diagnostic("AGP5006", message),))
        return _Work(policy, binding).emission()


@dataclass(slots=True)
class _Work:
    """What has been made of one policy so far."""

    policy: ir.Policy
    binding: ir.Binding
    files: dict[str, str] = field(default_factory=dict)
    artifacts: dict[str, Artifact] = field(default_factory=dict)
    diagnostics: Diagnostics = field(default_factory=list)
    stanzas: dict[str, list[Stanza]] = field(default_factory=dict)
    lost: dict[str, tuple[str, ...]] = field(default_factory=dict)
    narrowed: set[str] = field(default_factory=set)

    def emission(self) -> Emission:
        """Everything together; no files if a name is wrong."""
        self._check_names()
        for allow in self.policy.allows:
            try:
                self.stanzas[allow.id] = list(self._stanzas(allow))
            except NotSaid as reason:
                self.lost[allow.id] = (f"{reason} cannot be said to Vault",)
        for agent in self.policy.agents:
            if dict(self.binding.agents).get(agent.name) is not None:
                for intent in self.policy.intents:
                    self._write(agent, intent)
        ledger = tuple(self._entry(rule) for rule in self.policy.rules)
        if any(each.severity == "error" for each in self.diagnostics):
            return Emission({}, (), tuple(self.diagnostics))
        warnings = [
            _warning(rule, entry) for rule, entry in zip(self.policy.rules, ledger, strict=True)
        ]
        found = (*self.diagnostics, *(each for each in warnings if each is not None))
        return Emission(self.files, ledger, found, self.artifacts)

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
        """The stanzas that an allow stands for. Raises `NotSaid`."""
        for what, asked in (
            ("what it requires", allow.requirements),
            ("what revokes it", allow.revoke),
            ("how long it is valid", allow.validity),
            ("the window of time that it has", allow.window),
            ("what it obliges to", [o for o in allow.obligations if o.name != AUDIT]),
        ):
            if asked:
                raise NotSaid(what)
        forbid = next((each for each in self.policy.forbids if self._may_meet(allow, each)), None)
        if forbid is not None:
            raise NotSaid(f"the forbid `{forbid.id}`, which may meet it,")
        found = []
        for capability in self.policy.expand(allow.capabilities):
            location, names = self._place(capability)
            alike = next(iter(self._alike(capability, location, names)), None)
            if alike is not None:
                raise NotSaid(f"the difference between `{capability}` and `{alike}`")
            found += [Stanza(path, names, allow) for path in paths_of(location, allow.condition)]
        return found

    def _alike(self, capability: str, location: str, names: tuple[str, ...]) -> Iterator[str]:
        """Other capabilities that are, at some path, the same to Vault."""
        for other in self.policy.capabilities:
            try:
                place, others = self._place(other)
                if other != capability and not set(names).isdisjoint(others):
                    here, there = paths_of(location, None)[0], paths_of(place, None)[0]
                    if here.meets(there):
                        yield other
            except NotSaid:
                continue

    def _place(self, capability: str) -> tuple[str, tuple[str, ...]]:
        """Where a capability is, and what it is called there."""
        resource, _, action = capability.rpartition(".")
        for bound in self.binding.resources:
            for each in bound.actions:
                if bound.resource == resource and each.action == action:
                    location = each.on or bound.location
                    if location is not None:
                        return location, each.names
        raise NotSaid(f"`{capability}`, which is not bound,")

    def _may_meet(self, allow: ir.Allow, forbid: ir.Forbid) -> bool:
        """Whether some call may meet both, as far as agents, intents and capabilities tell."""
        agents = [each for each in self.policy.agents if self._is_for(allow, each)]
        return (
            not set(self.policy.expand(allow.capabilities)).isdisjoint(
                self.policy.expand(forbid.capabilities)
            )
            and (
                forbid.intents is None
                or allow.intents is None
                or not set(allow.intents).isdisjoint(forbid.intents)
            )
            and any(
                forbid.agents is None
                or interpreter.agent_matches(self.policy, forbid.agents, agent.id)
                for agent in agents
            )
        )

    def _is_for(self, allow: ir.Allow, agent: ir.Agent) -> bool:
        return interpreter.agent_matches(self.policy, allow.agents, agent.id)

    def _write(self, agent: ir.Agent, intent: ir.Intent) -> None:
        """Write the policy of one agent and intent, if anything is open to it."""
        mine = [
            stanza
            for allow in self.policy.allows
            if self._is_for(allow, agent)
            and (allow.intents is None or intent.name in allow.intents)
            for stanza in self.stanzas.get(allow.id, ())
        ]
        if not mine:
            return
        for one in mine:
            for other in mine:
                # Vault takes the more specific pattern alone, so the other one loses what both match.
                if one.path.meets(other.path) and not (
                    one.path.covers(other.path) or other.path.covers(one.path)
                ):
                    self.narrowed.update((one.rule.id, other.rule.id))
        stanzas = []
        for path in sorted({each.path for each in mine}):
            here = [each for each in mine if each.path.covers(path)]
            names = sorted({name for each in here for name in each.capabilities})
            stanzas.append(
                {
                    "path": str(path),
                    "capabilities": ", ".join(f'"{name}"' for name in names),
                    "rules": sorted({f"{each.rule.id} ({each.rule.span})" for each in here}),
                }
            )
        file = f"{agent.name}/{intent.name}.hcl"
        template = _TEMPLATES.get_template("policy.hcl.jinja")
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
        how: Enforcement = "exact"
        reasons: tuple[str, ...] = ()
        idle: tuple[str, ...] = ()
        if isinstance(rule, ir.Forbid):  # the allows that it may meet are left out
            idle = ("nothing is opened that it may meet, so there is nothing to deny",)
        else:
            unbound = [
                each.name
                for each in self.policy.agents
                if self._is_for(rule, each) and each.name not in dict(self.binding.agents)
            ]
            if rule.id in self.lost:
                how, reasons = "elsewhere", self.lost[rule.id]
            elif unbound or rule.agents is None or self._names_a_family(rule):
                how = "stricter"
                reasons = ("only agents that `bind vault` names have a policy there",)
            elif rule.id in self.narrowed:
                how = "stricter"
                reasons = ("Vault takes the most specific of several paths alone",)
            elif any("+" in each.path.segments for each in self.stanzas[rule.id]):
                how = "stricter"
                reasons = ("an attribute inside the path is one segment there",)
            elif not self.stanzas[rule.id]:
                idle = ("no path can meet it, so nothing is opened",)
        return LedgerEntry(rule.id, how, reasons, rule.span, idle)

    def _names_a_family(self, rule: ir.Allow) -> bool:
        families = {each.name for each in self.policy.families}
        return any(name in families for name in rule.agents or ())


def _warning(rule: ir.Rule, entry: LedgerEntry) -> Diagnostic | None:
    """The warning that goes with a ledger entry that is not exact."""
    if entry.enforcement == "exact":
        return None
    code, words = {
        "stricter": ("AGP5003", "is stricter on Vault"),
        "elsewhere": ("AGP5004", "is left to another target on Vault"),
    }[entry.enforcement]
    found = at(code, rule.span, f"`{rule.id}` {words}")
    return Diagnostic(found.code, found.message, found.labels, notes=entry.reasons)


TARGET = Vault()
