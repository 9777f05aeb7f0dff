"""The ledger that `agpc compile` prints: how each target enforces each rule, as text or as JSON."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from textwrap import wrap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..targets.emission import Emission, Enforcement, LedgerEntry

FORMATS = ("text", "json")
DATA = frozenset({"ir"})
"""Targets that write a policy down for other programs, and enforce nothing themselves."""

NARROWEST, WIDEST = 40, 120
"""Columns that text is wrapped to at least and at most; of a pipe it is 80, as Python says."""

_INDENT = " " * 13  # below the rule, after the longest word for how it is enforced


def render(emissions: Mapping[str, Emission], out: str, format: str) -> str:
    """Write the ledgers of all targets, and what was written where."""
    if format == "json":
        return json.dumps(to_json(emissions, out), indent=2)
    columns = min(max(shutil.get_terminal_size().columns, NARROWEST), WIDEST)
    return "\n".join(to_text(emissions, out, columns))


def enforced_by(rule: str, emissions: Mapping[str, Emission]) -> list[str]:
    """The targets of this run that let something through by a rule that one of them leaves out."""
    return [
        name
        for name, emission in emissions.items()
        if name not in DATA
        and any(each.rule == rule and each.enforcement != "elsewhere" for each in emission.ledger)
    ]


def to_json(emissions: Mapping[str, Emission], out: str) -> dict[str, Any]:
    """The ledgers as JSON data; the entries are those of manifest.json, with where *elsewhere* is."""
    from ..targets.manifest import describe_entry

    return {
        "out": out,
        "targets": {
            name: {
                "files": len(emission.files),
                "ledger": [
                    {
                        **describe_entry(entry),
                        **(
                            {"enforced_by": enforced_by(entry.rule, emissions)}
                            if entry.enforcement == "elsewhere"
                            else {}
                        ),
                    }
                    for entry in _sorted(emission)
                ],
            }
            for name, emission in emissions.items()
        },
    }


def to_text(emissions: Mapping[str, Emission], out: str, columns: int) -> Iterator[str]:
    """One paragraph for each target: every rule, what is lost and why, and who else has it."""
    from ..compiler.visible import visible

    for name, emission in emissions.items():
        counts = Counter(each.enforcement for each in emission.ledger)
        said = ", ".join(f"{counts[word]} {word}" for word in _WORDS if counts[word])
        yield f"{visible(name)}: {said or 'no rules'}"
        for entry in _sorted(emission):
            yield f"  {entry.enforcement:<9}  {visible(entry.rule)}"
            for line in _why(entry, emissions):
                yield from wrap(
                    visible(line),
                    columns,
                    initial_indent=_INDENT + "- ",
                    subsequent_indent=_INDENT + "  ",
                    break_long_words=False,
                    break_on_hyphens=False,
                )
        yield ""
    written = sum(len(emission.files) for emission in emissions.values())
    yield f"wrote {written} file{'' if written == 1 else 's'} and manifest.json to {visible(out)}"


_WORDS: tuple[Enforcement, ...] = ("exact", "stricter", "elsewhere")


def _why(entry: LedgerEntry, emissions: Mapping[str, Emission]) -> Iterator[str]:
    """Why a rule is not exact, and where it is enforced if not here."""
    yield from entry.reasons
    if entry.enforcement == "elsewhere":
        others = enforced_by(entry.rule, emissions)
        yield f"enforced by {', '.join(others)}" if others else "no target of this run enforces it"


def _sorted(emission: Emission) -> list[LedgerEntry]:
    """The entries in the order of their rules."""
    return sorted(emission.ledger, key=lambda each: each.rule)
