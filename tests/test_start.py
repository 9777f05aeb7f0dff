"""What a start does without: each of these was a good part of the time that it took."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("layer", ["compiler", "targets", "cli"])
def test_classes_with_slots_are_records(layer: str) -> None:
    """The standard `dataclass` compiles up to six functions for each class."""
    slow = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / layer).rglob("*.py"))
        if "templates" not in path.parts
        and re.search(
            r"^ *@dataclass\((frozen=True, )?slots=True\)", text := path.read_text(), re.MULTILINE
        )
        and not re.search(r"^from [.\w]*records import .*\bdataclass\b", text, re.MULTILINE)
    ]
    assert slow == []
