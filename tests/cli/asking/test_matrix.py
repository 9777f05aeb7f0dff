"""`agpc matrix`: agents by capabilities, in a form that a reviewer can trust to be only that."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from agpc.cli.output.matrix import harmless

from ..conftest import Run
from .access import HOSTILE, POLICY, UNDETERMINED


class Page(HTMLParser):
    """What a page is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.scripts = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.scripts += tag == "script"
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data

    def values(self, name: str) -> list[str]:
        return [value or "" for key, value in self.attributes if key == name]


def test_the_table_says_how(run: Run, shop: Path) -> None:
    result = run("matrix")
    assert (result.status, result.err) == (0, "")
    lines = [line.split() for line in result.out.splitlines()]
    assert lines[0] == ["shop.till.close", "shop.till.open", "shop.till.refund"]
    assert ["shop.bot", "-", "permit", "approval"] in lines
    assert ["shop.idle", "-", "-", "-"] in lines
    assert ["shop.bots", "(spiffe://acme.example/bots/some-agent)", "step-up", "-", "if"] in lines


def test_csv_is_one_row_an_agent(run: Run, shop: Path) -> None:
    header, *rows = csv.reader(io.StringIO(run("matrix", "--format", "csv").out))
    capabilities = ["shop.till.close", "shop.till.open", "shop.till.refund"]
    assert header == ["agent", "id", *capabilities, "free arguments"]
    found = {row[0]: row[2:-1] for row in rows}
    assert found["shop.bot"] == ["never", "permit", "with approval"]
    assert found["shop.idle"] == ["never", "never", "never"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n="])
def test_nothing_in_csv_is_a_formula(start: str) -> None:
    assert harmless(f"{start}1")[0] not in "=+-@\t\r\n"
    assert harmless("never") == "never"


def test_each_cell_of_the_page_leads_to_its_rules(run: Run, shop: Path) -> None:
    page = Page(run("matrix", "--format", "html").out)
    targets = page.values("href")
    assert len(targets) == 4
    assert {f"#{each}" for each in page.values("id") if each.startswith("cell-")} == set(targets)
    for wanted in (
        "shop.selling.refunding",
        "shop.agp:13",
        "args.amount <= 500 and args.amount > 1",
        'approval by "role:boss"',
        "unless forbidden by shop.odd when args.amount == 100",
    ):
        assert wanted in page.text


def test_the_page_needs_nothing_from_outside(run: Run, shop: Path) -> None:
    text = run("matrix", "--format", "html").out
    page = Page(text)
    assert page.scripts == 1
    assert page.tags.isdisjoint({"link", "img", "iframe", "object", "embed", "base"})
    assert page.values("src") == []
    assert all(each.startswith("#") for each in page.values("href"))
    (policy,) = (each for each in page.values("content") if "default-src" in each)
    script = text.partition("<script>")[2].partition("</script>")[0]
    hashed = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    allowed = f"style-src 'unsafe-inline'; script-src 'sha256-{hashed}'"
    assert policy == f"default-src 'none'; {allowed}"


def test_a_hostile_policy_adds_nothing_to_the_page(run: Run, work: Path) -> None:
    (work / "shop.agp").write_text(HOSTILE)
    text = run("matrix", "--format", "html").out
    page = Page(text)
    assert page.scripts == 1 and "img" not in page.tags
    assert not any(name.startswith("on") for name, _ in page.attributes)
    assert "<script>alert(1)</script>" in page.text and "{{ 7*7 }}" in page.text
    assert "\u202e" not in text


def test_a_hostile_path_adds_nothing_to_the_page(run: Run, work: Path) -> None:
    (work / "<b>x.agp").write_text(POLICY)
    assert "b" not in Page(run("matrix", "--format", "html").out).tags


def test_what_is_undetermined_is_no_yes(run: Run, work: Path) -> None:
    (work / "shop.agp").write_text(UNDETERMINED)
    result = run("matrix")
    assert result.status == 5
    lines = [line.split() for line in result.out.splitlines()]
    assert ["shop.bot", "?"] in lines and ["shop.sure", "permit", "(20)"] in lines
    assert 'class="undetermined"' in run("matrix", "--format", "html").out


def test_the_intent_narrows_it(run: Run, shop: Path) -> None:
    lines = [line.split() for line in run("matrix", "--for", "sell").out.splitlines()]
    assert ["shop.bots", "(spiffe://acme.example/bots/some-agent)", "-", "-", "if"] in lines


def test_the_table_folds_where_the_terminal_ends(
    run: Run, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = run("matrix").out
    monkeypatch.setenv("COLUMNS", "75")
    lines = run("matrix").out.splitlines()
    assert max(map(len, lines)) <= 75 < max(map(len, whole.splitlines()))
    heads = [line.split() for line in lines if line.lstrip().startswith("shop.till")]
    assert (
        len(heads) > 1
        and [each for head in heads for each in head] == whole.splitlines()[0].split()
    )
    monkeypatch.setenv("COLUMNS", "1")
    assert run("matrix").out.count("shop.idle") == 3


def test_the_page_says_of_which_policy_and_day_it_is(run: Run, shop: Path) -> None:
    text = Page(run("matrix", "--format", "html").out).text
    assert re.search(r"[0-9]{4}-[0-9]{2}-[0-9]{2} · 3 agents · 3 capabilities", text), text
    digests = {re.search("[0-9a-f]{64}", text)[0]}  # type: ignore[index]
    shop.write_text(POLICY.replace("500", "501"))
    digests.add(re.search("[0-9a-f]{64}", Page(run("matrix", "--format", "html").out).text)[0])  # type: ignore[index]
    assert len(digests) == 2
