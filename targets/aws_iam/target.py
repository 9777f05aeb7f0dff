"""The target itself: agents and intents to files, rules to ledger entries."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from ...compiler import ir
from ...compiler.diagnostics import Diagnostic, Diagnostics, Label, at, has_errors
from ..emission import Artifact, Emission, Enforcement, LedgerEntry, Options
from .documents import Document, TooLarge, document_of, split
from .facts import Facts, read_facts
from .limits import (
    INLINE_POLICIES_SIZE,
    MANAGED_POLICIES_PER_ROLE,
    MANAGED_POLICY_SIZE,
    SESSION_POLICY_SIZE,
    SHORTEST_SESSION,
)
from .lower import Loss
from .products import unique
from .statements import (
    AUDIT,
    Part,
    Statement,
    identity_statements,
    intents_of,
    may_share,
    parts_of,
    session_statements,
)

IDENTITY_LIMITS = {
    "managed": (MANAGED_POLICY_SIZE, MANAGED_POLICIES_PER_ROLE),
    "inline": (INLINE_POLICIES_SIZE, 1),
}
"""Characters of one policy, and policies of one role, by the setting `identity`."""

SETTINGS = {"identity": tuple(IDENTITY_LIMITS), "session": ("inline", "none")}
"""The settings and what they may be, the default first.

`identity`: how a role gets its policies, which decides their size. `session`: whether session
policies are made; without them the session's tags alone say what it is for.
"""

SOURCE_MAP = "sids.json"


class AwsIam:
    """Identity and session policies for the agents that `bind aws` gives a role."""

    name = "aws-iam"

    def emit(self, policy: ir.Policy, options: Options) -> Emission:
        """Make the documents, as the settings `identity` and `session` say."""
        work = _Work(policy)
        for name, choices in SETTINGS.items():
            chosen = options.settings.get(name, choices[0])
            work.settings[name] = chosen
            if chosen not in choices:
                known = " or ".join(f"`{each}`" for each in choices)
                message = f"the setting `{name}` is {known}, and not `{chosen}`"
                work.diagnostics.append(Diagnostic("AGP5006", message))
        binding = next((each for each in policy.bindings if each.target == "aws"), None)
        if binding is None:
            message = "the policy has no `bind aws`, so that nothing of it can be said to AWS"
            work.diagnostics.append(Diagnostic("AGP5006", message))
        if binding is None or has_errors(work.diagnostics):
            return Emission({}, (), tuple(work.diagnostics))
        facts = read_facts(policy, binding, work.diagnostics)
        if not has_errors(work.diagnostics):
            work.remind_of_tasks(facts, binding)
            for agent, _ in facts.roles:
                work.emit_agent(facts, agent)
            work.close(facts)
            work.say_what_is_trusted(binding)
        if has_errors(work.diagnostics):
            return Emission({}, (), tuple(sorted(work.diagnostics, key=lambda d: d.sort_key)))
        return Emission(
            dict(sorted(work.files.items())),
            tuple(work.ledger),
            tuple(sorted(work.diagnostics, key=lambda each: each.sort_key)),
            dict(sorted(work.artifacts.items())),
        )


@dataclass(slots=True)
class _Work:
    """What has been made so far."""

    policy: ir.Policy
    settings: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    artifacts: dict[str, Artifact] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    sids: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    ledger: list[LedgerEntry] = field(default_factory=list)
    diagnostics: Diagnostics = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)

    def say_what_is_trusted(self, binding: ir.Binding) -> None:
        """Tell what every allow here rests on, and IAM cannot see."""
        allows = any(isinstance(each.rule, ir.Allow) and each.statements for each in self.parts)
        if allows and not has_errors(self.diagnostics):
            self.diagnostics.append(
                at(
                    "AGP5009",
                    binding.span,
                    "a session goes on after its task has ended, unless somebody ends it",
                    help="issue sessions for active tasks alone, keep them short, and end them",
                )
            )

    def emit_agent(self, facts: Facts, agent: ir.Agent) -> None:
        """Make the identity policies of one agent, and its session policy for each intent."""
        parts = _with_guards_of_others(parts_of(self.policy, facts, agent))
        self.parts.extend(parts)
        packages = self.policy.packages
        identity = identity_statements(parts, self.policy, facts, agent)
        limit, most = IDENTITY_LIMITS[self.settings["identity"]]
        try:
            documents = split(identity, packages, limit, most) if identity else []
        except TooLarge as problem:
            self._too_large(f"the identity policy of `{agent.name}`", problem, agent)
            documents = []
        for number, document in enumerate(documents, 1):
            part = "" if len(documents) == 1 else f".{number}"
            path = f"identity/{file_name(agent.name)}{part}"
            self._add(path, document.readable, Artifact("identity policy", agent.name), document)
        if self.settings["session"] == "none":
            return
        served = {
            name
            for part in parts
            if isinstance(part.rule, ir.Allow) and part.statements
            for name in intents_of(part.rule, self.policy) or ()
        }
        for intent in self.policy.intents:
            if intent.name not in served:
                continue
            statements = session_statements(parts, self.policy, intent.name)
            document = document_of(statements, packages)
            if document.size > SESSION_POLICY_SIZE:
                what = f"the session policy of `{agent.name}` for `{intent.name}`"
                self._too_large(what, TooLarge(document.size, SESSION_POLICY_SIZE), agent)
                continue
            path = f"session/{file_name(agent.name)}/{file_name(intent.name)}"
            artifact = Artifact("session policy", agent.name, intent.name)
            self._add(path, document.compact, artifact, document)

    def _add(self, stem: str, text: str, artifact: Artifact, document: Document) -> None:
        """Keep one document; a number tells paths apart that differ in case alone."""
        path, number = f"{stem}.json", 1
        while path.lower() in self.taken:
            number += 1
            path = f"{stem}~{number}.json"
        self.taken.add(path.lower())
        self.files[path] = text
        self.artifacts[path] = artifact
        self.sids[path] = {
            sid: {"rule": rule.id, "source": str(rule.span)} for sid, rule in document.rules.items()
        }

    def _too_large(self, what: str, problem: TooLarge, agent: ir.Agent) -> None:
        """Report a document that does not fit; nothing is widened to make it fit."""
        self.diagnostics.append(
            at(
                "AGP5002",
                agent.span,
                f"{what} has {problem}",
                help="share the rules out among agents or intents, or say them in fewer words",
            )
        )

    def remind_of_tasks(self, facts: Facts, binding: ir.Binding) -> None:
        """Warn where the end of a task could not be said to AWS at all."""
        if "task" not in facts.tags:
            self.diagnostics.append(
                at(
                    "AGP5008",
                    binding.span,
                    "no session tag carries the task, so that its end cannot end its session alone",
                    help='add `session tag task = "agp:task"`',
                )
            )

    def close(self, facts: Facts) -> None:
        """Add the map from Sids to rules, the ledger and its warnings."""
        text = json.dumps(self.sids, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
        self.files[SOURCE_MAP] = text
        self.artifacts[SOURCE_MAP] = Artifact("source map")
        by_rule: dict[str, list[Part]] = {}
        for part in self.parts:
            by_rule.setdefault(part.rule.id, []).append(part)
        for rule in self.policy.rules:
            self._judge(rule, facts, by_rule.get(rule.id, []))

    def _judge(self, rule: ir.Rule, facts: Facts, parts: list[Part]) -> None:
        """Say how one rule is enforced."""
        losses = unique(loss for part in parts for loss in part.losses)
        span = next((each.span for each in losses if each.span is not None), rule.span)
        if isinstance(rule, ir.Forbid):
            reasons = unique(each.reason for each in losses)
            entry = LedgerEntry(rule.id, "stricter" if losses else "exact", reasons, span)
        else:
            unbound = self._unbound(rule, facts)
            reasons = unique((*(each.reason for each in losses), *unbound))
            left_out = not any(part.statements or not part.losses for part in parts)
            enforcement: Enforcement = (
                "elsewhere" if left_out else "stricter" if reasons else "exact"
            )
            entry = LedgerEntry(rule.id, enforcement, reasons, span)
            if not left_out:
                self._remind(rule)
        self.ledger.append(entry)
        self._warn(entry, rule, bool(losses))

    def _unbound(self, rule: ir.Allow, facts: Facts) -> list[str]:
        """What of a rule is not on the platform at all."""
        names = self.policy.expand(rule.capabilities)
        reasons = [f"`{each}` is not bound" for each in names if each not in facts.places]
        bound = {agent.id for agent, _ in facts.roles}
        ids, patterns = self.policy.identify(rule.agents)
        agents = {agent.id: agent.name for agent in self.policy.agents}
        reasons += [f"`{agents.get(each, each)}` has no role" for each in ids if each not in bound]
        reasons += [f"other agents that match `{each}` have no role" for each in patterns]
        return reasons

    def _remind(self, rule: ir.Allow) -> None:
        """Warn of what a rule asks for beside its decision, and IAM does not see to."""
        if rule.credential is not None and rule.credential.ttl < SHORTEST_SESSION:
            self.diagnostics.append(
                at(
                    "AGP5008",
                    rule.span,
                    f"`{rule.id}` gives credentials of {rule.credential.ttl} s, and a session of "
                    f"AWS lasts {SHORTEST_SESSION} s at least",
                    help="whoever issues the session has to end it in time",
                )
            )
        if any(each.name == AUDIT for each in rule.obligations):
            self.diagnostics.append(
                at(
                    "AGP5008",
                    rule.span,
                    f"`{rule.id}` is to be audited, which IAM does not see to",
                    help="have a CloudTrail trail record the data events of these resources",
                )
            )

    def _warn(self, entry: LedgerEntry, rule: ir.Rule, is_bound: bool) -> None:
        """Say aloud what the ledger says of one rule."""
        if entry.enforcement == "exact":
            return
        code = {"stricter": "AGP5003", "elsewhere": "AGP5004"}[entry.enforcement]
        code = code if is_bound else "AGP5007"
        if isinstance(rule, ir.Forbid):
            said = "forbids more on AWS than the policy does"
        elif code == "AGP5004":
            said = "cannot be said on AWS, and is left to another target"
        elif entry.enforcement == "elsewhere":
            said = "is about nothing on AWS"
        else:
            said = "permits less on AWS than the policy does"
        span = entry.span or rule.span
        self.diagnostics.append(
            Diagnostic(
                code,
                f"`{rule.id}` {said}",
                (Label(span), *(() if span == rule.span else (Label(rule.span, "this rule"),))),
                notes=entry.reasons,
            )
        )


def _with_guards_of_others(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Note where the deny that keeps odd paths out of one allow meets another allow as well."""
    parts = tuple(parts)
    guards = [
        each
        for part in parts
        if isinstance(part.rule, ir.Allow)
        for each in part.statements
        if each.effect == "Deny"
    ]

    def losses(part: Part) -> tuple[Loss, ...]:
        mine = [each for each in part.statements if each.effect == "Deny"]
        return tuple(
            Loss(
                f"odd paths are denied to it too, since `{guard.rule.id}` reads a path with `under`"
            )
            for guard in guards
            if guard.rule is not part.rule
            and not any(_covers(other, guard) for other in mine)
            and any(each.effect == "Allow" and may_share(guard, each) for each in part.statements)
        )

    return tuple(
        Part(part.rule, part.place, part.statements, unique((*part.losses, *losses(part))))
        if isinstance(part.rule, ir.Allow)
        else part
        for part in parts
    )


def _covers(one: Statement, other: Statement) -> bool:
    """Whether a deny meets all that another one does, plainly."""
    return set(other.actions) <= set(one.actions) and set(other.resources) <= set(one.resources)


def file_name(name: str) -> str:
    """A name as part of a path: letters, digits, `_`, `-` and inner dots; the rest as `%XX`."""
    encoded = re.sub(
        r"[^A-Za-z0-9_.-]",
        lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode()),
        name,
    )
    return "%2E" + encoded[1:] if encoded.startswith(".") else encoded or "%"
