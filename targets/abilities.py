"""What targets can say of a policy, as tables: what as it is, what as something else, and what not at all.

The matrix in `docs/targets.md` is printed from them, and a test compares each row with what the ledger says of a
rule that has just that. What a table does not name its target cannot say.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from ..compiler.ir.nodes import EACH, Root
from ..compiler.structs import Struct

Part: TypeAlias = Literal[
    "of the call",
    "of the identity",
    "of the attested",
    "of the arguments",
    "of lists",
    "facts",
    "intents",
    "forbids",
    "evidence",
    "valid",
    "during",
    "obligations",
    "terms",
]
"""Something that a policy may say."""

PARTS: dict[Part, tuple[str, str]] = {
    "of the call": ("conditions on `resource`, `context`, `now`", "all"),
    "of the identity": ("conditions on `agent.id`, `task.id`, `task.state`", "all"),
    "of the attested": ("other conditions on `agent`, `task`, `user`", "all"),
    "of the arguments": ("conditions on `args`", "all"),
    "of lists": ("`size`, paths through lists, `has only`", "all"),
    "facts": ("meters and sources", "all"),
    "intents": ("intents", "yes"),
    "forbids": ("forbids", "yes"),
    "evidence": ("approvals, step-up, challenge", "yes"),
    "valid": ("`valid`", "yes"),
    "during": ("`during`", "yes"),
    "obligations": ("obligations", "in the answer"),
    "terms": ("credential terms, owner", "in the answer"),
}
"""How the matrix names each, and what it says of a target that has all of it."""


class Says(Struct):
    """It is said as it is, but for what is named; a rule that has it is `exact`."""

    but: str = ""


class Lowers(Struct):
    """It is made something else of first, which may be had for some of it; the ledger says of which.

    `unless` is the ledger's reason where it may not be had.
    """

    to: str
    unless: str = ""


class Cannot(Struct):
    """The platform has nothing for it: a rule that needs it to be decided is never `exact`.

    `reason` is what the ledger says of a rule that has it, and `beside` of one that another way leads to it:
    evidence that would lift a forbid, obligations of another allow. `{}` is what the rule names.
    """

    why: str = ""
    reason: str = "the platform has nothing for what it asks"
    beside: str = "the platform has nothing for what may be asked beside it"


Ability: TypeAlias = Says | Lowers | Cannot


class Abilities(Struct):
    """What a target is for, what it can say, and what its ledger comes to."""

    audience: str
    of: Mapping[Part, Ability]
    ledger: str = "by rule"

    def __getitem__(self, part: Part) -> Ability:
        """What becomes of a part of a policy: nothing, unless the table names it."""
        return self.of.get(part, Cannot())

    def of_attribute(self, root: Root, path: tuple[str, ...]) -> Ability:
        """What becomes of conditions on an attribute."""
        if EACH in path:
            return self["of lists"]
        match root:
            case "context" if path[:1] in (("meters",), ("sources",)):
                return self["facts"]
            case "resource" | "context" | "now":
                return self["of the call"]
            case "args":
                return self["of the arguments"]
            case "agent" | "task" | "user":
                known = (root, *path) in (("agent", "id"), ("task", "id"), ("task", "state"))
                return self["of the identity" if known else "of the attested"]
        return Cannot()  # a root that is new is nothing that a platform sees


def everything(audience: str) -> Abilities:
    """The abilities of a target that decides as the interpreter does, whatever the policy."""
    return Abilities(audience, dict.fromkeys(PARTS, Says()), "always `exact`")
