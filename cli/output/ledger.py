"""The ledger that `agpc compile` prints: how each target enforces each rule, as text or as JSON."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from ...compiler.text.counted import counted

if TYPE_CHECKING:
    from ...targets.emission import Emission, Enforcement, LedgerEntry

FORMATS = ("text", "json")
NARROWEST, WIDEST = 40, 120
"""Columns that text is wrapped to at least and at most; of a pipe it is 80, as Python says."""

_INDENT = " " * 13  # below the rule, after the longest word for how it is enforced


@dataclass(frozen=True)
class Run:
    """What the targets of one run made, in their order, below which directory."""

    emissions: Mapping[str, Emission]
    carriers: frozenset[str]
    """Those of them that carry the policy to other programs, and enforce nothing themselves."""
    out: str

    @cached_property
    def enforcing(self) -> dict[str, list[str]]:
        """The targets that let something through by a rule or deny by it, for each rule."""
        found: dict[str, list[str]] = {}
        for name, emission in self.emissions.items():
            if name not in self.carriers:
                for each in emission.ledger:
                    if each.enforcement != "elsewhere":
                        found.setdefault(each.rule, []).append(name)
        return found


def render(run: Run, format: str) -> str:
    """Write the ledgers of all targets, and what was written where."""
    if format == "json":
        return json.dumps(to_json(run), indent=2)
    columns = min(max(shutil.get_terminal_size().columns, NARROWEST), WIDEST)
    return "\n".join(to_text(run, columns))


def to_json(run: Run) -> dict[str, Any]:
    """The ledgers as JSON data; the entries are those of manifest.json, with where *elsewhere* is."""
    from ...targets.manifest import describe_entry, describe_missing

    return {
        "out": run.out,
        "targets": {
            name: {
                "files": len(emission.files),
                "enforces": name not in run.carriers,
                **({"missing": describe_missing(emission)} if emission.missing else {}),
                "ledger": [
                    {
                        **describe_entry(entry),
                        **(
                            {"enforced_by": run.enforcing.get(entry.rule, [])}
                            if entry.enforcement == "elsewhere"
                            else {}
                        ),
                    }
                    for entry in _sorted(emission)
                ],
            }
            for name, emission in run.emissions.items()
        },
    }


def to_text(run: Run, columns: int) -> Iterator[str]:
    """One paragraph for each target: every rule, what is lost or idle and why, and who else has it."""
    from ...compiler.text.visible import visible

    for name, emission in run.emissions.items():
        counts = Counter(each.enforcement for each in emission.ledger)
        said = ", ".join(f"{counts[word]} {word}" for word in _WORDS if counts[word])
        data = " (carries the policy, and enforces nothing)" if name in run.carriers else ""
        heading = f"{visible(name)}: {said or 'no rules'}{data}"
        yield from wrap(heading, columns, subsequent_indent="  ", break_long_words=False)
        for entry in _sorted(emission):
            yield f"  {entry.enforcement:<9}  {visible(entry.rule)}"
            for line in _why(entry, run):
                yield from wrap(
                    visible(line),
                    columns,
                    initial_indent=_INDENT + "- ",
                    subsequent_indent=_INDENT + "  ",
                    break_long_words=False,
                    break_on_hyphens=False,
                )
        yield ""
    written = sum(len(emission.files) for emission in run.emissions.values())
    yield f"wrote {counted(written, 'file')} and manifest.json to {visible(run.out)}"


_WORDS: tuple[Enforcement, ...] = ("exact", "stricter", "elsewhere")


def _why(entry: LedgerEntry, run: Run) -> Iterator[str]:
    """Why a rule is not exact, what of it has nothing to do here, and who enforces it if not this."""
    yield from entry.reasons
    yield from entry.idle
    if entry.enforcement == "elsewhere":
        others = run.enforcing.get(entry.rule)
        yield f"enforced by {', '.join(others)}" if others else "no target of this run enforces it"


def _sorted(emission: Emission) -> list[LedgerEntry]:
    """The entries in the order of their rules."""
    return sorted(emission.ledger, key=lambda each: each.rule)
