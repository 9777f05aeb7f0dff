"""Settings: where they are found, what they may say, and how they judge."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from agpc.compiler.analysis.limits import Limits
from agpc.compiler.check.project.settings import Settings
from agpc.compiler.check.project.settings_file import (
    LIMITS,
    SETTINGS,
    SettingsError,
    find_settings,
    read_settings,
    with_selection,
)
from agpc.compiler.report.codes import CODES
from agpc.compiler.report.diagnostics import Diagnostic


def read(directory: Path, text: str, name: str = "agpc.toml") -> Settings:
    path = directory / name
    path.write_text(text, encoding="utf-8")
    return read_settings(path)


def test_an_empty_file_says_what_no_file_says(tmp_path: Path) -> None:
    assert read(tmp_path, "") == Settings()


def test_everything_can_be_said(tmp_path: Path) -> None:
    text = """
fail-on = "warning"
select = ["AGP2102", "AGP45"]
ignore = ["AGP4102"]
[severity]
AGP4101 = "error"
AGP4104 = "info"
[limits]
max-ttl = "1h30m"
read-level = "confidential"
outward = ["mail*"]
"""
    settings = read(tmp_path, text)
    assert settings.fail_on == "warning"
    assert (settings.select, settings.ignore) == (("AGP2102", "AGP45"), ("AGP4102",))
    assert settings.severity == {"AGP4101": "error", "AGP4104": "info"}
    assert settings.limits == Limits(5400, "confidential", ("mail*",))


@pytest.mark.parametrize(("readers", "kind"), [(SETTINGS, Settings), (LIMITS, Limits)])
def test_every_setting_and_every_limit_of_the_analysis_can_be_set(
    readers: dict[str, object], kind: type[Settings | Limits]
) -> None:
    assert [name.replace("-", "_") for name in readers] == [
        each.name for each in dataclasses.fields(kind) if each.name != "file"
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("fail_on = 'error'", "there is no setting `fail_on`"),
        ("fail-on = 'never'", "`fail-on`: input should be 'error', 'warning' or 'info'"),
        ("sellect = []", "there is no setting `sellect`"),
        ("select = 'AGP2'", "`select`: input should be a list"),
        ("select = ['AGP9']", "`select.0`: there is no code `AGP9`, and none that starts so"),
        ("ignore = ['AGP4', 'x']", "`ignore.1`: there is no code `x`, and none that starts so"),
        ("ignore = [4]", "`ignore.0`: input should be a valid string"),
        (
            "ignore = ['AGP3101']",
            "`ignore.0`: `AGP3101` cannot be ignored: it is an error, or undetermined",
        ),
        (
            "ignore = ['AGP2999']",
            "`ignore.0`: `AGP2999` cannot be ignored: it is an error, or undetermined",
        ),
        (
            "severity = { AGP3101 = 'warning' }",
            "`severity`: the severity of `AGP3101` cannot be lowered",
        ),
        (
            "severity = { AGP2999 = 'info' }",
            "`severity`: the severity of `AGP2999` cannot be lowered",
        ),
        ("severity = { AGP4 = 'info' }", "`severity`: there is no code `AGP4`"),
        (
            "severity = { AGP4101 = 'off' }",
            "`severity.AGP4101`: input should be 'error', 'warning' or 'info'",
        ),
        ("limits = { ttl = '1h' }", "there is no setting `limits.ttl`"),
        (
            "limits = { max-ttl = 60 }",
            '`limits.max-ttl`: a duration is written like "15m" or "1h30m"',
        ),
        (
            "limits = { max-ttl = '0s' }",
            '`limits.max-ttl`: a duration is written like "15m" or "1h30m"',
        ),
    ],
)
def test_what_is_wrong_is_told_with_the_file_and_the_key(
    tmp_path: Path, text: str, problem: str
) -> None:
    with pytest.raises(SettingsError) as raised:
        read(tmp_path, text)
    assert str(raised.value) == f"`{tmp_path / 'agpc.toml'}`: {problem}"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"select = [", "is not TOML: "),
        (b"select = []\nselect = []", "is not TOML: "),
        (b"# \xff", "is not UTF-8"),
        (b"x = " + b"[" * 100_000, "is nested too deeply"),
        (b"fail-on = " + b"9" * 5_000, "has a number that is too long"),
        (b"limits = {max-ttl = -" + b"9" * 5_000 + b"}", "has a number that is too long"),
        (b"#" * 2_000_000, "is larger than 1024 KiB"),
    ],
)
def test_what_is_no_file_of_settings_is_told(tmp_path: Path, content: bytes, problem: str) -> None:
    path = tmp_path / "agpc.toml"
    path.write_bytes(content)
    with pytest.raises(SettingsError, match=problem):
        read_settings(path)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"cannot read .*: no such file"):
        read_settings(tmp_path / "missing.toml")
    with pytest.raises(SettingsError, match=r"cannot read .*: is a directory"):
        read_settings(tmp_path)


def test_the_nearest_file_holds_and_holds_alone(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    assert find_settings(inner) is None
    (tmp_path / "pyproject.toml").write_text("[tool.agpc]\nselect = ['AGP45']\n")
    assert find_settings(inner) == tmp_path / "pyproject.toml"
    (tmp_path / "agpc.toml").write_text("ignore = ['AGP41']\n")
    assert find_settings(inner) == tmp_path / "agpc.toml"
    (tmp_path / "a/pyproject.toml").write_text("[tool.other]\nx = 1\n")
    assert find_settings(inner) == tmp_path / "agpc.toml"
    (inner / "pyproject.toml").write_text("[tool.agpc]\n")
    assert find_settings(inner) == inner / "pyproject.toml"
    assert read_settings(inner / "pyproject.toml") == Settings()


@pytest.mark.parametrize(
    "text",
    [
        "[tool.agpc]",
        "[ tool . agpc ]",
        "[tool\t.\t'agpc']",
        '["tool"."agpc"]',
        "[[tool.agpc.set]]\nname = 'a'\npaths = ['b']",
        "[tool]\nagpc = {}",
        "[ 'tool' ]\nagpc.select = []",
        "[tool]\n'agpc'.select = []",
        "tool = {agpc = {}}",
        "'tool' = {\"agpc\" = {}}",
        "tool.agpc = {}",
        '"tool" . "agpc" . select = []',
        r'["\u0074ool".agpc]',
        r'["t\U0000006fol"."\u0061gpc"]',
        "[tool.agpc.judge]",
        "[tool.agpc",
        "[tool.agpc]\nx = \xff",
    ],
)
def test_the_table_is_found_however_it_is_written(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_bytes(text.encode("latin-1"))
    try:
        assert find_settings(tmp_path) == tmp_path / "pyproject.toml"
    except SettingsError as error:
        assert "is not" in str(error)  # TOML, or UTF-8: then nobody knows what it would have set


def test_a_shared_file_without_the_table_is_no_file_of_settings(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"has no table `\[tool.agpc\]`"):
        read(tmp_path, "[project]\nname = 'x'\n", "pyproject.toml")
    with pytest.raises(SettingsError, match=r"`tool.agpc` has to be a table"):
        read(tmp_path, "[tool]\nagpc = 1\n", "pyproject.toml")


def looked_for(**settings: tuple[str, ...]) -> set[str]:
    return {code for code in CODES if Settings(**settings).looks_for(code)}  # type: ignore[arg-type]


DEFAULT = {code for code, each in CODES.items() if each.default}


def test_by_default_it_looks_for_what_the_table_says() -> None:
    assert looked_for() == DEFAULT


def test_select_adds_and_ignore_takes_away_and_the_longer_one_wins() -> None:
    assert looked_for(select=("AGP2102",)) == DEFAULT | {"AGP2102"}
    assert looked_for(select=("AGP",)) == set(CODES)
    assert looked_for(ignore=("AGP41",)) == DEFAULT - {
        each for each in CODES if each[:5] == "AGP41"
    }
    both = looked_for(select=("AGP4102",), ignore=("AGP41",))
    assert both == DEFAULT - {each for each in CODES if each[:5] == "AGP41"} | {"AGP4102"}
    assert "AGP4102" not in looked_for(select=("AGP4102",), ignore=("AGP4102",))


def test_no_setting_hides_an_error_or_what_is_undetermined() -> None:
    kept = looked_for(ignore=("AGP",))
    assert kept == {code for code, each in CODES.items() if each.severity == "error"} | {"AGP2999"}


def test_the_command_line_goes_before_the_file() -> None:
    settings = Settings(select=("AGP4502",), ignore=("AGP4102",))
    again = with_selection(settings, ["AGP4102"], ["AGP4502"])
    assert again.looks_for("AGP4102") and not again.looks_for("AGP4502")
    with pytest.raises(SettingsError, match=r"`select.0`: there is no code `AGP9`"):
        with_selection(settings, ["AGP9"], [])
    with pytest.raises(SettingsError, match=r"`AGP3101` cannot be ignored"):
        with_selection(settings, [], ["AGP3101"])


def test_diagnostics_get_the_severity_that_the_project_says() -> None:
    settings = Settings(severity={"AGP4101": "error", "AGP4104": "info"}, ignore=("AGP4301",))
    found = [Diagnostic(code, "m") for code in ("AGP4101", "AGP4104", "AGP4301", "AGP4102")]
    assert [(each.code, each.severity) for each in settings.judge(found)] == [
        ("AGP4101", "error"),
        ("AGP4104", "info"),
        ("AGP4102", "warning"),
    ]


def a_directory(path: Path) -> None:
    path.mkdir()


def a_pipe(path: Path) -> None:
    os.mkfifo(path)


def a_link_to_nowhere(path: Path) -> None:
    path.symlink_to("nowhere")


def a_link_to_itself(path: Path) -> None:
    path.symlink_to(path)


@pytest.mark.parametrize("name", ["agpc.toml", "pyproject.toml"])
@pytest.mark.parametrize("make", [a_directory, a_pipe, a_link_to_nowhere, a_link_to_itself])
def test_what_is_called_so_and_is_no_file_is_not_passed_over(
    tmp_path: Path, name: str, make: Callable[[Path], None]
) -> None:
    make(tmp_path / name)
    (tmp_path / "below").mkdir()
    for directory in (tmp_path, tmp_path / "below"):
        with pytest.raises(SettingsError, match=name):
            find_settings(directory)
