"""`agpc test --suggest`: tests that are printed, or written to files of the packages that they are about."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ..conftest import POLICY, Run

DESK = """\
package desk

use shop

owner "desk" contact "desk@acme.example"

agents helpers = "spiffe://acme.example/desk/*"
intent pay_back "Pay back" {
    order: string
    note?: string
}
grant paying {
    to helpers
    for pay_back
    allow shop.till.refund as pay when has task.order and task.note != "no"
}
forbid small_hours {
    to helpers
    deny shop.till.open
}
"""


@pytest.fixture
def shop(policy: Path) -> Path:
    return policy


@pytest.fixture
def desk(shop: Path) -> Path:
    """A package beside the shop whose rules are about the tools of the shop."""
    path = shop.with_name("desk.agp")
    path.write_text(DESK)
    return path


# --- What is printed ------------------------------------------------------------------------------


def test_suggestions_are_a_file_that_covers_what_can_be(run: Run, shop: Path) -> None:
    result = run("test", "--suggest")
    assert result.status == 0
    assert result.err.startswith("pass  opening is permitted")
    Path("more.agp").write_text(result.out)
    assert run("fmt", "--check", "more.agp").status == 0
    after = run("test", "--coverage")
    assert after.status == 0
    assert after.out.endswith("coverage 100.0%: 5 of 5, with 3 of 3 rules that decided something\n")
    assert "not seen" not in after.out
    again = run("test", "--suggest")
    assert (again.status, again.out) == (0, "")


def test_a_suggestion_says_what_it_is_for_and_what_is_answered(run: Run, shop: Path) -> None:
    out = run("test", "--suggest").out
    start = out.index("# also shows: shop.large_refunds: it overrides an allow\n")
    assert out[start:].splitlines()[1:] == [
        "# also shows: shop.large_refunds: when args.amount > 100 is true",
        'test "large_refunds: it decides" {',
        "    agent bot for sell",
        "    call  till.refund(amount: 101) expect deny by large_refunds",
        "}",
    ]


def test_what_can_never_be_shown_is_said_with_its_reason(run: Run, shop: Path) -> None:
    shop.write_text(POLICY + "forbid all { deny till.open }\n")
    result = run("test", "--suggest")
    assert result.status == 4  # the test expects a permit
    assert (
        "# never: shop.selling.opening: it decides: it is always forbidden, by `shop.all`\n"
        in result.out
    )
    text = run("test", "--coverage").out
    assert "    no test is decided by it; never: it is always forbidden, by `shop.all`\n" in text


def test_suggestions_are_data_too(run: Run, shop: Path) -> None:
    data = json.loads(run("test", "--suggest", "--format", "json").out)
    assert data["summary"] == {"passed": 1, "failed": 0}
    found = data["suggestions"]
    assert (found["never"], found["undetermined"]) == ([], [])
    assert found["tests"][0]["package"] == "shop"
    assert found["tests"][0]["text"].startswith('test "selling.refunding: it decides" {\n')
    assert found["tests"][0]["shows"][0] == {
        "rule": "shop.selling.refunding",
        "kind": "decides",
        "clause": None,
        "text": None,
        "result": "decides",
    }


def test_nothing_to_suggest_is_said(run: Run, shop: Path) -> None:
    assert run("test", "--suggest=.").status == 0
    again = run("test", "--suggest")
    assert (again.status, again.out) == (0, "")
    assert again.err.endswith("\nnothing to suggest\n")
    assert run("test", "--suggest=other").out.endswith("\nnothing to suggest\n")
    assert not Path("other").exists()


def test_fields_of_an_intent_stand_with_it(run: Run, desk: Path) -> None:
    out = run("test", "--suggest").out
    assert 'for pay_back { order: "' in out
    assert "\n    task" not in out


def test_a_long_condition_makes_no_long_name(run: Run, shop: Path) -> None:
    listed = ", ".join(str(number) for number in range(1000))
    unlike = f"args.amount not in [{listed}]"
    shop.write_text(
        POLICY.replace("till.refund as refunding", f"till.refund as refunding when {unlike}")
    )
    data = json.loads(run("test", "--suggest", "--format", "json").out)
    names = [each["name"] for each in data["suggestions"]["tests"]]
    assert len(set(names)) == len(names)
    assert max(map(len, names)) == 100
    assert any(each.endswith("…") for each in names)


# --- What is written ------------------------------------------------------------------------------


def test_a_file_is_written_for_the_package_of_the_rules(run: Run, desk: Path) -> None:
    result = run("test", "--suggest=new/tests")
    assert (result.status, result.err) == (0, "")
    assert result.out.endswith(
        "1 passed, 0 failed\n"
        "wrote new/tests/desk_suggested_test.agp\n"
        "wrote new/tests/shop_suggested_test.agp\n"
        "never: desk.small_hours: it overrides an allow: no allow is open where it applies\n"
    )
    mine = Path("new/tests/desk_suggested_test.agp").read_text()
    assert mine.startswith("# Suggested by `agpc test --suggest`.")
    assert "package desk\n\nuse shop\n" in mine
    assert 'test "paying.pay: ' in mine
    other = Path("new/tests/shop_suggested_test.agp").read_text()
    assert 'test "large_refunds: ' in other
    assert 'test "paying' not in other
    assert run("fmt", "--check", "new").status == 0
    assert "coverage 100.0%" in run("test", "--coverage").out


def test_a_file_that_is_there_is_never_written_over(run: Run, desk: Path) -> None:
    Path("out").mkdir()
    there = Path("out/shop_suggested_test.agp")
    there.symlink_to("nowhere")
    result = run("test", "desk.agp", "shop.agp", "--suggest=out")
    assert result.status == 2
    assert result.err == (
        "error: `out/shop_suggested_test.agp` is there already, and is not written over:"
        " keep what is right of it under another name\n"
    )
    assert [each.name for each in Path("out").iterdir()] == [there.name]


@pytest.mark.parametrize("directory", ["shop.agp", "shop.agp/x", "a\0b", "x" * 300])
def test_what_cannot_be_written_is_said(run: Run, shop: Path, directory: str) -> None:
    result = run("test", f"--suggest={directory}")
    assert result.status == 2
    assert result.err.startswith("error: cannot write to `")
    assert shop.read_text() == POLICY


def test_suggestions_that_are_written_leave_standard_output_to_the_outcomes(
    run: Run, shop: Path
) -> None:
    outcomes = run("test", "--format", "junit").out
    written = run("test", "--suggest=a", "--format", "junit")
    assert (written.status, written.out) == (0, outcomes)
    assert written.err == "wrote a/shop_suggested_test.agp\n"
    report = run("test", "shop.agp", "--coverage=json").out
    assert run("test", "shop.agp", "--suggest=b", "--coverage=json").out == report
    data = json.loads(run("test", "shop.agp", "--suggest=c", "--format", "json").out)
    assert data["suggestions"]["tests"]
    assert Path("c/shop_suggested_test.agp").exists()


def test_a_directory_stands_after_an_equals_sign(run: Run, shop: Path) -> None:
    assert run("test", "--suggest", "shop.agp").out == run("test", "--suggest").out
    result = run("test", "--suggest=")
    assert result.status == 2
    assert "it names no directory" in result.err


@pytest.mark.parametrize("mode", ["w", "a"])
def test_suggestions_are_not_printed_into_the_policy(shop: Path, mode: str) -> None:
    """The shell has emptied such a file, or will add to it, before anything is read."""
    name = "more.agp" if mode == "w" else "shop.agp"
    with open(name, mode) as out:
        result = subprocess.run(
            [sys.executable, "-m", "agpc", "test", "--suggest"],
            check=False,
            stdout=out,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert result.returncode == 2
    assert result.stderr == (
        f"error: standard output is `{name}`, which is one of the policies: give --suggest=DIRECTORY\n"
    )
    assert shop.read_text() == POLICY


def test_what_is_not_yet_valid_is_shown_right_before(run: Run, shop: Path) -> None:
    shop.write_text(POLICY.replace("for sell\n", "for sell\n    valid from 2026-06-01\n", 1))
    assert "    at 2026-05-31T23:59:59Z\n" in run("test", "--suggest").out
