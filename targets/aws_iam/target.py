"""The target itself: agents and intents to files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ...compiler.ir import nodes as ir
from ...compiler.report.diagnostics import (
    Diagnostics,
    at,
    has_errors,
)
from ...compiler.structs import Struct, field
from ..chains import closed, told
from ..emission import Artifact, Emission, Options
from ..file_names import segment
from ..partial import binding_of, unbound
from ..starts import accounted, in_tasks
from .abilities import ABILITIES
from .around.controls import Role, control_statements
from .around.revocation import refused_tasks, revocations
from .around.trust import step_statement, trust_statements
from .binding.facts import PlatformFacts, read_facts
from .documents.documents import Writer
from .documents.explanations import explain
from .documents.kept import FEWER_RULES, KeptFiles
from .documents.left_out import IDENTITY, SESSION
from .documents.sids import Sids
from .language.patterns import ANYTHING
from .language.statement import Statement
from .ledger import Ledger, with_guards_of_others
from .limits import (
    CONTROL_POLICIES_PER_ACCOUNT,
    CONTROL_POLICY_SIZE,
    INLINE_POLICIES_SIZE,
    MANAGED_POLICIES_PER_ROLE,
    MANAGED_POLICY_SIZE,
    MANAGED_SESSION_POLICIES,
    SESSION_POLICY_SIZE,
    TRUST_POLICY_SIZE,
)
from .reference import check as reference
from .rules.statements import (
    CapabilityPart,
    identity_statements,
    intents_of,
    parts_of,
    session_statements,
)
from .settings import SETTINGS, Chosen, read_settings
from .warnings.addresses import unseen_addresses
from .warnings.escalations import escalations

IDENTITY_LIMITS = {
    "managed": (MANAGED_POLICY_SIZE, MANAGED_POLICIES_PER_ROLE),
    "inline": (INLINE_POLICIES_SIZE, 1),
}
"""Bytes of one policy, and policies of one role, by the setting `identity`."""

EXPLANATION = "scp.txt"

SMALLER_SESSION = (
    "leave its denies to the identity policy (`--set session-denies=identity`), or pass it as "
    "managed policies (`--set session=managed`)"
)
FEWER_TASKS = (
    "revoke fewer tasks at a time, or end all sessions from before now with `revoke-before`"
)


class AwsIam:
    """Identity and session policies, and all that goes around them, for the agents with a role."""

    name = "aws-iam"
    abilities = ABILITIES
    settings: Mapping[str, str] = SETTINGS

    def emit(self, policy: ir.Policy, options: Options) -> Emission:
        """Make the documents that the settings ask for (see README.md)."""
        emission = self._emission(closed(in_tasks(policy)), options)
        return replace(emission, ledger=accounted(policy, told(policy, emission.ledger)))

    def _emission(self, policy: ir.Policy, options: Options) -> Emission:
        diagnostics: Diagnostics = []
        chosen = read_settings(options.settings, diagnostics)
        known = reference.load(chosen.reference, diagnostics)
        binding = binding_of(policy, "aws")
        if binding is None:
            place, role = '"arn:aws:s3:::BUCKET/${id}"', '"arn:aws:iam::111122223333:role/NAME"'
            nothing = unbound(policy, "aws", "AWS", place, "s3:GetObject", role)
            found = (*diagnostics, *nothing.diagnostics)
            return replace(nothing, diagnostics=found, unbound=not diagnostics)
        if has_errors(diagnostics):
            return Emission({}, (), tuple(diagnostics))
        facts = read_facts(policy, binding, diagnostics)
        if has_errors(diagnostics):
            return _failed(diagnostics)
        writer = Writer(Sids.of(policy) if chosen.sids else None)
        kept = KeptFiles(writer, chosen.leaves_out, diagnostics)
        work = _Work(policy, facts, chosen, diagnostics, kept)
        work.check_settings(binding)
        by_agent = [(agent, work.emit_agent(agent, role)) for agent, role in facts.roles]
        parts = tuple(part for _, some in by_agent for part in some)
        if known is not None:
            diagnostics.extend(reference.check(known, binding, facts, parts))
        if "scp" in chosen.artifacts:
            work.emit_controls(binding)
        work.say_what_is_trusted(binding, parts)
        diagnostics.extend(unseen_addresses(parts))
        ledger = Ledger(policy, facts, diagnostics)
        left_out = kept.left_out
        ledger.fill(
            part for agent, some in by_agent for part in left_out.narrowed(agent, some, policy)
        )
        is_whole = not has_errors(diagnostics)
        diagnostics.extend(left_out.errors)
        if not is_whole or (left_out.artifacts and not kept.files):
            return _failed(diagnostics)
        kept.add_source_map()
        return Emission(
            dict(sorted(kept.files.items())),
            tuple(ledger.entries),
            tuple(sorted(diagnostics, key=lambda each: each.sort_key)),
            dict(sorted(kept.artifacts.items())),
            missing=tuple(left_out.artifacts),
        )


def _failed(diagnostics: Diagnostics) -> Emission:
    """Nothing but what is wrong."""
    return Emission({}, (), tuple(sorted(diagnostics, key=lambda each: each.sort_key)))


class _Work(Struct, frozen=False):
    """What has been made so far."""

    policy: ir.Policy
    facts: PlatformFacts
    chosen: Chosen
    diagnostics: Diagnostics
    kept: KeptFiles
    roles: list[Role] = field(default_factory=list)

    def check_settings(self, binding: ir.Binding) -> None:
        """Refuse what the binding has no tag for, and warn where a task's end cannot be said."""
        if "trust" in self.chosen.artifacts and "intent" not in self.facts.tags:
            message = "a trust policy needs `session tag intent`, to say what a session is for"
            self.diagnostics.append(at("AGP5006", binding.span, message))
        if self.chosen.provider:
            account = self.chosen.provider.split(":")[4]
            for _, role in self.facts.roles:
                if role.split(":")[4] != account:
                    message = f"`{role}` is in another account than the OIDC provider"
                    self.diagnostics.append(at("AGP5006", binding.span, message))
        if "task" in self.facts.tags:
            return
        if self.chosen.revoked_tasks:
            message = "no session tag carries the task, so that AWS cannot tell which one to revoke"
            self.diagnostics.append(at("AGP5006", binding.span, message))
        self.diagnostics.append(
            at(
                "AGP5008",
                binding.span,
                "no session tag carries the task, so that its end cannot end its session alone",
                help='add `session tag task = "agp:task"`',
            )
        )

    def say_what_is_trusted(self, binding: ir.Binding, parts: Iterable[CapabilityPart]) -> None:
        """Tell what every allow here rests on, and IAM cannot see."""
        allows = any(isinstance(each.rule, ir.Allow) and each.statements for each in parts)
        if allows and not has_errors(self.diagnostics):
            self.diagnostics.append(
                at(
                    "AGP5009",
                    binding.span,
                    "a session goes on after its task has ended, unless somebody ends it",
                    help="issue sessions for active tasks alone, keep them short, and end them",
                )
            )

    def emit_agent(self, agent: ir.Agent, arn: str) -> tuple[CapabilityPart, ...]:
        """Make all documents for one agent; the result is what its rules come to."""
        parts = with_guards_of_others(parts_of(self.policy, self.facts, agent))
        served = {
            name
            for part in parts
            if isinstance(part.rule, ir.Allow)
            and any(each.effect == "Allow" for each in part.statements)
            for name in intents_of(part.rule, self.policy) or ()
        }
        intents = tuple(each.name for each in self.policy.intents if each.name in served)
        identity = identity_statements(parts, self.policy, self.facts, agent)
        role = Role(agent, arn, identity, intents, bool(self.chosen.anchor))
        self.roles.append(role)
        makers = {
            "identity": self._identity,
            "boundary": self._boundary,
            "trust": self._trust,
            "revocation": self._revocation,
        }
        for name, make in makers.items():
            if name in self.chosen.artifacts:
                make(role)
        self.diagnostics.extend(escalations(agent, arn, parts))
        if "session" in self.chosen.artifacts:
            for intent in intents:
                self._session(agent, intent, parts)
        return parts

    def _identity(self, role: Role) -> None:
        """What the role may do: split where one policy would be too large."""
        limit, most = IDENTITY_LIMITS[self.chosen.identity]
        artifact = Artifact(IDENTITY, role.agent.name)
        what = f"the identity policy of `{role.agent.name}`"
        self.kept.split(
            f"identity/{segment(role.agent.name)}",
            what,
            artifact,
            role.statements,
            (limit, most),
            readable=True,
            blamed=role.agent,
        )

    def _boundary(self, role: Role) -> None:
        """The most that the role may do, whatever else is attached to it: the same, as one policy."""
        step = (step_statement(role.agent, role.arn),) if role.steps and role.intents else ()
        nothing = Statement("Deny", ("*",), (ANYTHING,), (), about=role.agent, title="Nothing")
        artifact = Artifact("permission boundary", role.agent.name)
        what = f"the permission boundary of `{role.agent.name}`"
        self.kept.one(
            f"boundary/{segment(role.agent.name)}",
            what,
            artifact,
            (*role.statements, *step) or (nothing,),
            MANAGED_POLICY_SIZE,
            role.agent,
        )

    def _trust(self, role: Role) -> None:
        """Who may have a session; nobody, where no allow is served to the agent."""
        if not role.intents:
            return
        revoked = self.chosen.revoked_tasks
        statements = (
            *(refused_tasks(role.agent, self.facts, revoked) if revoked else ()),
            *trust_statements(role.agent, role.arn, role.intents, self.facts, self.chosen),
        )
        artifact = Artifact("trust policy", role.agent.name)
        what = f"the trust policy of `{role.agent.name}`"
        self.kept.one(
            f"trust/{segment(role.agent.name)}",
            what,
            artifact,
            statements,
            TRUST_POLICY_SIZE,
            role.agent,
            help=FEWER_TASKS if revoked else FEWER_RULES,
        )

    def _revocation(self, role: Role) -> None:
        """How what the agent has is ended; what is attached to a role fits there inline or managed."""
        for each in revocations(role.agent, self.facts, self.chosen):
            size = TRUST_POLICY_SIZE if each.is_trust else MANAGED_POLICY_SIZE
            self.kept.one(
                f"revocation/{segment(role.agent.name)}/{each.name}",
                f"the {each.kind} of `{role.agent.name}`",
                Artifact(each.kind, role.agent.name),
                each.statements,
                size,
                role.agent,
                is_template=each.is_template,
                help=FEWER_TASKS,
            )

    def _session(self, agent: ir.Agent, intent: str, parts: Iterable[CapabilityPart]) -> None:
        """What a session for one intent may do."""
        statements = session_statements(parts, self.policy, intent)
        path = f"session/{segment(agent.name)}/{segment(intent)}"
        what = f"the session policy of `{agent.name}` for `{intent}`"
        artifact = Artifact(SESSION, agent.name, intent)
        if self.chosen.session_denies == "identity":
            if self.kept.left_out.has_identity_of(agent):
                message = f"{what} leaves its denies to the identity policy, which does not fit"
                self.kept.left_out.add(artifact, at("AGP5002", agent.span, message))
                return
            statements = tuple(each for each in statements if each.effect == "Allow")
        if self.chosen.session == "managed":
            limits = (MANAGED_POLICY_SIZE, MANAGED_SESSION_POLICIES)
            self.kept.split(path, what, artifact, statements, limits, readable=True, blamed=agent)
        else:
            help = f"{FEWER_RULES}; or {SMALLER_SESSION}"
            limit = SESSION_POLICY_SIZE
            self.kept.one(path, what, artifact, statements, limit, agent, readable=False, help=help)

    def emit_controls(self, binding: ir.Binding) -> None:
        """What no role of an agent may do, whatever else is attached anywhere: by account."""
        for account in sorted({each.account for each in self.roles}):
            roles = [each for each in self.roles if each.account == account]
            statements = control_statements(roles, self.facts)
            self.kept.split(
                f"scp/{account}",
                f"the service control policy of `{account}`",
                Artifact("service control policy"),
                statements,
                (CONTROL_POLICY_SIZE, CONTROL_POLICIES_PER_ACCOUNT - 1),  # beside `FullAWSAccess`
                readable=False,
                blamed=binding,
            )
        written = {k: v for k, v in self.kept.written.items() if k.startswith("scp/")}
        if written:
            self.kept.files[EXPLANATION] = explain(written)
            self.kept.artifacts[EXPLANATION] = Artifact("explanation of service control policies")
