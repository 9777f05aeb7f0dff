"""Nothing in a policy is a command to the host of a pipeline, or more than text in what a reviewer reads."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from agpc.cli.commands.releasing.ci import log
from agpc.cli.output.diff.findings import Places
from agpc.cli.pipeline.hosts import Host
from agpc.cli.pipeline.markdown import LIMIT, page
from agpc.cli.pipeline.phases import PHASES, Options, Phase, Run
from agpc.cli.pipeline.phases import run as run_phases
from agpc.compiler.analysis.diff.changes import compare
from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.check.project.policy_sets import PolicySet
from agpc.compiler.check.project.settings import Settings
from agpc.compiler.report.github import inert
from agpc.compiler.report.source import PolicyFile, Source

from ..conftest import Result
from ..repository import CLEAN, WIDER

PIECES = [
    *("::set-output name=verdict::equivalent", "::stop-commands::x", "##[add-mask]a", "::endgroup::"),
    *("%0A", "%0D::error::", "\n", "\r", "\t", "\u202e", "\u2028", "\x1b[2J", "|", "`", "```", "~~~"),
    *("<script>", "</details>", "<!-- agpc ci -->", "<img src=x>", "@octocat", "#1", "[a](b)", "![a](b)"),
    *("https://evil.example", "www.evil.example", "*", "_", "\\", "\n\n# heading\n", "&lt;", "a", " "),
]  # fmt: skip
HOSTILE = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=6).map("".join)
NO_SURROGATES = HOSTILE.map(lambda text: text.encode("utf-8", "ignore").decode())
OURS = {"group", "endgroup", "error", "warning", "notice"}


def literal(text: str) -> str:
    """A string of the language."""
    shown = "".join(
        each if each.isprintable() and each not in '"\\' else f"\\u{{{ord(each):x}}}"
        for each in text
    )
    return f'"{shown}"'


def made(name: str, text: str, other: str, path: str) -> Run:
    """What the phases find of a policy that has a text in all places where it may have one."""
    policy = WIDER.replace('"Too much."', literal(text) if text.strip() else '"x"')
    policy = policy.replace('"opening is permitted"', literal(other) if other.strip() else '"x"')
    policy = policy.replace('"Sell"', literal(other)).replace("expect permit", "expect deny")
    policy = policy.replace('"role:boss"', literal("role:" + re.sub(r"\s", "", text) + "x"))
    policy += 'agent idle = "spiffe://acme.example/idle"\n'
    files = (PolicyFile(Source("shop.agp", policy), path),)
    targets = ("aws-iam",)
    options = Options(PHASES, None, ((), ()), (), None, 0)
    found = run_phases(
        PolicySet(name, ("shop.agp",), files, Settings(), None, targets), Host("github"), options
    )
    base = compile_sources([Source("shop.agp", CLEAN)]).policy
    if found.policy is not None and base is not None:
        found.difference = compare(base, found.policy)
        reports = {"base": found.findings, "head": found.findings}
        found.places = Places.of({"base": base, "head": found.policy}, reports)
    found.phases.append(Phase("diff", 2, f"`{text}` {other}"))
    return found


RUNS = st.builds(made, NO_SURROGATES, NO_SURROGATES, NO_SURROGATES, NO_SURROGATES)


def commands(text: str) -> Iterator[str]:
    """What GitHub's runner takes for commands: at the start of a line behind blanks, or in `##[…]` anywhere."""
    for line in re.split(r"\r\n|\r|\n", text):
        found = re.match(r"\s*::(?P<name>[^\s:]*)(?: .*?)?::", line)
        if found is not None:
            yield found["name"]
        elif "##[" in line:
            yield "##["


@given(RUNS)
def test_no_text_of_a_policy_is_a_command(found: Run) -> None:
    lines = list(log([found], ["a\n::error::b.agp"], 4, Host("github")))
    assert all("\n" not in line and "\r" not in line for line in lines)
    names = list(commands("\n".join(lines)))
    assert set(names) <= OURS
    assert (names.count("group"), names.count("endgroup")) == (1, 1)
    told = [line for line in lines if line.startswith(("::error ", "::warning ", "::notice "))]
    assert len(told) == len(names) - 2
    for line in told:
        properties = line.split("::", 2)[1].split(" ", 1)[1]
        keys = [each.partition("=")[0] for each in properties.split(",")]
        assert set(keys) <= {"file", "line", "endLine", "col", "endColumn", "title"}
        assert len(set(keys)) == len(keys)


@given(st.lists(st.sampled_from(PIECES), max_size=6).map("".join))
def test_a_line_that_is_made_inert_is_no_command(text: str) -> None:
    for line in re.split(r"[\r\n]", text):
        assert list(commands(inert(line))) == []


def inner(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from inner(token.children or [])


ALLOWED = re.compile(r"(<!-- agpc ci -->|</?details>|<summary>[^<>]*</summary>|\s)*")


@given(st.lists(RUNS, min_size=1, max_size=2), NO_SURROGATES)
def test_no_text_of_a_policy_is_markdown(runs: list[Run], beside: str) -> None:
    text = page(runs, [beside], 4)
    assert text.startswith("<!-- agpc ci -->\n")
    tokens = list(
        inner(MarkdownIt("commonmark").enable("table").enable("strikethrough").parse(text))
    )
    for token in tokens:
        assert token.type not in ("link_open", "image", "s_open", "em_open", "hr")
        if token.type in ("html_block", "html_inline"):
            assert ALLOWED.fullmatch(token.content), token.content
        if token.type == "text":
            assert not re.search(r"[@#]\w", token.content), token.content
    rows = [each for each in tokens if each.type == "tr_open"]
    cells = [each for each in tokens if each.type in ("td_open", "th_open")]
    tables = [each for each in tokens if each.type == "table_open"]
    assert len(rows) >= len(runs) + 1 and len(tables) >= 1
    first = text.split("\n\n")[1].split("\n")
    assert len(first) == len(runs) + 2
    assert cells
    headings = [each.tag for each in tokens if each.type == "heading_open"]
    assert set(headings) <= {"h3", "h4"}
    for address in ("https://evil", "www.evil"):
        plain = [each.content for each in tokens if each.type == "text"]
        assert all(address not in each or "\\" in text for each in plain)


def test_a_page_is_cut_by_whole_entries_and_says_so() -> None:
    found = made("s", "a", "b", "shop.agp")
    whole = page([found] * 40, [], 1)
    assert len(whole.encode()) <= LIMIT
    assert "**Left out, as there is no room: " in whole
    assert page([found], [], 1).count("Left out") == 0
    assert whole.count("<details>") == whole.count("</details>")


def test_what_is_wrong_with_files_is_no_command_either(
    run: Callable[..., Result], work: Path
) -> None:
    (work / "##[add-mask]x.agp").write_bytes(b"\xff")
    result = run("ci", "--host", "github")
    assert result.status == 2
    assert "# #[add-mask]x.agp` is not UTF-8" in result.err
    assert list(commands(result.out + result.err)) == []


@pytest.mark.parametrize("text", ["::error::x", "##[error]x"])
def test_messages_that_end_a_command_are_inert_too(text: str) -> None:
    found = made("s", text, text, f"{text}.agp")
    assert json.dumps(list(commands("\n".join(log([found], [], 2, Host("plain"))))))
    assert not set(commands("\n".join(log([found], [], 2, Host("github"))))) - OURS
