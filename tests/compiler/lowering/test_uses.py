"""Every name in the examples, and in a policy with all kinds of names, is used as what it is declared."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from agpc.compiler.check.compiling.compile import Compilation, compile_sources
from agpc.compiler.check.compiling.memory import Memory
from agpc.compiler.lowering.uses import Target, Use
from agpc.compiler.report.source import Source
from agpc.compiler.structs import fields_of
from agpc.compiler.syntax import tree as syntax
from agpc.compiler.text.field_names import segments

EXAMPLES = Path(__file__).parents[3] / "examples"

ALL_KINDS = """language 2
package a.b
use tools

controls owasp-agentic-2026:ASI03
level risk = low < high
enum reaction = ok, "+1"
set known = ["x", "y"]
agent bot = "spiffe://acme.example/bot" { team: string }
agents bots = "spiffe://acme.example/s/*", bot { team: string }
intent work "w" { due: time, kind: reaction }
context { score: risk }
user { country: string }
group readers = tools.files.read, any read
meter reads = count of tools.files.* per args.path, task within 1h
source found = tools.files.read.items.name when it.size > 3
let small = size args.tags < 3
terms usual { audit full revoke when context.score == high }
grant g {
    to bot, bots
    for work
    allow readers as reading when small and reads < 3
    allow tools.files.write when resource.owner == agent.team and args."page-size" < 3 and args.to.street from found
    terms usual
}
forbid f { deny tools.files.write when task.kind in ["+1", ok] and args.path in known or reads.before > 7 }
delegate bot for work to bots for work
bind aws { resource tools.files "arn:${owner}" { write = s3:Put attribute owner = s3:x } context score = aws:x }
test "t" {
    agent bot { team: "x" } for work { due: 2026-11-24T10:00:00Z, kind: "+1" }
    call tools.files.write(path: "p", tags: [], to: { street: "s" }, "page-size": 4)
    resource { owner: "x" }
    context { score: risk.high }
    user { country: "de" }
    did tools.files.read(path: "p", tags: []) gave { items: [{ name: "s", size: 4 }] } 5m ago
    at 2026-11-24T10:00:00Z
    expect deny by f
}
test "u" {
    agent bot for work
    call tools.files.read(path: "p", tags: [])
    expect permit by g.reading
}
"""
TOOLS = """language 2
package tools
tool files {
    owner: string
    read action read(path: string, tags: [string]) -> { items: [{ name: string, size: int }] }
    write action write(path: string, tags: [string], to: { street: string }, "page-size": int)
}
"""


def compiled(**files: str) -> Compilation:
    return compile_sources([Source(f"{name}.agp", text) for name, text in files.items()])


def words_of(compilation: Compilation, use: Use) -> str:
    source = next(each for each in compilation.sources if each.name == use.span.file)
    return source.lines()[use.span.line - 1][use.span.column - 1 : use.span.end_column - 1]


def names_in(node: object) -> Iterator[syntax.Name]:
    if isinstance(node, syntax.Name):
        yield node
    elif isinstance(node, tuple):
        for each in node:
            yield from names_in(each)
    elif isinstance(node, syntax.Node):
        for each in fields_of(type(node)) or ():
            yield from names_in(getattr(node, each.name))


def check(compilation: Compilation) -> None:
    """The words of all uses are those of their targets, none overlap, all are found again."""
    for file in compilation.files:
        uses = compilation.uses.in_file(file.span.file)
        for first, second in pairwise(uses):
            assert (first.span.line, first.span.end_column) <= (
                second.span.line,
                second.span.column,
            )
        for use in uses:
            word = words_of(compilation, use).strip('"')
            for target in use.targets:
                if target.kind == "control":
                    assert target.name.endswith(word)
                    continue
                last = target.name if target.kind == "package" else segments(target.name)[-1]
                assert word == last
                assert compilation.uses.definition(target) is not None
                assert use in compilation.uses.of(target)
            for column in range(use.span.column, use.span.end_column + 1):
                found = compilation.uses.at(use.span.file, use.span.line, column)
                assert found == use or (column == use.span.end_column and found in uses)


@pytest.mark.parametrize(
    "example", sorted(each.name for each in EXAMPLES.iterdir() if any(each.rglob("*.agp")))
)
def test_the_words_of_examples_are_uses_of_what_they_are(example: str) -> None:
    paths = sorted((EXAMPLES / example).rglob("*.agp"))
    compilation = compile_sources([Source(str(each), each.read_text()) for each in paths])
    assert any(compilation.uses.in_file(each.span.file) for each in compilation.files)
    check(compilation)


def test_every_kind_of_name_is_a_use() -> None:
    compilation = compiled(a=ALL_KINDS, tools=TOOLS)
    assert compilation.policy is not None, compilation.diagnostics
    check(compilation)
    covered = {
        (each.span.file, each.span.line, column)
        for file in compilation.files
        for each in compilation.uses.in_file(file.span.file)
        for column in range(each.span.column, each.span.end_column)
    }
    not_declared = {
        *("string", "int", "time", "read", "write", "any", "args", "agent", "resource", "task"),
        *("context", "user", "it", "before", "full", "aws", "s3", "x", "Put", "any read", "*"),
    }
    left = set()
    for file in compilation.files:
        for name in names_in(file.statements):
            column = name.span.column
            for word in name.text.split("."):
                if (name.span.file, name.span.line, column) not in covered:
                    left.add(word.partition(":")[0])
                column += len(word) + 1
    assert left <= not_declared
    kinds = {
        target.kind
        for file in compilation.files
        for use in compilation.uses.in_file(file.span.file)
        for target in use.targets
    }
    assert kinds == {
        *("package", "agent", "intent", "resource", "action", "parameter", "field", "type"),
        *("member", "set", "condition", "rule", "meter", "source", "group", "terms", "control"),
    }


def places(compilation: Compilation, kind: str, name: str) -> list[str]:
    found = compilation.uses.of(Target(kind, name))  # type: ignore[arg-type]
    return [
        f"{e.span.file.removesuffix('.agp')}:{e.span.line}{'*' * e.is_definition}" for e in found
    ]


def test_a_thing_is_one_wherever_it_is_written() -> None:
    compilation = compiled(a=ALL_KINDS, tools=TOOLS)
    assert places(compilation, "package", "tools") == [
        "a:3", "a:14", "a:15", "a:16", "a:23", "a:26", "a:28", "a:31", "a:35", "a:41", "tools:2*",
    ]  # fmt: skip
    assert places(compilation, "field", "a.b.bot.agent.team") == ["a:9*", "a:23", "a:30"]
    assert places(compilation, "parameter", "tools.files.write.args.path") == [
        "a:15", "a:26", "a:31", "tools:6*",
    ]  # fmt: skip
    assert places(compilation, "field", "tools.files.resource.owner") == [
        "a:23", "a:28", "a:28", "a:32", "tools:4*",
    ]  # fmt: skip
    assert places(compilation, "field", "tools.files.read().items.size") == [
        "a:16",
        "a:35",
        "tools:5*",
    ]
    assert places(compilation, "member", 'a.b.reaction."+1"') == ["a:7*", "a:26", "a:30"]


def test_what_is_read_for_several_is_of_all_of_them() -> None:
    compilation = compiled(a=ALL_KINDS, tools=TOOLS)
    use = compilation.uses.at("a.agp", 23, ALL_KINDS.split("\n")[22].index("team") + 2)
    assert use is not None
    assert [each.name for each in use.targets] == ["a.b.bot.agent.team", "a.b.bots.agent.team"]


def test_what_is_kept_has_its_uses_where_lines_move() -> None:
    memory = Memory()
    lines = ALL_KINDS.split("\n")
    texts = [
        ALL_KINDS,
        ALL_KINDS.replace("reads < 3", "reads < 4"),
        "\n".join([*lines[:18], "", "# moved", *lines[18:]]),
        "\n".join([*lines[:25], "forbid z { deny", *lines[25:]]),
        ALL_KINDS.replace("expect deny by f", "expect deny"),
        ALL_KINDS,
    ]
    for text in texts:
        sources = [Source("a.agp", text), Source("tools.agp", TOOLS)]
        kept, fresh = compile_sources(sources, memory), compile_sources(sources)
        for file in ("a.agp", "tools.agp"):
            assert kept.uses.in_file(file) == fresh.uses.in_file(file)
        assert kept.diagnostics == fresh.diagnostics


def test_names_are_known_where_there_are_errors() -> None:
    text = ALL_KINDS.replace("task.kind in", "nothing.kind in") + "\ngrant h { to bot for wor"
    compilation = compiled(a=text, tools=TOOLS)
    assert compilation.policy is None
    assert "a.b" in compilation.names.packages
    assert places(compilation, "field", "a.b.bot.agent.team") == ["a:9*", "a:23", "a:30"]


def test_uses_can_be_asked_of_whatever_an_author_has_typed_so_far() -> None:
    """Also of files without a package, of empty ones, and of two packages that each lack the other."""
    for length in range(0, len(ALL_KINDS), 37):
        for text in (ALL_KINDS[:length], ALL_KINDS[length:]):
            compilation = compiled(a=text, tools=TOOLS, empty="", none="agent x = 3\ngrant")
            for file in compilation.files:
                for use in compilation.uses.in_file(file.span.file):
                    assert compilation.uses.at(use.span.file, use.span.line, use.span.column) == use
                    for target in use.targets:
                        assert use in compilation.uses.of(target)


def test_an_escape_in_a_name_in_quotes_does_not_move_what_follows() -> None:
    text = """language 2
package p
agent bot = "spiffe://acme.example/bot"
intent work "w"
tool t { read action read("a\\u{e9}": { "b c": int }) }
grant g { to bot for work allow t.read when args."a\u00e9"."b c" < 3 and args."a\\u{e9}"."b c" > 1 }
"""
    compilation = compiled(p=text)
    assert compilation.policy is not None, compilation.diagnostics
    found = compilation.uses.of(Target("parameter", 'p.t.read.args."a\u00e9"."b c"'))
    assert [words_of(compilation, each) for each in found] == ['"b c"'] * 3
