"""What the command line says of settings and of the time, beside the files of settings."""

from __future__ import annotations

from time import time_ns
from typing import TYPE_CHECKING

from ...runtime.values import read_time
from .. import exits
from .policies import ask_which

if TYPE_CHECKING:
    from pathlib import Path

    from ...compiler.check.project.settings import Settings


def instant(text: str) -> int:
    """Read a day, which starts in UTC, or an RFC 3339 time; ends the command if it is neither."""
    from ...compiler.text.visible import visible

    read = read_time(text)
    if read is None:
        read = read_time(f"{text}T00:00:00Z")
    if read is None:
        import click

        raise click.BadParameter(
            f"`{visible(text)}` is not a day or a time that can be told: write 2026-11-24, or "
            "2026-11-24T10:00:00Z",
            param_hint="--at",
        )
    return read


def now() -> int:
    """The time of this machine, in the unit of the language."""
    return time_ns()


def settings_for(
    paths: tuple[str, ...], config: Path | None, select: tuple[str, ...], ignore: tuple[str, ...]
) -> Settings:
    """Find and read the settings of policies, with what the command line adds, or end the command."""
    from ...compiler.check.project.files import STANDARD_INPUT, common_root
    from ...compiler.check.project.settings import Settings
    from ...compiler.check.project.settings_file import (
        SettingsError,
        find_settings,
        read_settings,
        with_selection,
    )

    given = [each for each in paths or (".",) if each != STANDARD_INPUT]
    try:
        path = config or find_settings(common_root(given))
        settings = Settings() if path is None else read_settings(path)
        if not paths and config is None:
            ask_which()
        elif not paths and settings.set:
            raise SettingsError(f"`{path}` names policy sets: name the files of one")
        return with_selection(settings, split(select), split(ignore))
    except SettingsError as error:
        raise exits.Failure(str(error)) from None


def split(given: tuple[str, ...]) -> list[str]:
    """Give the codes in comma lists."""
    return [code.strip() for each in given for code in each.split(",") if code.strip()]
