"""The approvals of one answer are by different people: what each rule alone is content with may be too little.

Two forbids that one approval would lift each ask for two people together. So a witness that is permitted must also not
do this: come under several rules that have fewer people together than they ask for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

from ....ir import nodes as ir
from ....ir.walk import conditions_of_rule, evidence_of_rule
from ....meaning import interpreter
from ....meaning.evidence import asked_by, has_too_many_approvals, lacking_people
from ....meaning.request import Call
from ..calls.scope import Scope
from ..cubes.costs import judging
from ..cubes.cube import Cube, conjunction, limited
from ..cubes.facts_read import facts_of
from ..rules.rule_cubes import RuleCubes
from ..verdict import Undetermined
from .avoid import Avoid
from .evidence import asks_people, together

MOST_SETS = 5  # rules that ask for approvals, of which every set is looked at by itself


def too_few(cubes: RuleCubes, allow: ir.Allow, forbids: Sequence[ir.Forbid]) -> Iterator[Avoid]:
    """Keep a witness from being lifted and permitted by one person where several rules ask for more."""
    everything: tuple[ir.Rule, ...] = (allow, *forbids)
    rules = list(filter(asks_people, everything))
    is_few = len(rules) <= MOST_SETS
    for size in range(2, (len(rules) if is_few else 2) + 1):
        yield from (_too_few_of(cubes, some) for some in combinations(rules, size))
    if not is_few:
        yield _too_few_of_many(cubes, allow, rules)


def _too_few_of(cubes: RuleCubes, rules: Sequence[ir.Rule]) -> Avoid:
    """Keep a witness from coming under all of some rules with too few people."""
    forbids = _forbids_of(rules)
    scope = cubes.scope(forbids[0])
    for each in forbids[1:]:
        scope &= cubes.scope(each)

    def happens(call: Call) -> bool:
        return all(is_asked(each, call) for each in rules) and lack_people(rules, call)

    def escapes() -> list[Cube]:
        found = [cube for each in forbids for cube in cubes.open(each)]
        if not has_too_many_approvals(rules):
            asked = [need for each in rules for need in evidence_of_rule(each)]
            found += conjunction([[cubes.met(each)] for each in together(asked, True)])
        return limited(found)

    return _avoid(scope, happens, escapes, forbids)


def _too_few_of_many(cubes: RuleCubes, allow: ir.Allow, rules: Sequence[ir.Rule]) -> Avoid:
    """Notice a witness that has too few people for those of many rules that it comes under; there is no way on from it."""

    def happens(call: Call) -> bool:
        return lack_people([each for each in rules if is_asked(each, call)], call)

    def escapes() -> list[Cube]:
        raise Undetermined("many rules ask for approvals, which are by different people")

    return _avoid(cubes.scope(allow), happens, escapes, _forbids_of(rules))


def _forbids_of(rules: Sequence[ir.Rule]) -> list[ir.Forbid]:
    return [each for each in rules if isinstance(each, ir.Forbid)]


def _avoid(
    scope: Scope,
    happens: Callable[[Call], bool],
    escapes: Callable[[], list[Cube]],
    forbids: Sequence[ir.Forbid],
) -> Avoid:
    conditions = [each for rule in forbids for each in conditions_of_rule(rule)]
    return Avoid(scope, happens, escapes, dict, judging(conditions), facts_of(conditions))


def is_asked(rule: ir.Rule, call: Call) -> bool:
    """Whether what a rule asks for is asked of a call that an allow opens."""
    return not isinstance(rule, ir.Forbid) or interpreter.forbid_closes(rule, call)


def lack_people(rules: Sequence[ir.Rule], call: Call) -> bool:
    """Whether rules have too few people together, or ask for more than one answer may rest on."""
    return has_too_many_approvals(rules) or lacking_people(asked_by(rules), call) != []
