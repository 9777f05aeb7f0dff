"""`agpc upgrade`: which files it writes, what it says, with which status."""

from __future__ import annotations

from pathlib import Path

from agpc.cli import exits

from ..conftest import POLICY, Run

OLD = POLICY.replace("language 2\n", "").replace("action open", "action open, close,")


def test_a_file_of_version_1_is_written_anew_once(run: Run, policy: Path) -> None:
    policy.write_text(OLD)
    result = run("upgrade")
    assert (result.status, result.out) == (0, "upgraded shop.agp (1 comma left out)\n")
    assert "agpc rule AGP1018" in result.err
    assert policy.read_text() == POLICY.replace("action open", "action open, close")
    again = run("upgrade")
    assert (again.status, again.out, again.err) == (0, "", "")


def test_a_check_and_a_diff_write_nothing(run: Run, policy: Path) -> None:
    policy.write_text(OLD)
    result = run("upgrade", "--check")
    assert (result.status, result.out) == (
        exits.FINDINGS,
        "would upgrade shop.agp (1 comma left out)\n",
    )
    shown = run("upgrade", "--diff")
    assert shown.status == exits.FINDINGS
    assert "+language 2" in shown.out.splitlines()
    assert policy.read_text() == OLD


def test_what_cannot_be_upgraded_is_told_and_nothing_is_written(run: Run, work: Path) -> None:
    (work / "a.agp").write_text("package a\nenum c = A,\n")
    (work / "b.agp").write_text("package b\nset s = 5\n")
    result = run("upgrade")
    assert (result.status, result.out) == (exits.INVALID, "")
    assert "error[AGP1001]" in result.err
    assert (work / "a.agp").read_text() == "package a\nenum c = A,\n"


LINE = """\
{"subject": {"type": "agent", "id": "spiffe://acme.example/bot"}, "action": {"name": "refund", "properties": %s}, \
"resource": {"type": "shop.till", "id": "r"}, "context": {"task": {"id": "t", "intent": "shop.sell", "state": "active"}}}
"""


def test_tests_that_come_out_otherwise_are_named(run: Run, policy: Path) -> None:
    asks = 'forbid asks { deny till.open unless approval by "role:boss" because "Not alone." }\n'
    policy.write_text(
        OLD + asks + 'test "closed" { agent bot for sell call till.close() expect deny }\n'
    )
    result = run("upgrade")
    assert result.status == 0
    assert result.err.splitlines()[1:] == [
        "1 test does not come out as expected:",
        "  opening is permitted: expected permit, found challenge by shop.asks, shop.selling.opening",
    ]


def test_a_log_says_which_arguments_close_which_allow(run: Run, policy: Path) -> None:
    names = '{"amount": 5, "bcc": null, "\\u202e": 1}'
    history = '{"time": "2026-11-24T10:00:00Z", "event": "call", "id": "c", "effect": "permit", "request": %s}\n'
    (policy.parent / "log.jsonl").write_text(
        LINE % '{"amount": 5}'
        + LINE % names
        + history % (LINE % '{"bcc": 1}').strip()
        + LINE % "[]"
        + '{"time": "2026-11-24T10:00:00Z", "event": "said", "task": "t", "text": "x"}\nnonsense\n'
    )
    for old, said in ((OLD, 1), (POLICY, 0)):
        policy.write_text(old)
        result = run("upgrade", "--record", "log.jsonl")
        assert result.status == 0
        assert result.err.splitlines()[said:] == [
            "log.jsonl: 4 calls, of which undeclared arguments close:",
            "  shop.selling.refunding: `args.bcc` (2), arguments that are no object (1), `args.<U+202E>` (1)",
            "  1 line could not be read",
        ]
    (policy.parent / "log.jsonl").write_text(LINE % "{}")
    assert run("upgrade", "--record", "log.jsonl").err.splitlines() == [
        "log.jsonl: 1 call, of which undeclared arguments close:",
        "  none",
    ]
    assert run("upgrade", "--record", "nowhere.jsonl").status == exits.USAGE


def test_what_does_not_compile_yet_says_so(run: Run, policy: Path) -> None:
    policy.write_text(OLD + "let x = y\n")
    result = run("upgrade", "--check")
    assert result.status == exits.FINDINGS
    assert result.err.splitlines()[1:] == [
        "what that changes is told once the policies compile: `agpc check`"
    ]
