"""GitHub: a token of an App's installation, for the repositories and with the permissions that the lease stands for.

Such a token lives for an hour, and nobody can ask for less. So a lease that ends before gets none.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from ...runtime.strict_json import NotJSON, read_request
from ...runtime.time_text import format_time
from ...runtime.values import NANOSECONDS, read_time
from ..base64url import encoded
from ..config.kinds import Table, Text, listed
from ..config.secrets import SecretFrom
from ..outbound.fetching import NotFetched, Reach, Reply, fetch
from .broker import Credential, NotBrokered, PlatformFailed, Prepared, Wanted
from .settings import base_url, by_capability, read_table, secret

LIFE = 3_600 * NANOSECONDS
"""How long a token lives, from when GitHub makes it."""
SLACK = 60 * NANOSECONDS
"""What the request and the difference of two clocks may take of a lease."""
VERSION = "2022-11-28"
MOST_BYTES = 1024 * 1024
_TOKEN = re.compile(r"[A-Za-z0-9_.-]{1,1024}")

Repository = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,100}$")]
Permission = Annotated[str, Field(pattern=r"^[a-z_]{1,64}$")]


class Grant(Table):
    """What a capability is at GitHub."""

    capability: Text
    repositories: Annotated[
        tuple[Repository, ...], BeforeValidator(listed), Field(min_length=1, max_length=100)
    ]
    permissions: Annotated[dict[Permission, Literal["read", "write", "admin"]], Field(min_length=1)]


class Settings(Table):
    """`[brokers.NAME]` of this broker."""

    app: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,100}$")]
    installation: Annotated[int, Field(ge=1)]
    key: SecretFrom
    grants: Annotated[tuple[Grant, ...], BeforeValidator(listed), Field(min_length=1)]
    endpoint: Text = "https://api.github.com"
    private: bool = False
    ca: Text | None = None


class GitHub:
    """Tokens of one installation of an App."""

    def __init__(
        self, settings: Settings, root: Path, clock: Callable[[], float] = time.time
    ) -> None:
        """Keep what each capability is there. Raises `ValueError`."""
        self._settings, self._root, self._clock = settings, root, clock
        self._grants = by_capability(settings.grants)
        ca = None if settings.ca is None else root / settings.ca
        self._reach = Reach(private=settings.private, ca=ca, most=MOST_BYTES)
        self._url = base_url("endpoint", settings.endpoint, self._reach)

    def prepare(self, wanted: Wanted) -> Prepared:
        """Say which token will be asked for. Raises `NotBrokered`."""
        found = [self._grants[each] for each in wanted.capabilities if each in self._grants]
        if not found:
            raise NotBrokered("nothing that it stands for is at GitHub")
        repositories = {frozenset(each.repositories) for each in found}
        if len(repositories) != 1:
            # one token has all of its permissions on all of its repositories
            raise NotBrokered(
                "what it stands for is in several sets of repositories: get a lease for each"
            )
        if wanted.until < wanted.now + LIFE + SLACK:
            raise NotBrokered("a token of GitHub lives for an hour, and the lease ends before that")
        permissions: dict[str, str] = {}
        order = ("read", "write", "admin")
        for each in found:
            for name, level in each.permissions.items():
                permissions[name] = max(permissions.get(name, "read"), level, key=order.index)
        asked = {
            "repositories": sorted(next(iter(repositories))),
            "permissions": dict(sorted(permissions.items())),
        }
        told = {
            "action": "POST /app/installations/{installation_id}/access_tokens",
            "installation": self._settings.installation,
            **asked,
        }
        return Prepared(wanted.until, told, asked)

    def obtain(self, prepared: Prepared) -> Credential:
        """Ask for the token. Raises `PlatformFailed`."""
        asked = prepared.request
        url = f"{self._url}/app/installations/{self._settings.installation}/access_tokens"
        try:
            reply = fetch(
                url,
                self._reach,
                method="POST",
                headers=_headers(self._proof(), json=True),
                content=json.dumps(asked).encode(),
            )
        except NotFetched as error:
            raise PlatformFailed(f"GitHub gave no token: {error}") from None
        if reply.status != 201:
            raise PlatformFailed(f"GitHub gave no token: status {reply.status}")
        credential = _read(reply)
        if not _is_narrow(reply, asked):
            self.end(credential)
            raise PlatformFailed("GitHub gave a token for more than was asked for")
        return credential

    def end(self, credential: Credential) -> bool:
        """End a token."""
        url = f"{self._url}/installation/token"
        headers = _headers(str(credential.values["token"]))
        try:
            return fetch(url, self._reach, method="DELETE", headers=headers).status == 204
        except NotFetched:
            return False

    def _proof(self) -> str:
        """Sign that we are the App (RS256), for five minutes. Raises `PlatformFailed`."""
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import padding, rsa

        pem = secret(self._settings.key, self._root)
        try:
            key = serialization.load_pem_private_key(pem.encode(), None)
        except (ValueError, TypeError):
            key = None
        if not isinstance(key, rsa.RSAPrivateKey):
            raise PlatformFailed(f"the key in {self._settings.key} is no RSA key as PEM")
        now = int(self._clock())
        claims = {"iat": now - 60, "exp": now + 300, "iss": self._settings.app}
        said = f"{_part({'alg': 'RS256', 'typ': 'JWT'})}.{_part(claims)}"
        signature = key.sign(said.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{said}.{encoded(signature)}"


def _headers(token: str, *, json: bool = False) -> dict[str, str]:
    found = {
        "accept": "application/vnd.github+json",
        "x-github-api-version": VERSION,
        "authorization": f"Bearer {token}",
    }
    return {**found, "content-type": "application/json"} if json else found


def _read(reply: Reply) -> Credential:
    """Read the token. Raises `PlatformFailed`."""
    found = _object(reply)
    token, ends = found.get("token"), read_time(found.get("expires_at"))
    if type(token) is not str or _TOKEN.fullmatch(token) is None or ends is None:
        raise PlatformFailed("GitHub answered with something that is no token")
    return Credential(ends, {"token": token, "expires_at": format_time(ends)})


def _is_narrow(reply: Reply, asked: Mapping[str, Any]) -> bool:
    """Whether a token is for no more than was asked for, as GitHub itself tells it."""
    order = ("read", "write", "admin")
    found = _object(reply)
    permissions, repositories = found.get("permissions"), found.get("repositories")
    if found.get("repository_selection") != "selected" or type(permissions) is not dict:
        return False
    permissions = {name: level for name, level in permissions.items() if name != "metadata"}
    if type(repositories) is not list or not all(type(each) is dict for each in repositories):
        return False
    names = {str(each.get("name")).lower() for each in repositories}
    return names <= {each.lower() for each in asked["repositories"]} and all(
        level in order
        and order.index(level) <= order.index(asked["permissions"].get(name, level))
        and name in asked["permissions"]
        for name, level in permissions.items()
    )


def _object(reply: Reply) -> dict[str, Any]:
    try:
        found = read_request(reply.content)
    except NotJSON:
        return {}
    return found if type(found) is dict else {}


def _part(value: Mapping[str, Any]) -> str:
    return encoded(json.dumps(value, separators=(",", ":")).encode())


def make(given: Mapping[str, Any], root: Path) -> GitHub:
    """Make the broker of its settings. Raises `ValueError`."""
    return GitHub(read_table(Settings, given), root)
