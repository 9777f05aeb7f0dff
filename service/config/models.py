"""The models of `service.toml`. What each key means stands beside it, and docs/service/configuration.md is made of that."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from ...runtime.values import NANOSECONDS, is_spiffe_segment, read_duration
from ..core.callers import Role
from .secrets import SecretFrom


class Table(BaseModel):
    """A table of the file: no key that it does not have, no value of another type, and nothing changes it."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def _seconds(value: Any) -> Any:
    """Read `"30s"` as seconds; a number alone has no unit."""
    read = read_duration(value) if isinstance(value, str) else None
    if not read:
        raise ValueError('a duration is written like "30s" or "1h30m"')
    return read // NANOSECONDS


def _days(value: Any) -> Any:
    seconds = _seconds(value)
    if seconds < 86_400:
        raise ValueError('bodies of the trail are kept for a day at least, as in "180d"')
    return seconds


def _listed(value: Any) -> Any:
    """Take what TOML has as a list for the tuple that a frozen model holds."""
    return tuple(value) if isinstance(value, list) else value


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


def is_loopback(host: str) -> bool:
    """Whether a host is this machine and nobody else reaches it; a name other than `localhost` is not looked up."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


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


def _agents(value: str) -> str:
    """Read a SPIFFE ID or a pattern of some, as policies write them."""
    scheme, _, rest = value.partition("://")
    *segments, last = rest.split("/")
    whole = [*segments, *([] if last == "**" else [last])]
    if scheme != "spiffe" or not all(each == "*" or is_spiffe_segment(each) for each in whole):
        raise ValueError(
            "agents are SPIFFE IDs, or patterns like `spiffe://example.org/ns/*/sa/payments` and"
            " `spiffe://example.org/**`: `*` is a segment, a last `**` one or more"
        )
    return value


def _digest(value: Any) -> Any:
    if isinstance(value, str) and not re.fullmatch(r"[0-9a-f]{64}", value):
        raise ValueError(
            "the hash of a key is 64 hexadecimal digits, as `agpc serve --new-key` prints it"
        )
    return value


Seconds = Annotated[int, BeforeValidator(_seconds)]
Days = Annotated[int, BeforeValidator(_days)]
Text = Annotated[str, Field(min_length=1, max_length=4096)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(_listed)]
Pattern = Annotated[str, Field(min_length=1, max_length=2048), AfterValidator(_agents)]


class TLS(Table):
    """How connections are kept secret: here, or by what stands in front."""

    cert: Text | None = Field(default=None, description="The certificate, with its chain, as PEM.")
    key: Text | None = Field(default=None, description="The file of its private key, as PEM.")
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
        if not self.elsewhere and self.cert is None:
            raise ValueError("a table of TLS says `cert` and `key`, or `elsewhere = true`")
        return self


OWN_NAMES = ("system", "loopback", "nobody")
"""What the trail and the log call who is no caller: the service, and whoever has no key."""


class CallerEntry(Table):
    """Who may call, and what for. `agpc serve --new-key NAME --role ROLE` makes one."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")] = Field(
        description="How events and logs name the caller."
    )
    roles: Annotated[tuple[Role, ...], BeforeValidator(_listed), Field(min_length=1)] = Field(
        description="What it may do: `decide` calls, `start` tasks and hand over what was said, report an "
        "`outcome`, `admin`ister, `read` tasks, calls, the trail and metrics."
    )
    agents: Annotated[tuple[Pattern, ...], BeforeValidator(_listed)] = Field(
        default=(),
        description="For which agents it may decide and start: SPIFFE IDs, or patterns of them as policies write them. Without any, for none.",
    )
    key_sha256: Annotated[str | SecretFrom, BeforeValidator(_digest)] = Field(
        description="The SHA-256 of its key, in hexadecimal; or where that stands."
    )

    @model_validator(mode="after")
    def _for_somebody(self) -> CallerEntry:
        if self.name in OWN_NAMES:
            raise ValueError(
                f"`{self.name}` is what the service calls itself, or whoever has no key: choose another `name`"
            )
        if {"decide", "start"} & set(self.roles) and not self.agents:
            raise ValueError("who may `decide` or `start` says for which `agents`")
        return self


class Limits(Table):
    """What one request, one caller and all together may take."""

    body_bytes: int = Field(
        default=1024 * 1024,
        ge=1024,
        le=64 * 1024 * 1024,
        description="Bytes of a body; more is 413.",
    )
    depth: int = Field(
        default=64, ge=8, le=64, description="Levels of objects and lists in a body; more is 400."
    )
    header_bytes: int = Field(
        default=32 * 1024,
        ge=4096,
        le=1024 * 1024,
        description="Bytes of a request's head; more is 431.",
    )
    header_time: Seconds = Field(
        default=10,
        description="How long a connection may take to send the head of its first request.",
    )
    idle_time: Seconds = Field(
        default=60, description="How long a connection may lie idle between requests."
    )
    time: Seconds = Field(
        default=30,
        description="How long a request may take, its body and the answer included; longer is 503.",
    )
    concurrency: int = Field(
        default=512,
        ge=1,
        le=100_000,
        description="Requests that a process works on at once; more is 503.",
    )
    rate: int = Field(
        default=10_000,
        ge=1,
        description="Requests a second of each caller and process; more is 429.",
    )
    burst: int = Field(
        default=20_000,
        ge=1,
        description="How many requests a caller may make at once before `rate` counts.",
    )
    batch: int = Field(
        default=100, ge=1, le=10_000, description="Evaluations in one request of AuthZEN."
    )


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
    callers: Annotated[tuple[CallerEntry, ...], BeforeValidator(_listed)] = Field(
        default=(),
        description="Who may call. Without any, everybody on the loopback interface, and nobody else.",
    )
    limits: Limits = Field(default=Limits(), description="What requests may take.")
    audit: Audit = Field(default=Audit(), description="The trail.")
    reload: Reload = Field(default=Reload(), description="How policies are taken up.")
    logging: Logging = Field(default=Logging(), description="What is said.")

    @model_validator(mode="after")
    def _safe(self) -> Settings:
        here = is_loopback(host_and_port(self.listen)[0])
        public = urlsplit(self.public_url).hostname if self.public_url else None
        if not self.callers and not (here and (public is None or is_loopback(public))):
            raise ValueError(
                "without `callers` everybody may do everything, so only the loopback interface is listened on:"
                " `agpc serve --new-key NAME --role ROLE` makes a caller"
            )
        if not here and self.tls is None:
            raise ValueError(
                "keys are not sent in the clear: give `tls.cert` and `tls.key`, or say `tls.elsewhere = true` where"
                " a proxy ends TLS"
            )
        names = [each.name for each in self.callers]
        for each in names:
            if names.count(each) > 1:
                raise ValueError(f"two callers are named `{each}`")
        return self


class Loaded(Table):
    """Settings, and where the paths in them start."""

    settings: Settings
    root: Path

    def path(self, name: str) -> Path:
        """Give a path that the settings name, as it is reached from here."""
        return self.root / name
