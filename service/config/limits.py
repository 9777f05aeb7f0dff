"""What one request, one caller and all together may take: the tables `limits` and `requests` of `service.toml`."""

from __future__ import annotations

from pydantic import (
    Field,
)

from .kinds import Seconds, Table


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
        description="How long a connection may take for the handshake of TLS, and then to send the head of its first "
        "request.",
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
        description="Requests that a process works on at once; more is 503. Pages are counted apart, up to a quarter of it.",
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
    page_rate: int = Field(
        default=50,
        ge=1,
        description="Requests a second for pages from one address (of IPv6, one /64) and each process, signed in or not; more is "
        "429. A proxy in front is one address: it has to limit by itself, and this is raised for it.",
    )
    page_burst: int = Field(
        default=500,
        ge=1,
        description="How many requests for pages may come from one address at once before `page_rate` counts.",
    )
    batch: int = Field(
        default=100, ge=1, le=10_000, description="Evaluations in one request of AuthZEN."
    )


class Requests(Table):
    """What may wait for people. One that is too many is answered 429, recorded, and put to nobody."""

    open_of_task: int = Field(
        default=20, ge=1, le=10_000, description="Requests of one task that are open at once."
    )
    open_of_agent: int = Field(
        default=200,
        ge=1,
        le=100_000,
        description="Requests of one agent that are open at once, in all its tasks.",
    )
