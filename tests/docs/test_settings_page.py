"""docs/settings.md says what settings there are, and its example is read as it says."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from agpc.compiler.analysis.limits import Limits
from agpc.compiler.check.project.settings import Settings
from agpc.compiler.check.project.settings_file import LIMITS, SET, SETTINGS, read_settings
from agpc.compiler.check.review.review import review
from agpc.compiler.ir.printing.conditions import duration_text
from agpc.compiler.report.source import Source
from docs.blocks import DOCS, blocks, tables, whole

PAGE = DOCS / "settings.md"


def names(first_column: str) -> list[str]:
    return [cells[0].strip("`") for _, cells in tables(PAGE, first_column)]


def test_every_setting_and_every_limit_has_a_row() -> None:
    assert set(names("setting")) == set(SETTINGS)
    assert set(names("limit")) == set(LIMITS)
    assert set(names("key")) == set(SET)


def test_the_defaults_of_the_limits_are_those_of_the_page() -> None:
    rows = {cells[0].strip("`"): cells[2] for _, cells in tables(PAGE, "limit")}
    assert rows["max-ttl"] == f'`"{duration_text(Limits().max_ttl)}"`'
    assert rows["outward"] == ", ".join(f"`{each}`" for each in Limits().outward)


def test_the_example_is_read(tmp_path: Path) -> None:
    example, catalogue, declared = [each for each in blocks(PAGE) if each.language == "toml"]
    (tmp_path / "controls").mkdir()
    (tmp_path / "controls" / "acme.toml").write_text(catalogue.text, encoding="utf-8")
    path = tmp_path / "agpc.toml"
    read = []
    for block in (example, declared):
        path.write_text(block.text, encoding="utf-8")
        read.append(read_settings(path))
    settings, sets = read
    default = Settings()
    for each in fields(Settings):
        said = [getattr(one, each.name) for one in read]
        assert any(value != getattr(default, each.name) for value in said), each.name
    assert [each.name for each in sets.set] == ["finance", "support"]
    assert settings.limits.max_ttl == 3600
    assert {"acme:A2", "acme:GOV-2"} <= set(settings.controls.titles)
    assert not settings.looks_for("AGP4102") and settings.looks_for("AGP4502")


def test_the_silences_of_the_page_silence_what_they_name() -> None:
    (block,) = [each for each in blocks(PAGE) if each.language == "agp"]
    found = review([Source("example.agp", whole(block))], Settings(ignore=("AGP2", "AGP3")))
    shown = {each.code for each in found.diagnostics}
    assert found.silenced == 2
    assert not shown & {"AGP4104", "AGP4301", "AGP6001", "AGP6002", "AGP6003", "AGP6004"}
