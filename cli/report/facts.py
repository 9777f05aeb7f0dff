"""What a report says, as one tree: `--format json` is this tree, and the other forms are written from it.

Lists are in an order that depends on nothing but the policy. Rules are told once, in `rules`, and named by
their identity everywhere else.
"""

from __future__ import annotations

from typing import Any

from ...compiler.structs import Struct


class Owner(Struct):
    """Who answers for something."""

    name: str
    contact: str


class File(Struct):
    """A file of the policy, by the path with which it was reached, and the SHA-256 of its text."""

    path: str
    sha256: str


class Package(Struct):
    """A package: who answers for it, and what all of it gives evidence for."""

    name: str
    owner: Owner | None
    controls: tuple[str, ...]


class Rule(Struct):
    """A rule as the language writes it. `effect` is `allow` or `forbid`; `standing` says why access stands.

    `ends` is when its validity ends; `state` is `standing`, `ends`, `over` or, of what does not apply
    yet, `later`; it is empty for a forbid.
    """

    id: str
    effect: str
    place: str
    owner: Owner | None
    controls: tuple[str, ...]
    capabilities: tuple[str, ...]
    text: tuple[str, ...]
    credential: str | None
    revoke: tuple[str, ...]
    ends: str | None
    state: str
    because: str | None
    doc: str = ""
    """What comments say of it, of an allow behind what they say of its grant; empty where they say nothing."""


class Way(Struct):
    """One allow that permits an access: what has to hold, and the forbids that may stand in its way."""

    rule: str
    how: str
    clauses: tuple[str, ...]
    forbids: tuple[str, ...]


class Doubt(Struct):
    """An allow of which it could not be told whether it permits anything."""

    rule: str
    reason: str


class Access(Struct):
    """What an agent may use for some intents, what it takes at best, and every way to it."""

    capability: str
    intents: tuple[str, ...]
    how: str
    ways: tuple[Way, ...]
    undetermined: tuple[Doubt, ...]


class Agent(Struct):
    """An agent, or one that stands for all of its families that no rule names, and all that it may do."""

    name: str
    id: str
    families: tuple[str, ...]
    access: tuple[Access, ...]
    doc: str = ""

    @property
    def accesses(self) -> int:
        """The number of its accesses: each capability for each intent is one."""
        return sum(len(each.intents) for each in self.access)


class Intent(Struct):
    """An intent, and its purpose as it is declared."""

    name: str
    purpose: str
    doc: str = ""


class Accountable(Struct):
    """The rules that somebody answers for, or nobody does, and how many accesses rest on them."""

    owner: Owner | None
    allows: tuple[str, ...]
    forbids: tuple[str, ...]
    accesses: int


class Evidence(Struct):
    """What somebody has to give before a rule lets a call through; `lifts` says that the rule is a forbid."""

    rule: str
    text: str
    lifts: bool


class Approver(Struct):
    """A role or a person whose approval is asked for, the user who confirms, or a method of authentication (`step_up`)."""

    kind: str
    who: str
    evidence: tuple[Evidence, ...]


class Leased(Struct):
    """A capability for which some allow gives a credential. `why` says why no lease of the service may stand for it."""

    capability: str
    why: str | None


class Finding(Struct):
    """Something that `agpc check` finds. `reason` is that of a remark which silences it."""

    code: str
    severity: str
    title: str
    message: str
    place: str | None
    help: str | None
    reason: str | None


class Entry(Struct):
    """How a target enforces one rule, and why it is not exact or idle there."""

    rule: str
    enforcement: str
    reasons: tuple[str, ...]
    idle: tuple[str, ...]


class Ledger(Struct):
    """How one target enforces the rules; `problems` are why it cannot be made, or not whole."""

    target: str
    enforces: bool
    entries: tuple[Entry, ...]
    problems: tuple[str, ...]


class Test(Struct):
    """A test of the policy."""

    name: str
    place: str
    passed: bool
    expected: str
    got: str


class Covered(Struct):
    """How much of a rule the tests show, and what they do not show of it."""

    rule: str
    covered: int
    countable: int
    gaps: tuple[str, ...]


class Coverage(Struct):
    """How much of the rules the tests show, as `agpc test --coverage` counts; `untested` decided nothing."""

    percent: str
    covered: int
    countable: int
    untested: tuple[str, ...]
    rules: tuple[Covered, ...]


class Control(Struct):
    """A control of a framework, and the rules and packages that name it as what they give evidence for."""

    id: str
    title: str
    packages: tuple[str, ...]
    rules: tuple[str, ...]


class Framework(Struct):
    """The controls of a framework for which there is evidence, and the gaps: those that nothing names.

    `source` is the file of a project's own catalogue.
    """

    id: str
    name: str
    version: str
    source: str | None
    evidence: tuple[Control, ...]
    gaps: tuple[Control, ...]


class Audit(Struct):
    """All of it. `at` is the time that it is told for; `changes` is what `agpc diff --format json` says."""

    agpc: str
    at: str
    policy_sha256: str
    files: tuple[File, ...]
    packages: tuple[Package, ...]
    counts: dict[str, int]
    accountable: tuple[Accountable, ...]
    agents: tuple[Agent, ...]
    intents: tuple[Intent, ...]
    capabilities: tuple[str, ...]
    leases: tuple[Leased, ...]
    approvers: tuple[Approver, ...]
    findings: tuple[Finding, ...]
    silences: tuple[Finding, ...]
    ledgers: tuple[Ledger, ...]
    tests: tuple[Test, ...]
    coverage: Coverage | None
    since: str | None
    changes: dict[str, Any] | None
    frameworks: tuple[Framework, ...]
    rules: tuple[Rule, ...]

    @property
    def is_undetermined(self) -> bool:
        """Whether something could not be told, which is never a no."""
        doubts = any(each.undetermined for agent in self.agents for each in agent.access)
        unknown = any(each.code == "AGP2999" for each in self.findings)
        return doubts or unknown or bool(self.changes and self.changes["undetermined"])
