"""`agpc check --fix`: what keeps the meaning, whole files or none, and a word about each fix."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agpc.cli.exits import Failure
from agpc.cli.output.whole_file import write_whole
from agpc.compiler.check.edits.fixing import fixed

from ..conftest import Run

BEFORE = """language 2
package shop
owner "team" contact "team@acme.example"
// what it sells
agent bot = 'spiffe://acme.example/bot'
intent sell "Sell"
tool till { write action charge(amount: number) }
grant selling {
    to bot,
    for sell
    allow till.charge when args.amount >= 1 && args.amount = 5
}
"""
AFTER = """language 2
package shop
owner "team" contact "team@acme.example"
# what it sells
agent bot = "spiffe://acme.example/bot"
intent sell "Sell"
tool till { write action charge(amount: number) }
grant selling {
    to bot
    for sell
    allow till.charge when args.amount >= 1 and args.amount == 5
}
"""


@pytest.fixture
def mistaken(work: Path) -> Path:
    path = work / "shop.agp"
    path.write_text(BEFORE)
    return path


def test_safe_fixes_are_applied_and_told(run: Run, mistaken: Path) -> None:
    result = run("check", "--fix", "--no-analysis", "shop.agp")
    assert mistaken.read_text() == AFTER
    assert "shop.agp:4:1: AGP1010 `//` is not a comment: write `#`\n" in result.err
    assert "applied 5 fixes to shop.agp\n" in result.err
    assert result.status == 0
    again = run("check", "--fix", "--no-analysis", "shop.agp")
    assert again.err == ""


def test_a_diff_writes_nothing(run: Run, mistaken: Path) -> None:
    result = run("check", "--fix", "--diff", "shop.agp")
    assert result.status == 1
    assert result.out.startswith("--- a/shop.agp\n+++ b/shop.agp\n")
    assert "would apply 5 fixes to shop.agp" in result.err
    assert mistaken.read_text() == BEFORE


def test_line_ends_stay(run: Run, mistaken: Path) -> None:
    mistaken.write_bytes(BEFORE.replace("\n", "\r\n").encode())
    run("check", "--fix", "--no-analysis", "shop.agp")
    assert mistaken.read_bytes() == AFTER.replace("\n", "\r\n").encode()


def test_a_file_that_does_not_parse_even_so_stays_as_it_is(run: Run, mistaken: Path) -> None:
    broken = BEFORE + "grant more {\n"
    mistaken.write_text(broken)
    result = run("check", "--fix", "shop.agp")
    assert result.status == 3
    assert "shop.agp is not changed: it has mistakes of syntax" in result.err
    assert mistaken.read_text() == broken


def test_what_an_author_has_to_choose_is_left(run: Run, mistaken: Path) -> None:
    text = AFTER.replace("to bot", "to bott")
    mistaken.write_text(text)
    result = run("check", "--fix", "shop.agp", "--format", "json")
    assert mistaken.read_text() == text
    (found,) = json.loads(result.out)["diagnostics"]
    (fix,) = found["fixes"]
    assert fix["certainty"] == "likely"
    assert fix["has_hole"] is False
    edit = fix["edits"][0]
    assert (edit["line"], edit["column"], edit["end_column"], edit["text"]) == (9, 8, 12, "bot")


def test_a_silence_of_nothing_goes_and_a_use_stays_that_other_files_may_need(
    run: Run, work: Path
) -> None:
    (work / "other.agp").write_text('language 2\npackage other\nset names = ["a"]\n')
    path = work / "shop.agp"
    text = AFTER.replace("agent bot", "use other # for names\nagent bot")
    path.write_text(
        text.replace("    allow", "    # agpc: allow AGP4101, AGP3204 -- for the season\n    allow")
    )
    run("check", "--fix", "other.agp", "shop.agp")
    assert path.read_text() == text.replace(
        "    allow", "    # agpc: allow AGP4101 -- for the season\n    allow"
    )


@pytest.mark.parametrize(
    "options",
    [["--diff"], ["--fix", "--watch"], ["--fix", "-"], ["--fix", "--write-baseline", "b"]],
)
def test_what_does_not_go_together(run: Run, mistaken: Path, options: list[str]) -> None:
    assert run("check", *options).status == 2


def test_a_fix_with_a_hole_is_not_in_sarif(run: Run, mistaken: Path) -> None:
    mistaken.write_text(AFTER + "forbid nothing_more {\n    deny till.charge\n}\n")
    result = run("check", "shop.agp", "--format", "sarif")
    results = json.loads(result.out)["runs"][0]["results"]
    (unsaid,) = [each for each in results if each["ruleId"] == "AGP4301"]
    assert "fixes" not in unsaid
    (unending,) = [each for each in results if each["ruleId"] == "AGP4101"]
    (change,) = unending["fixes"][0]["artifactChanges"]
    (written,) = change["replacements"]
    assert written["insertedContent"]["text"].startswith("    valid until ")
    assert written["deletedRegion"]["startLine"] == 11


@pytest.mark.parametrize(
    "comment",
    [
        "// agpc: allow AGP4101 -- somebody said so",
        "/* agpc: allow AGP4101 -- somebody said so */",
        "//# what it sells",
    ],
)
def test_no_comment_becomes_a_silence_or_documentation(
    run: Run, mistaken: Path, comment: str
) -> None:
    text = AFTER.replace("# what it sells", comment)
    mistaken.write_text(text)
    assert run("check", "--fix", "shop.agp").status == 3
    assert mistaken.read_text() == text


def test_a_file_that_changed_meanwhile_is_left_as_it_is(
    run: Run, mistaken: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*given: Any) -> Any:
        made = fixed(*given)
        mistaken.write_text("what somebody else wrote")
        return made

    monkeypatch.setattr("agpc.compiler.check.edits.fixing.fixed", slow)
    result = run("check", "--fix", "shop.agp")
    assert "`shop.agp` has changed since it was checked, and is left as it is" in result.err
    assert "applied" not in result.err
    assert mistaken.read_text() == "what somebody else wrote"


def test_what_was_applied_is_told_even_if_the_next_file_cannot_be_written(
    run: Run, mistaken: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (mistaken.parent / "zoo.agp").write_text("language 2\npackage zoo\n// animals\n")

    def full(path: Path, content: str) -> None:
        if path.name == "zoo.agp":
            raise Failure("the disk is full")
        write_whole(path, content)

    monkeypatch.setattr("agpc.cli.output.whole_file.write_whole", full)
    result = run("check", "--fix", ".")
    assert "applied 5 fixes to shop.agp\n" in result.err
    assert "the disk is full" in result.err
    assert "zoo.agp:3:1" not in result.err
