"""The values of one attribute for which a leaf is true, and those for which it is false.

In all others it is unknown. What is asked of one attribute is exact.
"""

from __future__ import annotations

from typing import assert_never

from .....runtime.glob import Wildcard, parse_glob
from .....runtime.values import read_network
from ....ir import nodes as ir
from ....ir.definite import HOLDS, Sign, comparison
from ....meaning.request import constant
from ..domains.texts import CLEAN, CLEAN_RELATIVE, Glob, Language, OneOf, Path, Texts
from ..domains.values import (
    V6_START,
    Body,
    Finite,
    Intervals,
    Lists,
    OrNothing,
    after,
    before,
    body_of,
    intervals,
    one_of,
)
from ..verdict import Undetermined


def scalars_asked(leaf: ir.Condition, type_: ir.Type, policy: ir.Policy) -> tuple[Body, list[Body]]:
    """The values of a scalar for which a leaf is true, and those for which it is false."""
    match leaf:
        case ir.Not(part):
            true, false = scalars_asked(part, type_, policy)
            if len(false) == 1:
                return false[0], [true]
            raise Undetermined("a negated test of elements falls into parts")
        case ir.Like(_, pattern):
            language: Language = Glob(pattern)
            if not any(isinstance(part, Wildcard) for part in parse_glob(pattern)):
                language = OneOf(frozenset(("".join(map(str, parse_glob(pattern))),)))
            return Texts(frozenset((language,))), [Texts(outside=frozenset((language,)))]
        case ir.Under(item, str(domain)) if ir.comparable_type(item.type) == ir.DOMAIN:
            from ..domains.forms import FORMS, Below  # which few policies need

            below: Language = Below(domain)
            form = FORMS["domain" if ir.value_type(item.type) == ir.DOMAIN else "host"]
            true = Texts(frozenset((below,)), form=form)
            return true, list(true.complement())
        case ir.Under(_, str(path)):
            inside = Path(path)
            clean: Language = CLEAN if inside.is_absolute else CLEAN_RELATIVE
            return (
                Texts(frozenset((inside,))),
                [Texts(frozenset((clean,)), frozenset((inside,)))],
            )
        case ir.Within(_, ranges):
            spans = []
            for value in ranges.values:
                network = read_network(value)
                assert network is not None  # the compiler has checked it
                base = 0 if network[0] == 32 else V6_START
                spans.append((base + network[1], base + network[2]))
            true = intervals("ip", spans)
            return true, list(true.complement())
        case ir.In(item, of) if not isinstance(item, ir.Constant):
            assert isinstance(of, ir.Constants)
            body = one_of((constant(type_, each, policy) for each in of.values), type_, policy)
            return body, list(body.complement())
        case ir.Compare():
            true = _compared(leaf, type_, policy)
            return true, list(true.complement())
        case ir.And() | ir.Or() | ir.In() | ir.ListTest() | ir.Under() | ir.Has() | ir.Quantified():
            pass
        case _:
            assert_never(leaf)
    raise AssertionError(f"no test of one value: {leaf}")


def _compared(leaf: ir.Compare, type_: ir.Type, policy: ir.Policy) -> Body:
    _, sign, right = comparison(leaf, True)
    assert isinstance(right, ir.Constant)
    if isinstance(type_, ir.OrNothing):
        values = _compared(leaf, type_.of, policy)
        return OrNothing(sign in ("<", "<=", "!="), values)  # type: ignore[arg-type]
    value = constant(type_, right.value, policy)
    if sign == "==":
        return one_of((value,), type_, policy)
    whole = body_of(type_, policy)
    if isinstance(whole, Finite):
        fitting = (rank for rank in range(whole.size) if HOLDS[sign](rank, value))
        return Finite(sum(1 << rank for rank in fitting), whole.size)
    assert isinstance(whole, Intervals)
    return ordered(whole, sign, value)


def lists_asked(
    leaf: ir.Condition, of: ir.Type, policy: ir.Policy
) -> tuple[list[Body], list[Body]]:
    """The lists for which a leaf is true, and those for which it is false."""
    whole = body_of(of, policy)
    match leaf:
        case ir.In(ir.Constant(_, value), ir.Attribute()):
            one = one_of((constant(of, value, policy),), of, policy)
            return [Lists(whole, (one,))], [Lists(each) for each in one.complement()]
        case ir.ListTest(op, _, ir.Constants(_, values)):
            found = [constant(of, each, policy) for each in values]
            body = one_of(found, of, policy)
            outside = body.complement()
            match op:
                case "subset of":
                    return [Lists(body)], [Lists(whole, (each,)) for each in outside]
                case "contains any":
                    return [Lists(whole, (body,))], [Lists(each) for each in outside]
                case "contains all":
                    ones = tuple(dict.fromkeys(one_of((each,), of, policy) for each in found))
                    return (
                        [Lists(whole, ones)],
                        [Lists(each) for one in ones for each in one.complement()],
                    )
                case _:
                    assert_never(op)
        case ir.Quantified(_, _, test):
            true, false = scalars_asked(test, of, policy)
            if leaf.is_every:
                return [Lists(true)], [Lists(whole, (each,)) for each in false]
            if len(false) != 1:
                raise Undetermined("a test of elements falls into parts")
            return [Lists(whole, (true,))], [Lists(false[0])]
        case (
            ir.And()
            | ir.Or()
            | ir.Not()
            | ir.Compare()
            | ir.In()
            | ir.ListTest()
            | ir.Like()
            | ir.Under()
            | ir.Within()
            | ir.Has()
        ):
            pass
        case _:
            assert_never(leaf)
    raise AssertionError(f"no test of a list: {leaf}")


def ordered(whole: Intervals, sign: Sign, value: float) -> Intervals:
    """The numbers of a kind on one side of a value."""
    low, high = whole.spans[0][0], whole.spans[-1][1]
    span = {
        "==": (value, value),
        "<": (low, before(value, whole.kind)),
        "<=": (low, value),
        ">": (after(value, whole.kind), high),
        ">=": (value, high),
    }[sign]
    return intervals(whole.kind, (span,))
