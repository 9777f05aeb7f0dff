"""What comments say of a policy is nothing to what it means, and no layout takes it from what it is about."""

from __future__ import annotations

from dataclasses import replace

from generators.sugar import written_policies
from hypothesis import given
from hypothesis import strategies as st

from agpc.compiler.analysis.diff.changes import compare
from agpc.compiler.check.compiling.compile import Compilation, compile_sources
from agpc.compiler.check.compiling.ir_json import deciding_text, dumps, loads
from agpc.compiler.format.formatter import format_source
from agpc.compiler.ir import nodes as ir
from agpc.compiler.report.source import Source
from agpc.service.policies.generation import generation_of

Written = tuple[ir.Policy, list[Source]]
LINES = st.sampled_from(["## said", "  ## more", "## second\n", "# other", "### ruled", "", "##"])


@st.composite
def commented(draw: st.DrawFn) -> tuple[ir.Policy, list[Source]]:
    """A policy as somebody may write it, and comments of all kinds between its lines."""
    policy, sources = draw(written_policies())
    found = []
    for source in sources:
        lines = source.text.splitlines()
        for _ in range(draw(st.integers(0, 8))):
            lines.insert(draw(st.integers(0, len(lines))), draw(LINES))
        for at in draw(st.lists(st.integers(0, len(lines) - 1), max_size=2)):
            lines[at] += "  ## behind"
        found.append(Source(source.name, "\n".join(lines) + "\n"))
    return policy, found


@st.composite
def broken(draw: st.DrawFn) -> list[Source]:
    """The same, and lines that end where a layout would not end them."""
    _, sources = draw(commented())
    found = []
    for source in sources:
        text = source.text
        for word in draw(
            st.lists(st.sampled_from([" = ", ", ", " { ", " when ", " as ", ": ", "("]), max_size=3)
        ):
            text = text.replace(word, f"{word}\n{draw(LINES)}\n", 1)
        found.append(Source(source.name, text))
    return found


def compiled(sources: list[Source]) -> Compilation:
    return compile_sources(sources)


@given(commented())
def test_comments_change_nothing_that_decides(written: Written) -> None:
    policy, sources = written
    found = compiled(sources)
    assert found.policy == policy
    assert found.policy is not None
    bare = replace(found.policy, docs=())
    assert dumps(bare) == deciding_text(found.policy)
    assert generation_of(found.policy).digest == generation_of(bare).digest


@given(commented())
def test_a_document_gives_back_what_comments_say(written: Written) -> None:
    found = compiled(written[1])
    assert found.policy is not None
    assert loads(dumps(found.policy)).docs == found.docs


@given(broken())
def test_no_layout_takes_a_text_from_what_it_is_about(sources: list[Source]) -> None:
    before = compiled(sources)
    if any(each.severity == "error" for each in before.diagnostics):
        return  # a line ended within a text, say
    formatted = [Source(each.name, format_source(each)) for each in sources]
    after = compiled(formatted)
    assert after.policy == before.policy
    assert after.docs == before.docs, "\n".join(each.text for each in sources)
    assert [format_source(each) for each in formatted] == [each.text for each in formatted]


def test_texts_alone_open_nothing() -> None:
    text = """\
language 2
package p
agent a = "spiffe://acme.example/a"
intent why "x"
tool t { action use }
{}grant g {{
    to a
    for why
    {}allow t.use
}}
"""
    head, tail = text.split("{}grant")
    sides = []
    for said, more in (("## before\n", "## one\n"), ("## after\n", "## two\n")):
        source = f"{head}{said}grant{tail.format(more)}"
        policy = compile_sources([Source("p.agp", source)]).policy
        assert policy is not None
        sides.append(policy)
    assert sides[0].docs != sides[1].docs
    assert generation_of(sides[0]).digest == generation_of(sides[1]).digest
    found = compare(*sides)
    assert (found.changes, found.also, found.undetermined) == ((), (), ())
