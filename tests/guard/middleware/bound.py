"""The policy of the desk, with a place that it binds."""

from __future__ import annotations

from ..enforcing.desk import POLICY

BOUND = POLICY.replace(
    "bind mcp { resource shop",
    "dataset notes { read action read() }\n"
    'bind mcp { resource notes "notes://desk/${id}" { read = "resources/read" } resource shop',
).replace(
    "allow shop.note\n", 'allow shop.note\n    allow notes.read when resource.id == "public"\n'
)
