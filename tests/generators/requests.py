"""Requests about a policy: aimed at a rule, aimed and then broken, or at nothing in particular."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from agpc.compiler.ir import nodes as ir
from agpc.compiler.ir.spiffe import spiffe_matches
from agpc.runtime.values import read_time
from agpc.runtime.windows import Window

from .aims import MISSING, Aim, Where
from .chains import draw_chain
from .edits import Path, at, places, with_value, without_field
from .evidence import draw_evidence
from .requested_facts import draw_given, draw_recorded
from .starts import make_first
from .texts import BROKEN, hostile_text
from .values import TIMES, Draw, chance, integers, json_value, pick
from .vocabularies import AGENT_IDS

DAYTIMES = (
    "2026-11-24T10:00:00Z",  # a Tuesday, inside most windows and at the edge of one
    "2026-11-24T10:00:59.999999999Z",
    "2026-11-24T10:01:00Z",
    "2026-11-24T10:59:59Z",
    "2026-11-28T22:30:00Z",  # a Saturday, at half past eleven in Berlin
    "2026-11-29T04:59:59Z",
    "2026-11-29T05:00:00Z",
    "2026-11-30T17:59:59Z",
    "2026-03-29T01:00:00Z",
    "2026-10-25T01:30:00Z",
    "2027-06-30T23:59:59Z",
    *TIMES,
)
AGENTS = (
    *AGENT_IDS,
    "spiffe://t.example/ns/a/sa/z",
    "spiffe://t.example/ns/a/sa/",
    "spiffe://T.example/x",
)

STRANGERS = (("bcc",), ("bcc",), ("",), ("__proto__",), ("a", "bcc"), ("b", "bcc"))
"""Arguments, and fields in records of them, that hardly anybody declares."""

DEEP: Any = 1
for _ in range(200):
    DEEP = [{"a": DEEP}]

HOSTILE: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 400.5, 400.0, 500.0, "", "0", "1", [], {}, [None], [[]], [1, "a"],
    [True], {"a": None}, {"": ""}, 2**53, 2**53 + 1, -(2**53), 10**400, 1e308, -0.0, 5e-324,
    "2026-11-24T10:00:00z", "2026-11-24 10:00:00Z", "2026-11-24T10:00:60Z", "2026-02-29T00:00:00Z",
    "2026-11-24T24:00:00Z", "2026-11-24T10:00:00.0000000000Z", "2026-11-24T10:00:00+24:00",
    "1677-09-21T00:12:43.145224191Z", "2262-04-11T23:47:16.854775808Z", "0000-01-01T00:00:00Z",
    "2026-11-24T10:00:00", "2026-11-24", "1h30", "90", "30m1h", "-1m", "1.5h", "36501d", "٣m",
    "10.0.0.1/32", "010.0.0.1", "10.0.0", "::ffff:10.0.0.1", "::ffff:a00:1", "fe80::1%eth0", "0x0a000001",
    "١٠.0.0.1", "/a/../b", "/a//b", "/a/", "/a/./b", "a/b", "//", "EUR ", "eur", "low", "active",
    "2026-02-29", "0000-01-01", "acme.example.", "Acme.example", "acme.0x7f", "ann@acme.example@evil.test",
    "Ann <ann@acme.example>", "ann@[10.0.0.1]", "https://acme.example\\@evil.test/", "https://acme.example@evil.test/",
    "https://0x7f.1/", "https://[::ffff:10.0.0.1]/", "https://acme.example:0443/", "https:acme.example",
    "https://acme.example/a/..%2fb", "https://acme.example/%2e", "HTTPS://acme.example/", "https://acme.example?a",
    "agent", "Agent", "\x00", "a" * 3000, DEEP, [0] * 300,
)  # fmt: skip
NOT_JSON: tuple[Any, ...] = (
    float("nan"), float("inf"), float("-inf"), (), ("a",), {1: 2}, b"a", object(), 1j, {"a"},
)  # fmt: skip


def requests(
    policy: ir.Policy,
    *,
    json_only: bool = True,
    surrogates: bool = False,
    recorded: bool = False,
) -> st.SearchStrategy[Any]:
    """Requests of every kind; about half are aimed and whole.

    `json_only=False` adds what only a caller in the same process can pass (NaN, tuples, objects);
    `surrogates` adds text with unpaired surrogates, which some JSON readers refuse. Where requests are `recorded`
    their facts are those of a record, which is all that a monitor gives; else they may be any.
    """
    if recorded and (policy.meters or policy.sources):
        return recorded_requests(policy)
    return st.one_of(
        aimed_requests(policy),
        aimed_requests(policy),
        broken_requests(policy, json_only=json_only, surrogates=surrogates),
        random_requests(policy),
    )


@st.composite
def recorded_requests(draw: st.DrawFn, policy: ir.Policy) -> Any:
    """A request, one in four of which is broken, with the facts of a record."""

    def bare() -> dict[str, Any]:
        return draw_aimed(draw, policy, is_of_record=True)

    request = bare()
    if chance(draw, 25):
        request = draw_broken(draw, request, [*HOSTILE, BROKEN[2], BROKEN[3]])
    return draw_recorded(draw, policy, request, bare)


@st.composite
def aimed_requests(draw: st.DrawFn, policy: ir.Policy) -> dict[str, Any]:
    """A whole request at the edge of one rule, which most often applies."""
    return draw_aimed(draw, policy)


@st.composite
def random_requests(draw: st.DrawFn, policy: ir.Policy) -> dict[str, Any]:
    """A whole request about nothing in particular."""
    names = [(each.name, action.name) for each in policy.resources for action in each.actions]
    resource, action = pick(draw, [*names, ("p.unknown", "read"), (names[0][0], "unknown")])
    intents = [each.name for each in policy.intents]
    aim = Aim(draw, policy, pick(draw, DAYTIMES))
    return build(
        draw, policy, aim, pick(draw, AGENTS), pick(draw, [*intents, "p.unknown"]), resource, action
    )


@st.composite
def broken_requests(
    draw: st.DrawFn, policy: ir.Policy, *, json_only: bool = True, surrogates: bool = False
) -> Any:
    """An aimed request in which one to three places are gone, null, malformed or absurd."""
    request: Any = draw_aimed(draw, policy)
    hostile = [*HOSTILE, BROKEN[2], BROKEN[3]]
    hostile += BROKEN[:2] if surrogates else ()
    hostile += NOT_JSON if not json_only else ()
    return draw_broken(draw, request, hostile)


def draw_broken(draw: Draw, request: Any, hostile: list[Any]) -> Any:
    """A copy of a request with something wrong at one to three places."""
    for _ in range(pick(draw, (1, 1, 2, 3))):
        # Deep places are many, so that one in the whole list is mostly a leaf.
        found = [path for path in places(request) if len(path) < 8]
        path = pick(draw, found)
        request = broken(draw, request, path, hostile)
    return request


def broken(draw: Draw, request: Any, path: Path, hostile: list[Any]) -> Any:
    """A copy of a request with something wrong at one place."""
    kind = draw(integers(0, 9))
    if kind < 3 and path:
        return without_field(request, path)
    if kind == 3:
        return with_value(request, path, None)
    value = at(request, path)
    if kind == 4 and isinstance(value, list):
        return with_value(request, path, [*value, pick(draw, hostile)])
    if kind == 5 and isinstance(value, list) and value:
        return with_value(request, path, [*value, value[0]])
    if kind == 6 and isinstance(value, dict):
        return with_value(request, path, {**value, draw(hostile_text(1)): pick(draw, hostile)})
    if kind == 7 and isinstance(value, str):
        return with_value(request, path, draw(hostile_text(2)))
    return with_value(request, path, pick(draw, hostile))


# --- Aiming ---------------------------------------------------------------------------------------


def draw_aimed(draw: Draw, policy: ir.Policy, *, is_of_record: bool = False) -> dict[str, Any]:
    """A request that a rule is about, with values at the edge of its conditions; one of a record without facts."""
    rule: ir.Rule = pick(draw, policy.allows)
    if policy.forbids and chance(draw, 25):
        rule = pick(draw, policy.forbids)
    openers = [each for each in policy.starts.values() if each.agents]
    is_first = bool(openers) and chance(draw, 20)
    if is_first:
        rule = pick(draw, openers)
    capability = pick(draw, policy.expand(rule.capabilities))
    resource, _, action = capability.rpartition(".")
    agent = pick(draw, members(policy, rule.agents))
    intent = pick(draw, policy.purposes(ir.ANYONE if is_first else rule.intents))
    aim = Aim(draw, policy, draw_time(draw, rule), is_of_record)
    near = [
        each
        for each in policy.forbids
        if each is not rule
        and capability in policy.expand(each.capabilities)
        and agent in members(policy, each.agents)
        and (each.intents is ir.ANYONE if is_first else intent in policy.purposes(each.intents))
    ]
    evidence: list[ir.Requirement] = []
    for forbid in near:
        if chance(draw, 85):
            avoid(draw, aim, forbid, evidence)
    applies = chance(draw, 88)
    if rule.condition is not None:
        aim.at(rule.condition, applies)
    if isinstance(rule, ir.Allow):
        for condition in rule.revoke:
            aim.at(condition, chance(draw, 8))
        evidence += [each for each in rule.requirements if chance(draw, 50)]
    elif rule.unless is not None:
        aim.at(rule.unless, chance(draw, 40))
    else:
        evidence += [each for each in rule.unless_evidence if chance(draw, 60)]
    request = build(draw, policy, aim, agent, intent, resource, action)
    if capability in policy.starts and (is_first or chance(draw, 15)):
        make_first(draw, request)
        evidence = []  # which names a task, and there is none
    draw_evidence(draw, evidence, request, capability)
    return request


def avoid(draw: Draw, aim: Aim, forbid: ir.Forbid, evidence: list[ir.Requirement]) -> None:
    """Choose values so that a forbid does not apply, if it can be avoided."""
    ways = [
        way
        for way, there in (
            ("when", forbid.condition),
            ("unless", forbid.unless),
            ("evidence", forbid.unless_evidence),
        )
        if there
    ]
    way = pick(draw, ways) if ways else None
    if way == "when" and forbid.condition is not None:
        aim.at(forbid.condition, False)
    elif way == "unless" and forbid.unless is not None:
        aim.at(forbid.unless, True)
    elif way == "evidence":
        evidence += forbid.unless_evidence


def members(policy: ir.Policy, agents: ir.Names) -> list[str]:
    """SPIFFE IDs that agents and families stand for; of a family that leaves everybody out, any."""
    ids, patterns = policy.identify(agents)
    found = [each for each in AGENTS if any(spiffe_matches(pattern, each) for pattern in patterns)]
    return [*ids, *(each for each in found if each not in ids)] or list(AGENTS)


def draw_time(draw: Draw, rule: ir.Rule) -> str:
    """A time at which a rule is valid and in its window, most often."""
    found: list[str] = list(DAYTIMES)
    if isinstance(rule, ir.Allow) and chance(draw, 90):
        edges = (rule.validity.start, rule.validity.end) if rule.validity else ()
        start, end = (read_time(each) for each in edges or (None, None))
        window = None
        if rule.window is not None:
            each = rule.window
            window = Window(each.days, each.start, each.end, each.zone)
        found = [
            text
            for text in (*DAYTIMES, *filter(None, edges))
            if (now := read_time(text)) is not None
            and (start is None or start <= now)
            and (end is None or now < end)
            and (window is None or window.holds(now))
        ] or found
    return pick(draw, found)


def build(
    draw: Draw, policy: ir.Policy, aim: Aim, agent: str, intent: str, resource: str, action: str
) -> dict[str, Any]:
    """Put a request together from what was aimed at, and fill in the rest of what is declared."""
    for root, fields in declared(policy, agent, intent, resource, action).items():
        for field in fields:
            where: Where = (root, (field.name,))
            fixed = any(key[0] == root and key[1][:1] == where[1] for key in aim.values)
            if (fixed and where not in aim.values) or (
                not fixed and (not field.optional or chance(draw, 60)) and chance(draw, 92)
            ):
                # First, so that a value aimed at within a record is put into it afterwards.
                value = json_value(draw, field.type, policy.members_of)
                aim.values = {where: value, **aim.values}
    roots: dict[str, dict[str, Any]] = {
        root: {} for root in ("agent", "args", "resource", "task", "context", "user")
    }
    for (root, path), value in sorted(aim.values.items(), key=lambda item: len(item[0][1])):
        if ir.EACH in path:
            put_in_list(roots[root], path, value)
        elif path:
            put(roots[root], path, value)
    context = roots["context"]
    put(context, ("time",), aim.values["now", ()])
    task = {"id": "t-17", "intent": intent, "state": "active", **roots["task"]}
    if chance(draw, 6):
        task["state"] = pick(draw, ("ended", "drifted"))
    task["intent"] = intent
    context["task"] = task
    if policy.user is not None or roots["user"] or chance(draw, 30):
        context["user"] = {"id": pick(draw, ("user:joe", "user:ann")), **roots["user"]}
    id = roots["resource"].pop("id", pick(draw, ("main", "r-2")))
    roots["agent"].pop("id", None)
    if chance(draw, 4):
        put(roots["args"], pick(draw, STRANGERS), pick(draw, (None, 1, [], {"a": 1})))
    request = {
        "subject": {"type": "agent", "id": agent, "properties": roots["agent"]},
        "action": {"name": called(draw, policy, resource, action), "properties": roots["args"]},
        "resource": {"type": resource, "id": id, "properties": roots["resource"]},
        "context": context,
    }
    if policy.delegations:
        draw_chain(draw, policy, request, members)
    if (policy.meters or policy.sources) and not aim.is_of_record:
        return with_facts(draw, policy, request)
    return request


def with_facts(draw: Draw, policy: ir.Policy, request: dict[str, Any]) -> dict[str, Any]:
    """A request with the facts of a record, or with facts of which those aimed at are as they should be."""
    if chance(draw, 60):
        draw_given(draw, policy, request)
        return request

    def other() -> dict[str, Any]:
        return draw_aimed(draw, policy, is_of_record=True)

    return draw_recorded(draw, policy, request, other)


def called(draw: Draw, policy: ir.Policy, resource: str, action: str) -> str:
    """One of the names that a request may have for an action."""
    names = policy.actions_called.get(resource, {})
    return pick(draw, [name for name, known in names.items() if known == action] or [action])


def put_in_list(holder: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    """Make a list of a size, or one whose records have values; or arguments of some names."""
    if path == (ir.EACH,):
        for name in value if isinstance(value, list) else ():
            if isinstance(name, str):
                holder.setdefault(name, None)
        return
    at = path.index(ir.EACH)
    before: Any = holder
    for step in path[:at]:
        before = before.get(step) if isinstance(before, dict) else None
    elements = before if isinstance(before, list) else []
    if not path[at + 1 :]:
        if type(value) is int and 0 <= value <= 20:
            found = [*elements[:value], *(elements[-1:] or ["x"]) * (value - len(elements))]
            put(holder, path[:at], found)
    elif not isinstance(value, list):
        put(holder, path[:at], value)
    else:
        records = []
        for number, each in enumerate(value):
            for step in reversed(path[at + 1 :]):
                each = [each] if step == ir.EACH else {step: each}
            known = elements[number] if number < len(elements) else None
            records.append({**known, **each} if isinstance(known, dict) else each)
        put(holder, path[:at], records)


def put(holder: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    """Set, or leave out, what stands at a path within objects."""
    for step in path[:-1]:
        inner = holder.get(step)
        if not isinstance(inner, dict):
            inner = holder[step] = {}
        holder = inner
    if value is MISSING:
        holder.pop(path[-1], None)
    else:
        holder[path[-1]] = value


def declared(
    policy: ir.Policy, agent: str, intent: str, resource: str, action: str
) -> dict[str, tuple[ir.Field, ...]]:
    """The fields that each root of a request may carry."""
    holders = {each.name: each.attributes for each in policy.agents}
    holders |= {each.name: each.attributes for each in policy.families}
    attributes: dict[str, ir.Field] = {}
    for name, (ids, patterns) in policy.identities.items():
        if agent in ids or any(spiffe_matches(pattern, agent) for pattern in patterns):
            attributes |= {field.name: field for field in holders[name]}
    kind = next((each for each in policy.resources if each.name == resource), None)
    call = next((each for each in kind.actions if each.name == action), None) if kind else None
    purpose = next((each for each in policy.intents if each.name == intent), None)
    return {
        "agent": tuple(attributes.values()),
        "args": call.parameters if call else (),
        "resource": kind.attributes if kind else (),
        "task": purpose.fields if purpose else (),
        "context": policy.context,
        "user": policy.user or (),
    }
