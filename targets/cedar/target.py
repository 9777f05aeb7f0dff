"""The target: policies, schema, translation, and what the ledger says of each rule."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ...compiler.ir import nodes as ir
from ...compiler.report.diagnostics import (
    Diagnostic,
    Diagnostics,
    at,
    has_errors,
)
from ...compiler.structs import Struct, field
from ..chains import closed, told
from ..emission import (
    Artifact,
    Emission,
    LedgerEntry,
    Options,
)
from ..partial import account, obliging, unaudited, warning
from ..starts import accounted, in_tasks
from .abilities import ABILITIES, CEDAR
from .agentcore import emission as agentcore
from .expressions import FALSE
from .names import comment
from .request_shape import RequestShape
from .schema import schema_of, translation_of
from .statements import (
    MAX_SCHEMA,
    MAX_STATEMENT,
    Statement,
    TooLarge,
    comment_of,
    meaning_of,
    statements_of,
)
from .translator import translator

POLICIES, SCHEMA, TRANSLATION = "policies.cedar", "schema.json", "request.json"
KINDS = {
    POLICIES: "cedar policies",
    SCHEMA: "cedar schema",
    TRANSLATION: "request translation",
}
PROGRAM = "javascript"
KIND_OF_PROGRAM = "request translation, as a program"


class Cedar:
    """Cedar policies and their schema, for requests that `request.json` says how to translate."""

    name = "cedar"
    abilities = ABILITIES
    settings: Mapping[str, str] = {
        "limits": "whose limits of size hold: `aws` or `none`",
        "shape": "whose requests the policies are for: `agp`, or `agentcore` for a gateway of Bedrock AgentCore",
        **agentcore.SETTINGS,
    }

    def emit(self, policy: ir.Policy, options: Options) -> Emission:
        """Make the three files, and account for every rule."""
        settings = dict(options.settings)
        shape = settings.pop("shape", "agp")
        if shape == "agentcore" and settings.keys() <= agentcore.SETTINGS.keys():
            return agentcore.emit(policy, settings)
        limits = settings.pop("limits", "aws")
        problem = None
        if shape == "agentcore":
            problem = "with `shape=agentcore` there are the settings `gateway` and `sessions` alone"
        elif shape != "agp":
            problem = f"the setting `shape` is `agp` or `agentcore`, and not `{shape}`"
        elif settings.keys() & agentcore.SETTINGS.keys():
            problem = "the settings `gateway` and `sessions` are for `shape=agentcore`"
        elif settings:
            unknown = ", ".join(f"`{each}`" for each in sorted(settings))
            problem = f"cedar has no setting {unknown}"
        elif limits not in ("aws", "none"):
            problem = f"the setting `limits` is `aws` or `none`, and not `{limits}`"
        if problem is not None:
            return Emission({}, (), (Diagnostic("AGP5006", problem),))
        shown = closed(in_tasks(policy))
        emission = _Work(shown, RequestShape(shown), limits == "aws").emission()
        return replace(emission, ledger=accounted(policy, told(policy, emission.ledger)))


class _Work(Struct, frozen=False):
    """What has been made of one policy so far."""

    policy: ir.Policy
    shape: RequestShape
    is_limited: bool
    obliging: tuple[ir.Allow, ...] = ()
    written: list[str] = field(default_factory=list)
    diagnostics: Diagnostics = field(default_factory=list)

    def emission(self) -> Emission:
        """Everything together; no files if a rule is too large."""
        self.obliging = obliging(self.policy.allows)
        ledger = tuple(self._rule(rule) for rule in self.policy.rules)
        schema = schema_of(self.policy, self.shape)
        written = _json(schema)
        if self.is_limited and len(written) > MAX_SCHEMA:  # white space counts
            written = json.dumps(schema, sort_keys=True, separators=(",", ":"))
        size = len(written)
        if self.is_limited and size > MAX_SCHEMA:
            message = f"the Cedar schema has {size:,} bytes, and {MAX_SCHEMA:,} is the most"
            help = "`--set limits=none` is for a Cedar that is not a service of AWS"
            self.diagnostics.append(Diagnostic("AGP5002", message, help=help))
        if has_errors(self.diagnostics):
            return Emission({}, (), tuple(self.diagnostics))
        files = {
            POLICIES: "\n".join(self.written) or "// No rule can be said to Cedar.\n",
            SCHEMA: written,
            TRANSLATION: _json(translation_of(self.policy, self.shape)),
        }
        artifacts = {path: Artifact(kind) for path, kind in KINDS.items()}
        for path, text in translator().items():
            files[f"{PROGRAM}/{path}"] = text
            artifacts[f"{PROGRAM}/{path}"] = Artifact(KIND_OF_PROGRAM)
        return Emission(files, ledger, tuple(self.diagnostics), artifacts)

    def _rule(self, rule: ir.Rule) -> LedgerEntry:
        """Write the policies of one rule, and say how they enforce it."""
        meaning = meaning_of(rule, self.policy, self.shape, self.obliging)
        names = self.policy.expand(rule.capabilities)
        never = meaning.condition == FALSE or not names  # Cedar takes no policy for no action
        losses = meaning.blocks or meaning.losses
        idle = ("no request can meet it, so it has no policy",) if never and not losses else ()
        entry = account(rule, losses, is_left_out=bool(meaning.blocks) or never, idle=idle)
        if entry.enforcement != "elsewhere" and not never:
            limit = MAX_STATEMENT if self.is_limited else None
            try:
                statements = statements_of(rule, self.policy, meaning.condition, limit)
            except TooLarge:
                self._refuse(rule)
            else:
                self.written.append(_written(rule, statements, limit))
        help = "log the calls and the decisions of the service that evaluates the policies"
        self.diagnostics.extend(unaudited(rule, entry, "Cedar", help))
        self.diagnostics.extend(warning(rule, entry, CEDAR))
        return entry

    def _refuse(self, rule: ir.Rule) -> None:
        message = f"`{rule.id}` does not fit into Cedar policies of {MAX_STATEMENT:,} bytes"
        help = "make its lists of constants shorter, or several rules of it"
        self.diagnostics.append(at("AGP5002", rule.span, message, help=help))


def _written(rule: ir.Rule, statements: tuple[Statement, ...], limit: int | None) -> str:
    """The policies of a rule, under what it says in the language itself, if there is room for it.

    A service counts the comment with the policy that it stands above.
    """
    comments = "".join(comment(line) for line in comment_of(rule))
    first, *others = (each.text for each in statements)
    if limit is not None and len((comments + first).encode()) > limit:
        comments = ""
    return "\n".join((comments + first, *others))


def _json(document: Any) -> str:
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=True) + "\n"


TARGET = Cedar()
