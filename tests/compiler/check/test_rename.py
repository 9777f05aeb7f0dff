"""What has one name by one word is renamed together, and what would change a meaning is refused."""

from __future__ import annotations

import pytest

from agpc.compiler.check.compiling.compile import Compilation, compile_sources
from agpc.compiler.check.edits.rename import CannotRename, edited, renamed
from agpc.compiler.lowering.uses import Target
from agpc.compiler.report.source import Source

TWO_AGENTS = """language 2
package p
agent bot = "spiffe://acme.example/bot" { home: { street: string } }
agent cat = "spiffe://acme.example/cat" { home: { street: string } }
intent work "w"
tool t { read action read action void }
grant g { to bot, cat for work allow t.read, t.void when has agent.home }
test "t" { agent bot { home: { street: "x" } } for work call t.read() expect permit by "g.t.read+t.void" }
"""


def compiled(text: str) -> Compilation:
    return compile_sources([Source("p.agp", text)])


def another(text: str, kind: str, name: str, new: str) -> str:
    compilation = compiled(text)
    use = compilation.uses.definition(Target(kind, name))  # type: ignore[arg-type]
    assert use is not None
    (source,) = edited(compilation.sources, renamed(compilation, use, new))
    return source.text


def test_fields_of_records_that_a_rule_reads_as_one_are_renamed_together() -> None:
    found = another(TWO_AGENTS, "field", "p.bot.agent.home.street", "road")
    assert found == TWO_AGENTS.replace("street", "road")
    assert compiled(found).policy is not None


def test_an_action_is_renamed_in_the_names_of_rules() -> None:
    found = another(TWO_AGENTS, "action", "p.t.void", "wipe")
    assert found == TWO_AGENTS.replace("void", "wipe")


def test_a_rename_after_which_a_test_names_no_rule_is_refused() -> None:
    with pytest.raises(CannotRename, match="would not compile: there is no rule"):
        another(
            TWO_AGENTS, "action", "p.t.void", "a_void"
        )  # the name of the rule has the actions sorted


def test_a_rename_that_another_name_would_capture_is_refused() -> None:
    text = """language 2
package p
agent bot = "spiffe://acme.example/bot"
intent work "w"
level one = low < high
level two = deep < deeper
set known = [low, high]
tool t { read action read(a: one) }
grant g { to bot for work allow t.read when args.a in known }
"""
    with pytest.raises(CannotRename, match="would not compile: these are members of"):
        another(another(text, "member", "p.two.deep", "low"), "member", "p.two.deeper", "high")


def test_a_mistake_where_the_word_stands_stops_a_rename_and_one_elsewhere_does_not() -> None:
    broken = TWO_AGENTS.replace("has agent.home", "has agent.home and nothing.home == 3")
    with pytest.raises(CannotRename, match="has an error, and may mean this `home`"):
        another(broken, "field", "p.bot.agent.home", "house")
    assert another(broken, "intent", "p.work", "job") == broken.replace(
        "for work", "for job"
    ).replace("intent work", "intent job")


@pytest.mark.parametrize(
    ("kind", "name", "new"), [("intent", "p.work", "t"), ("resource", "p.t", "work")]
)
def test_an_intent_keeps_its_start(kind: str, name: str, new: str) -> None:
    text = TWO_AGENTS.replace(
        "test", 'grant s { to bot for work allow other.start }\nintent other "o"\ntest', 1
    )
    assert another(text, kind, name, "fresh")
    with pytest.raises(CannotRename, match="an intent and a resource would have one name"):
        another(text, kind, name, new)
