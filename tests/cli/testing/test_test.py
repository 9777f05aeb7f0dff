"""`agpc test`: which rule decided each test, and what was expected where one fails."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

from ..conftest import POLICY, Run

FAILING = (
    POLICY
    + """\
test "a large refund is permitted" {
    agent bot for sell
    call till.refund(amount: 200)
    at 2026-01-01T00:00:00Z
    expect permit
}
test "a refund is opening" {
    agent bot for sell
    call till.refund(amount: 2)
    at 2026-01-01T00:00:00Z
    expect challenge by opening
}
"""
)


def test_a_passing_test_says_which_rule_decided(run: Run, policy: Path) -> None:
    result = run("test")
    assert (result.status, result.err) == (0, "")
    assert result.out == (
        "pass  opening is permitted: permit by shop.selling.opening\n1 passed, 0 failed\n"
    )


def test_a_failing_test_says_what_was_expected_and_what_came_and_is_status_4(
    run: Run, policy: Path
) -> None:
    policy.write_text(FAILING)
    result = run("test")
    assert result.status == 4
    shown = result.out.splitlines()
    assert shown[1:8] == [
        "FAIL  a large refund is permitted",
        "      at shop.agp:30",
        "      expected permit",
        "      got      deny by shop.large_refunds (Too much.)",
        "      + forbid shop.large_refunds: applies",
        "          at shop.agp:17",
        "          when args.amount > 100",
    ]
    second = shown.index("FAIL  a refund is opening")
    assert shown[second + 1 : second + 3] == [
        "      at shop.agp:36",
        "      expected challenge by shop.selling.opening",
    ]
    assert shown[second + 3] == (
        '      got      challenge by shop.selling.refunding asking approval by "role:boss"'
    )
    assert "              no approval is shown" in shown[second:]
    assert shown[-2:] == [
        "      - shop.selling.opening: does not name this call",
        "1 passed, 2 failed",
    ]


UNSURE = (
    POLICY
    + """\
grant waiting {
    to bot
    for sell
    allow till.open as wait
    valid until 2027-01-01
}
test "it has no clock" {
    agent bot for sell
    call till.open()
    task { state: ended }
    expect permit by wait
}
"""
)


def test_a_test_without_a_clock_is_told_so(run: Run, policy: Path) -> None:
    policy.write_text(UNSURE)
    shown = run("test", "-k", "clock").out
    assert "valid until 2027-01-02T00:00:00Z" in shown
    assert "the request has no `context.time`, which a test gives with `at`" in shown
    assert '`task.state` is `"ended"`' in shown


def test_a_pattern_picks_tests(run: Run, policy: Path) -> None:
    policy.write_text(FAILING)
    assert run("test", "-k", "OPENING is").out.endswith("1 passed, 0 failed\n")
    assert run("test", "-k", "a*permitted").out.endswith("0 passed, 1 failed\n")
    none = run("test", "-k", "[a-z]")
    assert (none.status, none.out) == (2, "")
    assert "no test has `[a-z]` in its name" in none.err


def test_the_request_of_a_test_is_one_that_explain_takes(
    run: Run, policy: Path, work: Path
) -> None:
    policy.write_text(FAILING)
    printed = run("test", "--request", "a large refund is permitted")
    assert printed.status == 0
    assert json.loads(printed.out)["action"] == {"name": "refund", "properties": {"amount": 200}}
    (work / "request.json").write_text(printed.out)
    assert run("explain", "--request", "request.json").out.startswith("deny by shop.large_refunds")
    wrong = run("test", "--request", "a larg refund is permitted")
    assert wrong.status == 2
    assert "did you mean `a large refund is permitted`?" in wrong.err


def test_json_has_the_whole_decision(run: Run, policy: Path) -> None:
    policy.write_text(FAILING)
    result = run("test", "--format", "json")
    document = json.loads(result.out)
    assert result.status == 4
    assert document["summary"] == {"passed": 1, "failed": 2}
    passing, failing, _ = document["tests"]
    assert passing["passed"] is True
    assert passing["got"]["decision"] is True
    assert failing["expected"] == {"effect": "permit", "rules": None, "terms": None}
    assert failing["differences"] == [{"what": "effect", "expected": "permit", "got": "deny"}]
    assert failing["got"]["context"]["rules"] == ["shop.large_refunds"]
    assert passing["why"] is None
    assert failing["why"]["rules"][0]["rule"] == "shop.large_refunds"


def test_junit_has_a_case_for_each_test(run: Run, policy: Path) -> None:
    policy.write_text(FAILING)
    result = run("test", "--format", "junit")
    assert result.status == 4
    root = ElementTree.fromstring(result.out)
    assert (root.get("tests"), root.get("failures")) == ("3", "2")
    passing, failing, _ = root.iter("testcase")
    assert (passing.get("name"), passing.get("classname")) == (
        "opening is permitted",
        "shop.agp:24",
    )
    failure = failing.find("failure")
    assert failure is not None
    assert failure.get("message") == "expected permit, got deny by shop.large_refunds (Too much.)"


def test_a_policy_without_tests_passes_with_a_warning(run: Run, policy: Path) -> None:
    policy.write_text(POLICY.partition("test ")[0])
    result = run("test")
    assert (result.status, result.out) == (0, "0 passed, 0 failed\n")
    assert result.err == "warning: the policy has no tests\n"


def test_a_policy_that_does_not_compile_is_status_3(run: Run, policy: Path) -> None:
    policy.write_text("package shop\nagent x = 1\n")
    result = run("test")
    assert (result.status, result.out) == (3, "")
    assert result.err.startswith("error[AGP")
