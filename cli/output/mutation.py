"""What the tests of a policy notice of its mutants, as text for people and as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, get_args

if TYPE_CHECKING:
    from ...compiler.testing.mutants import Mutant
    from ...compiler.testing.mutation import Mutation, Verdict


def render_text(found: Mutation, time_limit: int) -> str:
    """Render the mutants that no test notices, by rule, each with a call that shows it; then the counts."""
    from ...compiler.text.visible import visible

    lines: list[str] = []
    rule = None
    shown: set[str] = set()
    for verdict in found.verdicts:
        if verdict.fate not in ("survived", "undetermined"):
            continue
        if verdict.mutant.of != rule:
            rule = verdict.mutant.of
            lines += [*([""] if lines else []), visible(rule)]
        lines.append(f"  {visible(verdict.mutant.change)}")
        lines += [f"    {line}".rstrip() for line in _shown(verdict, shown)]
    if found.not_reached:
        lines += [*([""] if lines else []), f"not reached within {time_limit} s (--time-limit):"]
        lines += [visible(f"  {each.of}: {each.change}") for each in found.not_reached]
    if lines:
        lines.append("")
    lines.append(_counts(found))
    return "\n".join(lines) + "\n"


def _shown(verdict: Verdict, shown: set[str]) -> Iterator[str]:
    if verdict.expected is None or verdict.got is None or verdict.test is None:
        yield f"undetermined: {verdict.reason}"
        return
    was, is_ = verdict.expected.effect, verdict.got.effect
    how = f"{is_} instead of {was}" if is_ != was else f"another {was}"
    name = verdict.test.test.name
    if name in shown:
        yield f'no test notices: {how}; the test "{name}" above would'
        return
    shown.add(name)
    yield f"no test notices: {how}; this one would"
    yield from verdict.test.text.splitlines()


def _counts(found: Mutation) -> str:
    total = len(found.verdicts) + len(found.not_reached)
    parts = [f"{found.count('killed')} killed", f"{found.count('survived')} survived"]
    parts += [
        f"{count} {words}"
        for count, words in (
            (found.count("undetermined"), "undetermined"),
            (len(found.not_reached), "not reached"),
            (found.count("equivalent"), "equivalent"),
            (found.count("unseen"), "that no test could see"),
        )
        if count
    ]
    percent = f"killed are {found.percent:.1f} % of those that count"
    return f"{total} mutants: {', '.join(parts)}; {percent if found.counted else 'nothing counts'}"


def render_json(found: Mutation, time_limit: int) -> str:
    """Render each mutant that counts and is determined, the others by their fate, and the counts."""
    from ...compiler.testing.mutation import Fate

    document = {
        "mutants": [
            {
                **_named(each.mutant),
                "killed": each.fate == "killed",
                "by": list(each.by),
                "witness": _witness(each),
            }
            for each in found.verdicts
            if each.fate in ("killed", "survived")
        ],
        "equivalent": [_named(e.mutant) for e in found.verdicts if e.fate == "equivalent"],
        "unseen": [
            {**_named(each.mutant), "reason": each.reason}
            for each in found.verdicts
            if each.fate == "unseen"
        ],
        "undetermined": [
            {**_named(each.mutant), "reason": each.reason}
            for each in found.verdicts
            if each.fate == "undetermined"
        ],
        "not_reached": [_named(each) for each in found.not_reached],
        "summary": {
            **{fate: found.count(fate) for fate in get_args(Fate)},
            "not_reached": len(found.not_reached),
            "counted": found.counted,
            "percent": round(found.percent, 2),
            "time_limit": time_limit,
        },
    }
    return json.dumps(document, indent=2) + "\n"


def _named(mutant: Mutant) -> dict[str, Any]:
    return {"rule": mutant.of, "change": mutant.change}


def _witness(verdict: Verdict) -> dict[str, Any] | None:
    if verdict.expected is None or verdict.got is None or verdict.test is None:
        return None
    return {
        "request": verdict.test.test.request,
        "policy": verdict.expected.to_authzen(),
        "mutant": verdict.got.to_authzen(),
        "test": {
            "name": verdict.test.test.name,
            "package": verdict.test.package,
            "uses": list(verdict.test.uses),
            "text": verdict.test.text,
        },
    }


RENDERERS: dict[str, Callable[[Mutation, int], str]] = {
    "text": render_text,
    "json": render_json,
}
