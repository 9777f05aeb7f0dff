"""`agpc test --format matrix`: who got what, of each block with several calls or agents."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agpc.compiler.check.compiling.ir_json import dumps, loads
from agpc.compiler.check.compiling.load import load_policy

from ..conftest import Run

SHOP = """package shop
owner "o" contact "c"
agent  till     = "spiffe://t.example/shop/till"
agent  returns  = "spiffe://t.example/shop/returns"
agents everyone = "spiffe://t.example/shop/*"
intent serve "Serve customers"
tool goods { action sell, take_back }
grant serving {
    to  everyone
    for serve
    allow goods.sell as sell
    allow goods.take_back as take_back require approval by "role:manager"
}
"""
ALL = """test "all" {
    agent everyone for serve
    call  goods.sell()       expect permit for each agent in everyone
    call  goods.take_back()  expect challenge for each agent in everyone
}
"""
SEVERAL = """test "several (calls) [x]" {
    agent "spiffe://t.example/shop/other" for serve
    call  goods.sell()       expect permit with credential ttl 1h
    call  goods.sell()       expect permit
    call  goods.take_back()  expect permit
}
"""
ONE = 'test "one" { agent till for serve call goods.sell() expect permit }\n'


def written(*tests: str) -> Path:
    path = Path("shop.agp")
    path.write_text(SHOP + "".join(tests))
    return path


def test_a_block_is_a_table_of_agents_and_calls(run: Run) -> None:
    written(ALL, ONE)
    result = run("test", "--format", "matrix")
    assert result.status == 0
    assert result.out.splitlines() == [
        "pass  all",
        "                    goods.sell  goods.take_back",
        "      shop.returns  permit      challenge",
        "      shop.till     permit      challenge",
        "pass  one: permit by shop.serving.sell",
        "5 passed, 0 failed",
    ]


def test_what_failed_is_marked_in_the_table_and_told_below(run: Run) -> None:
    written(SEVERAL)
    result = run("test", "--format", "matrix")
    assert result.status == 4
    lines = result.out.splitlines()
    assert lines[:4] == [
        "FAIL  several (calls) [x]",
        "                                     goods.sell 1  goods.sell 2  goods.take_back",
        "      spiffe://t.example/shop/other  FAIL permit   permit        FAIL challenge",
        "FAIL  several (calls) [x] (goods.sell 1)",
    ]
    assert "      credential: expected credential ttl 1h, got no credential" in lines
    assert lines[-1] == "1 passed, 2 failed"


def test_a_table_is_folded_to_the_terminal(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    written(ALL)
    monkeypatch.setenv("COLUMNS", "36")
    assert run("test", "--format", "matrix").out.splitlines() == [
        "pass  all",
        "                    goods.sell",
        "      shop.returns  permit",
        "      shop.till     permit",
        "                    goods.take_back",
        "      shop.returns  challenge",
        "      shop.till     challenge",
        "4 passed, 0 failed",
    ]


def test_no_name_leaves_its_place(run: Run) -> None:
    written(ALL.replace('"all"', r'"\n6 passed\u{1B}[31m\u{202E}"'))
    lines = run("test", "--format", "matrix").out.splitlines()
    assert len(lines) == 5
    assert lines[0].startswith("pass  ") and lines[0].isascii() and "\x1b" not in lines[0]


def test_the_ir_keeps_the_place_in_the_table_and_a_document_without_it_loads(
    tmp_path: Path,
) -> None:
    path = tmp_path / "shop.agp"
    path.write_text(SHOP + ALL + ONE)
    policy = load_policy([str(path)])
    cells = [each.cell for each in policy.tests]
    assert [each and (each.block, each.agent, each.call) for each in cells] == [
        ("all", "shop.returns", "goods.sell"),
        ("all", "shop.till", "goods.sell"),
        ("all", "shop.returns", "goods.take_back"),
        ("all", "shop.till", "goods.take_back"),
        None,
    ]
    assert [each.cell for each in loads(dumps(policy)).tests] == cells
    document = json.loads(dumps(policy))
    for each in document["tests"]:
        each.pop("cell", None)
    older = loads(json.dumps(document))
    assert older == policy and {each.cell for each in older.tests} == {None}


def test_mutants_have_no_tables(run: Run) -> None:
    written(ONE)
    assert run("test", "--mutate", "--format", "matrix").status == 2
