"""Files of secrets that others on this machine may read or change: said when the service starts."""

from __future__ import annotations

import logging
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from ..config.models import Loaded
from ..config.secrets import SecretFrom
from ..http import logs


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


def _named(loaded: Loaded) -> Iterator[Path]:
    """Give the files that the settings name as those of secrets."""
    settings = loaded.settings
    for each in _places(settings):
        yield loaded.path(each)
    if settings.tls is not None and settings.tls.key is not None:
        yield loaded.path(settings.tls.key)


def _places(value: Any) -> Iterator[str]:
    if isinstance(value, SecretFrom):
        if value.file is not None:
            yield value.file
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


def _of_plugin(value: Any) -> Iterator[str]:
    """Give the files of a table that is a plug-in's own, which was not read yet: `{ file = "PATH" }` is how secrets stand."""
    if isinstance(value, dict):
        if value.keys() == {"file"} and isinstance(value["file"], str):
            yield value["file"]
            return
        for each in value.values():
            yield from _of_plugin(each)
    elif isinstance(value, list):
        for each in value:
            yield from _of_plugin(each)
