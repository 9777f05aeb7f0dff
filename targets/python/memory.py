"""The in-memory form: an evaluator made straight from a policy.

It is the generated package without the files. A rule's test is written and compiled when a request
first needs it, so that loading a large policy takes no longer than arranging its rules.
"""

from __future__ import annotations

from importlib import import_module
from itertools import count
from threading import Lock
from typing import Any

from ...compiler.ir import nodes as ir
from ...runtime.evaluator import Evaluator
from ...runtime.facts import Facts
from ...runtime.possible import Roots
from ...runtime.rules import Allow, Rule, Test
from ..code.conditions import ConditionWriter
from ..code.expressions import Expression
from ..code.known import KnownConditions
from ..code.rules import binding_test_of, possible_test_of, test_of
from .constants import Constants
from .dialect import SYNTAX
from .facts import facts_view, has_facts
from .literals import comment
from .names import RUNTIME_NAMES
from .rules import (
    rule_of,
    vocabulary_of,
)


def evaluator(policy: ir.Policy) -> Evaluator:
    """Make the evaluator of a policy, whose `decide` takes a request as JSON data."""
    listed = (*policy.rules, *policy.starts.values())
    rules: dict[Rule, ir.Rule] = {rule_of(rule): rule for rule in listed}
    compiler = _Compiler(policy, rules)
    return Evaluator(
        vocabulary_of(policy),
        rules,
        compiler.make_ready,
        compiler.facts if has_facts(policy) else None,
        compiler.as_known,
    )


class _Compiler:
    """Compiles the tests of one policy, which share a namespace."""

    def __init__(self, policy: ir.Policy, uncompiled: dict[Rule, ir.Rule]) -> None:
        self._policy = policy
        self._uncompiled = uncompiled
        self._built = dict(uncompiled)
        self._known: dict[tuple[Rule, Roots], Test | None] = {}
        self._facts: Facts | None = None
        self._constants = Constants(policy)
        self._conditions = ConditionWriter(self._constants)
        self._names: dict[str, Any] = {}
        for module, names in RUNTIME_NAMES.items():
            found = import_module(f"...runtime.{module}", __package__)
            self._names.update({name: getattr(found, name) for name in names})
        self._numbers = count(1)
        self._lock = Lock()

    def make_ready(self, built: Rule) -> None:
        """Write and compile what is to be asked of a rule, once."""
        with self._lock:
            rule = self._uncompiled.get(built)
            if rule is None:
                return
            built.applies = self._compile(rule, test_of(rule, self._conditions))
            if isinstance(built, Allow):
                built.binds = self._compile(rule, binding_test_of(rule, self._conditions))
            del self._uncompiled[built]

    def as_known(self, built: Rule, roots: Roots) -> Test | None:
        """Write and compile what is asked of a rule where these roots alone are known, once."""
        with self._lock:
            key = built, roots
            if key not in self._known:
                rule = self._built[built]
                conditions = KnownConditions(self._constants, roots)
                self._known[key] = self._compile(rule, possible_test_of(rule, conditions))
            return self._known[key]

    def facts(self) -> Facts:
        """Write and evaluate the meters and sources, once a monitor asks for them."""
        with self._lock:
            if self._facts is None:
                view = facts_view(self._policy, self._constants)
                self._define()
                code = compile("".join(view.functions), "<facts>", "exec")
                exec(code, self._names)  # noqa: S102 -- as in `_compile`
                self._facts = eval(view.definition, self._names)
            return self._facts

    def _define(self) -> None:
        """Make the constants that were named since."""
        for each in self._constants:
            if each.name not in self._names:
                self._names[each.name] = eval(each.expression, self._names)

    def _compile(self, rule: ir.Rule, test: Expression | None) -> Test | None:
        if test is None:
            return None
        name = f"rule_{next(self._numbers)}"
        source = "".join(SYNTAX.functions(name, test))
        self._define()
        code = compile(source, f"<{comment(rule.id)}>", "exec")
        exec(code, self._names)  # noqa: S102 -- our own code, with every constant a literal
        found: Test = self._names[name]
        return found
