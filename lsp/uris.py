"""Addresses of documents to paths of files, and back."""

from __future__ import annotations

import os
import re
from urllib.parse import quote, unquote_to_bytes

_FILE = re.compile(r"file:(?://(?P<host>[^/]*))?(?P<path>/.*)", re.IGNORECASE | re.DOTALL)
_DRIVE = re.compile(r"/[A-Za-z]:(?=/|$)")


def path_of(uri: str) -> str | None:
    """The path that an address of a file names; None where it names none that this machine can have.

    Clients write addresses in several ways (`file:///c%3A/a`, `file:///C:/a`), and not all escape `#` and `?`.
    """
    match = _FILE.fullmatch(uri)
    if match is None:
        return None
    path = os.fsdecode(unquote_to_bytes(match["path"].encode("utf-8", "surrogatepass")))
    if "\0" in path:
        return None
    host = unquote_to_bytes(match["host"] or "").decode("utf-8", "replace")
    if os.name == "nt":
        if _DRIVE.match(path):
            path = path[1].upper() + path[2:]
        elif host not in ("", "localhost"):
            path = f"//{host}{path}"
    elif host not in ("", "localhost"):
        return None
    return os.path.abspath(path)


def uri_of(path: str) -> str:
    """The address of a file."""
    path = os.path.abspath(path)
    if os.name == "nt":
        path = path.replace("\\", "/")
        if path.startswith("//"):
            return "file:" + quote(os.fsencode(path))
        path = f"/{path[:1].lower()}{path[1:]}"
    return "file://" + quote(os.fsencode(path))


def key_of(uri: str) -> str:
    """What tells documents apart: the real path of a file, however it is addressed; else the address."""
    path = path_of(uri)
    return uri if path is None else key_of_path(path)


def key_of_path(path: str) -> str:
    """What tells files apart, by whichever link they are reached."""
    try:
        return os.path.normcase(os.path.realpath(path))
    except (OSError, ValueError):
        return path
