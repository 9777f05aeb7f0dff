"""Write a single file, whole or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
from contextlib import suppress
from pathlib import Path

from .. import exits


def write_whole(path: Path, content: str | bytes) -> None:
    """Put text or bytes in the place of a file's, or in a new file; mode and links of an old one stay."""
    from ...compiler.check.project.files import reason

    try:
        data = content.encode("utf-8") if isinstance(content, str) else content
        if path.exists() and not path.is_file():
            with path.open("wb") as device:  # or a pipe, in whose place a file would do harm
                device.write(data)
            return
        target = Path(os.path.realpath(path))
        temporary = target.with_name(f".agpc-{secrets.token_hex(8)}")
        try:
            with temporary.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            if target.exists():
                shutil.copymode(target, temporary)
            temporary.replace(target)
        finally:
            with suppress(OSError):
                temporary.unlink()
    except (OSError, ValueError) as error:  # a NUL byte in the path is a ValueError
        raise exits.Failure(f"cannot write `{path}`: {reason(error)}") from None


def create_whole(path: Path, content: bytes) -> None:
    """Make a file that is not there yet, and leave nothing of it if it cannot be written whole."""
    with path.open("xb") as file:
        try:
            file.write(content)
            file.flush()
        except BaseException:
            path.unlink()
            raise
