"""The approvals of one answer are by different people: what each rule alone is content with may be too little.

Two forbids that one approval would lift each ask for two people together. So a witness that is permitted must also not
do this: come under several rules that have fewer people together than they ask for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from ....ir import nodes as ir
from ....ir.walk import conditions_of_rule, evidence_of_rule
from ....meaning import interpreter
from ....meaning.evidence import asked_by, has_too_many_approvals, lacking_people
from ....meaning.request import Call
from ..cubes.costs import judging
from ..cubes.cube import Cube, conjunction, limited
from ..cubes.facts_read import facts_of
from ..rules.rule_cubes import RuleCubes
from ..verdict import Undetermined
from .avoid import Avoid
from .evidence import asks_people, together

MOST_SETS = 5  # rules that ask for approvals, of which every set is looked at by itself


def too_few(
    cubes: RuleCubes, allow: ir.Allow | None, forbids: Sequence[ir.Forbid]
) -> Iterator[Avoid]:
    """Keep a witness from being lifted and permitted by one person where several rules ask for more."""
    asking = [each for each in forbids if asks_people(each)]
    opener = () if allow is None or not asks_people(allow) else (allow,)
    if len(asking) + len(opener) < 2:
        return
    rules = (*opener, *asking)
    for size in range(2, len(rules) + 1 if len(rules) <= MOST_SETS else 3):
        for some in combinations(rules, size):
            yield _too_few_of(cubes, some)
    if len(rules) > MOST_SETS:
        yield _too_few_of(cubes, rules)


def _too_few_of(cubes: RuleCubes, rules: tuple[ir.Rule, ...]) -> Avoid:
    forbids = [each for each in rules if isinstance(each, ir.Forbid)]
    scope = cubes.scope(forbids[0])
    for each in forbids[1:]:
        scope &= cubes.scope(each)

    def happens(call: Call) -> bool:
        if len(rules) > MOST_SETS:
            return lack_people([each for each in rules if is_asked(each, call)], call)
        return all(is_asked(each, call) for each in rules) and lack_people(rules, call)

    def escapes() -> list[Cube]:
        if len(rules) > MOST_SETS:
            raise Undetermined("many forbids ask for approvals, which are by different people")
        found = [cube for each in forbids for cube in cubes.open(each)]
        if not has_too_many_approvals(rules):
            asked = [need for each in rules for need in evidence_of_rule(each)]
            found += conjunction([[cubes.met(each)] for each in together(asked, True)])
        return limited(found)

    conditions = [each for rule in forbids for each in conditions_of_rule(rule)]
    return Avoid(scope, happens, escapes, dict, judging(conditions), facts_of(conditions))


def is_asked(rule: ir.Rule, call: Call) -> bool:
    """Whether what a rule asks for is asked of a call that an allow opens."""
    return not isinstance(rule, ir.Forbid) or interpreter.forbid_closes(rule, call)


def lack_people(rules: Sequence[ir.Rule], call: Call) -> bool:
    """Whether rules have too few people together, or ask for more than one answer may rest on."""
    return has_too_many_approvals(rules) or lacking_people(asked_by(rules), call) != []
