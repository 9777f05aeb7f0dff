"""Evidence for requests: approvals and step-ups that just count, or just fail to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from agpc.compiler.ir import nodes as ir
from agpc.runtime.time_text import format_time
from agpc.runtime.values import NANOSECONDS, read_time

from .values import BOOLEANS, Draw, chance, pick


def draw_evidence(
    draw: Draw, requirements: Iterable[ir.Requirement], request: dict[str, Any], capability: str
) -> None:
    """Put evidence for requirements into a request whose other parts are whole."""
    context = request["context"]
    for wanted in requirements:
        if isinstance(wanted, ir.StepUp):
            proof = {"method": wanted.method, "at": moment(draw, context, wanted.within)}
            context.setdefault("step_up", []).append(proof)
            continue
        if isinstance(wanted, ir.Confirmation):
            person = (context.get("user") or {}).get("id")
            context.setdefault("approvals", []).append(
                yes(draw, request, capability, person, [], wanted.within, True)
            )
            continue
        everybody = pick(
            draw, (PEOPLE, PEOPLE[1:], PEOPLE[2:])
        )  # one may do for two, or each for one
        people = everybody[: wanted.count]
        for number, person in enumerate(people):
            who = wanted.by[number % len(wanted.by)]
            by_identity = not who.startswith("role:") and number == 0
            by = who if by_identity else person
            roles = [] if by_identity else ["role:other", who, *EVERY_ROLE[: pick(draw, (0, 0, 9))]]
            is_exact = not wanted.per_task or draw(BOOLEANS)
            context.setdefault("approvals", []).append(
                yes(draw, request, capability, by, roles, wanted.within, is_exact)
            )


PEOPLE = ("user:p1", "user:p2", "user:\U0001f600", "user:\uff5a", "spiffe://t.example/reviewer")
EVERY_ROLE = ("role:controller", "role:ciso")


def yes(
    draw: Draw,
    request: dict[str, Any],
    capability: str,
    by: object,
    roles: list[str],
    within: int | None,
    is_exact: bool,
) -> dict[str, Any]:
    """What somebody said yes to: the call, or what there is of it in its task."""
    context = request["context"]
    made = {
        "by": by,
        "roles": roles,
        "at": moment(draw, context, within),
        "task": context["task"].get("id"),
        "capability": capability,
    }
    if is_exact:
        made |= {"resource": request["resource"]["id"], "args": request["action"]["properties"]}
    if chance(draw, 20):
        made["id"] = pick(draw, ("e-1", "e-2", "e-2", None, ""))
    if chance(draw, 12):
        spoil(draw, made, request)
    return made


def moment(draw: Draw, context: dict[str, Any], within: int | None) -> str:
    """A time of evidence: now, the oldest that counts, and sometimes a nanosecond beyond."""
    now = read_time(context.get("time"))
    if now is None:
        return "2026-11-24T09:59:00Z"
    age = (within or 60) * NANOSECONDS
    found = now - pick(draw, (0, age)) if chance(draw, 88) else now + pick(draw, (1, -age - 1))
    return format_time(min(max(found, -(2**63)), 2**63 - 1))


def spoil(draw: Draw, made: dict[str, Any], request: dict[str, Any]) -> None:
    """Change one thing so that an approval does not count, or only just does."""
    field, value = pick(
        draw,
        (
            ("by", request["subject"]["id"]),
            ("by", (request["context"].get("user") or {"id": "user:joe"}).get("id")),
            ("by", made["roles"][-1] if made["roles"] else "user:zoe"),
            ("roles", None),
            ("roles", [1]),
            ("roles", "role:controller"),
            ("task", "t-0"),
            ("task", None),
            ("capability", "p.ledger.other"),
            ("resource", "another"),
            ("args", {"another": 1}),
            ("args", None),
            ("at", "yesterday"),
            ("at", None),
        ),
    )
    made[field] = value
