"""Everything for one gateway: policies ready for `create-policy`, schema, claims, and the ledger."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ....compiler.ir import nodes as ir
from ....compiler.report.diagnostics import Diagnostic, Diagnostics, at, has_errors
from ....compiler.structs import Struct, field
from ...chains import closed, told
from ...emission import Artifact, Emission, LedgerEntry
from ...partial import account, obliging, unaudited, warning
from ...starts import accounted, in_tasks
from ..expressions import FALSE
from ..names import comment
from ..statements import Statement, TooLarge, comment_of, pieces_of
from .abilities import AGENTCORE
from .documents import definition_of, request_of, schema_of
from .history import MAX_TEMPORAL, SESSIONS, History
from .meaning import Meaning, Rules
from .service import MAX_POLICIES, MAX_STATEMENT, MAX_TOTAL
from .tools import Tools

POLICIES, STATELESS, TEMPORAL = "policies.json", "policies.cedar", "temporal.dw"
SCHEMA, REQUEST = "schema.json", "request.json"
KINDS = {
    POLICIES: "agentcore policies, as they are created",
    STATELESS: "cedar policies",
    TEMPORAL: "dogwood policies",
    SCHEMA: "cedar schema",
    REQUEST: "claims and tools",
}
_ARN = re.compile(r"arn:aws[a-z-]*:bedrock-agentcore:[a-z0-9-]+:[0-9]{12}:gateway/[A-Za-z0-9-]+")
SETTINGS = {
    "gateway": "the ARN of the gateway, with `shape=agentcore`",
    "sessions": "with `shape=agentcore`, `tasks` says that each session of the gateway is one task",
}


def emit(policy: ir.Policy, settings: Mapping[str, str]) -> Emission:
    """Make the files for a gateway, and account for every rule."""
    gateway, sessions = settings.get("gateway", ""), settings.get("sessions", "")
    problem = None
    if _ARN.fullmatch(gateway) is None:
        problem = (
            "with `shape=agentcore` the setting `gateway` is the ARN of a gateway of AgentCore"
        )
    elif sessions not in ("", SESSIONS):
        problem = f"the setting `sessions` is `{SESSIONS}`, and not `{sessions}`"
    if problem is not None:
        return Emission({}, (), (Diagnostic("AGP5006", problem),))
    shown = closed(in_tasks(policy))
    history = History(in_tasks(policy), sessions)
    emission = _Work(shown, Rules(shown, gateway, history), sessions).emission()
    return replace(emission, ledger=accounted(policy, told(policy, emission.ledger)))


class _Work(Struct, frozen=False):
    """What has been made of one policy so far."""

    policy: ir.Policy
    rules: Rules
    sessions: str
    written: list[Statement] = field(default_factory=list)
    diagnostics: Diagnostics = field(default_factory=list)

    def emission(self) -> Emission:
        """Everything together; no files if something is too large."""
        others = obliging(self.policy.allows)
        ledger = tuple(self._rule(rule, others) for rule in self.policy.rules)
        self._hold_against_limits()
        if has_errors(self.diagnostics):
            return Emission({}, (), tuple(self.diagnostics))
        tools = Tools(self.policy)
        temporal = [each for each in self.written if each.history]
        stateless = [each for each in self.written if not each.history]
        files = {
            POLICIES: _json([definition_of(each) for each in self.written]),
            STATELESS: _text(stateless) or "// No rule can be said to AgentCore.\n",
            SCHEMA: _json(schema_of(self.policy, tools)),
            REQUEST: _json(request_of(self.policy, tools, self.sessions)),
            **({TEMPORAL: _text(temporal)} if temporal else {}),
        }
        artifacts = {path: Artifact(KINDS[path]) for path in files}
        return Emission(files, ledger, tuple(self.diagnostics), artifacts)

    def _rule(self, rule: ir.Rule, others: tuple[ir.Allow, ...]) -> LedgerEntry:
        """Write the policies of one rule, and say how they enforce it."""
        if isinstance(rule, ir.Allow):
            meaning = self.rules.allow(rule, others)
        else:
            meaning = self.rules.forbid(rule)
        never = meaning.statement.condition == FALSE or not meaning.statement.actions
        entry = _entry(rule, meaning, never)
        if entry.enforcement != "elsewhere" and not never:
            try:
                self.written.extend(pieces_of(meaning.statement, MAX_STATEMENT))
            except TooLarge:
                message = (
                    f"`{rule.id}` does not fit into statements of {MAX_STATEMENT:,} characters"
                )
                help = "make its lists of constants shorter, or several rules of it"
                self.diagnostics.append(at("AGP5002", rule.span, message, help=help))
        help = "log the decisions of the gateway's policy engine"
        self.diagnostics.extend(unaudited(rule, entry, "AgentCore", help))
        self.diagnostics.extend(warning(rule, entry, AGENTCORE))
        return entry

    def _hold_against_limits(self) -> None:
        """Refuse more than an engine takes."""
        total = sum(len(each.text.encode()) for each in self.written)
        temporal = sum(bool(each.history) for each in self.written)
        for what, size, most in (
            ("policies", len(self.written), MAX_POLICIES),
            ("bytes of policies", total, MAX_TOTAL),
            ("temporal policies", temporal, MAX_TEMPORAL),
        ):
            if size > most:
                message = f"there are {size:,} {what} for the gateway, and {most:,} is the most"
                self.diagnostics.append(Diagnostic("AGP5002", message))


def _entry(rule: ir.Rule, meaning: Meaning, never: bool) -> LedgerEntry:
    """The ledger's entry of a rule; a forbid of what is no tool of the gateway has nothing to forbid there."""
    losses = meaning.blocks or meaning.losses
    idle: tuple[str, ...] = ()
    if isinstance(rule, ir.Forbid) and not meaning.statement.actions:
        losses, idle = (), ("nothing that it forbids is a tool of the gateway",)
    elif never and not losses:
        idle = ("no request can meet it, so it has no policy",)
    return account(rule, losses, is_left_out=bool(meaning.blocks) or never, idle=idle)


def _text(statements: list[Statement]) -> str:
    """Statements for people to read, each under what its rule says in the language itself."""
    shown = []
    for each in statements:
        above = "".join(comment(line) for line in (each.id, *comment_of(each.rule)))
        shown.append(above + each.text)
    return "\n".join(shown)


def _json(document: Any) -> str:
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=True) + "\n"
