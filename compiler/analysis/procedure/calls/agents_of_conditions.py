"""The agents that conditions can tell apart, and names that none of them has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import assert_never

from .....runtime.glob import Wildcard, parse_glob
from ....ir import nodes as ir
from ....ir.spiffe import parted, spiffe_matches
from ....ir.walk import Leaf, attributes, conditions_of, conditions_of_rule
from ..domains.texts import Glob, Texts

MANY = 30  # texts to look among for one that is a SPIFFE ID


def unused(name: str, texts: Iterable[str]) -> str:
    """The name, or one like it, that occurs in none of some texts."""
    everything = "\n".join(texts)
    number = 1
    found = name
    while found in everything:
        number += 1
        found = f"{name}-{number}"
    return found


def agents_in_conditions(policies: Iterable[ir.Policy]) -> frozenset[str]:
    """The identities that conditions compare `agent.id` with, which may be of any agent."""
    return frozenset().union(*map(constants_in, tests_of_agent_id(policies)))


def agents_like_patterns(policies: Sequence[ir.Policy]) -> Iterator[str]:
    """For each pattern that a condition matches `agent.id` with an agent, and one of each family."""
    families = sorted({each for policy in policies for each in policy.identify()[1]})
    tests = tests_of_agent_id(policies)
    patterns = {leaf.pattern for leaf in tests if isinstance(leaf, ir.Like)}
    for pattern in sorted(patterns):
        yield from islice(Texts(frozenset((Glob(pattern),))).members(), 1)
        for family in families:
            both = Texts(frozenset((Glob(pattern), Glob(parted(family)[0].replace("**", "*")))))
            members = islice(both.members(), MANY)
            yield from islice((each for each in members if spiffe_matches(family, each)), 1)


def tests_of_agent_id(policies: Iterable[ir.Policy]) -> Iterator[Leaf]:
    """The leaves that read who the agent is."""
    for policy in policies:
        for condition in conditions_of(policy):
            for attribute, leaf in attributes(condition):
                if is_agent_id(attribute):
                    yield leaf


def is_agent_id(attribute: ir.Attribute) -> bool:
    """Whether it is who the agent is."""
    return attribute.root == "agent" and attribute.path == ("id",)


def reads_agent_id(condition: ir.Condition) -> bool:
    """Whether it depends on who the agent is, beyond its attributes."""
    return any(is_agent_id(attribute) for attribute, _ in attributes(condition))


def rule_reads_agent_id(rule: ir.Rule) -> bool:
    """Whether it matters to a rule which agent it is, beyond whom it names."""
    return any(map(reads_agent_id, conditions_of_rule(rule)))


def constants_in(leaf: Leaf) -> frozenset[str]:
    """The strings that a leaf compares something with, or asks membership among."""
    match leaf:
        case ir.Compare(_, left, right):
            terms = [each.value for each in (left, right) if isinstance(each, ir.Constant)]
            return frozenset(str(each) for each in terms)
        case ir.In(_, ir.Constants(_, values)):
            return frozenset(map(str, values))
        case ir.Like(_, pattern):  # `agents_like_patterns` looks at those with wildcards
            parts = parse_glob(pattern)
            is_text = not any(isinstance(each, Wildcard) for each in parts)
            return frozenset(("".join(map(str, parts)),) if is_text else ())
        case ir.In() | ir.ListTest() | ir.Under() | ir.Within() | ir.Has() | ir.Quantified():
            return frozenset()
        case _:
            assert_never(leaf)
