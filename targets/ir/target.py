"""The target: one document, which says all that the policy says."""

from __future__ import annotations

from ...compiler.check.compiling.ir_json import dumps
from ...compiler.ir import nodes as ir
from ..abilities import PARTS, Abilities, Lowers
from ..emission import (
    Artifact,
    Emission,
    Options,
)
from ..starts import exact

FILE = "policy.json"


class IRTarget:
    """Writes `policy.json`, which `compiler/ir/policy.schema.json` describes and `loads` reads."""

    name = "ir"
    enforces = False
    abilities = Abilities(
        "other programs",
        dict.fromkeys(PARTS, Lowers("as data")),
        "always `exact`; it is never what enforces a rule",
    )

    def emit(self, policy: ir.Policy, options: Options) -> Emission:
        """Write the document; it says all that the policy says, so every rule is exact."""
        return Emission(
            files={FILE: dumps(policy)},
            ledger=exact(policy),
            artifacts={FILE: Artifact(kind="ir")},
        )
