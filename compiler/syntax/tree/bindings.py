"""What platforms call the things of a policy."""

from __future__ import annotations

from ...records import dataclass
from .expressions import Name, Node, Text


@dataclass(frozen=True, slots=True)
class BindAction(Node):
    """`read = s3:GetObject, s3:GetObjectVersion [on "arn:…"]`; names as text."""

    action: Name
    names: tuple[Text | Name, ...]
    on: Text | None


@dataclass(frozen=True, slots=True)
class BindAttribute(Node):
    """`attribute sensitivity = s3:ExistingObjectTag/sensitivity`."""

    attribute: Name
    key: Text | Name


@dataclass(frozen=True, slots=True)
class BindResource(Node):
    """`resource invoices "arn:…" { … }`."""

    resource: Name
    location: Text | None
    items: tuple[BindAction | BindAttribute, ...]


@dataclass(frozen=True, slots=True)
class BindAgent(Node):
    """`agent invoice_bot "arn:…"`."""

    agent: Name
    identity: Text


@dataclass(frozen=True, slots=True)
class BindTag(Node):
    """`session tag intent = "agp:intent"`."""

    what: Name
    key: Text | Name


@dataclass(frozen=True, slots=True)
class BindContext(Node):
    """`context source_ip = aws:SourceIp`."""

    name: Name
    key: Text | Name


@dataclass(frozen=True, slots=True)
class BindDeclaration(Node):
    """`bind TARGET { … }`."""

    target: Name
    items: tuple[BindResource | BindAgent | BindTag | BindContext, ...]
