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
OTHERWISE = (
    "notes://desk/%70rivate",
    "notes://desk/private?x=1",
    "notes://desk/public/../private",
    "NOTES://desk/private",
    "notes://DESK/private",
    "notes://x@desk/private",
)
"""What a server may take for a note that the policy binds, and a pattern does not."""
