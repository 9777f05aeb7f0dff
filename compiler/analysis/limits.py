"""What is a matter of judgement: where a finding begins.

Apart from what analyses, since whoever reads settings has to know it, and most of them analyse nothing.
"""

from __future__ import annotations

from ..structs import Struct


class Limits(Struct):
    """What is a matter of judgement, as a user may set it in `agpc.toml`."""

    max_ttl: int = 12 * 3600
    """Seconds that a credential may live before it counts as standing access."""
    read_level: str | None = None
    """The member of a level from which reading counts as sensitive; by default the second highest."""
    outward: tuple[str, ...] = (
        "send*",
        "share*",
        "post_message*",
        "publish*",
        "export*",
        "upload*",
    )
    """Globs over actions that send something outside."""
    max_validity: int = 2 * 365 * 86_400
    """Seconds from now within which a grant ends, or counts as standing access."""
    retention: int | None = None
    """Seconds for which records are kept, where somebody says so."""
