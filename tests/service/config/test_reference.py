"""docs/service/configuration.md is what the models say."""

from __future__ import annotations

import os
import re
from pathlib import Path

from agpc.service.config.read import read_settings
from agpc.service.config.reference import page

PAGE = Path(__file__).parents[3] / "docs" / "service" / "configuration.md"


def test_the_reference_is_that_of_the_models() -> None:
    if os.environ.get("UPDATE_DOCS"):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page()


def test_its_example_is_taken(tmp_path: Path) -> None:
    found = re.search(r"```toml\n(.*?)```", page(), re.DOTALL)
    assert found is not None
    (tmp_path / "service.toml").write_text(found[1])
    assert read_settings(tmp_path / "service.toml", {}).settings.callers[0].name == "gateway"
