"""docs/report.md: the picture in it is the one that the command draws, and its fields are those of the data."""

from __future__ import annotations

import dataclasses
import os
import re
from pathlib import Path

from agpc.cli.commands.releasing.report import report
from agpc.cli.report import facts

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "docs" / "report-example.svg"


def test_the_picture_is_the_one_that_is_drawn(tmp_path: Path) -> None:
    drawn = tmp_path / "drawn.svg"
    policies = os.fspath(ROOT / "examples" / "finance")
    report.main(
        [policies, "--format", "svg", "--at", "2026-11-27", "--out", os.fspath(drawn)],
        standalone_mode=False,
    )
    if os.environ.get("UPDATE_DOCS"):
        PICTURE.write_bytes(drawn.read_bytes())
    assert PICTURE.read_bytes() == drawn.read_bytes()


def test_every_field_of_the_data_is_in_the_page() -> None:
    text = (ROOT / "docs" / "report.md").read_text(encoding="utf-8").partition("## The data")[2]
    said = set(re.findall(r"`([a-z0-9_]+)`", text.partition("## OSCAL")[0]))
    kinds = [each for each in vars(facts).values() if dataclasses.is_dataclass(each)]
    assert len(kinds) > 15
    for kind in kinds:
        missing = {each.name for each in dataclasses.fields(kind)} - said
        assert not missing, f"{kind.__name__}: {missing}"
