"""The keys of a store: the one that its head is marked with, and the one that signs checkpoints.

INVARIANT: a key is made with an empty store alone. Where there are events and no key, the key was lost or the store
is another one, and a new key would hide that.
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from ..audit.notes import BadKey, Signer
from ..config.models import Loaded
from ..config.secrets import SecretError, SecretFrom
from ..store.store import path_of

NAME = "localhost/agpc"
"""What a log is called that nobody has named."""


class KeyProblem(Exception):
    """A key is missing or cannot be used; the message says where it should be and never what it is."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one store, which do not print."""

    store: bytes
    signer: Signer

    def __repr__(self) -> str:
        """Show what everybody may know."""
        return f"Keys({self.signer.vkey!r})"


def keys_of(loaded: Loaded, url: str, *, is_new: bool) -> Keys:
    """Find the keys, or make those of a new store that stand nowhere. Raises `KeyProblem`."""
    settings = loaded.settings
    own, trail_key = places_of(loaded, url)
    name = settings.audit.origin or _host_of(settings.public_url) or NAME
    store = _text(
        settings.store_key,
        loaded.root,
        own,
        lambda: base64.b64encode(secrets.token_bytes(32)).decode(),
        is_new,
        "the key of the store",
    )
    trail = _text(
        settings.audit.key,
        loaded.root,
        trail_key,
        lambda: Signer.generate(name).skey,
        is_new,
        "the key that signs checkpoints",
    )
    try:
        signer = Signer.read(trail)
    except BadKey as error:
        raise KeyProblem(f"the key that signs checkpoints is none: {error}") from None
    if settings.audit.origin not in (None, signer.name):
        raise KeyProblem(
            f"the key that signs checkpoints is named `{signer.name}`, and `audit.origin` is another name"
        )
    return Keys(_bytes(store), signer)


def places_of(loaded: Loaded, url: str) -> tuple[Path, Path]:
    """Give where the keys stand if the settings do not say it."""
    path = path_of(url)
    beside = loaded.path("agpc") if path is None else path.parent / path.stem
    return Path(f"{beside}.key"), Path(f"{beside}.trail.key")


def _text(
    place: SecretFrom | None,
    root: Path,
    default: Path,
    make: object,
    is_new: bool,
    what: str,
) -> str:
    assert callable(make)
    if place is not None:
        try:
            return place.read_text(root)
        except SecretError as error:
            raise KeyProblem(f"{what}: {error}") from None
    try:
        if not default.exists():
            if not is_new:
                raise KeyProblem(
                    f"the store has events, and {what} is not in `{default}`: put it there, or say where it is"
                )
            _write(default, str(make()))
        return default.read_text("ascii").strip()
    except OSError as error:
        raise KeyProblem(f"{what} in `{default}`: {error.strerror}") from None
    except UnicodeDecodeError:
        raise KeyProblem(f"{what} in `{default}` is none") from None


def _write(path: Path, text: str) -> None:
    """Write a secret that nobody else may read, whole, unless somebody was faster."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{text}\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(name, path)  # which another process sees whole or not at all
    finally:
        os.unlink(name)


def _bytes(text: str) -> bytes:
    try:
        found = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        found = b""
    if len(found) != 32:
        raise KeyProblem("the key of the store is not the base64 of 32 bytes")
    return found


def _host_of(url: str | None) -> str | None:
    return None if url is None else f"{urlsplit(url).hostname}/agpc"
