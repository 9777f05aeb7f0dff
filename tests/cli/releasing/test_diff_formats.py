"""What `agpc diff` writes for other programs, read by their own parsers; names and values are hostile."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from generators.texts import hostile_text
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from agpc.cli.output.diff import page as diff_page
from agpc.compiler.analysis.diff.beside_decisions import Also
from agpc.compiler.analysis.diff.difference import Change, Difference, Doubt, Witness
from agpc.compiler.telling import difference_markdown as diff_markdown
from agpc.compiler.text.visible import visible
from agpc.runtime.decision import Decision

from ..checking.sarif import PROGRAM, validate
from ..conftest import POLICY, Run
from ..repository import commit, git

WIDER = POLICY.replace("args.amount > 100", "args.amount > 500")
SCRATCH = "<script>alert(1)</script>"
NASTY = (
    "`", "``", "```", "|", "\\|", "\\", "a`|`b", "\n\n# x", "\n</details>", "--> <!--", SCRATCH, "@octocat",
    "#1", "https://x.example", "www.x.example", "[a](b)", "![a](b)", "\u202eabc", "\r\n| a | b |", " ", "",
    "<b>", "&lt;", "*x*", "_x_", "~~~", "~~x~~", "\t", "{{ 7 * 7 }}", "1. x", "::error::x", "a\u200bb", "x |",
    "- [ ] x", "$x$", ":smile:", "</summary>", "`|", "|`",
)  # fmt: skip
names = st.one_of(
    st.sampled_from(NASTY), hostile_text(), st.lists(st.sampled_from(NASTY)).map("".join)
)


@st.composite
def differences(draw: st.DrawFn) -> Difference:
    """A comparison in which all that is said is hostile."""

    def some() -> tuple[str, ...]:
        return tuple(draw(st.lists(names, max_size=5)))

    changes = []
    for number in range(draw(st.integers(0, 6))):
        request = {"subject": {"id": draw(names)}, "action": draw(names)}
        answers = [Decision("permit", obligations=({"id": draw(names)},)), Decision("deny")]
        base, head = draw(st.permutations(answers))
        later = draw(st.sampled_from((None, request)))
        changes.append(
            Change(
                draw(names),
                draw(names),
                f"{number}{draw(names)}",
                draw(st.sampled_from(("more", "less", "incomparable"))),
                ("permit",),
                some(),
                {"base": some(), "head": some()},
                (Witness("more", request, base, head, later),),
                some(),
            )
        )
    doubts = [Doubt(draw(names), draw(names), draw(names), None, (), draw(names))]
    also = [
        Also("test", f"the test `{draw(names)}` expects {draw(names)}", draw(st.booleans()))
        for _ in range(draw(st.integers(0, 3)))
    ]
    return Difference(tuple(changes), tuple(doubts[draw(st.integers(0, 1)) :]), 1, tuple(also))


# --- Markdown -------------------------------------------------------------------------------------

GFM = MarkdownIt("gfm-like", {"linkify": False, "html": True})
FOLDS = re.compile(r"<details><summary>[\w ]+</summary>|</details>|<!-- agpc diff -->|<br>")


def tokens(text: str) -> Iterator[Token]:
    for token in GFM.parse(text):
        yield token
        yield from token.children or ()


def assert_harmless(text: str) -> None:
    """No name is read as anything but text: there are no marks but ours, and no HTML but the folds."""
    depth = 0
    for token in tokens(text):
        assert token.type not in {
            "link_open",
            "image",
            "em_open",
            "s_open",
            "blockquote_open",
            "hr",
        }
        if token.type in {"html_block", "html_inline"}:
            assert FOLDS.sub("", token.content).strip() == "", token.content
            depth += token.content.count("<details>") - token.content.count("</details>")
            assert depth >= 0
        if token.type == "text":
            assert "@" not in token.content
            assert not re.search(r"#\d", token.content)
        if token.type == "heading_open":
            assert token.tag == "h3"
        if token.type == "fence":
            json.loads(token.content)
    assert depth == 0
    assert visible(text.replace("\n", "")) == text.replace("\n", "")


@given(differences())
def test_no_name_breaks_out_of_a_comment(found: Difference) -> None:
    text = diff_markdown.page(found)
    assert_harmless(text)
    parsed = list(tokens(text))
    assert sum(each.type == "heading_open" for each in parsed) == 1
    assert sum(each.type == "fence" for each in parsed) >= len(
        {e.rules["base"] for e in found.changes}
    )
    for row in rows(text):
        assert len(row) in (4, 5)


def rows(text: str) -> Iterator[list[str]]:
    """The cells of each row of each table, as they are shown."""
    row: list[str] = []
    for token in GFM.parse(text):
        if token.type == "tr_open":
            row = []
        elif token.type == "inline":
            row.append("".join(each.content for each in token.children or ()))
        elif token.type == "tr_close":
            yield row


@given(names, names)
def test_names_are_shown_as_they_are(agent: str, intent: str) -> None:
    change = Change(agent, intent, "c", "more", ("permit",), (), {"base": (), "head": ("r",)}, ())
    found = Difference((change,), (), 0, ())
    _, row = rows(diff_markdown.page(found))
    assert row[1:] == [shown(agent), shown(intent), "c"]


def shown(name: str) -> str:
    text = visible(name).replace("\t", "\\t")
    return text if text.strip(" ") else f"({len(text)} spaces)" if text else "(empty)"


def test_a_comment_is_no_longer_than_one_may_be_and_says_what_it_leaves_out() -> None:
    changes = tuple(
        Change(f"a{n}", "i", "c" * 400, "more", ("permit",), ("x" * 400,), {"base": (), "head": (f"r{n}",)}, ())
        for n in range(200)
    )  # fmt: skip
    text = diff_markdown.page(Difference(changes, (), 0, (Also("k", "é" * 400),) * 300))
    assert len(text) <= len(text.encode()) <= diff_markdown.LIMIT
    assert_harmless_but_for_the_warning(text)
    (left,) = re.findall(r"\*\*(\d+) entries are left out", text)
    kept = text.count("**more**") + text.count("é" * 400)
    assert int(left) == len(changes) + 300 - kept
    assert text.index("left out") < text.index("**more**")
    assert text.startswith(diff_markdown.MARKER)


def assert_harmless_but_for_the_warning(text: str) -> None:
    assert_harmless("\n".join(line for line in text.split("\n") if not line.startswith("> ")))


def test_three_causes_and_three_rows_are_shown_and_the_rest_is_folded() -> None:
    changes = tuple(
        Change(f"a{a}", "i", "c", "more", ("permit",), (), {"base": (), "head": (f"r{n}",)}, ())
        for n in range(5)
        for a in range(5)
    )
    text = diff_markdown.page(Difference(changes, (), 0, ()))
    first, rest = text.split("<details><summary>2 more by other rules</summary>")
    assert first.count("**more**") == 3
    assert rest.count("**more**") == 2
    assert text.count("<details><summary>2 more rows</summary>") == 5


# --- HTML -----------------------------------------------------------------------------------------


class Elements(HTMLParser):
    """The elements of a page, and what stands in them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


KNOWN = {
    *("html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "p", "ul", "li", "section", "div"),
    *("table", "thead", "tbody", "tr", "th", "td", "span", "code", "pre", "details", "summary", "br"),
}  # fmt: skip


@given(differences())
def test_no_name_breaks_out_of_the_page(found: Difference) -> None:
    page = diff_page.page(found)
    elements = Elements()
    elements.feed(page)
    elements.close()
    assert elements.open == []
    assert {tag for tag, _ in elements.tags} <= KNOWN
    for _, attributes in elements.tags:
        assert not {"src", "href", "style", "onerror"} & set(attributes)
    assert "<script" not in page
    assert "default-src 'none'" in page


def test_the_page_lays_out_the_requests_that_it_shows(run: Run, two: tuple[str, str]) -> None:
    page = run("diff", *two, "--format", "html").out
    assert "<pre>{\n  &#34;subject&#34;: {\n" in page
    assert "&lt;U+" not in page


CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_a_browser_shows_the_page_whole(run: Run, two: tuple[str, str], work: Path) -> None:
    (work / "page.html").write_text(run("diff", *two, "--format", "html").out)
    assert CHROMIUM is not None
    done = subprocess.run(
        [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={work}/profile",
         "--dump-dom", f"file://{work}/page.html"],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    assert "shop.large_refunds" in done.stdout
    assert "args.amount &gt; 100 and args.amount &lt;= 500" in done.stdout


# --- SARIF and GitHub -----------------------------------------------------------------------------


@pytest.fixture
def two(work: Path) -> tuple[str, str]:
    for name, text in (("old", POLICY), ("new", WIDER)):
        (work / name).mkdir()
        (work / name / "shop.agp").write_text(text)
    return "old", "new"


def results(run: Run, *sides: str) -> list[dict[str, Any]]:
    log = json.loads(run("diff", *sides, "--format", "sarif").out)
    found: list[dict[str, Any]] = log["runs"][0]["results"]
    return found


def test_a_result_stands_at_the_rule_of_the_head(run: Run, two: tuple[str, str]) -> None:
    (result,) = results(run, *two)
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "new/shop.agp"
    line = WIDER.splitlines()[place["region"]["startLine"] - 1]
    assert line.startswith("forbid large_refunds")
    assert result["level"] == "warning"
    assert result["properties"]["witnesses"]


def test_a_rule_that_went_is_where_it_was(run: Run, two: tuple[str, str], work: Path) -> None:
    at = POLICY.index("forbid"), POLICY.index("test")
    (work / "new" / "shop.agp").write_text(POLICY[: at[0]] + POLICY[at[1] :])
    (result,) = results(run, *two)
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "old/shop.agp"
    said = run("diff", *two, "--format", "github").out.splitlines()[0]
    assert said.startswith(
        "::warning file=old/shop.agp,line=17,endLine=21,title=agpc diff%3A more::"
    )


def test_fingerprints_survive_shifts_of_lines(run: Run, two: tuple[str, str], work: Path) -> None:
    before = [each["partialFingerprints"] for each in results(run, *two)]
    (work / "new" / "shop.agp").write_text("# a line\n\n" + WIDER)
    assert [each["partialFingerprints"] for each in results(run, *two)] == before
    assert [each["partialFingerprints"] for each in results(run, *reversed(two))] != before


@pytest.mark.skipif(
    not PROGRAM.exists(), reason="needs @microsoft/sarif-multitool-linux (.ci/run installs it)"
)
def test_the_validator_of_sarif_finds_nothing(run: Run, two: tuple[str, str], work: Path) -> None:
    (work / "new" / "more.agp").write_text(
        'package more\nuse shop\nagents all = "spiffe://acme.example/**"\n'
    )
    for sides in (two, two[::-1]):
        report = run("diff", *sides, "--format", "sarif").out
        assert {each["ruleId"] for each in json.loads(report)["runs"][0]["results"]} & {
            "DIFF01",
            "DIFF03",
        }
        validate(report, work, but_for="SARIF2005")  # there is no address to tell of the tool


def test_commands_are_one_line_each_at_the_rule_of_the_head(run: Run, two: tuple[str, str]) -> None:
    found = run("diff", *two, "--format", "github").out.splitlines()
    assert found[0].startswith(
        "::warning file=new/shop.agp,line=17,endLine=21,title=agpc diff%3A more::"
        "more: changed `shop.large_refunds`%0Ashop.bot for shop.sell: shop.till.refund (permit, challenge)"
    )
    assert found[-1].startswith("::notice title=agpc diff%3A more::")
    assert all(each.startswith("::") for each in found)


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_a_host_knows_files_by_their_paths_from_the_top(
    run: Run, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git("init", "--quiet")
    begun = commit(part__policies__shop=POLICY)
    commit(part__policies__shop=POLICY.replace("amount > 100", "amount > 500"))
    monkeypatch.chdir(work / "part")
    log = run("diff", f"{begun}", "--format", "github").out
    assert "::warning file=part/policies/shop.agp,line=" in log
