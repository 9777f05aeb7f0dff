"""The pipeline: sources to syntax, names, vocabulary, rules, and the policy that they make.

Every phase reports what it finds and goes on with what it could make sense of. Only the whole
decides: a policy comes out if no phase found an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, TypeVar, assert_never

from ...garbage import uncollected
from ...ir import nodes as ir
from ...ir.walk import attributes, conditions_of
from ...lowering.conditions.conditions import ConditionReader
from ...lowering.conditions.meters import lower_meter
from ...lowering.conditions.one_mistake import merge_users, told_once
from ...lowering.names.controls import STANDARDS, Catalogue
from ...lowering.names.names import Names
from ...lowering.references.attributes import together
from ...lowering.references.capabilities import resolve_groups
from ...lowering.references.facts import Facts
from ...lowering.references.references import References
from ...lowering.rules import constraints
from ...lowering.rules.bindings import lower_bindings
from ...lowering.rules.rules import Rules, rules_of
from ...lowering.scenarios.cases import Scenarios
from ...lowering.vocabulary.vocabulary import Vocabulary, lower_vocabulary
from ...report.diagnostics import (
    Diagnostic,
    Diagnostics,
    Label,
    at,
    has_errors,
)
from ...report.source import Source
from ...structs import Struct, changed, field
from ...syntax import tree as syntax
from .memory import Memory

if TYPE_CHECKING:
    from ...lowering.uses import Uses

T = TypeVar("T")


class Compilation(Struct, slots=False):
    """What came of a set of sources.

    `policy` is None if any diagnostic is an error; `files` are the syntax trees, in the order of
    the sources, also then. So are `docs`, what comments say of the parts of the policy, and `refer`.
    """

    policy: ir.Policy | None
    diagnostics: tuple[Diagnostic, ...]
    files: tuple[syntax.File, ...]
    refer: References = field(compare=False, repr=False)
    """What names mean in them, and what can be read where; also of files with errors."""
    docs: tuple[ir.Doc, ...] = ()
    sources: tuple[Source, ...] = field(default=(), compare=False, repr=False)

    @property
    def names(self) -> Names:
        """What the packages declare."""
        return self.refer.names

    @cached_property
    def uses(self) -> Uses:
        """Where each thing that is declared is written."""
        from ...lowering.uses import Uses  # which editors ask for, and nobody else

        return Uses(self.files, self.sources, self.refer)

    def docs_of(self, kind: str, name: str) -> str | None:
        """What comments say of something, by its kind and its qualified name; None if they say nothing."""
        found = (each.text for each in self.docs if (each.kind, each.name) == (kind, name))
        return next(found, None)


def compile_sources(
    sources: Sequence[Source], memory: Memory | None = None, catalogue: Catalogue = STANDARDS
) -> Compilation:
    """Compile the files of one policy set; their order does not matter.

    With the memory of the last time, only what has changed since then takes time. The catalogue has the
    controls that the policies may name.
    """
    diagnostics: Diagnostics = []
    memory = memory or Memory()
    memory.use(catalogue)
    with uncollected():
        ordered = sorted(sources, key=lambda source: source.name)
        files = memory.parse(ordered, diagnostics)
        policy, refer = lower(files, diagnostics, memory, catalogue)
    found = sorted(dict.fromkeys(merge_users(diagnostics)), key=lambda each: each.sort_key)
    whole = None if has_errors(diagnostics) else policy
    return Compilation(whole, told_once(found), files, refer, policy.docs, tuple(ordered))


def lower(
    files: Iterable[syntax.File],
    diagnostics: Diagnostics,
    memory: Memory,
    catalogue: Catalogue = STANDARDS,
) -> tuple[ir.Policy, References]:
    """Turn syntax trees into a policy, which is whole only if no error was reported, and what names mean in it."""
    listed = tuple(files)
    names = Names(listed, diagnostics, catalogue)
    vocabulary = lower_vocabulary(names)
    memory.use_starts(vocabulary.startable)
    refer = References(names, vocabulary)
    statements = [
        (file.package.text, statement)
        for file in listed
        if file.package is not None
        for statement in file.statements
    ]
    resolve_groups(refer)
    for each in names.all("terms"):
        assert isinstance(each.node, syntax.TermsDeclaration)
        Rules(refer).check_terms(each.package, each.node)
    refer.facts.unnamed = memory.unnamed
    lower_facts(refer)
    policy = with_rules(declared(vocabulary), refer, memory)
    _check_unused_conditions(statements, refer)
    known = (*policy.rules, *policy.starts.values())
    scenarios = Scenarios(refer, {rule.id: rule for rule in known})
    separations, isolations, containments, assertions = [], [], [], []
    tests, binds, delegations = [], [], []
    for package, statement in statements:
        match statement:
            case syntax.SeparateDeclaration():
                separations.append(constraints.separation(package, statement, refer))
            case syntax.IsolateDeclaration():
                isolations.append(constraints.isolation(package, statement, refer))
            case syntax.DelegateDeclaration():
                delegations.append(constraints.delegation(package, statement, refer))
            case syntax.WithinDeclaration():
                containments.append(constraints.containment(package, statement, refer))
            case syntax.AssertDeclaration():
                assertions.append(constraints.assertion(package, statement, refer))
            case syntax.TestDeclaration():
                tests.extend(scenarios.lower(package, statement))
            case syntax.BindDeclaration():
                binds.append((package, statement))
            case (
                syntax.Use()
                | syntax.OwnerClause()
                | syntax.Controls()
                | syntax.ContextDeclaration()
                | syntax.AgentDeclaration()
                | syntax.AgentsDeclaration()
                | syntax.IntentDeclaration()
                | syntax.ResourceDeclaration()
                | syntax.LevelDeclaration()
                | syntax.EnumDeclaration()
                | syntax.SetDeclaration()
                | syntax.LetDeclaration()
                | syntax.MeterDeclaration()
                | syntax.SourceDeclaration()
                | syntax.ExtendDeclaration()
                | syntax.GroupDeclaration()
                | syntax.TermsDeclaration()
                | syntax.RuleDeclaration()
            ):
                pass  # which the names have
            case _:
                assert_never(statement)
    policy = changed(
        policy,
        delegations=by_text(delegations),
        containments=by_text(containments),
        assertions=by_text(assertions),
    )
    policy = with_facts(policy, refer.facts)
    policy = changed(
        policy,
        separations=by_text(separations),
        isolations=by_text(isolations),
        tests=by_name(with_record(policy, tests)),
        bindings=lower_bindings(binds, refer),
    )
    if any(each.documentation for each in listed):
        from ...lowering.names.documented import documented  # which few policies need

        policy = changed(policy, docs=documented(listed, names, policy))
    return policy, refer


def by_text(found: Iterable[T | None]) -> tuple[T, ...]:
    """What was made, in an order that is not that of the files; the text of all that one says is long."""
    made = [each for each in found if each is not None]
    return tuple(sorted(made, key=repr) if made[1:] else made)


def by_name(tests: Iterable[ir.Test]) -> tuple[ir.Test, ...]:
    """Tests in the order of their names, and of all that they say where several have one name."""
    named: dict[str, list[ir.Test]] = {}
    for each in tests:
        named.setdefault(each.name, []).append(each)
    return tuple(each for name in sorted(named) for each in by_text(named[name]))


def declared(vocabulary: Vocabulary) -> ir.Policy:
    """A policy that has a vocabulary and nothing else."""
    return ir.Policy(
        packages=tuple(vocabulary.packages[name] for name in sorted(vocabulary.packages)),
        agents=tuple(vocabulary.agents[name] for name in sorted(vocabulary.agents)),
        families=tuple(vocabulary.families[name] for name in sorted(vocabulary.families)),
        intents=tuple(vocabulary.intents[name] for name in sorted(vocabulary.intents)),
        resources=tuple(vocabulary.resources[name] for name in sorted(vocabulary.resources)),
        levels=tuple(vocabulary.levels[name] for name in sorted(vocabulary.levels)),
        enums=tuple(vocabulary.enums[name] for name in sorted(vocabulary.enums)),
        sets=tuple(vocabulary.sets[name] for name in sorted(vocabulary.sets)),
        context=together(vocabulary.context.values()),
        user=together(vocabulary.user.values()) if vocabulary.user else None,
    )


def lower_facts(refer: References) -> None:
    """Turn the declarations of meters and sources into IR, before what reads them."""
    for each in refer.names.all("meter"):
        assert isinstance(each.node, syntax.MeterDeclaration)
        meter = lower_meter(each.package, each.node, refer)
        if meter is not None:
            refer.facts.meters[each.name] = meter
    for each in refer.names.all("source"):  # of which each lowers those first that it names
        from ...lowering.conditions.sources import source_of  # which few policies need

        source_of(each, refer, ())


def with_facts(policy: ir.Policy, facts: Facts) -> ir.Policy:
    """Add the meters and sources, and those without a name that some condition reads."""
    read = {
        attribute.path[1]
        for condition in (conditions_of(policy) if facts.unnamed else ())
        for attribute, _ in attributes(condition)
        if ir.is_fact(attribute)
    }
    unnamed = [each for key, each in facts.unnamed.items() if key in read]
    meters = [*facts.meters.values(), *(each for each in unnamed if isinstance(each, ir.Meter))]
    sources = [*facts.sources.values(), *(each for each in unnamed if isinstance(each, ir.Source))]
    return changed(
        policy,
        meters=tuple(sorted(meters, key=lambda each: each.key)),
        sources=tuple(sorted(sources, key=lambda each: each.key)),
    )


def with_record(policy: ir.Policy, tests: list[ir.Test]) -> list[ir.Test]:
    """Give the requests of tests the facts that follow from what the tests tell of before."""
    if not policy.meters and not policy.sources:
        return [each if len(each.record) > 1 else changed(each, record=()) for each in tests]
    from ...meaning.facts import facts  # which a policy without facts does not need

    return [changed(each, request=facts(policy, each.record, each.request)) for each in tests]


def with_rules(policy: ir.Policy, refer: References, memory: Memory) -> ir.Policy:
    """Add the rules of all grants and forbids."""
    found: list[ir.Rule] = []
    for each in refer.names.all("rule"):
        assert isinstance(each.node, syntax.RuleDeclaration)
        make = partial(rules_of, each.package, each.node, refer)
        found.extend(memory.lower(each.node, make, refer.names))
    forbids = [rule for rule in found if isinstance(rule, ir.Forbid)]
    allows = [rule for rule in found if isinstance(rule, ir.Allow)]
    seen: dict[str, ir.Rule] = {}
    everything: list[ir.Rule] = [*forbids, *allows]
    everything += changed(policy, allows=tuple(allows)).starts.values()
    for rule in everything:
        before = seen.setdefault(rule.id, rule)
        if before is not rule:
            refer.names.diagnostics.append(
                at(
                    "AGP1102",
                    rule.span,
                    f"two rules have the identity `{rule.id}`",
                    also=(Label(before.span, "the other one"),),
                    help="give one of them another name or label",
                )
            )
    return changed(
        policy,
        allows=tuple(sorted(allows, key=lambda rule: rule.id)),
        forbids=tuple(sorted(forbids, key=lambda rule: rule.id)),
    )


def _check_unused_conditions(
    statements: list[tuple[str, syntax.Statement]], refer: References
) -> None:
    """Check what can be checked of a named condition wherever it is used, or if it is not."""
    for package, statement in statements:
        if isinstance(statement, syntax.LetDeclaration):
            env = refer.environment(package, None, None, None)
            name = f"{package}.{statement.name.text}"
            ConditionReader(env, (name,)).lower(statement.expression)
