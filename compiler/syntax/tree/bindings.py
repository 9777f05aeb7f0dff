"""What platforms call the things of a policy."""

from __future__ import annotations

from ...structs import Struct
from .expressions import Name, Node, Text


class BindAction(Node, Struct):
    """`read = s3:GetObject, s3:GetObjectVersion [on "arn:…"]`; names as text."""

    action: Name
    names: tuple[Text | Name, ...]
    on: Text | None


class BindAttribute(Node, Struct):
    """`attribute sensitivity = s3:ExistingObjectTag/sensitivity`."""

    attribute: Name
    key: Text | Name


class BindResource(Node, Struct):
    """`resource invoices "arn:…" { … }`."""

    resource: Name
    location: Text | None
    items: tuple[BindAction | BindAttribute, ...]


class BindAgent(Node, Struct):
    """`agent invoice_bot "arn:…"`."""

    agent: Name
    identity: Text


class BindTag(Node, Struct):
    """`session tag intent = "agp:intent"`."""

    what: Name
    key: Text | Name


class BindContext(Node, Struct):
    """`context source_ip = aws:SourceIp`."""

    name: Name
    key: Text | Name


class BindDeclaration(Node, Struct):
    """`bind TARGET { … }`."""

    target: Name
    items: tuple[BindResource | BindAgent | BindTag | BindContext, ...]
