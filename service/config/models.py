"""The models of `service.toml`. What each key means stands beside it, and docs/service/configuration.md is made of that."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    model_validator,
)

from ..core.people.names import folded
from .brokers import BrokerEntry, BrokerName
from .callers import CallerEntry, PersonEntry, check_roles
from .guard import Guarding
from .identity import SVID, TrustDomain, Workload, check_workloads
from .kinds import Days, Seconds, Table, Text, Texts, is_loopback, listed
from .limits import Limits, Requests
from .notices import Notices
from .oidc import OIDC
from .passkeys import Passkeys, check_passkeys
from .secrets import SecretError, SecretFrom
from .signals import ReceiverEntry, TransmitterEntry, check_transmitters


def _place(value: str) -> str:
    host_and_port(value)
    return value


def host_and_port(listen: str) -> tuple[str, int]:
    """Split `HOST:PORT`, where an IPv6 address stands in brackets.

    >>> host_and_port("[::1]:8080")
    ('::1', 8080)
    """
    match = re.fullmatch(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+)):([0-9]{1,5})", listen)
    if match is None or int(match[3]) > 65_535:
        raise ValueError('an address to listen on is written like "127.0.0.1:8080" or "[::1]:8080"')
    return match[1] or match[2], int(match[3])


def _url(value: str) -> str:
    parts = urlsplit(value)
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or parts.query
        or parts.fragment
        or "@" in parts.netloc
        or not re.fullmatch(r"[\x21-\x7e]+", value)
    ):
        raise ValueError('a URL is written like "https://agp.example.org", without a query')
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError(
            "the public URL starts with `https://`, but for one of the loopback interface"
        )
    return value.rstrip("/")


def store_kind(url: str) -> str:
    """Say which store a URL names: `sqlite` or `postgresql`. Raises `ValueError`."""
    scheme = url.partition("://")[0]
    if scheme == "sqlite" and len(url) > len("sqlite:///") and url.startswith("sqlite:///"):
        return "sqlite"
    if scheme in ("postgresql", "postgres") and "://" in url:
        return "postgresql"
    raise ValueError(
        "a store is `sqlite:///relative/path`, `sqlite:////absolute/path` or `postgresql://…`"
    )


def has_password(url: str) -> bool:
    """Whether a URL of a store holds a password."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return True
    return parts.password is not None or "password=" in parts.query


def _store(value: Any) -> Any:
    if isinstance(value, str):
        store_kind(value)
        if has_password(value):
            raise ValueError(
                'a password stands in no file of settings: write `{ env = "NAME" }` or `{ file = "PATH" }`'
                " for the URL, or use PostgreSQL's own password file"
            )
    return value


class TLS(Table):
    """How connections are kept secret: here, or by what stands in front."""

    cert: Text | None = Field(default=None, description="The certificate, with its chain, as PEM.")
    key: Text | None = Field(default=None, description="The file of its private key, as PEM.")
    workloads: bool = Field(
        default=False,
        description="Ask whoever connects for the certificate of a workload (X.509-SVID). Browsers may ask people for one, too.",
    )
    elsewhere: bool = Field(
        default=False,
        description="A proxy in front of the service ends TLS; the way from it to here is safe.",
    )

    @model_validator(mode="after")
    def _whole(self) -> TLS:
        if (self.cert is None) != (self.key is None):
            raise ValueError("`cert` and `key` go together")
        if self.elsewhere and self.cert is not None:
            raise ValueError("TLS is here or `elsewhere`, and not both")
        if self.elsewhere and self.workloads:
            raise ValueError("who ends TLS `elsewhere` sees certificates, and the service does not")
        if not self.elsewhere and self.cert is None:
            raise ValueError("a table of TLS says `cert` and `key`, or `elsewhere = true`")
        return self


class Audit(Table):
    """The trail, its checkpoints, and what is kept."""

    origin: Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[!-*,-~]+$")] | None = (
        Field(
            default=None,
            description="The name of the log on its checkpoints, like `agp.example.org/trail`; that of `public_url` if "
            "there is none here.",
        )
    )
    key: SecretFrom | None = Field(
        default=None,
        description="The key that signs checkpoints, `PRIVATE+KEY+…`. Without a place here it stands beside a SQLite "
        "file as `NAME.trail.key`, else in `agpc.trail.key`, and is made with a new store.",
    )
    export: Text | None = Field(
        default=None,
        description="A directory into which checkpoints and tiles are written, for any host to serve.",
    )
    publish_every: Seconds = Field(
        default=10, description="How often a checkpoint is published when there is news."
    )
    retention: Days | None = Field(
        default=None,
        description='How long bodies of events are kept, as in `"180d"`; for good if not given. Leaves are kept always.',
    )
    decision_log: Text | None = Field(
        default=None,
        description="A file to which what AuthZEN evaluations answered is appended, as JSON lines; `-` is standard output. "
        "Further workers write `FILE.1` and so on.",
    )
    decision_log_lossy: bool = Field(
        default=False,
        description="Answer evaluations also when the decision log cannot be written; what is lost is counted.",
    )


class Reload(Table):
    """How policies are taken up while the service runs; whole, or not at all."""

    watch: bool = Field(
        default=True, description="Look for changes of the policies' files; SIGHUP asks always."
    )
    settle: Seconds = Field(
        default=1, description="How long files have to be left alone before they are read."
    )


class Tokens(Table):
    """The tokens that leases are."""

    audience: Texts = Field(
        default=(),
        description="Whom tokens are for, as they check it; the public URL of the service if nobody is named.",
    )
    rotate: Days = Field(
        default=30 * 86_400,
        description="How long a key signs tokens before another one does; the one before and the one after are "
        "published, too.",
    )
    longest: Seconds = Field(
        default=12 * 3_600,
        le=86_400,
        description="How long a lease is good at most, whatever a policy says.",
    )
    revokers: Texts = Field(
        default=(),
        description="The roles whose people may end leases, on the page of their task or with their key.",
    )


class Logging(Table):
    """What the service says while it runs. No line has a secret or an argument."""

    format: Literal["json", "text"] = Field(
        default="json", description="One JSON object a line, or text for people."
    )
    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least that is said."
    )
    requests: bool = Field(default=True, description="A line for each request.")


class Settings(Table):
    """All of `service.toml`. Options of `agpc serve` go before what it says."""

    listen: Annotated[str, AfterValidator(_place)] = Field(
        default="127.0.0.1:8080", description="The address and port to listen on."
    )
    public_url: Annotated[str, AfterValidator(_url)] | None = Field(
        default=None, description="How others reach the service, for metadata and links."
    )
    store: Annotated[str | SecretFrom, BeforeValidator(_store)] = Field(
        default="sqlite:///agpc.db",
        description="`sqlite:///PATH`, or a URL of PostgreSQL; or where that stands.",
    )
    store_key: SecretFrom | None = Field(
        default=None,
        description="The key of the store, 32 bytes as base64, kept apart from it: a store that was changed without it "
        "is found out. Without a place here it stands beside a SQLite file as `NAME.key`, else in `agpc.key`, and is "
        "made with a new store.",
    )
    policies: Texts = Field(
        default=("policies",), min_length=1, description="Files and directories of one policy set."
    )
    mapping: Text | None = Field(
        default=None,
        description="The request mapping, by which requests of others become those of the policy.",
    )
    directory: Text | None = Field(
        default=None, description="The entities that searches look through."
    )
    candidate: Texts = Field(
        default=(), description="Policies that decide beside the active ones, and never answer."
    )
    workers: int = Field(default=1, ge=1, le=64, description="Processes that serve one store.")
    tls: TLS | None = Field(default=None, description="How connections are kept secret.")
    callers: Annotated[tuple[CallerEntry, ...], BeforeValidator(listed)] = Field(
        default=(),
        description="Who may call. Without any, everybody on the loopback interface, and nobody else.",
    )
    trust_domains: Annotated[tuple[TrustDomain, ...], BeforeValidator(listed)] = Field(
        default=(), description="The trust domains whose workloads may call."
    )
    workloads: Annotated[tuple[Workload, ...], BeforeValidator(listed)] = Field(
        default=(),
        description="Which workloads may call, by their SPIFFE IDs, and what for. The first one that fits counts.",
    )
    svid: SVID = Field(default=SVID(), description="How tokens of workloads are checked.")
    people: Annotated[tuple[PersonEntry, ...], BeforeValidator(listed)] = Field(
        default=(),
        description="Who may be asked, and signs in with a key or a passkey. Who is taken out has left: what they approved counts no more.",
    )
    oidc: OIDC | None = Field(default=None, description="The provider with which people sign in.")
    passkeys: Passkeys | None = Field(default=None, description="Passkeys of people.")
    notices: Notices = Field(
        default=Notices(), description="Who is told that something waits for people."
    )
    limits: Limits = Field(default=Limits(), description="What requests may take.")
    requests: Requests = Field(default=Requests(), description="What may wait for people.")
    audit: Audit = Field(default=Audit(), description="The trail.")
    receivers: Annotated[tuple[ReceiverEntry, ...], BeforeValidator(listed)] = Field(
        default=(), description="Who is sent an event when a lease has ended."
    )
    transmitters: Annotated[tuple[TransmitterEntry, ...], BeforeValidator(listed)] = Field(
        default=(), description="Whose security events end leases, and sessions of people."
    )
    tokens: Tokens = Field(default=Tokens(), description="Leases and their tokens.")
    brokers: dict[BrokerName, BrokerEntry] = Field(
        default={}, description="What turns leases into credentials of platforms, each by a name."
    )
    guard: Guarding = Field(
        default=Guarding(), description="How guards behave that read this file."
    )
    reload: Reload = Field(default=Reload(), description="How policies are taken up.")
    logging: Logging = Field(default=Logging(), description="What is said.")

    @model_validator(mode="after")
    def _safe(self) -> Settings:
        here = is_loopback(host_and_port(self.listen)[0])
        public = urlsplit(self.public_url).hostname if self.public_url else None
        somebody = self.callers or self.workloads
        if not somebody and not (here and (public is None or is_loopback(public))):
            raise ValueError(
                "without `callers` everybody may do everything, so only the loopback interface is listened on:"
                " `agpc serve --new-key NAME --role ROLE` makes a caller"
            )
        if not here and self.tls is None:
            raise ValueError(
                "keys are not sent in the clear: give `tls.cert` and `tls.key`, or say `tls.elsewhere = true` where"
                " a proxy ends TLS"
            )
        if self.oidc is not None and (self.public_url is None or not somebody):
            raise ValueError(
                "people who sign in come back to `public_url`, and answer what `callers` or `workloads` ask: give both"
            )
        has_codes = any(each.enrol_sha256 is not None for each in self.people)
        check_passkeys(self.passkeys, self.public_url, has_codes=has_codes)
        check_workloads(self.workloads, self.trust_domains, self.audience)
        names = [each.name for each in self.callers]
        for each in names:
            if names.count(each) > 1:
                raise ValueError(f"two callers are named `{each}`")
        receivers = [each.name for each in self.receivers]
        for each in receivers:
            if receivers.count(each) > 1:
                raise ValueError(f"two receivers are named `{each}`")
        heard = {each.name: "signal" in each.roles for each in self.callers}
        check_transmitters(self.transmitters, heard, self.public_url)
        if self.people and not somebody:
            raise ValueError(
                "`people` answer what `callers` or `workloads` ask, without any of which everybody may do everything: make"
                " one with `agpc serve --new-key NAME --role read`"
            )
        for person in self.people:
            ways = (person.key_sha256, person.enrol_sha256, self.passkeys, self.oidc)
            if all(each is None for each in ways):
                raise ValueError(
                    f"`{person.id}` of `people` could never sign in: give a `key_sha256`, or an `enrol_sha256` with"
                    " `[passkeys]`, or set up `[oidc]`"
                )
        ids = [folded(each.id) for each in self.people]
        for person in self.people:
            if ids.count(folded(person.id)) > 1:
                raise ValueError(f"two people are called `{person.id}`, or nearly so")
        check_roles(self.people, self.oidc)
        return self

    @property
    def audience(self) -> tuple[str, ...]:
        """What workloads call us in their tokens."""
        return self.svid.audience or ((self.public_url,) if self.public_url else ())


class Loaded(Table):
    """Settings, and where the paths in them start."""

    settings: Settings
    root: Path
    file: Path | None = None
    flags: dict[str, Any] = Field(default_factory=dict)
    """What the command line said beside the file, which is read again when somebody asks for it."""

    def path(self, name: str) -> Path:
        """Give a path that the settings name, as it is reached from here."""
        return self.root / name

    def store_url(self) -> str:
        """Give the URL of the store, relative paths as they are reached from here. Raises `SecretError`."""
        store = self.settings.store
        try:
            url = store.read_text(self.root).strip() if isinstance(store, SecretFrom) else store
        except SecretError as error:
            raise SecretError(f"the store: {error}") from None
        if url.startswith("sqlite:///"):
            return f"sqlite:///{self.path(url.removeprefix('sqlite:///'))}"
        return url


for _each in (Settings, Loaded):  # here and not at the first use, which several threads may come to
    _each.model_rebuild()
