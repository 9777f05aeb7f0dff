"""`agpc test --watch`: the tests are run again at each change, whatever comes and goes meanwhile."""

from __future__ import annotations

from pathlib import Path

from ..conftest import Edits, Run

MORE = """\
package shop
test "a large refund is denied" {
    agent bot for sell
    call till.refund(amount: 200)
    expect deny by large_refunds
}
"""


def nothing() -> None:
    """A pause in which nothing changes."""


def test_tests_are_run_again_at_each_change(run: Run, policy: Path, edits: Edits) -> None:
    text = policy.read_text()
    more = policy.with_name("more.agp")
    edits(
        nothing,
        lambda: policy.write_text(text.replace("permit by", "deny by")),
        lambda: policy.write_text(text),
        lambda: more.write_text(MORE),
        nothing,
        more.unlink,
    )
    result = run("test", "--watch")
    assert result.status == 130
    assert [line for line in result.out.splitlines() if " passed" in line] == [
        "1 passed, 0 failed",
        "0 passed, 1 failed",
        "1 passed, 0 failed",
        "2 passed, 0 failed",
        "1 passed, 0 failed",
    ]


def test_a_policy_that_does_not_compile_is_said_and_waited_for(
    run: Run, policy: Path, edits: Edits
) -> None:
    text = policy.read_text()
    edits(
        lambda: policy.write_text(text.replace("args.amount", "args.amonut")),
        nothing,
        lambda: policy.write_text(text),
    )
    result = run("test", "--watch")
    assert result.status == 130
    assert result.out.count("1 passed, 0 failed") == 2
    assert result.err.count("error[AGP1109]") == 1


def test_what_cannot_be_read_is_said_once_and_waited_for(
    run: Run, policy: Path, edits: Edits
) -> None:
    moved = policy.with_name("shop.txt")
    edits(lambda: policy.rename(moved), nothing, lambda: moved.rename(policy))
    broken = policy.read_bytes() + b"\xff"
    result = run("test", "--watch")
    assert result.err.count("holds no policies") == 1
    assert result.out.count("1 passed, 0 failed") == 2
    edits(
        lambda: policy.write_bytes(broken), nothing, lambda: policy.write_bytes(broken[:-1] + b"\n")
    )
    result = run("test", "--watch")
    assert result.err.count("error") == 1
    assert result.out.count("1 passed, 0 failed") == 2


def test_a_pattern_that_finds_nothing_yet_is_waited_for(
    run: Run, policy: Path, edits: Edits
) -> None:
    edits(nothing, lambda: policy.with_name("more.agp").write_text(MORE))
    result = run("test", "--watch", "-k", "large")
    assert result.err == "error: no test has `large` in its name\n"
    assert result.out.splitlines() == [
        "pass  a large refund is denied: deny by shop.large_refunds",
        "1 passed, 0 failed",
    ]


def test_changed_settings_are_a_change_and_standard_input_never_is_one(
    run: Run, policy: Path, edits: Edits
) -> None:
    edits(lambda: policy.with_name("agpc.toml").write_text('severity = {AGP6101 = "info"}'))
    assert run("test", "--watch").out.count("1 passed, 0 failed") == 2
    refused = run("test", "-", "--watch")
    assert (refused.status, refused.out) == (2, "")
    assert "standard input does not change" in refused.err
