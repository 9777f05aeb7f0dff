"""What completion promises of every policy: what is written is offered, and what is offered may be written."""

from __future__ import annotations

import re
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from generators.sugar import written_policies
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agpc.compiler.check.compiling.compile import Compilation, compile_sources
from agpc.compiler.check.project.files import load_sources
from agpc.compiler.report.offsets import Offsets
from agpc.compiler.report.source import Source
from agpc.compiler.syntax.beginning import Beginning
from agpc.compiler.syntax.parse import parse
from agpc.lsp.features.completion import Completion, complete
from agpc.lsp.features.completion.cursor import Token, begin, cursor_at, tokens
from agpc.lsp.features.completion.snippets import plain

ROOT = Path(__file__).parents[2]
MOST = 10
"""Of how many places of a policy all that is offered is tried."""

FREE = re.compile(r'["0-9-]')
"""Not offered: texts, numbers, durations, dates and times, which are the author's own."""

FEW = settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))


def at(
    compilation: Compilation, sources: list[Source], index: int, offset: int, text: str
) -> Completion | None:
    assert compilation.policy is not None
    policy = compilation.policy
    rules = [each.id for each in (*policy.allows, *policy.forbids, *policy.starts.values())]
    return complete(text, offset, compilation.files[index], compilation.refer, rules)


def written(compilation: Compilation, source: Source) -> list[Token]:
    """The words of a file that stand for something else than what they declare."""
    places = Offsets(source)
    declared = {
        places.offset(each.span.line, each.span.column)
        for each in compilation.uses.in_file(source.name)
        if each.is_definition
    }
    bound = [
        match.span()
        for match in re.finditer(r"(?s)^(?:bind|terms) .*?^\}", source.text, re.MULTILINE)
    ]  # what a platform calls things is not known here, nor which of several grants reads what terms say
    members = {
        places.offset(each.span.line, each.span.column)
        for each in compilation.uses.in_file(source.name)
        if each.target.kind in ("member", "type")
    }
    left = re.compile(r"\s+(?:[=!<>]|(?:not\s+)?in\b)")  # constants are offered on the right
    first = re.compile(r"(language|package) +")
    return [
        each
        for each in tokens(source.text)
        if each.start not in declared
        and not FREE.match(each.typed)
        and not any(start <= each.start < end for start, end in bound)
        and not (_is_constant(each, members) and left.match(source.text, each.end))
        and not first.search(source.text, max(0, each.start - 20), each.start)
    ]


def _is_constant(token: Token, members: set[int]) -> bool:
    return token.start in members or token.typed in ("true", "false")


def check_offered(sources: list[Source]) -> None:
    compilation = compile_sources(sources)
    assert compilation.policy is not None, compilation.diagnostics[:1]
    listed = sorted(sources, key=lambda each: each.name)
    for index, source in enumerate(listed):
        for token in written(compilation, source):
            cut = source.text[: token.start]
            found = at(compilation, listed, index, token.start, cut)
            if found is None:
                assert cursor_at(cut, token.start, compilation.files[index].statements) is None
                continue
            labels = {each.label for each in found.offers}
            words = labels | {each.split(" ")[0] for each in labels}
            package = compilation.files[index].package
            assert package is not None
            short = token.typed.removeprefix(f"{package.text}.")  # nobody has to write it
            assert short in words or _is_control(source, token), (cut[-200:], token.typed)


def _is_control(source: Source, token: Token) -> bool:
    """Whether a word is a piece of a control's label, which is one token: it is offered at its start."""
    line = source.text.rfind("\n", 0, token.start) + 1
    return (
        source.text[line:].lstrip().startswith("controls")
        or ":" in source.text[token.end : token.end + 1]
    )


@FEW
@given(drawn=written_policies())
def test_every_word_of_a_policy_is_offered_where_it_stands(drawn: tuple[Any, list[Source]]) -> None:
    check_offered(drawn[1])


@FEW
@given(drawn=written_policies(), data=st.data())
def test_what_is_offered_parses_as_far_as_before(
    drawn: tuple[Any, list[Source]], data: st.DataObject
) -> None:
    sources = sorted(drawn[1], key=lambda each: each.name)
    compilation = compile_sources(sources)
    if compilation.policy is None:
        return
    for index, source in enumerate(sources):
        places = [each.start for each in tokens(source.text)]
        chosen = (
            data.draw(st.lists(st.sampled_from(places), max_size=MOST, unique=True))
            if places
            else []
        )
        for offset in chosen:
            cut = source.text[:offset]
            found = at(compilation, sources, index, offset, cut)
            if found is None:
                continue
            cut = cut[: found.token.start]
            before = Beginning(cut)
            for offer in islice(found.offers, MOST):
                accepted = cut + plain(offer.text)
                assert Beginning(accepted).mistakes == before.mistakes == 0, accepted[-200:]


@cache
def examples() -> list[tuple[Compilation, list[Source]]]:
    """The policy sets of our examples: those of a folder are one."""
    folders = sorted({each.parent for each in (ROOT / "examples").glob("**/*.agp")})
    sets = [sorted(load_sources([each]), key=lambda source: source.name) for each in folders]
    return [(compile_sources(each), each) for each in sets]


@settings(max_examples=settings.default.max_examples * 2, deadline=None)
@given(data=st.data())
def test_nothing_that_is_offered_at_any_place_of_an_example_breaks_it(data: st.DataObject) -> None:
    """Within words, too: what is offered takes the place of the whole word."""
    compilation, sources = data.draw(st.sampled_from(examples()), label="set")
    index = data.draw(st.integers(0, len(sources) - 1), label="file")
    text, tree = sources[index].text, compilation.files[index]
    offset = data.draw(st.integers(0, len(text)), label="offset")
    policy = compilation.policy
    rules = [] if policy is None else [*policy.allows, *policy.forbids, *policy.starts.values()]
    found = complete(text, offset, tree, compilation.refer, [each.id for each in rules])
    if found is None or not found.offers:
        return
    offer = data.draw(st.sampled_from(found.offers), label="offer")
    cut = text[begin(text, found.token.start, tree.statements) : found.token.start]
    mistakes = Beginning(cut).mistakes
    assert Beginning(cut + plain(offer.text)).mistakes == mistakes, (cut[-200:], offer.text)


@pytest.mark.parametrize("typed", ["", '"', '"g'])
def test_a_rule_that_is_no_path_is_offered_in_quotes(typed: str) -> None:
    text = (
        "language 2\npackage p\n"
        'agent a = "spiffe://x.example/a"\nintent i "i"\n'
        "tool t { read action b, c }\n"
        "grant g { to a for i allow t.b, t.c }\n"
        f'test "x" {{ agent a for i call t.b() expect permit by {typed}'
    )
    source = Source("a.agp", text)
    compilation = compile_sources([source])
    found = complete(
        text, len(text), compilation.files[0], compilation.refer, ["p.g.t.b+t.c", "p.f"]
    )
    assert found is not None
    labels = {each.label for each in found.offers}
    assert '"t.b+t.c"' in labels or '"g.t.b+t.c"' in labels
    assert ("f" in labels) is (typed == "")


@FEW
@given(
    text=st.text(
        alphabet=st.sampled_from('grant {}()[]",.:=<>#\n\r \\aé\U0001f600allow test 0-9*"'),
        max_size=80,
    ),
    data=st.data(),
)
def test_any_text_gets_an_answer(text: str, data: st.DataObject) -> None:
    source = Source("a.agp", text)
    compilation = compile_sources([source])
    offset = data.draw(st.integers(0, len(text)))
    complete(text, offset, parse(source, []), compilation.refer)
