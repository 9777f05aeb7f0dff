"""A comparison as a comment of a pull request: the verdict first, then the rules that make the difference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ..text.counted import first_of
from .difference_causes import VERDICTS, AlikeChanges, Cause, causes
from .markdown import block, code, codes, prose, table

if TYPE_CHECKING:
    from ..analysis.diff.difference import Difference, Doubt, Witness

MARKER = "<!-- agpc diff -->"
"""Stands in each comment and is not shown, so that a bot finds the one that it wrote before."""
LIMIT = 65_536
"""What a comment may be long, which services count in characters; here in bytes, which are no fewer."""
SHOWN = 3
"""Of causes, and of the rows of one, that are shown; the rest is folded."""
FOLDED = 100
"""Rows of one cause that are folded; what is more is counted."""
FIRST = 10
"""Sentences that stand above everything; the rest is folded."""
LISTED = 6
"""Names in one cell."""


def page(found: Difference) -> str:
    """The comment: as much as one may be long, by whole entries."""
    head = f"{MARKER}\n### agpc diff: {found.verdict}\n\n{_sentence(VERDICTS[found.verdict])}\n"
    first = [each.text for each in found.also if each.first]
    rest = [each.text for each in found.also if not each.first]
    by_cause = causes(found.changes)
    shown: list[str] = [
        *(f"- :warning: {prose(each)}\n" for each in first[:FIRST]),
        *_folded("to see first", [f"- {prose(each)}\n" for each in first[FIRST:]]),
        *map(_cause, by_cause[:SHOWN]),
        *_folded("by other rules", list(map(_cause, by_cause[SHOWN:]))),
        *_listed("undetermined", [f"- {_doubt(each)}\n" for each in found.undetermined]),
        *([f"\n{found.renamed} renamed, and the same otherwise.\n"] if found.renamed else []),
        *_listed("also changed", [f"- {prose(each)}\n" for each in rest]),
    ]
    return _cut(head, shown)


OPEN, CLOSE = "\n<details><summary>{}</summary>\n\n", "\n</details>\n"


def _folded(title: str, entries: list[str]) -> Iterator[str]:
    """Entries behind those that are shown."""
    return _listed(f"more {title}", entries)


def _listed(title: str, entries: list[str]) -> Iterator[str]:
    """Entries behind a title that says how many they are; the ends are entries by themselves."""
    if entries:
        yield OPEN.format(f"{len(entries)} {title}")
        yield from entries
        yield CLOSE


def _cut(head: str, entries: list[str]) -> str:
    """As many entries as there is room for, and how many are left out."""
    whole = head + "".join(entries)
    if _size(whole) <= LIMIT:
        return whole
    said = "\n> [!CAUTION]\n> **{} entries are left out: the comment would be too long.** `agpc diff` shows them all.\n"
    room = LIMIT - _size(head) - _size(said) - len(str(len(entries))) - _size(CLOSE)
    kept: list[str] = []
    is_folded = False
    left_out = 0
    for each in entries:
        is_end = each == CLOSE
        is_start = each.startswith("\n<details><summary>") and each.endswith("</summary>\n\n")
        if is_end:
            if is_folded:
                kept.append(each)
            is_folded = False
            continue
        if left_out or _size(each) + (len(CLOSE) if is_start else 0) > room:
            left_out += not is_start
            continue
        room -= _size(each) + (len(CLOSE) if is_start else 0)
        is_folded = is_folded or is_start
        kept.append(each)
    return head + said.format(left_out) + "".join(kept)


def _size(text: str) -> int:
    return len(text.encode())


# --- A cause --------------------------------------------------------------------------------------


def _cause(cause: Cause) -> str:
    said = "; ".join(f"{word} {codes(rules)}" for word, rules in cause.parts)
    conditions = {_condition(row) for row in cause.rows}
    by_row = len(conditions) > 1
    lines = [f"\n**{' and '.join(cause.changes)}**: {said}\n\n"]
    lines.append(_table(cause.rows[:SHOWN], by_row))
    folded = cause.rows[SHOWN:][:FOLDED]
    if folded:
        lines += [OPEN.format(f"{len(cause.rows) - SHOWN} more rows"), _table(folded, by_row)]
        if len(cause.rows) > SHOWN + FOLDED:
            lines.append(f"\nand {len(cause.rows) - SHOWN - FOLDED} more rows, left out here\n")
        lines.append(CLOSE)
    if not by_row:
        lines += [f"\n{line}\n" for line in _conditions(cause.rows[0])]
    witnesses = list(cause.witnesses)
    if witnesses:
        many = f"{len(witnesses)} requests that show it"
        lines.append(OPEN.format("a request that shows it" if len(witnesses) == 1 else many))
        lines += map(_witness, witnesses)
        lines.append(CLOSE)
    return "".join(lines)


def _table(rows: Iterable[AlikeChanges], by_row: bool) -> str:
    """Rows of one cause, each with its condition where they have several."""
    columns = ["", "agent", "for", "calls", *(["when"] if by_row else [])]
    lines = table(columns, (_cells(row, by_row) for row in rows))
    return "".join(f"{line}\n" for line in lines)


def _cells(row: AlikeChanges, by_row: bool) -> list[str]:
    change = row.change
    cells = [f"{change.change} ({', '.join(change.what)})", code(row.agent)]
    cells += [_names(row.intents), _names(row.capabilities)]
    return [*cells, "<br>".join(_conditions(row))] if by_row else cells


def _condition(row: AlikeChanges) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return row.change.when, row.change.missing


def _conditions(row: AlikeChanges) -> Iterator[str]:
    """The calls that a row is about, one condition a line."""
    change = row.change
    if change.missing:
        yield f"only where {codes(change.missing)} is missing or malformed"
    for number, each in enumerate(change.when):
        yield f"{'or' if number else 'when'} {code(each)}"


def _names(names: Iterable[str]) -> str:
    return first_of([code(each) for each in names], LISTED)


def _witness(witness: Witness) -> str:
    answers = witness.answers
    said = [f"{answers['base']} → {answers['head']}\n", block(witness.request)]
    if witness.record is not None:
        said += ["\nafter\n", block(list(witness.record))]
    if witness.later is not None:
        said += ["\nand later\n", block(witness.later)]
    elif answers["base"] == answers["head"]:
        for word, decision in (("before", witness.base), ("now", witness.head)):
            context = decision.to_authzen()["context"]
            terms = {
                key: context[key]
                for key in ("requirements", "obligations", "credential")
                if context[key]
            }
            said += [f"\n{word}\n", block(terms)]
    return "".join(said)


def _doubt(doubt: Doubt) -> str:
    where = f"{code(doubt.agent)} for {code(doubt.intent)}: {code(doubt.capability)}"
    return f"{where}: could not tell ({prose(doubt.reason)})"


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
