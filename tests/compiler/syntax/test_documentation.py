"""Lines that begin with `##`: which are one text, what it is about, and that no layout changes that."""

from __future__ import annotations

import pytest

from agpc.compiler.check.compiling.compile import Compilation, compile_sources
from agpc.compiler.check.review.said_of_files import undocumenting
from agpc.compiler.format.formatter import format_source
from agpc.compiler.report.source import Source

HEAD = 'language 2\npackage p\nowner "o" contact "c"\n'


def compiled(text: str, head: str = HEAD) -> Compilation:
    return compile_sources([Source("x.agp", head + text)])


def docs(text: str, head: str = HEAD) -> dict[tuple[str, str], str]:
    return {(each.kind, each.name): each.text for each in compiled(text, head).docs}


def about_nothing(text: str) -> list[str]:
    return [each.message for each in undocumenting(compiled(text).files)]


EVERYTHING = """\
## an agent
agent bot = "spiffe://acme.example/bot" {
    ## its team
    team: string,
}
## agents
agents bots = "spiffe://acme.example/*"
## a purpose
intent pay "x" {
    ## its limit
    limit: int,
}
## how secret
level secrecy =
    ## least
    low
    ## most
    < high
## where to
enum channel =
    ## all
    public,
    ## some
    "in-house"
## the ledger
tool ledger {
    ## its secrecy
    secrecy: secrecy
    ## of a list of records
    lines: [{
        ## of a line
        sum: int,
    }]
    ## reads
    read action get, list
    ## pays
    send action pay(
        ## how much
        amount: int,
        "page-size"?: int,
    )
}
extend ledger {
    ## added
    flag: bool
}
## things that leave
group leaving = ledger.pay
## accounts
set accounts = ["a"]
## a condition
let small = args.amount < 5
## the context
context {
    ## when
    at: time
}
## how often
meter often = count of ledger.pay per task
## where from
source known = said
## terms
terms usual {
    credential ttl 1h
}
## the grant
grant g {
    to  bot
    for pay
    ## reading
    allow ledger.get
    ## paying
    allow ledger.pay as paying when small
}
## the forbid
forbid f {
    deny    ledger.list
    because "x"
}
## apart
separate ledger.get, ledger.pay
## never
assert no agent can ledger.list
## the test
test "a test" {
    agent bot for pay
    call  ledger.list()
    expect deny
}
## the binding
bind mcp {
    resource ledger
}
"""


def test_all_that_a_policy_declares_and_states_can_be_documented() -> None:
    said = docs(EVERYTHING)
    assert said == {
        ("agent", "p.bot"): "an agent",
        ("field", "p.bot.team"): "its team",
        ("agent", "p.bots"): "agents",
        ("intent", "p.pay"): "a purpose",
        ("field", "p.pay.limit"): "its limit",
        ("type", "p.secrecy"): "how secret",
        ("member", "p.secrecy.low"): "least",
        ("member", "p.secrecy.high"): "most",
        ("type", "p.channel"): "where to",
        ("member", "p.channel.public"): "all",
        ("member", 'p.channel."in-house"'): "some",
        ("resource", "p.ledger"): "the ledger",
        ("field", "p.ledger.secrecy"): "its secrecy",
        ("field", "p.ledger.lines"): "of a list of records",
        ("field", "p.ledger.lines.sum"): "of a line",
        ("action", "p.ledger.get"): "reads",
        ("action", "p.ledger.pay"): "pays",
        ("parameter", "p.ledger.pay.args.amount"): "how much",
        ("field", "p.ledger.flag"): "added",
        ("group", "p.leaving"): "things that leave",
        ("set", "p.accounts"): "accounts",
        ("condition", "p.small"): "a condition",
        ("field", "context"): "the context",
        ("field", "context.at"): "when",
        ("meter", "p.often"): "how often",
        ("source", "p.known"): "where from",
        ("terms", "p.usual"): "terms",
        ("rule", "p.g"): "the grant",
        ("rule", "p.g.ledger.get"): "reading",
        ("rule", "p.g.paying"): "paying",
        ("rule", "p.f"): "the forbid",
        ("constraint", "separate p.ledger.get, p.ledger.pay"): "apart",
        ("constraint", "assert no agent can p.ledger.list"): "never",
        ("test", "a test"): "the test",
        ("binding", "p.mcp"): "the binding",
    }
    assert compiled(EVERYTHING).policy is not None
    assert about_nothing(EVERYTHING) == []
    assert format_source(Source("x.agp", HEAD + EVERYTHING)).count("##") == EVERYTHING.count("##")


def test_the_formatter_leaves_all_of_it_where_it_is() -> None:
    formatted = format_source(Source("x.agp", HEAD + EVERYTHING))
    assert docs(formatted, "") == docs(EVERYTHING)
    assert format_source(Source("x.agp", formatted)) == formatted


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("## one\n##two\n##\n##   three\t!\n", "one\ntwo\n\n  three    !"),
        ("##\n## one\n##\n", "one"),
        ("## one\n# not\n## two\n", "one\ntwo"),
        ("## one\n# agpc: allow AGP6101 -- wanted\n", "one"),
        ("## one\n### not\n##### not\n", "one"),
        ("## first\n\n## second\n", "second"),
        ("## one\r\n## two\r\n", "one\ntwo"),
        ("   ## one\n", "one"),
        ("## agpc: allow AGP6101 -- a remark, whatever it begins with\n## one\n", "one"),
    ],
)
def test_lines_that_follow_each_other_are_one_text(text: str, said: str) -> None:
    assert docs(f"{text}set s = [1]\n") == {("set", "p.s"): said}


@pytest.mark.parametrize(
    "text",
    [
        "# one\nset s = [1]\n",
        "### one\nset s = [1]\n",
        "#\nset s = [1]\n",
        "#### ##\nset s = [1]\n",
        "set s = [1]  ## behind\n",
        "set s = [1]  ## behind\nset t = [2]\n",
        "set s = [\n    1,  ## behind\n    2,\n]\n",
    ],
)
def test_other_comments_document_nothing_and_nobody_is_told(text: str) -> None:
    assert docs(text) == {}
    assert about_nothing(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "## one\n\nset s = [1]\n",
        "## one\n# other\n\nset s = [1]\n",
        "set s = [\n    ## of a value\n    1,\n]\n",
        "set\n    ## in the midst\n    s = [1]\n",
        'tool t { action a }\nforbid f {\n    ## of a clause\n    deny t.a\n    because "x"\n}\n',
        "## at the end",
        "##\nset s = [1]\n",
        '## of an owner\nowner "p" contact "q"\n',
        "tool t {\n    action a\n    ## at the end of a block\n}\n",
    ],
)
def test_a_text_about_nothing_is_told_and_stays_about_nothing(text: str) -> None:
    assert docs(text) == {}
    assert len(about_nothing(text)) == 1
    formatted = format_source(Source("x.agp", HEAD + text))
    assert docs(formatted, "") == {}
    assert format_source(Source("x.agp", formatted)) == formatted


def test_a_package_is_documented_above_its_first_lines() -> None:
    rest = 'owner "o" contact "c"\n'
    for head in ("## one\nlanguage 2\npackage p\n", "language 2\n## one\npackage p\n"):
        assert docs(rest, head) == {("package", "p"): "one"}
    assert docs(rest, "\ufeff## one\npackage p\n") == {("package", "p"): "one"}


def test_what_several_places_say_is_one_text() -> None:
    sources = [
        Source("a.agp", f"{HEAD}context {{\n    ## one\n    at: time\n}}\n"),
        Source("b.agp", "language 2\npackage q\ncontext {\n    ## two\n    at: time\n}\n"),
    ]
    found = compile_sources(sources)
    assert found.docs_of("field", "context.at") == "one\n\ntwo"
    assert found.docs_of("field", "context.by") is None


def test_a_file_with_mistakes_is_documented_as_far_as_it_can_be_read() -> None:
    found = compiled("## one\nset s = [1]\n## two\ngrant g { to nobody }\n## three\nset t = [\n")
    assert found.policy is None
    assert found.docs_of("set", "p.s") == "one"
    assert found.docs_of("rule", "p.g") == "two"


def test_a_text_has_a_limit() -> None:
    text = f"{'## ' + 'x' * 1000}\n" * 66 + "set s = [1]\n"
    assert [each.code for each in compiled(text).diagnostics] == ["AGP1008"]


def test_a_hidden_character_is_refused_in_it() -> None:
    assert [each.code for each in compiled("## \u202e\nset s = [1]\n").diagnostics] == ["AGP1002"]
    assert [each.code for each in compiled("## \u2028\nset s = [1]\n").diagnostics] == ["AGP1002"]
