"""A finding keeps its name while the policy around it is edited, and no other finding gets it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agpc.compiler.check.project.settings import Settings
from agpc.compiler.check.review.review import review
from agpc.compiler.format.formatter import format_source
from agpc.compiler.report import Report
from agpc.compiler.report.fingerprints import fingerprint
from agpc.compiler.report.source import PolicyFile, Source

POLICY = """\
package shop
agent bot = "spiffe://acme.example/bot"
agent idle = "spiffe://acme.example/idle"
intent sell "Sell"
intent wait "Wait"
set regions = ["eu", "us"]
tool till { action open action refund(amount: number) }
grant selling {
    to bot
    for sell
    allow till.* when task.state in [active, drifted]
    allow till.refund when args.amount > 0 and args.amount < 0
}
forbid voids { deny till.open when args.amount > 100 unless principal.any }
grant other { to bot for sell allow till.open }
"""
STATEMENTS = POLICY.split("\n")


def names(text: str, file: str = "shop.agp") -> list[str]:
    source = Source(file, text)
    found = review([source], Settings(select=("AGP",)), at=1_800_000_000_000_000_000)
    report = Report.of(
        found.diagnostics, [PolicyFile(source, f"here/{file}")], statement=found.statement
    )
    return sorted(fingerprint(each, report) for each in report.diagnostics)


GOOD = "\n".join(
    line for line in STATEMENTS if "principal.any" not in line and "drifted" not in line
)
NAMES = names(GOOD)


def test_there_is_something_to_name() -> None:
    assert len(NAMES) > 10
    assert names(POLICY) != NAMES


def test_names_survive_the_formatter_and_another_name_of_the_file() -> None:
    assert names(format_source(Source("shop.agp", GOOD))) == NAMES
    assert names(GOOD, "other/till.agp") == NAMES


@given(
    st.lists(st.sampled_from(["", "# a comment", "   ", "\t# allow till.*"]), max_size=5), st.data()
)
def test_names_survive_lines_that_say_nothing(lines: list[str], data: st.DataObject) -> None:
    kept = GOOD.split("\n")
    for line in lines:
        kept.insert(data.draw(st.integers(0, len(kept))), line)
    assert names("\n".join(kept)) == NAMES


@given(st.data())
def test_names_survive_another_layout(data: st.DataObject) -> None:
    """A space of a line may be several, or the start of a new line."""
    gaps = st.sampled_from([" ", "  ", "\n", " # why\n    ", "\t"])
    words = GOOD.replace("{", " { ").replace("}", " } ").split()
    quoted = '"Sell"'  # no literal of the policy has a space in it
    assert quoted in words
    text = "".join(f"{word}{data.draw(gaps)}" for word in words)
    assert names(text) == NAMES


def test_a_finding_that_moved_to_another_rule_is_another_one() -> None:
    one = GOOD.replace("grant other {", "grant another {")
    assert set(names(one)) - set(NAMES)
    assert set(names(GOOD.replace("package shop", "package mall"))) & set(NAMES) == set()
