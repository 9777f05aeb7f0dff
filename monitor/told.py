"""What happens in a run, as far as its sources need it: each step changes the run, and asks nobody else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..runtime.call import Call, fields_of
from ..runtime.facts import ABSENT, MALFORMED, call_of
from .definitions import Definitions
from .runs import Run
from .sources import Task, TracedCall, fields_in
from .starts import Agreed
from .values import arguments, copied


def began(
    definitions: Definitions,
    run: Run,
    tasks: Mapping[str, Task],
    time: int,
    fields: dict[str, Any],
    agent: str,
    user: str | None,
    parent: str | None,
) -> Task:
    """Give a task that starts in a run; `tasks` are those before. What comes from its fields, a person agreed to, or gave above."""
    id = fields["id"]
    declared = definitions.intents.get(str(fields.get("intent")), ())
    values = fields_in(declared, fields)
    if parent is not None and not any(
        each.starts(id, fields, parent, declared) for each in run.agreed
    ):
        above = tasks.get(parent)
        values.intersection_update(() if above is None else above.values)
    return Task(id, time, agent, user, run, declared, frozenset(values))


def does_write(definitions: Definitions, capability: str, effect: str) -> bool:
    """Whether what a call writes is to be told."""
    return effect == "permit" and definitions.watches_writes and definitions.writes(capability)


def wrote(run: Run, capability: str, request: dict[str, Any], time: int) -> None:
    """Take in what a call writes."""
    run.write(capability.rpartition(".")[0], request["action"].get("properties"), time)


def agreed_to(run: Run, order: int, capability: str, task: str, request: dict[str, Any]) -> None:
    """Take in that a person agreed to the start of a task."""
    fields = copied(fields_of(request["action"].get("properties")))
    run.agree(Agreed(order, capability, task, request["resource"]["id"], fields))


def gave(
    definitions: Definitions,
    run: Run,
    capability: str,
    request: dict[str, Any],
    outcome: str,
    result: Any,
    time: int,
) -> None:
    """Take in what a permitted call gave back; `request` is what `kept` keeps of it."""
    if result is MALFORMED:
        run.lose()
    elif result is not ABSENT and outcome != "withdrawn":
        origins = [
            (definitions.kind_of[each], each)
            for each in definitions.origins_in.get(capability, ())
            if each.kind == "quoted" or outcome == "done"
        ]
        if origins and not run.lost:
            shape = definitions.results.get(capability)
            run.give(result, shape, origins, time, _with_it(request, capability))


def sources_of(
    definitions: Definitions,
    run: Run,
    task: Task | None,
    capability: str,
    request: dict[str, Any],
    now: int,
) -> dict[str, list[str]]:
    """Give what a request says of sources: the names of arguments that rules about the call ask about."""
    needed = definitions.needed(capability)
    if not needed.sources or run.lost or run.latest > now:
        return {}
    given = arguments(needed.parameters, request["action"].get("properties"))
    asked = TracedCall(definitions, run, task, request, given)
    return {source.key: asked.names_from(source, names, now) for source, names in needed.sources}


def kept(request: dict[str, Any]) -> dict[str, Any]:
    """Copy what the condition of an origin reads of a call: its arguments, its resource and its time."""
    now = fields_of(request.get("context")).get("time")
    return {
        **{name: copied(request[name]) for name in ("subject", "action", "resource")},
        "context": {"time": now if type(now) is str else None},
    }


def _with_it(request: dict[str, Any], capability: str) -> Any:
    """Make of a recorded call one that has a record of its result in it."""
    context = fields_of(request.get("context"))

    def made(it: dict[str, Any] | None) -> Call:
        return call_of({**request, "context": {**context, "it": it}}, capability)

    return made
