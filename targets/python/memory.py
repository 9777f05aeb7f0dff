"""The in-memory form: an evaluator made straight from a policy.

It is the generated package without the files. A rule's test is written and compiled when a request
first needs it, so that loading a large policy takes no longer than arranging its rules.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from itertools import count
from threading import Lock
from typing import Any, TypeAlias

from ...compiler.ir import nodes as ir
from ...runtime.call import Call
from ...runtime.evaluator import Evaluator
from ...runtime.rules import Allow, Forbid, Test
from .conditions import Conditions
from .constants import Constants
from .expressions import Expression, functions
from .literals import comment
from .names import RUNTIME_NAMES
from .rules import (
    binding_test_of,
    rule_of,
    test_of,
    vocabulary_of,
)

TestOf: TypeAlias = Callable[[ir.Rule, Conditions], Expression | None]


def evaluator(policy: ir.Policy) -> Evaluator:
    """Make the evaluator of a policy, whose `decide` takes a request as JSON data."""
    compiler = _Compiler(policy)
    rules = [rule_of(rule) for rule in policy.rules]
    for rule, built in zip(policy.rules, rules, strict=True):
        if _has_test(rule):
            built.applies = _Uncompiled(rule, built, "applies", compiler)
        if isinstance(built, Allow) and isinstance(rule, ir.Allow) and _may_bind(rule):
            built.binds = _Uncompiled(rule, built, "binds", compiler)
    return Evaluator(vocabulary_of(policy), rules)


class _Compiler:
    """Compiles the tests of one policy, which share a namespace."""

    def __init__(self, policy: ir.Policy) -> None:
        self._constants = Constants(policy)
        self._conditions = Conditions(self._constants)
        self._names: dict[str, Any] = {}
        for module, names in RUNTIME_NAMES.items():
            found = import_module(f"...runtime.{module}", __package__)
            self._names.update({name: getattr(found, name) for name in names})
        self._numbers = count(1)
        self._lock = Lock()

    def compile(self, rule: ir.Rule, test_of: TestOf) -> Test:
        """Write and compile a test that a rule has."""
        with self._lock:
            name = f"rule_{next(self._numbers)}"
            test = test_of(rule, self._conditions)
            if test is None:
                raise ValueError(f"{rule.id} has nothing to ask")
            source = "".join(each.source for each in functions(name, test))
            for each in self._constants:
                if each.name not in self._names:
                    self._names[each.name] = eval(each.expression, self._names)
            code = compile(source, f"<{comment(rule.id)}>", "exec")
            exec(code, self._names)  # noqa: S102 -- our own code, with every constant a literal
            found: Test = self._names[name]
            return found


class _Uncompiled:
    """A test of a rule that no request has needed yet; the first one replaces it."""

    __slots__ = ("_built", "_compiler", "_rule", "_which")

    def __init__(
        self, rule: ir.Rule, built: Allow | Forbid, which: str, compiler: _Compiler
    ) -> None:
        self._rule = rule
        self._built = built
        self._which = which
        self._compiler = compiler

    def __call__(self, call: Call) -> bool:
        """Compile the test, and ask it."""
        test = self._compiler.compile(self._rule, _TESTS[self._which])
        setattr(self._built, self._which, test)
        return test(call)


_TESTS: dict[str, TestOf] = {"applies": test_of, "binds": binding_test_of}


def _may_bind(rule: ir.Allow) -> bool:
    """Whether it is to be asked if a rule's duties belong to a permit."""
    return rule.condition is not None and rule.has_duties


def _has_test(rule: ir.Rule) -> bool:
    """Whether a rule has anything to ask beside what the evaluator looks at itself."""
    if isinstance(rule, ir.Forbid):
        return rule.condition is not None or rule.unless is not None
    return rule.condition is not None or rule.revoke != ()
