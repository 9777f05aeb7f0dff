"""Documents that are too large, where the setting `oversize` has the others written all the same.

Only what *permits* may be left out, which are identity and session policies: without one of them
there is less on AWS. What limits or ends something (a boundary, a control policy, a trust policy, a
revocation) may not, since somebody would go without that limit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ....compiler.ir import nodes as ir
from ....compiler.report.diagnostics import Diagnostic, Diagnostics
from ....compiler.structs import Struct, field
from ...emission import Artifact
from ...partial import Loss, unique
from ..rules.statements import CapabilityPart, intents_of

IDENTITY, SESSION = "identity policy", "session policy"


class LeftOut(Struct, frozen=False):
    """What was left out of one run so far, and the errors that say so."""

    artifacts: list[Artifact] = field(default_factory=list)
    errors: Diagnostics = field(default_factory=list)

    def add(self, artifact: Artifact, error: Diagnostic) -> None:
        """Leave one document out."""
        self.artifacts.append(artifact)
        note = f"this {artifact.kind} was left out, and the documents that fit were written"
        self.errors.append(replace(error, notes=(*error.notes, note)))

    def has_identity_of(self, agent: ir.Agent) -> bool:
        """Whether the identity policy of an agent was left out."""
        return Artifact(IDENTITY, agent.name) in self.artifacts

    def narrowed(
        self, agent: ir.Agent, parts: Iterable[CapabilityPart], policy: ir.Policy
    ) -> Iterator[CapabilityPart]:
        """The parts of an agent's rules, as far as what was written has them."""
        missing = {each.intent for each in self.artifacts if each.agent == agent.name}
        for part in parts:
            intents = intents_of(part.rule, policy) or ()
            without = tuple(each for each in intents if each in missing or None in missing)
            if not isinstance(part.rule, ir.Allow) or not part.statements or not without:
                yield part
            else:
                reasons = (
                    (f"the identity policy of `{agent.name}` does not fit, and was left out",)
                    if None in missing
                    else (
                        f"the session policy of `{agent.name}` for `{each}` does not fit, and was left out"
                        for each in without
                    )
                )
                yield replace(
                    part,
                    statements=part.statements if len(without) < len(intents) else (),
                    losses=unique((*part.losses, *map(Loss, reasons))),
                )
