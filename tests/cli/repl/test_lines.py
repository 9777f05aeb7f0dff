"""Questions from a pipe: each is answered as the command answers it, and the first that fails gives the status."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from agpc.cli import exits

from ..conftest import Result, Run
from .policy import POLICY, REFUND


@pytest.fixture(autouse=True)
def policies(work: Path) -> Path:
    path = work / "policies" / "shop.agp"
    path.parent.mkdir()
    path.write_text(POLICY)
    return path


def ask(run: Run, *lines: str) -> Result:
    return run("repl", "policies", stdin="".join(f"{each}\n" for each in lines).encode())


@pytest.mark.parametrize(
    "question",
    [
        "who-can till.refund",
        "who-can refund --for sell --when 'args.amount > 10'",
        "who-can till.open --format json",
        "what-can bot --witness",
        "matrix",
        "matrix --format csv",
        "exposure",
        "test",
        "test --keyword opening",
    ],
)
def test_a_question_gets_the_answer_of_the_command(run: Run, question: str) -> None:
    import shlex

    word, *rest = shlex.split(question)
    named = rest[:1] if word in ("who-can", "what-can") else []
    command = run(word, *named, "policies", *rest[len(named) :])
    asked = ask(run, question)
    assert (asked.status, asked.out, asked.err) == (command.status, command.out, command.err)
    assert asked.out


def test_there_is_no_prompt_and_blank_lines_and_comments_ask_nothing(run: Run) -> None:
    assert ask(run, "", "   ", "# a comment", "quit", "nonsense") == Result(0, "", "")


def test_a_request_is_typed_as_a_test_says_it_or_as_json(run: Run) -> None:
    typed = ask(run, REFUND.format(40), REFUND.format(60))
    decisions = [json.loads(each) for each in typed.out.splitlines()]
    assert [each["decision"] for each in decisions] == [True, False]
    assert decisions[0]["context"]["rules"] == ["shop.selling.refunding"]
    request = run("test", "policies", "--request", "opening is permitted").out
    found = ask(run, f"decide {json.dumps(json.loads(request))}")
    assert json.loads(found.out)["decision"] is True


def test_several_calls_are_several_requests(run: Run) -> None:
    asked = "decide agent bot for sell call till.open() call till.open() resource { currency: EUR }"
    found = ask(run, asked)
    assert [json.loads(each)["decision"] for each in found.out.splitlines()] == [True, True]


def test_the_last_decision_is_explained(run: Run) -> None:
    found = ask(run, REFUND.format(60), "explain")
    assert "- allow shop.selling.refunding: does not apply" in found.out
    assert "`args.amount` is `60`" in found.out
    nothing = ask(run, "explain")
    assert nothing.status == exits.USAGE
    assert "nothing was decided yet" in nothing.err


def test_a_changed_rule_is_asked_about_and_written_nowhere(run: Run, policies: Path) -> None:
    change = "change selling 'args.amount <= 50' 'args.amount <= 90'"
    found = ask(run, REFUND.format(60), change, REFUND.format(60), "diff", "reset", "diff")
    decided = [
        json.loads(line)["decision"] for line in found.out.splitlines() if line.startswith("{")
    ]
    assert decided == [False, True]
    assert found.out.count("more (permit): changed `shop.selling.refunding`") == 2
    assert "equivalent: every request is answered as before" in found.out
    assert policies.read_text() == POLICY
    assert found.status == 0


def test_a_change_that_does_not_compile_is_told_and_not_taken(run: Run) -> None:
    found = ask(run, "change selling 'to  bot' 'to nobody'", "diff")
    assert found.status == exits.INVALID
    assert "there is no agent or family `nobody`" in found.err
    assert found.out.startswith("equivalent")


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("chnage selling", "there is no question `chnage`: did you mean `change`?"),
        ("who-can till.opne", "there is no capability `till.opne`: did you mean `till.open`?"),
        ("who-can", "missing argument 'CAPABILITY': write `who-can CAPABILITY [OPTIONS]`"),
        ("what-can bot --nope", "no such option '--nope': write `what-can AGENT [OPTIONS]`"),
        ("matrix --format \x1b", "invalid value for '--format': '"),
        ("rule", "missing argument 'CODE': write `rule CODE`"),
        ("who-can till.open elsewhere", "a session asks about the policies that it holds"),
        ("who-can 'till.open", "no closing quotation"),
        ("show sellign", "there is no rule `sellign`"),
        ("show", "say which rule"),
        ("change selling", "an editor needs a terminal"),
        ("change selling 'nowhere at all' x", "that stands nowhere in `shop.selling`"),
        ("change selling allow deny", "that stands 2 times in `shop.selling`"),
        ("decide", "say who, for what and which call"),
        ("decide nobody", "say who, for what and which call"),
        ("decide {", "not JSON"),
        ("decide bot is sell call till.open()", "help: say who, for what and which call"),
        ("decide agent = bot", "help: say who, for what and which call"),
        ("decide bot for sell call", "error: say who, for what and which call"),
        ("decide bot forr sell call till.open()", "help: did you mean `for`?"),
        ("decide nobody for sell call till.open()", "there is no agent or family `nobody`"),
        ("decide bot for sell call till.refund(amount: \"x\")", "this is not of type `number`"),
        ("decide bot for sell call till.open() } set s = [1] test \"x\" { agent bot call till.open()", "say who"),
        ("test --watch", "a session reads files when it is told to"),
        ("load nowhere", "nowhere"),
        ("reset all", "nothing stands behind `reset`"),
        ("\u202e\x1b[31m", "there is no question `<U+202E><U+001B>[31m`"),
        ("rule AGP9999", "there is no code"),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_is_told_and_the_next_question_is_asked(
    run: Run, question: str, said: str
) -> None:
    found = ask(run, question, "who-can till.open")
    assert said.lower() in found.err.lower()
    assert "Traceback" not in found.err
    assert "internal error" not in found.err
    assert "[PATH]" not in found.err and "spiffe://" not in found.err and "\x1b" not in found.err
    assert "shop.bot for shop.sell: permit" in found.out
    assert found.status in (exits.USAGE, exits.INVALID)


def test_a_rule_is_shown_as_it_is_written_with_what_documents_it(run: Run) -> None:
    found = ask(run, "show selling", "show shop.selling.refunding", "show large_refunds").out
    selling = POLICY[POLICY.index("## What") : POLICY.index("\n\nforbid")]
    assert found.count(selling) == 2
    assert re.search(r"^# policies/shop.agp:17$", found, re.MULTILINE)


def test_files_are_read_again_where_somebody_asks(run: Run, policies: Path) -> None:
    other = policies.parent.parent / "other.agp"
    other.write_text(POLICY.replace("<= 50", "<= 70"))
    change = "change selling '<= 50' '<= 90'"
    found = ask(run, change, "load other.agp", "show selling", REFUND.format(60))
    assert "what was changed in memory is gone" in found.out
    assert "args.amount <= 70" in found.out
    assert found.out.splitlines()[-1].startswith('{"decision": true')


def test_words_of_other_prompts_are_understood(run: Run) -> None:
    assert ask(run, "?", "? show") == ask(run, "help", "help show")
    assert ask(run, "help exit", "exit", "nonsense") == ask(run, "help quit")


def test_help_lists_every_question(run: Run) -> None:
    from agpc.cli.repl.question_table import QUESTIONS

    found = ask(run, "help", "help decide").out
    for each in QUESTIONS.values():
        assert each.usage in found


def test_policies_that_do_not_compile_cannot_be_asked(run: Run, policies: Path) -> None:
    policies.write_text(POLICY.replace("to  bot", "to nobody"))
    found = ask(run, "matrix")
    assert (found.status, found.out) == (exits.INVALID, "")


def test_questions_are_text(run: Run) -> None:
    found = run("repl", "policies", stdin=b"matrix\n\xff\n")
    assert found.status == exits.USAGE
    assert "line 2 is not UTF-8" in found.err
    assert run("repl", "-").status == exits.USAGE
