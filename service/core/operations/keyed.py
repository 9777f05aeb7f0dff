"""What every operation has: who asks, and the key by which it is done once."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, ClassVar

from .callers import Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyed:
    """What all have: who asks, and the key."""

    NAME: ClassVar[str]
    caller: Caller
    key: str

    def told(self) -> Any:
        """Give what is asked, as JSON: all but who asks and the key, where a class does not say otherwise."""
        names = [each.name for each in fields(self) if each.name not in ("caller", "key")]
        return {name: getattr(self, name) for name in names}
