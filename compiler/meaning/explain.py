"""Why a request is decided as it is: for every rule that came near, what failed and what it saw.

The reference interpreter decides; this only asks it about the parts.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Literal

from ...runtime.decision import Decision
from ...runtime.values import is_text
from ..ir import nodes as ir
from ..ir.printing.conditions import requirement_text, window_text
from ..ir.roots import required
from ..ir.walk import NOW
from ..structs import Struct, changed
from . import interpreter
from .chain import flaw_of_chain, of_each
from .conditions import truth
from .evidence import asked_by, describe, is_there
from .evidence_seen import evidence_seen
from .observed import (
    clock_in,
    instead,
    nearest,
    seen,
    shown,
)
from .reasons import BlamedPart, blamed
from .request import TASK_STATE, Call, as_object, strangers
from .starts import first_start, flaw_of_start

NAMING = ("to", "for")
"""The clauses that say whom and what for a rule is about."""
STRANGERS = "arguments"
"""The clause that every allow has without saying so."""
MOST_STRANGERS = 5
TOO_FEW = "it is there, and the people are too few for all that is asked: each counts once"
INTENT = ("context", "task", "intent")


class Finding(Struct):
    """One clause, or a part of it, that decided a rule's fate, as the language writes it.

    `seen` is what it saw; of a condition `part` says the same as data.
    """

    clause: str
    text: str
    seen: tuple[str, ...]
    part: BlamedPart | None = None

    @classmethod
    def of(cls, clause: str, part: BlamedPart) -> Finding:
        """Say it of a part of a condition."""
        return cls(clause, part.text, part.seen, part)


class RuleReport(Struct):
    """What became of one rule that came near.

    For an allow that does not apply, or waits, and a forbid that does not apply, `findings` say
    why; for a forbid that applies, they say what keeps it from not applying.
    """

    rule: ir.Rule
    state: Literal["applies", "waits", "does not apply"]
    findings: tuple[Finding, ...]

    @property
    def effect(self) -> Literal["allow", "forbid"]:
        """Which kind of rule it is."""
        return "allow" if isinstance(self.rule, ir.Allow) else "forbid"


class Explanation(Struct):
    """A decision, what is odd about the request itself, and the rules that came near.

    The rules are in order of interest: those that decided, then those that name the agent and the
    task's intent, then those that lacked least.
    """

    decision: Decision
    notes: tuple[str, ...]
    reports: tuple[RuleReport, ...]
    links: tuple[tuple[str, Explanation], ...] = ()
    """Of a call for others, each agent of the chain, nearest first, and what is said of it alone."""


def explain(policy: ir.Policy, request: object) -> Explanation:
    """Decide a request, and say why."""
    decision = interpreter.decide(policy, request)
    call = Call.read(policy, request)
    if call is None:
        return Explanation(decision, tuple(shape_problems(request)), ())
    flaw = flaw_of_chain(policy, call.request)
    if flaw is not None:
        notes = (f"`context.delegation` opens nothing: {flaw}", *oddities(policy, call))
        return Explanation(decision, notes, ())
    caller, *others = (Call(policy, each) for each in of_each(call.request))
    links = tuple(
        (each.agent, explain_one(each, interpreter.answer_to_one(each))) for each in others
    )
    return changed(explain_one(caller, decision), links=links)


def explain_one(call: Call, decision: Decision) -> Explanation:
    """Say why a call is decided so for its agent."""
    policy = call.policy
    reports = [
        waiting_for_people(report, call, decision)
        for rule in policy.rules
        if (report := report_on(rule, call)) is not None
    ]
    reports += [report for report in (report_on_start(call),) if report is not None]
    order = {"applies": 0, "waits": 1, "does not apply": 2}
    reports.sort(
        key=lambda each: (
            order[each.state],
            sum(finding.clause in NAMING for finding in each.findings),
            len(each.findings),
            each.rule.id,
        )
    )
    return Explanation(decision, tuple(oddities(policy, call)), tuple(reports))


def shape_problems(request: object) -> Iterator[str]:
    """What AuthZEN asks of a request (section 5, information model) and this one lacks."""
    if type(request) is not dict:
        yield "the request is not a JSON object"
        return
    for part, names in required():
        holder = request.get(part)
        if type(holder) is not dict:
            lack = "missing" if holder is None else "not an object"
            yield f"`{part}` is {lack}{instead((part,), request) or ''}"
            continue
        for name in names:
            if not is_text(holder.get(name)):
                lack = "missing" if holder.get(name) is None else "not a string"
                yield f"`{part}.{name}` is {lack}{instead((part, name), request) or ''}"
        if type(holder.get("properties", {})) is not dict:
            yield f"`{part}.properties` is not an object"
    if type(request.get("context", {})) is not dict:
        yield "`context` is not an object"
    subject = request.get("subject")
    if type(subject) is dict and is_text(subject.get("type")) and subject["type"] != "agent":
        yield f"`subject.type` is {shown(subject['type'])}, and only an `agent` is allowed anything"


def oddities(policy: ir.Policy, call: Call) -> Iterator[str]:
    """What no rule can match, because nothing declares it."""
    yield from shape_problems(call.request)
    if call.capability is None:
        yield undeclared(policy, call)
    if not interpreter.agent_matches(policy, ir.DECLARED, call.agent):
        near = nearest(call.agent, (each.id for each in policy.agents))
        yield f"no agent or family has the identity {shown(call.agent)}{near}"
    task = as_object(call.request.get("context")).get("task")
    if call.intent is None and type(task) is dict and task.get("intent") is not None:
        yield f"`context.task.intent` is {shown(task['intent'])}, which is not a string"
    elif call.intent is None and first_start(call) is not None:
        pass  # a first start is in no task
    elif call.intent is None:
        near = instead(INTENT, call.request) or ""
        yield f"the request declares no intent (`context.task.intent`){near}"
    elif call.intent not in {each.name for each in policy.intents}:
        near = nearest(call.intent, (each.name for each in policy.intents))
        yield f"no intent {shown(call.intent)} is declared{near}"


def undeclared(policy: ir.Policy, call: Call) -> str:
    """Say what of `resource.type` and `action.name` nothing declares."""
    action = call.request["action"]["name"]
    resource = next((each for each in policy.resources if each.name == call.resource_type), None)
    if resource is None:
        near = nearest(call.resource_type, (each.name for each in policy.resources))
        return f"no `resource.type` {shown(call.resource_type)} is declared{near}"
    near = nearest(action, (each.name for each in resource.actions))
    return f"no action {shown(action)} of {shown(call.resource_type)} is declared{near}"


def report_on_start(call: Call) -> RuleReport | None:
    """Say of a call that may be meant as a first start what became of the rule that nobody writes."""
    rule = call.policy.starts.get(call.capability or "")
    if rule is None or call.intent is not None:
        return None
    findings: list[Finding] = []
    if not interpreter.agent_matches(call.policy, rule.agents, call.agent):
        findings.append(
            Finding("to", "an agent that a grant for the intent names", (shown(call.agent),))
        )
    flaw = flaw_of_start(call)
    if flaw is not None:
        findings.append(Finding("starter", "a first start", (flaw,)))
    findings += [each for each in why_not_allowed(rule, call) if each.clause != "task"]
    return RuleReport(rule, "does not apply" if findings else "applies", tuple(findings))


def report_on(rule: ir.Rule, call: Call) -> RuleReport | None:
    """Say what became of a rule, if it came near: it names the capability, and someone or some end."""
    if call.capability not in call.policy.expand(rule.capabilities):
        return None
    unmatched = tuple(mismatches(rule, call))
    if isinstance(rule, ir.Forbid):
        if unmatched:
            return None
        if interpreter.forbid_applies(rule, call):
            return RuleReport(rule, "applies", tuple(why_forbidden(rule, call)))
        return RuleReport(rule, "does not apply", tuple(why_spared(rule, call)))
    if len(unmatched) == 2:
        return None
    if not interpreter.allow_applies(rule, call):
        return RuleReport(rule, "does not apply", (*unmatched, *why_not_allowed(rule, call)))
    waiting = tuple(
        Finding("require", requirement_text(each), tuple(evidence_seen(each, call)))
        for each in interpreter.missing(rule, call)
    )
    return RuleReport(rule, "waits" if waiting else "applies", waiting)


def waiting_for_people(report: RuleReport, call: Call, decision: Decision) -> RuleReport:
    """The same of a rule whose evidence is there, where the people are too few for all rules together."""
    rule = report.rule
    if rule.id not in decision.rules:
        return report
    asked = decision.requirements
    lacking = [each[2] for each in asked_by([rule]) if describe(each) in asked]
    if isinstance(rule, ir.Forbid):
        is_shown, clause = interpreter.is_lifted(rule, call), "unless"
    else:
        is_shown, clause = report.state == "applies", "require"
    if not is_shown or not lacking:
        return report
    findings = [Finding(clause, requirement_text(each), (TOO_FEW,)) for each in lacking]
    return RuleReport(rule, "applies" if clause == "unless" else "waits", tuple(findings))


def mismatches(rule: ir.Rule, call: Call) -> Iterator[Finding]:
    """Which of agent and intent the rule does not name."""
    if not interpreter.agent_matches(call.policy, rule.agents, call.agent):
        to = "any agent" if isinstance(rule.agents, ir.Unnamed) else ", ".join(rule.agents)
        yield Finding("to", to, (f"the agent is {shown(call.agent)}",))
    if not interpreter.intent_matches(call.policy, rule.intents, call.intent):
        for_ = "any intent" if isinstance(rule.intents, ir.Unnamed) else ", ".join(rule.intents)
        seen = "declared no intent" if call.intent is None else f"is for {shown(call.intent)}"
        yield Finding("for", for_, (f"the task {seen}",))


def why_not_allowed(rule: ir.Allow, call: Call) -> Iterator[Finding]:
    """The clauses of an allow that do not hold."""
    slipped_in = list(islice(strangers(call), MOST_STRANGERS))
    if slipped_in:
        seen_ = (shown(".".join(path)) if path else "`action.properties`" for path in slipped_in)
        what = ", ".join(dict.fromkeys(seen_))
        yield Finding(STRANGERS, "no argument that nobody declared", (f"the call has {what}",))
    state = call.read_attribute(TASK_STATE)
    if state != "active":
        yield Finding("task", "task.state == active", (seen(TASK_STATE, call),))
    if rule.condition is not None:
        yield from parts("when", rule.condition, call, True)
    for condition in rule.revoke:
        yield from parts("revoke when", condition, call, False)
    if rule.validity is not None and not interpreter.is_valid(rule.validity, call.now):
        edges = (("from", rule.validity.start), ("until", rule.validity.end))
        text = " ".join(f"{word} {edge}" for word, edge in edges if edge is not None)
        yield Finding("valid", text, (seen(NOW, call),))
    if rule.window is not None and not interpreter.in_window(rule.window, call.now):
        yield Finding("during", window_text(rule.window), (clock_in(rule.window.zone, call),))


def why_forbidden(rule: ir.Forbid, call: Call) -> Iterator[Finding]:
    """What keeps a forbid that applies from not applying."""
    if rule.condition is not None:
        yield from parts("when", rule.condition, call, False)
    if rule.window is not None:
        yield Finding("during", window_text(rule.window), (clock_in(rule.window.zone, call),))
    if rule.unless is not None:
        yield from parts("unless", rule.unless, call, True)
    for each in rule.unless_evidence:
        if not is_there(each, call):
            yield Finding("unless", requirement_text(each), tuple(evidence_seen(each, call)))


def why_spared(rule: ir.Forbid, call: Call) -> Iterator[Finding]:
    """What keeps a forbid that matches from applying."""
    if rule.condition is not None and truth(rule.condition, call) is False:
        yield from parts("when", rule.condition, call, True)
    elif rule.window is not None and interpreter.in_window(rule.window, call.now) is False:
        yield Finding("during", window_text(rule.window), (clock_in(rule.window.zone, call),))
    elif rule.unless is not None:
        yield from parts("unless", rule.unless, call, False)
    else:
        for each in rule.unless_evidence:
            yield Finding("unless", requirement_text(each), ("the evidence is there",))


def parts(clause: str, condition: ir.Condition, call: Call, wanted: bool) -> Iterator[Finding]:
    """The parts that keep a condition from being what is wanted, each as a finding."""
    for part in blamed(condition, call, wanted):
        yield Finding.of(clause, part)
