"""Who is signed in: random names of sessions in cookies, and what they stand for, for a while, in a directory.

It is a directory, since the workers of a service share it: a browser comes to any of them. Only digests of names are in
it, and it goes with the service. A form carries a token that is made of the name of its session: a page of somebody
else's can neither read the cookie nor make the token.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from time import time

LASTS = 8 * 3600.0
"""Seconds from the sign-in to the end, whatever is done."""
IDLE = 1800.0
"""Seconds without a request after which a session has ended."""
MOST = 1000
"""Sessions at a time; the oldest one makes room."""
SHARED = "_AGPC_SESSIONS"
"""The variable with the directory that several workers share."""
MOST_OF_ONE = 20
"""Sessions of one person or key at a time: nobody puts others out by signing in again and again."""
_SECRET = "secret"
_ANSWERED = ".answered"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who a session is of: the one place that says who somebody at a browser is.

    A `caller` has shown an API key, and may see what that may. A `person` is one whom the core knows by this id: what they
    are asked, and with which roles, is the core's to say.
    """

    caller: str | None = None
    key: str | None = None
    """The digest of that key: when the caller gets another one, what came by the old one has ended."""
    person: str | None = None
    passkey: str | None = None
    """The passkey that the person has signed in with, who then stands in the settings."""
    session: str | None = None
    """What the core calls the session, where it was told how the person signed in."""
    may_read: bool = False
    """Whether the person sees all pages, by the roles that they had when they signed in."""
    ends: float = 0.0


class Sessions:
    """The sessions of one service on one machine."""

    def __init__(self, clock: Callable[[], float] = time) -> None:
        """Find the directory that workers share, or have one alone."""
        self._clock = clock
        shared = os.environ.get(SHARED)
        if shared is None:
            directory = tempfile.mkdtemp(prefix="agpc-sessions-")  # for nobody else to read
            weakref.finalize(self, shutil.rmtree, directory, ignore_errors=True)
        self._directory = Path(directory if shared is None else shared)
        self._secret = self._common_secret()

    def begin(self, who: SignedIn) -> str:
        """Give a name that nobody can guess to somebody who has shown who they are.

        INVARIANT: the name is made now, and was in no cookie before: nobody can have put it there.
        """
        now = self._clock()
        of = self.seal(f"of:{who.person or ''}:{who.caller or ''}")[:32]
        self._make_room(now, _digest(of))
        name = f"{new_name()}.{of}"
        ends = min(now + LASTS, who.ends or now + LASTS)
        self._write(_file_of(name), json.dumps({**asdict(who), "ends": ends}), now)
        return name

    def whose(self, name: str | None) -> SignedIn | None:
        """Whose a session is; None if it has ended, or was never begun."""
        if name is None:
            return None
        path = self._directory / _file_of(name)
        try:
            seen, kept = path.stat().st_mtime, SignedIn(**json.loads(path.read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return None
        now = self._clock()
        if now >= kept.ends or now >= seen + IDLE:
            self.end(name)
            return None
        with suppress(OSError):
            os.utime(path, (now, now))
        return kept

    def end(self, name: str | None) -> None:
        """End a session."""
        if name is not None:
            (self._directory / _file_of(name)).unlink(missing_ok=True)

    def form_token(self, name: str) -> str:
        """What a form carries that is sent with a cookie of this name."""
        return hmac.new(self._secret, name.encode("utf-8", "replace"), sha256).hexdigest()

    def is_form_of(self, name: str | None, token: str | None) -> bool:
        """Whether a form was written for who has the cookie."""
        if not name or not token or not token.isascii():
            return False
        return hmac.compare_digest(self.form_token(name), token)

    def seal(self, text: str) -> str:
        """What only the processes of this service can make of a text; of no name of a session, which begins otherwise."""
        return hmac.new(self._secret, b"\0" + text.encode("utf-8", "replace"), sha256).hexdigest()

    def is_sealed(self, text: str, seal: str) -> bool:
        """Whether a seal was made of a text, by a process of this service."""
        return seal.isascii() and hmac.compare_digest(self.seal(text), seal)

    def is_first(self, nonce: str) -> bool:
        """Take in that a nonce was answered; tell whether it was not before."""
        path = self._directory / f"{_digest(nonce)}{_ANSWERED}"
        try:
            path.touch(mode=0o600, exist_ok=False)
        except FileExistsError:
            return False
        return True

    def _make_room(self, now: float, of: str) -> None:
        """Drop those that nobody uses any more, and the oldest where somebody has too many, or all have."""
        found = []
        for path in self._directory.iterdir():
            if path.suffix == _ANSWERED:
                with suppress(OSError):
                    if now >= path.stat().st_mtime + IDLE:
                        path.unlink()
            elif path.name != _SECRET and path.suffix == "":
                with suppress(OSError):
                    found.append((path.stat().st_mtime, path))
        found.sort(key=lambda each: each[0])
        live = [path for seen, path in found if now < seen + IDLE]
        own = [path for path in live if path.name.endswith(of)]
        gone = {path for seen, path in found if now >= seen + IDLE}
        gone.update(own[: max(0, len(own) - MOST_OF_ONE + 1)])
        left = [path for path in live if path not in gone]
        gone.update(left[: max(0, len(left) - MOST + 1)])
        for path in gone:
            path.unlink(missing_ok=True)

    def _common_secret(self) -> bytes:
        """The secret that tokens of forms are made with: of who comes first."""
        path = self._directory / _SECRET
        own = self._directory / f"{secrets.token_hex(8)}.new"
        own.touch(mode=0o600)
        own.write_bytes(secrets.token_bytes(32))
        with suppress(FileExistsError):
            os.link(own, path)  # whole, or not at all
        own.unlink()
        return path.read_bytes()

    def _write(self, name: str, text: str, now: float) -> None:
        new = self._directory / f"{name}.new"
        new.touch(mode=0o600)
        new.write_text(text, encoding="utf-8")
        os.utime(new, (now, now))
        new.replace(self._directory / name)


@contextmanager
def shared() -> Iterator[None]:
    """Let the processes that are started meanwhile share their sessions."""
    before = os.environ.get(SHARED)
    with tempfile.TemporaryDirectory(prefix="agpc-sessions-", ignore_cleanup_errors=True) as made:
        os.environ[SHARED] = made
        try:
            yield
        finally:
            del os.environ[SHARED]
            if before is not None:
                os.environ[SHARED] = before


def new_name() -> str:
    """A name of 256 random bits."""
    return secrets.token_urlsafe(32)


def _digest(name: str) -> str:
    return sha256(name.encode("utf-8", "replace")).hexdigest()


def _file_of(name: str) -> str:
    """Where a session is kept: at the end of the file's name stands whose it is, so that theirs are counted without being read."""
    return f"{_digest(name)}-{_digest(name.rpartition('.')[2])}"
