"""The matrix in docs/targets.md is what the tables of the targets say; `UPDATE_DOCS=1` renews it."""

from __future__ import annotations

from collections.abc import Iterable

from agpc.targets.abilities import PARTS, Abilities, Ability, Cannot, Lowers, Says
from agpc.targets.registry import load_target, target_names
from docs.blocks import DOCS
from docs.diagnostic_pages import same

PAGE = DOCS / "targets.md"
BEFORE, BEHIND = "## What each target can say\n\n", "\n### "
EXACT = ("python", "javascript", "rego")  # first, and the IR, which enforces nothing, last


def tables() -> dict[str, Abilities]:
    names = sorted(target_names(), key=lambda name: (name not in EXACT, name == "ir", name))
    return {name: getattr(load_target(name), "abilities") for name in names}  # noqa: B009


def matrix() -> str:
    targets = tables()
    rows = [
        ["", *targets],
        ["---"] * (len(targets) + 1),
        ["for", *(each.audience for each in targets.values())],
        *(
            [title, *(cell(each[part], yes) for each in targets.values())]
            for part, (title, yes) in PARTS.items()
        ),
        ["ledger", *(each.ledger for each in targets.values())],
    ]
    return "".join(row(cells) for cells in rows)


def row(cells: Iterable[str]) -> str:
    return f"|{'|'.join(f' {each} ' if each else ' ' for each in cells)}|\n"


def cell(ability: Ability, yes: str) -> str:
    match ability:
        case Says(but):
            return f"{yes}, but {but}" if but else yes
        case Lowers(to):
            return to
        case Cannot(why):
            return f"no: {why}" if why else "no"


def test_the_matrix_is_what_the_targets_say_of_themselves() -> None:
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEFORE)
    _, _, behind = rest.partition(BEHIND)
    assert same(PAGE, before + BEFORE + matrix() + BEHIND + behind), "run it with UPDATE_DOCS=1"


def test_our_targets_say_of_every_part_what_becomes_of_it() -> None:
    assert {name: set(table.of) for name, table in tables().items()} == {
        name: set(PARTS) for name in target_names()
    }
