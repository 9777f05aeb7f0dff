"""`agpc test --mutate`: which weaker policies no test notices."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ..conftest import Run

NOTICED = """\
test "a large refund is refused" {
    agent bot for sell
    call till.refund(amount: 200)
    at 2026-01-01T00:00:00Z
    expect deny
}
"""


@pytest.fixture
def policy(policy: Path) -> Path:
    """With a test that notices where the forbid is gone."""
    policy.write_text(policy.read_text() + NOTICED)
    return policy


def test_what_no_test_notices_is_listed_with_a_call_that_shows_it(run: Run, policy: Path) -> None:
    result = run("test", "--mutate")
    assert (result.status, result.err) == (0, "")
    assert (
        "shop.large_refunds\n  `args.amount > 100` becomes `args.amount > 101`\n"
        "    no test notices: permit instead of deny; this one would\n"
    ) in result.out
    summary = result.out.splitlines()[-1]
    assert summary.startswith("9 mutants: 1 killed, 3 survived, 5 equivalent; killed are 25.0 %")


def test_json_says_of_each_mutant_which_tests_kill_it_or_what_shows_it(
    run: Run, policy: Path
) -> None:
    found = json.loads(run("test", "--mutate", "--format", "json").out)
    assert found["summary"] == {
        "killed": 1, "survived": 3, "equivalent": 5, "unseen": 0, "undetermined": 0,
        "not_reached": 0, "counted": 4, "percent": 25.0, "time_limit": 300,
    }  # fmt: skip
    killed = [each for each in found["mutants"] if each["killed"]]
    assert killed == [
        {
            "rule": "shop.large_refunds",
            "change": "the rule is gone",
            "killed": True,
            "by": ["a large refund is refused"],
            "witness": None,
        }
    ]
    moved = found["mutants"][0]
    assert (moved["rule"], moved["killed"], moved["by"]) == ("shop.large_refunds", False, [])
    assert moved["change"] == "`args.amount > 100` becomes `args.amount > 101`"
    witness = moved["witness"]
    assert witness["request"]["action"]["properties"]["amount"] == 101
    effects = [witness[each]["context"]["effect"] for each in ("policy", "mutant")]
    assert effects == ["deny", "permit"]
    assert (witness["test"]["package"], witness["test"]["uses"]) == ("shop", [])
    policy.write_text(policy.read_text() + witness["test"]["text"])
    again = json.loads(run("test", "--mutate", "--format", "json").out)
    (moved,) = (each for each in again["mutants"] if each["change"] == moved["change"])
    assert moved["by"] == [witness["test"]["name"]]


def test_too_little_noticed_is_status_4(run: Run, policy: Path) -> None:
    result = run("test", "--mutate", "--fail-under", "26")
    assert (result.status, result.err) == (4, "error: 25.0 % is under 26 %\n")
    assert run("test", "--mutate", "--fail-under", "25").status == 0


def test_tests_that_fail_notice_nothing(run: Run, policy: Path) -> None:
    policy.write_text(policy.read_text().replace("expect permit by opening", "expect deny"))
    result = run("test", "--mutate")
    assert result.status == 4
    assert result.err == "error: only tests that pass can notice a mutant\n"
    assert "FAIL  opening is permitted" in result.out


def test_what_was_not_reached_is_said_and_not_killed(run: Run, policy: Path) -> None:
    result = run("test", "--mutate", "--time-limit", "0", "--fail-under", "1")
    assert result.status == 4
    assert "not reached within 0 s (--time-limit):\n" in result.out
    assert "9 mutants: 0 killed, 0 survived, 9 not reached" in result.out


def test_options_that_do_not_go_together_are_refused(run: Run, policy: Path) -> None:
    for options in (
        ("--mutate", "--format", "junit"),
        ("--mutate", "--request", "opening is permitted"),
        ("--fail-under", "3"),
        ("--mutate", "--time-limit", "-1"),
        ("--mutate", "--time-limit", "nan"),
        ("--mutate", "--fail-under", "nan"),
    ):
        assert run("test", *options).status == 2, options


def test_of_no_rules_nothing_counts(run: Run, policy: Path) -> None:
    policy.write_text("package shop\n")
    assert run("test", "--mutate").out == "0 mutants: 0 killed, 0 survived; nothing counts\n"
