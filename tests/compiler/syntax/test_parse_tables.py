"""The parser's tables are what `agp.lark` gives, and nothing needs Lark to use them."""

from __future__ import annotations

import logging
import subprocess
import sys
from importlib.resources import files

import pytest

from agpc.compiler.syntax.build_tree import BUILD
from agpc.grammar import grammar_text, tables
from agpc.grammar.generate import generate


def test_the_tables_are_those_of_the_grammar() -> None:
    stored = files("agpc.grammar").joinpath("lalr.py").read_text("utf-8")
    assert stored == generate(grammar_text()), "run `python -m agpc.grammar`"


def test_every_rule_has_what_makes_its_node_and_nothing_else_is_there() -> None:
    actions = {action for _, _, action, *_ in tables().rules} - {"", "="}
    assert actions == set(BUILD)


def test_the_only_conflicts_are_the_ones_that_the_grammar_explains(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """An `expect` after a `call` is the call's, a `per` after an `after` that one's, and a comma goes on with a list."""
    import lark

    before = lark.logger.level
    lark.logger.setLevel(logging.DEBUG)
    lark.logger.addHandler(caplog.handler)
    try:
        lark.Lark(grammar_text(), parser="lalr", start=["file", "expression"], debug=True)
    finally:
        lark.logger.setLevel(before)
        lark.logger.removeHandler(caplog.handler)
    conflicts = {
        record.getMessage().removeprefix("Shift/Reduce conflict for terminal ").split(":")[0]
        for record in caplog.records
        if "conflict" in record.getMessage()
    }
    assert conflicts == {"_EXPECT", "PER", "COMMA"}


def test_parsing_and_formatting_do_not_import_lark() -> None:
    program = (
        "import sys\n"
        "from agpc.compiler.format.formatter import format_source\n"
        "from agpc.compiler.report.source import Source\n"
        "format_source(Source('x.agp', 'package p'))\n"
        "assert 'lark' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
