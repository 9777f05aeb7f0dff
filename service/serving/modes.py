"""Secrets that others on this machine may read or change, or that nobody can read: said when the service starts."""

from __future__ import annotations

import logging
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from ..config.models import Loaded
from ..config.secrets import SecretError, SecretFrom
from ..http.telemetry import logs


def warn_of_open_files(loaded: Loaded, made: tuple[Path, ...]) -> None:
    """Warn of each file that holds a secret and that others may read, or may write.

    `made` are the keys of the store, which stand where nothing in the settings says.
    """
    for path in sorted({*made, *_named(loaded)}):
        with suppress(OSError):  # one that is not there is told of by who reads it
            mode = path.stat().st_mode
            if mode & (stat.S_IROTH | stat.S_IWOTH | stat.S_IWGRP):
                logs.say(
                    logging.WARNING,
                    "others on this machine may read or change a file that holds a secret: `chmod go-rwx` it",
                    file=str(path),
                    mode=f"{stat.S_IMODE(mode):04o}",
                )


def warn_of_missing_secrets(loaded: Loaded) -> None:
    """Warn of each secret of the settings that cannot be read: those of brokers and mail are read when they are used."""
    for each in dict.fromkeys(_places(loaded.settings)):
        try:
            each.read(loaded.root)
        except SecretError as error:
            logs.say(
                logging.WARNING,
                "a secret cannot be read, and what needs it will fail",
                why=str(error),
            )


def _named(loaded: Loaded) -> Iterator[Path]:
    """Give the files that the settings name as those of secrets."""
    settings = loaded.settings
    for each in _places(settings):
        if each.file is not None:
            yield loaded.path(each.file)
    if settings.tls is not None and settings.tls.key is not None:
        yield loaded.path(settings.tls.key)


def _places(value: Any) -> Iterator[SecretFrom]:
    if isinstance(value, SecretFrom):
        yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _places(getattr(value, name))
        yield from _of_plugin(value.model_extra)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _places(each)
    elif isinstance(value, dict):
        for each in value.values():
            yield from _places(each)


def _of_plugin(value: Any) -> Iterator[SecretFrom]:
    """Give the secrets of a table that is a plug-in's own, which was not read yet: `{ file = "PATH" }` is how they stand."""
    if isinstance(value, dict):
        ((name, place),) = value.items() if len(value) == 1 else (("", None),)
        if name in ("file", "env") and isinstance(place, str) and place:
            yield SecretFrom.model_validate({name: place})
            return
        for each in value.values():
            yield from _of_plugin(each)
    elif isinstance(value, list):
        for each in value:
            yield from _of_plugin(each)
