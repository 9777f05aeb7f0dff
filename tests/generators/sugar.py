"""Policies as people write them: the same source text with groups, kinds, terms and extensions, which the compiler takes away.

What is printed of a policy says everything where it stands. Here some of it is said once and named: a list of capabilities
becomes a group, or the kind that all of them are of; clauses of a grant become terms; attributes and kinds of a
resource stand in an `extend`. Compiling it gives the same policy.
"""

from __future__ import annotations

import re

from hypothesis import strategies as st

from agpc.compiler.ir import nodes as ir
from agpc.compiler.ir.printing.policy import policy_sources
from agpc.compiler.report.source import Source

from .policies import WRITTEN, policies
from .values import BOOLEANS, Draw, chance

CAPABILITIES = re.compile(r"    (allow|deny) ([^*]+?)( as \w+)?")
ACTION = re.compile(rf"    ((?:(?:{'|'.join(ir.KINDS)}) )+)action (\w+)(.*)")
RESOURCE = re.compile(r"(?:tool|dataset) (\w+) \{")
GRANT = re.compile(r"grant (\w+) \{")
OF_TERMS = ("credential", "valid", "during", "audit", "oblige", "revoke", "owner", "controls")
LEFT_OUT = {"credential": "credential ttl 7m", "valid": "valid until 2031-01-01"}
"""Clauses of terms that a grant does not have, as its own clauses win."""


@st.composite
def written_policies(draw: st.DrawFn) -> tuple[ir.Policy, list[Source]]:
    """A policy, and a way to write it."""
    policy = draw(policies(features=WRITTEN))
    return policy, [_sugared(draw, policy, source) for source in policy_sources(policy)]


def statements_of(source: Source) -> tuple[str, list[str]]:
    """What a printed file begins with, to its `package`; and its statements: a block ends with its brace."""
    lines = source.text.splitlines()
    start = 1 + next(at for at, line in enumerate(lines) if line.startswith("package "))
    statements: list[str] = []
    block: list[str] = []
    for line in lines[start:]:
        block.append(line)
        inside = len(block) > 1 or line.endswith("{")
        if not inside or line == "}":
            statements.append("\n".join(block))
            block = []
    assert not block
    return "\n".join(lines[:start]), statements


def _sugared(draw: Draw, policy: ir.Policy, source: Source) -> Source:
    start, statements = statements_of(source)
    writes = _Writer(draw, policy, start.rpartition(" ")[2])
    written = [writes.statement(each) for each in statements]
    if not has_intents(source) and not start.startswith("language") and draw(BOOLEANS):
        start = f"language 2\n{start}"
    return Source(source.name, "\n".join([start, *written, *writes.named]))


def has_intents(source: Source) -> bool:
    """Whether a file declares intents, whose tasks are started by calls where it is of version 2."""
    return "\nintent " in source.text


class _Writer:
    """Writes the statements of a package in other words, and what these name."""

    def __init__(self, draw: Draw, policy: ir.Policy, package: str) -> None:
        self.draw = draw
        self.policy = policy
        self.package = package
        self.named: list[str] = []

    def statement(self, text: str) -> str:
        """One statement, most often with something in it said in another way."""
        head, *lines = text.split("\n")
        if found := RESOURCE.fullmatch(head):
            lines = self._resource(found[1], lines)
        elif found := GRANT.fullmatch(head):
            lines = self._terms(found[1], lines)
        if head.startswith(("grant ", "forbid ")):
            lines = [self._capabilities(each) for each in lines]
        return "\n".join((head, *lines))

    # --- capabilities ---

    def _capabilities(self, line: str) -> str:
        found = CAPABILITIES.fullmatch(line)
        if found is None or (found[1] == "allow" and not found[3]):
            return line  # an allow without a label is called what it names
        names = found[2].split(", ")
        known = self.policy.capabilities
        whole = [each if each in known else f"{self.package}.{each}" for each in names]
        if not set(whole) <= set(known):
            return line
        kinds = self._kinds(tuple(whole), found[1] == "deny")
        if kinds and chance(self.draw, 70):
            return f"    {found[1]} {kinds[0]}{found[3] or ''}"
        if not chance(self.draw, 50):
            return line
        name = f"group_{len(self.named)}"
        self.named.append(f"group {name} = {found[2]}")
        return f"    {found[1]} {name}{found[3] or ''}"

    def _kinds(self, names: tuple[str, ...], unmarked: bool) -> list[str]:
        """How the capabilities are named by what they do, of one resource or of all."""
        found = []
        actions = [
            (name, action)
            for name, action in sorted(self.policy.declared_actions.items())
            if unmarked or name not in self.policy.starts  # which an allow names by itself
        ]
        resources = {each.rpartition(".")[0] for each in names}
        for kind in ir.KINDS:
            marked = {name for name, action in actions if kind in action.kinds}
            of_kind = [
                name
                for name, action in actions
                if name in marked or (unmarked and not action.kinds)
            ]
            for where, text in (
                ("", f"any {kind}"),
                *((f"{each}.", f"{each}.* {kind}") for each in resources),
            ):
                here = tuple(each for each in of_kind if each.startswith(where))
                if here == names and any(each.startswith(where) for each in marked):
                    found.append(text)
        return found

    # --- terms ---

    def _terms(self, name: str, lines: list[str]) -> list[str]:
        """Let some clauses of a grant stand in terms of their own."""
        moved = [each for each in OF_TERMS if chance(self.draw, 40)]
        if not any(_word(each) in OF_TERMS for each in lines) or not moved:
            return lines
        needs = [each for each in lines if each.startswith("        require ")]
        one_allow = sum(_word(each) == "allow" for each in lines) == 1
        taken = needs if one_allow and self.draw(BOOLEANS) else []
        clauses = [each for each in lines if _word(each) in moved] + [each[4:] for each in taken]
        kept = [each for each in lines if _word(each) not in moved and each not in taken]
        clauses += [
            f"    {text}"
            for word, text in LEFT_OUT.items()
            if any(_word(each) == word for each in kept) and self.draw(BOOLEANS)
        ]
        self.named.append("\n".join((f"terms terms_of_{name} {{", *clauses, "}")))
        return [f"    terms terms_of_{name}", *kept]

    # --- resources ---

    def _resource(self, name: str, lines: list[str]) -> list[str]:
        """Let the attributes of a resource, or what its actions do, stand in an `extend`."""
        kept: list[str] = []
        extended: list[str] = []
        for line in lines:
            action = ACTION.fullmatch(line)
            if action is not None and self.draw(BOOLEANS):
                kept.append(f"    action {action[2]}{action[3]}")
                extended.append(f"    {action[1]}action {action[2]}")
            elif action is None and "action " not in line and line != "}" and self.draw(BOOLEANS):
                extended.append(line)
            else:
                kept.append(line)
        if extended:
            self.named.append("\n".join((f"extend {name} {{", *extended, "}")))
        return kept


def _word(line: str) -> str:
    """The word that a clause of a block begins with; none for what goes on in an allow."""
    return "" if line.startswith("        ") else line.strip().partition(" ")[0]
