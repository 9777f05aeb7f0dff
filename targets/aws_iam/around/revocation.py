"""Revocation: denies that end a task, an agent, or the sessions from before a time.

Each document stands by itself, and is attached when it is needed. Without the settings that say
what is revoked, the ones for a task and a time have placeholders. A placeholder has characters that
IAM refuses, so that a document which nobody has filled in is never deployed to no effect.
"""

from __future__ import annotations

from ....compiler.ir import nodes as ir
from ....compiler.structs import Struct
from ..binding.facts import PlatformFacts
from ..language.patterns import ANYTHING, literal
from ..language.products import KeyTest
from ..language.statement import Statement
from ..limits import PRINCIPAL_TAG, REQUEST_TAG
from ..settings import Chosen
from .trust import source_identity

TASK, BEFORE = "⟨task⟩", "⟨before⟩"
"""What stands for the task, and for the time, in a document that is to be filled in."""

ISSUE = ("sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML")
"""How a role gives out sessions."""


class Revocation(Struct):
    """One document: its name below the agent's folder, its kind, and what it says."""

    name: str
    kind: str
    statements: tuple[Statement, ...]
    is_template: bool = False

    @property
    def is_trust(self) -> bool:
        """Whether it goes into a trust policy."""
        return all(each.principal for each in self.statements)


def revocations(agent: ir.Agent, facts: PlatformFacts, chosen: Chosen) -> tuple[Revocation, ...]:
    """All the ways to end what an agent has."""
    found = [
        Revocation(
            "agent", "revocation policy for the agent's role", (_end(agent, "RevokedAgent"),)
        ),
        Revocation(
            "agent.trust",
            "revocation statement for the role's trust policy",
            (_refuse(agent, "RevokedAgent"),),
        ),
        Revocation(
            "source-identity",
            "revocation policy for other roles, by source identity",
            (
                _end(
                    agent,
                    "RevokedIdentity",
                    KeyTest(
                        "StringEquals", "aws:SourceIdentity", (literal(source_identity(agent)),)
                    ),
                ),
            ),
        ),
        Revocation(
            "sessions",
            "revocation policy for sessions from before a time",
            (
                _end(
                    agent,
                    "OldSessions",
                    KeyTest(
                        "DateLessThanIfExists",
                        "aws:TokenIssueTime",
                        (chosen.revoked_before or BEFORE,),
                    ),
                ),
            ),
            not chosen.revoked_before,
        ),
    ]
    if "task" in facts.tags:
        found.extend(_of_tasks(agent, facts, chosen))
    return tuple(found)


def _of_tasks(agent: ir.Agent, facts: PlatformFacts, chosen: Chosen) -> tuple[Revocation, ...]:
    """End the sessions of tasks, and let no new one be had: by its own tag, or by an inherited one."""
    tasks = tuple(map(literal, chosen.revoked_tasks or (TASK,)))
    carried = facts.tags["task"]
    is_template = not chosen.revoked_tasks
    return (
        Revocation(
            "task",
            "revocation policy for a task",
            (_end(agent, "RevokedTask", KeyTest("StringEquals", carried, tasks)),),
            is_template,
        ),
        Revocation(
            "task.trust",
            "revocation statement for the role's trust policy",
            refused_tasks(agent, facts, chosen.revoked_tasks or (TASK,)),
            is_template,
        ),
    )


def refused_tasks(
    agent: ir.Agent, facts: PlatformFacts, tasks: tuple[str, ...]
) -> tuple[Statement, ...]:
    """Statements of a trust policy that give no session to tasks, whoever asks."""
    carried = facts.tags["task"]
    asked = REQUEST_TAG + carried.removeprefix(PRINCIPAL_TAG)
    values = tuple(map(literal, tasks))
    return tuple(
        _refuse(agent, title, KeyTest("StringEquals", key, values))
        for title, key in (("RevokedTask", asked), ("RevokedTaskInherited", carried))
    )


def _end(agent: ir.Agent, title: str, *tests: KeyTest) -> Statement:
    """Deny a session everything."""
    return Statement("Deny", ("*",), (ANYTHING,), tests, about=agent, title=title)


def _refuse(agent: ir.Agent, title: str, *tests: KeyTest) -> Statement:
    """Deny everybody a session."""
    return Statement("Deny", ISSUE, (), tests, about=agent, title=title, principal=(("*", "*"),))
