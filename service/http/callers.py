"""Who calls: API keys, which the service knows by their hashes alone.

A key is 256 random bits. SHA-256 of one is enough: slow hashes are for what people choose, which can be guessed;
nobody tries 2^256 keys at any speed. Every request is compared with every hash in constant time, so that how
long an answer takes tells nothing of the keys.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from ..config.models import CallerEntry
from ..config.secrets import SecretFrom
from ..core.callers import ROLES, Caller
from ..core.problem import Problem

PREFIX = "agpk_"
MAX_KEY = 256
EVERYBODY = Caller("loopback", frozenset(ROLES), ("**", "spiffe://**"))
"""Who calls where nobody has a key: whoever reaches the loopback interface."""
NOBODY = Caller("nobody", frozenset(), ())
"""Who calls a route that is open to all, without a key."""


def new_key() -> tuple[str, str]:
    """Make a key, and its hash for `service.toml`."""
    key = PREFIX + base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=")
    return key, hashed(key)


def hashed(key: str) -> str:
    """Give the hash by which the service knows a key."""
    return sha256(key.encode()).hexdigest()


def new_entry(name: str, roles: Sequence[str], agents: Sequence[str]) -> tuple[str, str]:
    """Make a key, and the lines of `service.toml` for its caller."""
    key, digest = new_key()
    quoted = ", ".join(f'"{each}"' for each in roles)
    lines = ["[[callers]]", f'name = "{name}"', f"roles = [{quoted}]"]
    if agents:
        texts = ", ".join("'" + each + "'" for each in agents)
        lines.append(f"agents = [{texts}]")
    return key, "\n".join([*lines, f'key_sha256 = "{digest}"', ""])


@dataclass(frozen=True, slots=True)
class Callers:
    """Everybody who may call, each with the hash of its key."""

    known: tuple[tuple[bytes, Caller], ...]

    @classmethod
    def of(cls, entries: Sequence[CallerEntry], root: Path) -> Callers:
        """Read those of the settings. Raises `SecretError`, and `ValueError` for what is no hash."""
        return cls(
            tuple(
                (_digest(each, root), Caller(each.name, frozenset(each.roles), each.agents))
                for each in entries
            )
        )

    def identify(self, authorization: str | None, for_people: bool) -> Caller | None:
        """Find who sent a header; None if there was none. Raises a `Problem` (401) for a key that nobody has."""
        if authorization is None:
            return None
        key = _key_in(authorization, for_people)
        offered = sha256(key).digest()
        found = None
        for digest, caller in self.known:  # all of them, whichever it is
            if hmac.compare_digest(digest, offered):
                found = caller
        if found is None:
            raise Problem(
                401, "unknown_key", "the key in `Authorization` is none that this service knows"
            )
        return found


def _key_in(authorization: str, for_people: bool) -> bytes:
    scheme, _, rest = authorization.partition(" ")
    rest = rest.strip()
    if scheme.lower() == "bearer" and len(rest) <= MAX_KEY:
        return rest.encode("latin-1")
    if scheme.lower() == "basic" and for_people and len(rest) <= 2 * MAX_KEY:
        try:
            return base64.b64decode(rest, validate=True).partition(b":")[2]
        except ValueError:
            pass
    raise Problem(
        401, "unreadable_key", "`Authorization` has to be `Bearer` and a key of this service"
    )


def _digest(entry: CallerEntry, root: Path) -> bytes:
    text = (
        entry.key_sha256.read_text(root).strip()
        if isinstance(entry.key_sha256, SecretFrom)
        else entry.key_sha256
    )
    try:
        digest = bytes.fromhex(text)
    except ValueError:
        digest = b""
    if len(digest) != 32:
        raise ValueError(f"the hash of the key of `{entry.name}` is not 64 hexadecimal digits")
    return digest
