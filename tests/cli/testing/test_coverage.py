"""`agpc test --coverage`: what is printed and written, read by the programs that it is written for."""

from __future__ import annotations

import json
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from lcov_cobertura import LcovCobertura
from lxml import etree
from pycobertura import Cobertura

from ..conftest import POLICY, Run

DTD = Path(__file__).with_name("coverage-04.dtd")


@pytest.fixture
def shop(policy: Path) -> Path:
    return policy


def branches(lcov: str) -> tuple[int, int]:
    """How many branches were taken, and how many there are."""
    lines = [each for each in lcov.splitlines() if each.startswith("BRDA:")]
    return sum(not each.endswith((",0", ",-")) for each in lines), len(lines)


# --- What is printed ------------------------------------------------------------------------------


def test_text_names_what_no_test_shows_after_the_outcomes(run: Run, shop: Path) -> None:
    result = run("test", "--coverage")
    assert (result.status, result.err) == (0, "")
    assert result.out.splitlines() == [
        "pass  opening is permitted: permit by shop.selling.opening",
        "1 passed, 0 failed",
        "shop.selling.refunding: 0 of 1, at shop.agp:15",
        "    no test is decided by it",
        '    require approval by "role:boss": not seen met (not counted)',
        '    require approval by "role:boss": not seen missing (not counted)',
        "shop.large_refunds: 0 of 3, at shop.agp:17",
        "    no test is decided by it",
        "    no test has it override an allow (not counted)",
        "    when args.amount > 100: not seen true",
        "    when args.amount > 100: not seen false",
        "coverage 20.0%: 1 of 5, with 1 of 3 rules that decided something",
    ]


def test_the_option_alone_never_takes_a_path_for_its_format(run: Run, shop: Path) -> None:
    assert run("test", "--coverage", "shop.agp").out == run("test", "--coverage").out
    assert run("test", "--coverage", "--", "shop.agp").status == 0


def test_json_stands_alone_on_standard_output(run: Run, shop: Path) -> None:
    result = run("test", "--coverage=json")
    data = json.loads(result.out)
    assert result.err.startswith("pass  opening is permitted")
    assert (data["percent"], data["covered"], data["countable"]) == (20.0, 1, 5)
    assert [each["rule"] for each in data["rules"]] == [
        "shop.selling.opening",
        "shop.selling.refunding",
        "shop.large_refunds",
    ]
    assert data["rules"][0]["points"][0]["shown"] == {"decides": ["opening is permitted"]}
    atom = data["rules"][2]["points"][-1]
    assert (atom["kind"], atom["clause"], atom["text"]) == ("atom", "when", "args.amount > 100")
    assert atom["place"] == {
        "file": "shop.agp", "line": 19, "column": 10, "end_line": 19, "end_column": 27,
    }  # fmt: skip


def test_json_of_outcomes_holds_the_coverage_too(run: Run, shop: Path) -> None:
    data = json.loads(run("test", "--format", "json", "--coverage").out)
    assert data["summary"] == {"passed": 1, "failed": 0}
    assert data["coverage"] == json.loads(run("test", "--coverage=json").out)


def test_junit_has_standard_output_and_the_text_does_not_mix_with_it(run: Run, shop: Path) -> None:
    result = run("test", "--format", "junit", "--coverage")
    assert result.out == run("test", "--format", "junit").out
    assert "coverage 20.0%" in result.err


def test_coverage_is_that_of_the_tests_that_ran(run: Run, shop: Path) -> None:
    shop.write_text(POLICY + POLICY[POLICY.index("test ") :].replace("opening is", "selling is"))
    data = json.loads(run("test", "-k", "selling", "--coverage=json").out)
    assert data["rules"][0]["points"][0]["shown"] == {"decides": ["selling is permitted"]}


def test_a_policy_without_rules_is_covered(run: Run, shop: Path) -> None:
    shop.write_text("package shop\n")
    result = run("test", "--coverage", "--fail-under", "100")
    assert result.status == 0
    assert result.out.endswith(
        "coverage 100.0%: 0 of 0, with 0 of 0 rules that decided something\n"
    )


# --- What fails -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("least", "status"), [("20", 0), ("21", 4), ("100", 4), ("0", 0)])
def test_too_little_is_status_4(run: Run, shop: Path, least: str, status: int) -> None:
    result = run("test", "--coverage", "--fail-under", least)
    assert result.status == status
    assert (f"error: 20.0 % is under {least} %\n" == result.err) is (status == 4)


def test_a_report_is_written_also_where_a_test_fails(run: Run, shop: Path) -> None:
    shop.write_text(POLICY.replace("expect permit by opening", "expect deny"))
    result = run("test", "--coverage=lcov=out.info")
    assert result.status == 4
    assert branches(Path("out.info").read_text()) == (1, 5)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--coverage=pdf",), "`pdf` is none of text, json, lcov, cobertura, html"),
        (("--coverage=json", "--coverage"), "give all reports of --coverage but one a file"),
        (("--fail-under", "50"), "--fail-under is about --coverage"),
        (("--changed-since", "HEAD"), "--changed-since is about --coverage"),
        (("--mutate", "--coverage"), "--coverage is not for --mutate"),
        (("--coverage", "--fail-under", "101"), "101"),
        (("--coverage", "--fail-under", "nan"), "nan"),
        (("--coverage=lcov=missing/out.info",), "cannot write `missing/out.info`"),
        (("--coverage", "--changed-since", "HEAD"), "is not in a git repository"),
    ],
)
def test_what_cannot_be_done_is_said(
    run: Run, shop: Path, arguments: tuple[str, ...], said: str
) -> None:
    result = run("test", *arguments)
    assert result.status == 2
    assert said in result.err


# --- Since a revision -----------------------------------------------------------------------------


def git(*arguments: str) -> None:
    who = ("-c", "user.name=n", "-c", "user.email=n@t.example")
    subprocess.run(["git", *who, *arguments], check=True, capture_output=True)


def changed_rules(run: Run) -> list[str]:
    result = run("test", "--coverage=json", "--changed-since", "HEAD")
    assert result.status == 0, result.err
    return [each["rule"] for each in json.loads(result.out)["rules"]]


@pytest.mark.parametrize(
    ("old", "new", "rules"),
    [
        ("> 100", "> 100  # a comment", []),
        ("> 100", ">= 101", ["shop.large_refunds"]),
        ("when args.amount > 100", "when not args.amount <= 100", []),
        ("args.amount > 100", "large", ["shop.large_refunds"]),
        ("Too much.", "Far too much.", []),
        ("role:boss", "role:chief", ["shop.selling.refunding"]),
        ("as refunding", "as paying", []),
        ("bot = ", "machine = ", []),
        ("action open\n", "action open\n    action close\n", []),
        ("    allow till.open as opening\n", "", []),
    ],
)
def test_since_a_revision_only_rules_count_that_mean_something_else(
    run: Run, shop: Path, old: str, new: str, rules: list[str]
) -> None:
    git("init", "--quiet", "--initial-branch=main")
    text = POLICY[: POLICY.index("test ")]
    shop.write_text(text + "let large = args.amount > 50\n")
    git("add", ".")
    git("commit", "--quiet", "-m", "before")
    changed = text.replace(old, new)
    changed = changed.replace("to bot", "to machine") if "machine" in new else changed
    shop.write_text(changed + "let large = args.amount > 50\n")
    assert changed_rules(run) == rules


def test_a_definition_that_changes_changes_the_rules_that_use_it(run: Run, shop: Path) -> None:
    git("init", "--quiet", "--initial-branch=main")
    text = POLICY.replace("when args.amount > 100", "when large")
    shop.write_text(text + "let large = args.amount > 100\n")
    git("add", ".")
    git("commit", "--quiet", "-m", "before")
    shop.write_text(text + "let large = args.amount > 50\n")
    assert changed_rules(run) == ["shop.large_refunds"]


# --- For programs ---------------------------------------------------------------------------------

HOSTILE = """\
package shop

owner "shop" contact "shop@acme.example"

agent bot = "spiffe://acme.example/bot"
intent sell "Sell"
tool till {
    note?: string
    action open
    action refund(amount: number)
}
let odd = resource.note == "</code><script>alert(1)</script>&\\u{202E}"
    and resource.note !=
        "two lines"
grant selling {
    to bot
    for sell
    allow till.open as opening when odd or resource.note like "a*"
    allow till.refund as refunding when not odd
}
test "</q><img src=x onerror=alert(1)> \\u{1b}[31m" {
    agent bot for sell
    call till.open()
    expect deny
}
"""


@pytest.fixture
def hostile(policy: Path) -> Path:
    policy.unlink()
    place = policy.with_name('a&b "<i>.agp')
    place.write_text(HOSTILE)
    return place


@pytest.mark.parametrize("text", [POLICY, HOSTILE], ids=["plain", "hostile"])
def test_lcov_says_what_the_text_says(run: Run, policy: Path, text: str) -> None:
    policy.write_text(text)
    score = json.loads(run("test", "--coverage=json").out)
    lcov = run("test", "--coverage=lcov").out
    assert branches(lcov) == (score["covered"], score["countable"])
    converted = etree.fromstring(LcovCobertura(lcov).convert().encode())
    assert int(converted.get("branches-covered")) == score["covered"]
    assert int(converted.get("branches-valid")) == score["countable"]
    methods = {each.get("name") for each in converted.iter("method")}
    assert methods == {each["rule"] for each in score["rules"]}


@pytest.mark.skipif(shutil.which("genhtml") is None, reason="there is no lcov on the path")
@pytest.mark.parametrize("text", [POLICY, HOSTILE], ids=["plain", "hostile"])
def test_lcov_reads_it(run: Run, policy: Path, text: str) -> None:
    policy.write_text(text)
    score = json.loads(run("test", "--coverage=json").out)
    run("test", "--coverage=lcov=out.info")
    done = subprocess.run(
        ["genhtml", "--branch-coverage", "--output-directory", "html", "out.info"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    assert f"({score['covered']} of {score['countable']} branches)" in done.stdout


@pytest.mark.parametrize("text", [POLICY, HOSTILE], ids=["plain", "hostile"])
def test_cobertura_follows_its_dtd_and_says_what_the_text_says(
    run: Run, policy: Path, text: str
) -> None:
    policy.write_text(text)
    score = json.loads(run("test", "--coverage=json").out)
    run("test", "--coverage=cobertura=out.xml")
    document = etree.parse("out.xml")
    dtd = etree.DTD(str(DTD))
    assert dtd.validate(document), dtd.error_log
    root = document.getroot()
    assert int(root.get("branches-covered")) == score["covered"]
    assert int(root.get("branches-valid")) == score["countable"]
    read = Cobertura("out.xml")
    assert read.files() == ["shop.agp"]
    partly = [number for number, status in read.line_statuses("shop.agp") if status == "partial"]
    lines = {each["place"]["line"]: each for rule in score["rules"] for each in rule["points"]}
    assert set(partly) <= set(lines)


def test_names_of_files_reach_each_format_whole(run: Run, hostile: Path) -> None:
    assert f"SF:{hostile.name}\n" in run("test", "--coverage=lcov").out
    run("test", "--coverage=cobertura=out.xml")
    classes = etree.parse("out.xml").iter("class")
    assert [each.get("filename") for each in classes] == [hostile.name]


# --- The page -------------------------------------------------------------------------------------


class Page(HTMLParser):
    """The elements of a page, and its text; every element that was opened was closed."""

    VOID = frozenset(("meta", "br", "img", "input", "link"))

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.rows: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)
        if tag == "code" and ("class", "text") in attrs:
            self.rows.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data
        if "code" in self.open and "details" not in self.open and self.rows:
            self.rows[-1] += data


def test_the_page_holds_the_policy_and_nothing_of_it_runs(run: Run, hostile: Path) -> None:
    run("test", "--coverage=html=out.html")
    text = Path("out.html").read_text()
    page = Page(text)
    tags = {tag for tag, _ in page.seen}
    assert not tags & {"script", "img", "i", "link", "iframe", "object"}
    assert not any(
        name.startswith("on") or (name in ("src", "href") and not (value or "").startswith("#"))
        for _, attributes in page.seen
        for name, value in attributes.items()
    )
    assert page.rows == HOSTILE.splitlines()
    assert "\x1b" not in text
    policy = dict(page.seen)["meta"]
    assert policy is not None


def test_the_page_marks_atoms_by_more_than_a_colour(run: Run, hostile: Path) -> None:
    run("test", "--coverage=html=out.html")
    page = Page(Path("out.html").read_text())
    marks: list[dict[str, Any]] = [attributes for tag, attributes in page.seen if tag == "mark"]
    assert {each["class"] for each in marks} == {"all", "some", "none", "free"}
    assert all(each.get("title") for each in marks[4:])  # after those of the legend
    for style in ("solid", "dashed", "wavy", "dotted"):
        assert f"text-decoration-style: {style}" in page.text
    for sign in "✓◐✗":
        assert sign in page.text


def test_equal_runs_have_equal_reports(run: Run, shop: Path) -> None:
    for format in ("text", "json", "lcov", "cobertura", "html"):
        assert run("test", f"--coverage={format}").out == run("test", f"--coverage={format}").out


def test_suggestions_and_reports_do_not_mix(run: Run, shop: Path) -> None:
    assert run("test", "--suggest", "--coverage=json").status == 2
    assert run("test", "--suggest", "--format", "junit").status == 2
    assert run("test", "--suggest", "--mutate").status == 2
    result = run("test", "--suggest", "--coverage", "--coverage=lcov=out.info")
    assert result.out == run("test", "--suggest").out
    assert "coverage 20.0%" in result.err
    assert branches(Path("out.info").read_text()) == (1, 5)


def test_hostile_names_stay_in_comments_and_strings(run: Run, hostile: Path) -> None:
    result = run("test", "--suggest")
    assert result.status == 0
    hostile.with_name("more.agp").write_text(result.out)
    after = run("test", "--coverage=json")
    assert json.loads(after.out)["percent"] == 100.0
    assert "\u202e" not in result.out
