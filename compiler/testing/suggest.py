"""A request as a `test` that a person would keep: named by what it shows, with nothing that does not matter."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from ...runtime.decision import Decision
from ..analysis.procedure.cubes.facts_read import FACTS
from ..format.formatter import UnformattableError, format_source
from ..ir import nodes as ir
from ..ir.printing.conditions import name_text, string_text
from ..ir.printing.expectations import expectation_text
from ..ir.printing.scenarios import request_clauses
from ..ir.spiffe import spiffe_problem
from ..meaning.interpreter import decide
from ..meaning.request import Call
from ..report.source import Source, Span
from ..structs import Struct
from .expected import terms_of
from .homes import home_of
from .past import with_past
from .run import passes
from .tidy import Reads, Unwritable, rules_about, tidied

Shows: TypeAlias = Callable[[dict[str, Any]], bool]
"""Whether a request still shows what it is there to show."""

_NOWHERE = Span("", 1, 1, 1, 1)
MOST_IN_A_NAME = 100  # characters: a name is read in a list, and a condition may be of any length


class Suggested(Struct):
    """A test: its text stands as it is in a file of the package, where the packages that it names are used."""

    package: str
    uses: tuple[str, ...]
    text: str
    test: ir.Test


def suggest(
    policy: ir.Policy,
    request: dict[str, Any],
    *,
    name: str | None = None,
    home: str | None = None,
    taken: Collection[str] = (),
    against: ir.Policy | None = None,
    shows: Shows | None = None,
    record: Sequence[dict[str, Any]] = (),
) -> Suggested:
    """Write the test that a request makes, and that passes.

    It has a name that is not `taken`, and stands in the package `home`. `against` is a policy under which it fails; `shows` says of a request
    that has less in it whether it still is what was meant. The facts of the request follow from `record`, or else from a short one
    that is looked for. Raises `Unwritable` where no test does that.
    """
    call = Call.read(policy, request)
    if call is None:
        raise Unwritable("it is no request of an agent")
    decision = decide(policy, request)
    may_have_facts = bool(policy.meters or policy.sources)
    for bare in _candidates(policy, call):
        tidy, told = with_past(policy, bare, call, record) if may_have_facts else (bare, ())
        if not _says_the_same(decision, decide(policy, tidy)) or not (shows is None or shows(tidy)):
            continue
        rules = decision.rules if decision.rules or decision.effect == "deny" else None
        terms = _terms(decision, None if against is None else decide(against, tidy))
        test = ir.Test("", tidy, decision.effect, rules, _NOWHERE, terms, record=told)
        if against is None or not passes(test, decide(against, tidy)):
            return _written(policy, test, name, home, taken)
    raise Unwritable("with what a test can say, it shows something else")


def renamed(suggested: Suggested, taken: Collection[str]) -> Suggested:
    """The same test, with a name that is not taken."""
    name = suggested.test.name
    free = _free(name, taken)
    head, new = (f"test {string_text(each)}" for each in (name, free))
    text = new + suggested.text.removeprefix(head)
    return replace(suggested, text=text, test=replace(suggested.test, name=free))


def pages(suggested: Iterable[Suggested]) -> dict[str, str]:
    """Write tests as a file for each package."""
    by_package: dict[str, list[Suggested]] = {}
    for each in suggested:
        by_package.setdefault(each.package, []).append(each)
    return {package: _page(package, tests) for package, tests in sorted(by_package.items())}


def _page(package: str, tests: list[Suggested]) -> str:
    uses = sorted({use for each in tests for use in each.uses})
    head = ["language 2", f"package {package}", "", *(f"use {use}" for use in uses)]
    return format_source(Source("", "\n".join([*head, *(each.text for each in tests)])))


# --- What it says ---------------------------------------------------------------------------------


def _candidates(policy: ir.Policy, call: Call) -> Iterator[dict[str, Any]]:
    """Requests of which the first has the least in it."""
    matching, about = rules_about(policy, call)
    problem: Unwritable | None = None
    for reads in (Reads.by(matching), Reads.by(about), None):
        try:
            yield tidied(policy, call, reads)
        except Unwritable as error:
            problem = problem or error
    if problem is not None:
        raise problem


def _says_the_same(one: Decision, other: Decision) -> bool:
    return (one.effect, one.rules, terms_of(one)) == (other.effect, other.rules, terms_of(other))


def _terms(decision: Decision, other: Decision | None) -> ir.Terms | None:
    """What goes with the effect, and of what there is none only what the other decision has."""
    said = terms_of(decision)
    instead = ir.Terms() if other is None else terms_of(other)
    has_credential = said.credential != "none" or instead.credential not in (None, "none")
    has_obligations = said.obligations != () or instead.obligations not in (None, ())
    alike = other is not None and (decision.effect, decision.rules) == (other.effect, other.rules)
    found = ir.Terms(
        said.credential if has_credential else None,
        said.obligations if has_obligations else None,
        said.asking,
        said.reasons if alike and said.reasons != instead.reasons else None,
        said.owner if alike and said.owner != instead.owner else None,
    )
    return None if found == ir.Terms() else found


# --- How it is written ----------------------------------------------------------------------------


def _written(
    policy: ir.Policy,
    test: ir.Test,
    name: str | None,
    home: str | None,
    taken: Collection[str],
) -> Suggested:
    try:
        package = home or _home(policy, test)
        subject = _subject(policy, test.request["subject"]["id"], package)
        rules = None if test.rules is None else [_short(policy, e, package) for e in test.rules]
        title = _free(_short_title(name or _title(test, subject, rules, package)), taken)
        lines = [
            f"test {string_text(title)} {{",
            *request_clauses(policy, test.request, package, subject, test.record),
            f"expect {expectation_text(test.effect, rules, test.terms)}",
            "}",
        ]
        head = f"package {package}\n\n"
        text = format_source(Source("", head + "\n".join(lines))).removeprefix(head)
    except UnformattableError as error:
        raise Unwritable(error.diagnostics[0].message) from None
    except ValueError as error:
        raise Unwritable(str(error)) from None
    made = replace(test, name=title)
    return Suggested(package, _uses(policy, test.request, text, package), text, made)


def _home(policy: ir.Policy, test: ir.Test) -> str:
    """The package whose test it is, if it is about no rule: that of one that decides, else of the resource."""
    if test.rules:
        return home_of(policy, test.rules[0])
    return str(test.request["resource"]["type"]).rpartition(".")[0]


def _uses(policy: ir.Policy, request: dict[str, Any], text: str, package: str) -> tuple[str, ...]:
    """The other packages that declare what the test names; a field of the context may be of any."""
    others = (each.name for each in policy.packages if each.name != package)
    has_fields = not {"time", "task", "approvals", "step_up", *FACTS}.issuperset(request["context"])
    return tuple(sorted(each for each in others if has_fields or f"{each}." in text))


def _subject(policy: ir.Policy, id: str, package: str) -> str:
    """The agent's name, or its identity where none is declared."""
    names = [each.name for each in policy.agents if each.id == id]
    if names:
        return name_text(names[0], package)
    problem = spiffe_problem(id, pattern=False)
    if problem is not None:
        raise Unwritable(f"its agent has no SPIFFE ID: {problem}")
    return string_text(id)


def _short(policy: ir.Policy, id: str, package: str) -> str:
    """The shortest way to name a rule that names no other, as the language looks it up."""
    ids = [each.id for each in policy.rules]
    last, without = id.rpartition(".")[2], id.removeprefix(f"{package}.")
    for text in (last, without):
        whole = [each for each in ids if each in (text, f"{package}.{text}")]
        found = whole or [each for each in ids if each.endswith(f".{text}")]
        if found == [id] and "+" not in id:
            return text
    return id


def _title(test: ir.Test, subject: str, rules: list[str] | None, package: str) -> str:
    """Say what it shows: who decides what, of whom."""
    call = (
        f"{name_text(test.request['resource']['type'], package)}.{test.request['action']['name']}"
    )
    agent, by = subject.strip('"'), " and ".join(rules or ())
    s = "s" if len(rules or ()) == 1 else ""
    match test.effect:
        case "permit":
            return f"{by} permit{s} {agent} {call}"
        case "challenge":
            return f"{by} ask{s} more of {agent} for {call}"
        case "deny" if rules:
            return f"{by} den{'ies' if s else 'y'} {agent} {call}"
        case _:
            return f"nothing permits {agent} {call}"


def _short_title(name: str) -> str:
    """A name of a bearable length."""
    return name if len(name) <= MOST_IN_A_NAME else f"{name[: MOST_IN_A_NAME - 1].rstrip()}…"


def _free(name: str, taken: Collection[str]) -> str:
    """The name, with a number where it is taken."""
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name} ({number})"
    return free
