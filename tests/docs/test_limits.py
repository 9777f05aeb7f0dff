"""The table of limits in docs/language.md says what the compiler does, on both sides of each."""

from __future__ import annotations

import re

import pytest

from agpc.compiler.analysis.procedure.calls.agents_of_families import MAX_SHAPES
from agpc.compiler.syntax import characters as text
from docs.blocks import DOCS, compile_text, with_preamble

TABLE = re.search(
    r"^## Limits$(.*?)^## ",
    (DOCS / "language.md").read_text(encoding="utf-8"),
    re.MULTILINE | re.DOTALL,
)


def codes(statement: str) -> set[str]:
    return {each.code for each in compile_text(with_preamble(statement)).diagnostics}


def because(reason: str) -> str:
    return f'forbid f {{ deny ledger.void because "{reason}" }}'


def when(condition: str) -> str:
    return f"forbid f {{ deny ledger.post when {condition} }}"


def nested(levels: int) -> str:
    return when("(" * levels + "args.amount > 1" + ")" * levels)


@pytest.mark.parametrize(
    ("code", "inside", "outside"),
    [
        ("AGP1008", because("x" * 65_536), because("x" * 65_537)),
        ("AGP1008", when(f"args.amount > 0.{'1' * 398}"), when(f"args.amount > 0.{'1' * 399}")),
        ("AGP1308", when("args.amount > 1e22"), when("args.amount > 1e309")),
        ("AGP1303", when("age(now) > 36500d"), when("age(now) > 36501d")),
        ("AGP1304", when("now > 1678-01-01T00:00:00Z"), when("now > 1677-01-01T00:00:00Z")),
        ("AGP1304", when("now < 2261-12-31T00:00:00Z"), when("now < 2263-01-01T00:00:00Z")),
    ],
)
def test_what_is_inside_a_limit_compiles_and_what_is_outside_does_not(
    code: str, inside: str, outside: str
) -> None:
    assert codes(inside) == set()
    assert codes(outside) == {code}


def test_nesting_has_a_limit() -> None:
    assert codes(nested(90)) == set()
    assert codes(nested(101)) == {"AGP1007"}


def test_the_table_has_the_numbers_of_the_compiler() -> None:
    assert TABLE is not None
    for limit in (text.MAX_FILE, text.MAX_STRING, text.MAX_DIGITS, MAX_SHAPES):
        assert f"| {limit:,}" in TABLE[1]
