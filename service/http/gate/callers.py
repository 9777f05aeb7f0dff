"""Who calls: API keys, which the service knows by their hashes alone, and workloads that prove who they are.

A key is 256 random bits. SHA-256 of one is enough: slow hashes are for what people choose, which can be guessed;
nobody tries 2^256 keys at any speed. Every request is compared with every hash in constant time, so that how
long an answer takes tells nothing of the keys.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from ....runtime.values import NANOSECONDS, read_time
from ...config.callers import CallerEntry, PersonEntry
from ...config.identity import Workload
from ...config.secrets import SecretFrom
from ...core.operations.callers import ROLES, Caller, as_person
from ...core.operations.problem import Problem
from ...identity.jwt_svid import Verifier
from ...identity.workloads import Workloads
from ...identity.x509_svid import Certificates, Chain
from ...tokens.compact import Refused

PREFIX = "agpk_"
ENROL = "agpe_"
MAX_KEY = 256
EVERYBODY = Caller("loopback", frozenset(ROLES) - {"confirm"}, ("**", "spiffe://**"))
"""Who calls where nobody has a key: whoever reaches the loopback interface, be it an agent, which confirms nothing itself."""
NOBODY = Caller("nobody", frozenset(), ())
"""Who calls a route that is open to all, without a key."""


def new_key() -> tuple[str, str]:
    """Make a key, and its hash for `service.toml`."""
    key = PREFIX + secrets.token_urlsafe(32)
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


def new_person(id: str, roles: Sequence[str]) -> tuple[str, str]:
    """Make a key, and the lines of `service.toml` for its person."""
    key, digest = new_key()
    quoted = ", ".join(f'"{each}"' for each in roles)
    lines = ["[[people]]", f'id = "{id}"', f"roles = [{quoted}]", f'key_sha256 = "{digest}"', ""]
    return key, "\n".join(lines)


def new_passkey(id: str, roles: Sequence[str]) -> tuple[str, str]:
    """Make a code with which a person makes a passkey within a day, and the lines of `service.toml` for its person."""
    code = ENROL + secrets.token_urlsafe(32)
    quoted = ", ".join(f'"{each}"' for each in roles)
    until = (datetime.now(UTC) + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    lines = ["[[people]]", f'id = "{id}"', f"roles = [{quoted}]"]
    lines += [f'enrol_sha256 = "{hashed(code)}"', f'enrol_until = "{until}"', ""]
    return code, "\n".join(lines)


NO_WORKLOADS = Workloads(())


@dataclass(frozen=True, slots=True)
class Callers:
    """Everybody who may call: with the hashes of their keys, and the workloads that bring tokens."""

    known: tuple[tuple[bytes, Caller], ...]
    tokens: Verifier | None = None
    workloads: Workloads = NO_WORKLOADS
    certificates: Certificates | None = None
    people: Mapping[str, PersonEntry] = field(default_factory=dict)
    """Those of the settings, by their ids."""

    @property
    def are_configured(self) -> bool:
        """Whether anybody has to say who they are."""
        return bool(self.known or self.workloads.entries)

    @classmethod
    def of(
        cls,
        entries: Sequence[CallerEntry],
        root: Path,
        workloads: Sequence[Workload] = (),
        tokens: Verifier | None = None,
        people: Sequence[PersonEntry] = (),
        certificates: Certificates | None = None,
    ) -> Callers:
        """Read those of the settings. Raises `SecretError`, and `ValueError` for what is no hash, or that of two."""
        known = (
            (
                _digest(each.name, each.key_sha256, root),
                Caller(each.name, frozenset(each.roles), each.agents, reserves=each.reserves),
            )
            for each in entries
        )
        persons = (
            (_digest(each.id, each.key_sha256, root), as_person(each.id, may_read=each.read))
            for each in people
            if each.key_sha256 is not None
        )
        by_id = {each.id: each for each in people}
        found = (*known, *persons)
        whose: dict[bytes, str] = {}
        for digest, caller in found:
            other = whose.setdefault(digest, caller.name)
            if other != caller.name:
                raise ValueError(
                    f"`{other}` and `{caller.name}` have the same key: whose it is nobody could tell"
                )
        return cls(found, tokens, Workloads.of(workloads), certificates, by_id)

    def whose_code(self, code: str, now: float) -> str | None:
        """Say who may make a passkey with a code, if it is good now."""
        offered, found = hashed(code), None
        for each in self.people.values():  # all of them, whichever it is
            until = read_time(each.enrol_until) or 0
            if hmac.compare_digest(each.enrol_sha256 or "", offered) and now * NANOSECONDS < until:
                found = each.id
        return found

    def identify(self, authorization: str | None, for_people: bool) -> Caller | None:
        """Find who sent a header; None if there was none. Raises a `Problem` (401) for a key that nobody has."""
        if authorization is None:
            return None
        if self.tokens is not None and (token := _token_in(authorization)) is not None:
            return self._workload(self.tokens, token)
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

    def _workload(self, tokens: Verifier, token: str) -> Caller:
        try:
            id = tokens.identify(token)
        except Refused as error:
            raise Problem(
                401, "refused_token", f"the token in `Authorization` is refused: {error}"
            ) from None
        return self.of_workload(id)

    def of_chain(self, chain: Chain) -> Caller | None:
        """Find who shows certificates; None where nobody is asked for any, or none is shown. Raises a `Problem` (401)."""
        if self.certificates is None or not chain:
            return None
        try:
            id = self.certificates.identify(chain)
        except Refused as error:
            raise Problem(
                401, "refused_certificate", f"the certificate is refused: {error}"
            ) from None
        return self.of_workload(id)

    def of_workload(self, id: str) -> Caller:
        """Give the caller that a workload is, which has proved its SPIFFE ID. Raises a `Problem` (401) if it is none."""
        found = self.workloads.caller(id)
        if found is None:
            raise Problem(
                401, "unknown_workload", "the workload is none that may call this service"
            )
        return found


def _token_in(authorization: str) -> str | None:
    """The token of a workload, as far as it looks like one: a key has no dot."""
    scheme, _, rest = authorization.partition(" ")
    return rest.strip() if scheme.lower() == "bearer" and "." in rest else None


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


def _digest(name: str, place: str | SecretFrom, root: Path) -> bytes:
    text = place.read_text(root).strip() if isinstance(place, SecretFrom) else place
    try:
        digest = bytes.fromhex(text)
    except ValueError:
        digest = b""
    if len(digest) != 32:
        raise ValueError(f"the hash of the key of `{name}` is not 64 hexadecimal digits")
    return digest
