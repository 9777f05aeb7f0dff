"""`agp.lark` as it stands is the syntax: plain Lark takes what the parser takes, and reads the same from it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from engines.plain_lark import plain_lark
from generators.sugar import written_policies
from hypothesis import assume, example, given, settings
from lark import Token, Tree
from lark.exceptions import UnexpectedInput

from agpc.compiler.ir import nodes as ir
from agpc.compiler.report.diagnostics import Diagnostics
from agpc.compiler.report.offsets import Offsets
from agpc.compiler.report.source import Source, Span
from agpc.compiler.syntax.build_tree import BUILD, LEAVES
from agpc.compiler.syntax.machine import Machine

from .wrong_texts import mutated, relaid

ROOT = Path(__file__).parents[3]
FILES = sorted((ROOT / "examples").rglob("*.agp")) + sorted(
    (ROOT / "tests/policies").rglob("*.agp")
)
NOWHERE = Span("", 1, 1, 1, 1)
NOT_OF_SYNTAX = {"AGP1006", "AGP1008", "AGP1017", "AGP1310"}
"""What is said of a token that the syntax takes."""


def by_lark(text: str) -> Any:
    """The tree that plain Lark gives, with our nodes in it; None where it refuses the text."""
    try:
        return built(plain_lark().parse(text))
    except UnexpectedInput:
        return None


def built(part: Tree[Token] | Token | None) -> Any:
    if part is None:
        return None
    if isinstance(part, Tree):
        return BUILD[part.data](NOWHERE, *map(built, part.children))
    leaf = LEAVES.get(f"%{part.type}")
    return str(part) if leaf is None else leaf(NOWHERE, str(part))


def by_the_machine(text: str) -> Any:
    """What the parser gives without recovery; None where it finds a mistake of syntax."""
    source = Source("x.agp", text)
    diagnostics: Diagnostics = []
    machine = Machine(source, Offsets(source), diagnostics, deepest=1_000)
    machine.begin("file")
    while not machine.accepted:
        if not machine.feed(machine.scan(machine.stack, machine.pos)):
            return None
    if {each.code for each in diagnostics} - NOT_OF_SYNTAX:
        return None
    return machine.values[-1]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_example_is_read_alike(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    read = by_lark(text)
    assert read is not None
    assert read == by_the_machine(text)


@given(written_policies())
@settings(deadline=None)
def test_every_policy_that_is_written_is_read_alike(
    written: tuple[ir.Policy, list[Source]],
) -> None:
    for source in written[1]:
        read = by_lark(source.text)
        assert read is not None
        assert read == by_the_machine(source.text)


@given(mutated())
@example("package p tool t { action a, b, }")
@example("package p grant g { tobot }")
@example("package p grant g { to a validuntil 2027-01-01 }")
@example("package p grant g { allow a.b when c when d }")
@example('package p grant g { allow a.b require step_up "m" when d }')
@example('package p test "t" { expect deny by no, no rule }')
@example('package p test "t" { expect deny by no rule }')
@example("package p bind b { resource r { a = x, attribute c = y, d = z, } }")
@example("package p let x = not.a == 1")
@example("\ufeffpackage p")
@example("language 2 package p")
@example("package p language 2")
@settings(deadline=None)
def test_a_text_with_mistakes_is_refused_by_both_or_by_neither(text: str) -> None:
    assume("\ufeff" not in text[1:])  # which is refused before anything is parsed
    assert by_lark(text) == by_the_machine(text)


@given(relaid())
@settings(deadline=None)
def test_white_space_and_comments_are_nothing_to_both(text: str) -> None:
    assert by_lark(text) == by_the_machine(text)
