"""What a target makes of a policy: files, and a ledger that says how each rule is enforced."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Protocol, TypeAlias

from ..compiler.ir.nodes import Policy
from ..compiler.report.diagnostics import Diagnostic
from ..compiler.report.source import Span
from ..compiler.structs import Struct, field

LICENCE = "Part of agpc, the compiler for AGP. SPDX-License-Identifier: Apache-2.0"
"""What files say first that are the compiler's own and stand among those made of a policy."""

Enforcement: TypeAlias = Literal["exact", "stricter", "elsewhere"]


class LedgerEntry(Struct):
    """How a target enforces one rule.

    `exact` decides as the interpreter does; `stricter` denies some requests that the policy
    permits; `elsewhere` is an allow left out, which another target has to enforce. There is no
    entry for *looser*: a rule that cannot be had without it is an error.
    """

    rule: str
    enforcement: Enforcement
    reasons: tuple[str, ...] = ()
    """One sentence for each thing that the platform cannot say; empty where exact."""
    span: Span | None = None
    """The condition or clause that is why, if it is one; else the rule."""
    idle: tuple[str, ...] = ()
    """One sentence for each part of the rule that has nothing to do on this platform: nothing there
    could ever meet it, so that no artifact has it and nothing is lost by that."""


class Artifact(Struct):
    """What the manifest says of a file beside its path: its kind, and whom it is for."""

    kind: str
    agent: str | None = None
    intent: str | None = None


class Emission(Struct):
    """Files by path (relative, with `/`), what they are, the ledger, and what went wrong.

    With an error among the diagnostics nothing is written, unless each is about a file that is `missing`.
    """

    files: Mapping[str, str]
    ledger: tuple[LedgerEntry, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    artifacts: Mapping[str, Artifact] = field(default_factory=dict)
    unbound: bool = False
    """Whether there is nothing because the policy does not bind the platform, which is an error among the
    diagnostics, and does not keep other targets from being written."""
    missing: tuple[Artifact, ...] = ()
    """Files that could not be made and that the others are safe without, each an error among the
    diagnostics; the ledger counts without them."""

    @property
    def is_written(self) -> bool:
        """Whether there are files to write: there is no error, or there are files that are missing."""
        return bool(self.missing) or all(each.severity != "error" for each in self.diagnostics)


class Options(Struct):
    """What a user can say to a target; `settings` are those that it knows, from `--set k=v`."""

    settings: Mapping[str, str] = field(default_factory=dict)


class Target(Protocol):
    """An emitter, found through the `agpc.targets` entry-point group.

    One that takes settings has a mapping `settings` too, of their names to what each is for. It is
    given those and no others; without the mapping it is given none.

    One whose files only carry the policy to other programs says `enforces = False`: nothing is
    denied or permitted by it, so that no ledger names it as what enforces a rule.

    Ours have `abilities` too, what they can say of a policy (`targets/abilities.py`).
    """

    name: str

    def emit(self, policy: Policy, options: Options) -> Emission:
        """Make the files and the ledger; deterministic to the byte, and without side effects."""
        ...
