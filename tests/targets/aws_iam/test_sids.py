"""Sids are readable, unique in a document, and stay when other rules and agents come and go."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from engines.aws_cases import AIDE, BOT, SPAN, allow, attribute, forbid, policy, text
from hypothesis import given
from hypothesis import strategies as st

from agpc.compiler.ir import nodes as ir
from agpc.targets.aws_iam import TARGET
from agpc.targets.aws_iam.documents.sids import Sids
from agpc.targets.emission import Emission, Options

READ, LIST = "docs.file.read", "docs.file.list"


def named(*rules: str, agents: tuple[str, ...] = ()) -> Sids:
    """The Sids of rules and agents of two packages."""
    bound = policy(*(replace(forbid("f", READ), id=each) for each in rules))
    packages = tuple(ir.Package(each, None, ()) for each in ("docs", "hr", "hr.docs"))
    added = tuple(ir.Agent(each, f"spiffe://t.example/{each}", (), SPAN) for each in agents)
    return Sids.of(replace(bound, packages=packages, agents=(*bound.agents, *added)))


def test_a_word_is_without_the_package_where_that_leaves_no_doubt() -> None:
    assert named("docs.g.read", "docs.g.list_all").rules == {
        "docs.g.read": "GRead",
        "docs.g.list_all": "GListAll",
    }
    assert named("hr.docs.g").rules == {"hr.docs.g": "G"}


def test_rules_of_one_name_in_two_packages_have_the_package() -> None:
    assert named("docs.g.read", "hr.g.read").rules == {
        "docs.g.read": "DocsGRead",
        "hr.g.read": "HrGRead",
    }
    assert named(agents=("docs.x", "hr.x")).agents.items() >= {("docs.x", "DocsX"), ("hr.x", "HrX")}


@pytest.mark.parametrize("number", [1, 2])
def test_names_that_are_alike_in_letters_and_long_ones_have_a_digest(number: int) -> None:
    pairs = {1: ("docs.g.a_b", "docs.g.a.b"), 2: (f"docs.{'x' * 60}.a", f"docs.{'x' * 60}.b")}
    words = named(*pairs[number]).rules
    assert len(set(words.values())) == 2
    assert all(re.fullmatch(r"(GAB|Xx{39})[0-9a-f]{8}", each) for each in words.values())


names = st.lists(
    st.sampled_from(("docs", "hr", "a", "b", "a_b", "A", "é", "2", "x" * 40, "y" * 60)),
    min_size=1,
    max_size=3,
).map(".".join)


@given(st.lists(names, unique=True, max_size=8))
def test_no_two_rules_have_one_word(rules: list[str]) -> None:
    words = named(*rules).rules
    assert set(words) == set(rules)
    assert len(set(words.values())) == len(rules)
    assert all(re.fullmatch("[0-9A-Za-z]{1,48}", each) for each in words.values())


@given(st.lists(names, unique=True, min_size=1, max_size=6), names)
def test_a_rule_changes_the_words_of_those_alone_that_are_named_like_it(
    rules: list[str], added: str
) -> None:
    def letters(name: str) -> set[str]:
        found = {name, *(name.removeprefix(f"{each}.") for each in ("docs", "hr", "hr.docs"))}
        return {re.sub("[^0-9a-z]", "", each.lower()) for each in found}

    before, after = named(*rules).rules, named(*{*rules, added}).rules
    changed = [each for each in rules if before[each] != after[each]]
    assert all(letters(each) & letters(added) for each in changed)


def sids(emission: Emission, path: str) -> list[str]:
    """The Sids of one document."""
    return [each["Sid"] for each in json.loads(emission.files[path])["Statement"]]


def emit(*rules: ir.Rule, artifacts: str = "identity") -> Emission:
    return TARGET.emit(policy(*rules), Options({"artifacts": artifacts, "reference": "none"}))


def test_a_number_is_never_what_another_rule_is_called() -> None:
    """A forbid of two statements, beside rules with the names that its second one could have."""
    some = ir.Compare("==", attribute("resource", "tenant"), text("t"))
    other = ir.Compare("==", attribute("context", "region"), text("r"))
    emission = emit(
        forbid("f", READ, LIST, when=some),
        forbid("f2", READ, when=other),
        forbid("f3", READ, agents=(AIDE,), when=other),
    )
    assert sids(emission, f"identity/{BOT}.json") == ["F", "F4", "F2"]
    assert sids(emission, f"identity/{AIDE}.json")[:2] == ["F", "F4"]


def test_what_a_guard_is_called_is_not_what_a_rule_is_called() -> None:
    guarded = allow("g.r", READ, when=ir.Under(attribute("resource", "path"), "/a"))
    found = sids(emit(guarded, allow("g.r.guard", LIST)), f"identity/{BOT}.json")
    assert sorted(found) == ["GR", "GRGuard", "GRGuard2"]
    assert len(sids(emit(guarded), f"identity/{BOT}.json")) == 2


def test_what_holds_for_an_agent_is_called_after_it() -> None:
    found = sids(emit(allow("g.r", READ), artifacts="scp"), "scp/111122223333.json")
    assert {"BotActions", "BotResources", "BotIntent", "BotTask", "AideNothing"} <= set(found)
