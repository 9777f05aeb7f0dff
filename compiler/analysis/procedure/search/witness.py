"""From the values that a solution gives to a complete AuthZEN request."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any, assert_never

from .....runtime.address_text import write_address
from .....runtime.time_text import format_time
from .....runtime.values import NANOSECONDS, read_time, write_date
from ....ir import nodes as ir
from ....ir.roots import bare_request, location
from ....ir.walk import approvals_of
from ....meaning.evidence import SPIFFE, kind_of
from ....meaning.request import ABSENT, BELOW_ALL, MALFORMED, comparable
from ....structs import changed
from ..cubes.cube import CubeKey, Relation
from ..domains.values import V6_START
from ..solving.solve import Model
from ..solving.value_parts import has_parts, put_together
from .copied import copied
from .evidence import by_one, implies, is_ruled_out

RESOURCE_ID = "r-1"
TASK_ID = "task-1"
USER_ID = "user:requester"


def build(
    policy: ir.Policy,
    capability: str,
    agent: str,
    intent: str | None,
    model: Model,
    relations: Iterable[Relation],
    approved_as: Iterable[str] = (),
) -> dict[str, Any]:
    """Make the request in which each attribute is as the model says, and the evidence is there.

    Approvals name the capability, or what the policies at hand take it for.
    """
    resource, _, action = capability.rpartition(".")
    task: dict[str, Any] = {"id": TASK_ID, "state": "active"}
    if intent is not None:
        task["intent"] = intent
    request = bare_request(agent=("agent", agent), args=(action,), resource=(resource, RESOURCE_ID))
    request["context"] = {"task": task}
    if policy.delegations:
        request["context"]["delegation"] = []  # who acts for others may do nothing more
    several: dict[tuple[str, tuple[str, ...]], list[CubeKey]] = {}
    last = []  # sizes, and the names of the arguments: of lists and arguments that are there
    for key in sorted(model, key=lambda key: (key.path, key.root)):
        if key.root == "agent" and key.path == ("id",):
            continue  # the agent is chosen first, and its identity checked against the model
        if key.path[-1:] == (ir.EACH,):
            last.append(key)
        elif ir.part_of(key.type) is None:
            place(request, key, model[key], policy)
        if not key.aged and ir.EACH not in key.path:
            several.setdefault((key.root, key.path), []).append(key)
    for keys in several.values():
        if any(ir.part_of(key.type) is not None for key in keys):
            place_whole(request, keys, model, policy)
        elif len(keys) > 1:
            place_as_all(request, keys, model, policy)
    for key in last:
        place(request, key, model[key], policy)
    evidence = [
        (what, there is True) for what, there in relations if isinstance(what, ir.Requirement)
    ]
    if evidence:
        for named in tuple(approved_as) or (capability,):
            add_evidence(request, policy, named, evidence)
    return request


def of_another(request: dict[str, Any], agent: str, intent: str | None) -> dict[str, Any]:
    """A witness as the request of another agent, for another intent."""
    found: dict[str, Any] = copied(request)
    found["subject"]["id"] = agent
    found["context"]["task"]["intent"] = intent
    return found


def place(request: dict[str, Any], key: CubeKey, value: Any, policy: ir.Policy) -> None:
    """Put a value where a request carries the attribute; take it out if it is absent."""
    attribute = ir.Attribute(key.root, key.path, key.type, of=key.of)  # type: ignore[arg-type]
    if ir.EACH in key.path:
        from .listed import place_in_list

        place_in_list(request, attribute, value, policy)
        return
    *containers, last = location(attribute)
    holder = request
    for step in containers:
        if value is ABSENT and step not in holder:
            return  # an empty container would say more than none
        inner = holder.setdefault(step, {})
        if not isinstance(inner, dict):
            return
        holder = inner
    if value is ABSENT:
        holder.pop(last, None)
    elif not isinstance(key.type, ir.RecordType) or value is MALFORMED or last not in holder:
        holder[last] = to_json(value, key.type, policy)


def place_as_all(
    request: dict[str, Any], keys: list[CubeKey], model: Model, policy: ir.Policy
) -> None:
    """Put one value where an attribute of several types stands that is malformed by those that it has to be."""
    if all(model[key] is ABSENT for key in keys):
        return
    whole = [key for key in keys if model[key] is not ABSENT and model[key] is not MALFORMED]
    narrow = sorted(whole, key=lambda key: key.type in (ir.STRING, ir.NUMBER, ir.JSON))
    candidates = [to_json(model[key], key.type, policy) for key in narrow]
    for candidate in (*candidates, [], 0, "", {}, True, 0.5, [[]], [0], [{}]):
        if all(
            (comparable(candidate, key.type, policy) is MALFORMED) == (model[key] is MALFORMED)
            for key in keys
        ):
            attribute = ir.Attribute(keys[0].root, keys[0].path, keys[0].type)  # type: ignore[arg-type]
            *containers, last = location(attribute)
            holder: Any = request
            for step in containers:
                holder = holder.get(step) if isinstance(holder, dict) else None
            if isinstance(holder, dict):
                holder[last] = candidate
            return


def place_whole(
    request: dict[str, Any], keys: list[CubeKey], model: Model, policy: ir.Policy
) -> None:
    """Put one value where parts of it are read, and the whole may be, too."""
    odd = next((each for each in keys if model[each] in (ABSENT, MALFORMED)), None)
    type_ = ir.whole_type(keys[0].type)
    if odd is not None:
        place(request, CubeKey(odd.root, odd.path, type_, of=odd.of), model[odd], policy)
        return
    whole = next((key for key in keys if ir.part_of(key.type) is None), None)
    parts = {part: model[key] for key in keys if (part := ir.part_of(key.type)) is not None}
    value: Any
    if isinstance(type_, ir.ListType):
        part, listed = next(iter(parts.items()))
        value = [put_together(type_.of, {part: each}) for each in listed]
        if whole is not None and len(model[whole]) > len(value):
            value = model[whole]
    else:
        value = put_together(type_, parts)
        if whole is not None and has_parts(model[whole], type_, parts):
            value = model[whole]
    place(request, CubeKey(keys[0].root, keys[0].path, type_, of=keys[0].of), value, policy)


def to_json(value: Any, type_: ir.Type, policy: ir.Policy) -> Any:
    """A member of a set of values as a request carries it."""
    if value is MALFORMED:
        return 0 if isinstance(type_, ir.ListType | ir.RecordType) or type_ == ir.STRING else []
    match type_:
        case ir.LevelType(name) | ir.EnumType(name):
            return policy.members_of[name][value]
        case ir.ListType(of):
            return [to_json(each, of, policy) for each in value]
        case ir.RecordType(fields):
            return {each.name: sample(each.type, policy) for each in fields if not each.optional}
        case ir.Scalar("bool"):
            return bool(value)
        case ir.Scalar("time"):
            return format_time(int(value))
        case ir.Scalar("date"):
            return write_date(int(value))
        case ir.PartOf():
            return put_together(type_.of, {type_.part: value})
        case ir.Scalar("duration"):
            return f"{int(value) // NANOSECONDS}s"
        case ir.Scalar("ip"):
            if value < V6_START:
                return write_address(32, int(value))
            return write_address(128, int(value) - V6_START)
        case ir.Scalar("number"):
            return int(value) if float(value).is_integer() and abs(value) < 2**53 else value
        case ir.Scalar("json"):
            return {}
        case ir.OrNothing(of):
            return {"none": True} if value == BELOW_ALL else to_json(value, of, policy)
        case ir.Scalar():
            pass
        case _:
            assert_never(type_)
    return value


def sample(type_: ir.Type, policy: ir.Policy, turn: int = 0) -> Any:
    """Some well-formed value of a type, or in another turn another one, if there is one."""
    from ..domains.values import body_of

    found = list(islice(body_of(type_, policy).members(), turn + 1))
    return to_json(found[-1], type_, policy)


def add_evidence(
    request: dict[str, Any],
    policy: ir.Policy,
    capability: str,
    evidence: list[tuple[ir.Requirement, bool]],
) -> None:
    """Show what the requirements that are to be met ask for, and no more than that."""
    context = request["context"]
    now = read_time(context.get("time"))
    if now is None:
        return
    confirmed = any(there and kind_of(what) == "confirmation" for what, there in evidence)
    if policy.user is not None or "user" in context or confirmed:
        user = context.setdefault("user", {})
        if isinstance(user, dict):
            user.setdefault("id", USER_ID)
    missing = [what for what, there in evidence if not there]
    people = 0
    rivals = approvals_of(missing)
    same_people = any(each.count > 1 for each in rivals)
    for what, there in sorted(evidence, key=repr):
        if not there:
            continue
        match what:
            case ir.StepUp(method):
                step = {"method": method, "at": earlier(now, same_ages(what, missing))}
                context.setdefault("step_up", []).append(step)
            case ir.Confirmation():
                user = context["user"].get("id") if isinstance(context["user"], dict) else None
                at = earlier(now, same_ages(what, missing))
                add_approval(request, capability, user, [], at)
            case ir.Approval(names, count, _, per_task):
                avoided = {name for each in rivals for name in each.by}
                by = min(
                    names,
                    key=lambda name: (is_ruled_out(by_one(what, name), rivals), name in avoided),
                )
                same = [each for each in rivals if by in each.by and each.count <= count]
                ages = [each.within for each in same if each.per_task or not per_task]
                other_call = per_task and any(not each.per_task for each in same)
                people = 0 if same_people else people
                for _ in range(count):
                    people += 1  # each approval of an answer is by somebody else
                    is_workload = by.startswith(SPIFFE)  # which approves as itself
                    person, roles = (by, []) if is_workload else (f"user:approver-{people}", [by])
                    add_approval(request, capability, person, roles, earlier(now, ages), other_call)
            case _:
                assert_never(what)


def same_ages(met: ir.Requirement, missing: list[ir.Requirement]) -> list[int | None]:
    """How old what is missing may be, of all that evidence which was new would meet as well."""
    return [each.within for each in missing if implies(changed(met, within=0), each)]


def add_approval(
    request: dict[str, Any],
    capability: str,
    by: object,
    roles: list[str],
    at: str,
    other_call: bool = False,
) -> None:
    """Show that somebody said yes to a call, or to another one of the same task."""
    properties = request["action"]["properties"]
    context = request["context"]
    context.setdefault("approvals", []).append(
        {
            "by": by,
            "roles": roles,
            "at": at,
            "task": context["task"].get("id"),
            "capability": capability,
            "resource": request["resource"]["id"],
            "args": {**properties, "other": True} if other_call else properties,
        }
    )


def earlier(now: int, within: list[int | None]) -> str:
    """A time that is too long ago for limits in seconds; now, if there are none."""
    limits = [each for each in within if each is not None]
    return format_time(now - (max(limits) + 1) * NANOSECONDS if limits else now)
