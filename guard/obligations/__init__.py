"""What a permit obliges to: each duty is done, or the call is refused."""

from __future__ import annotations

from .duties import CannotDo, Duties, Duty, Obligation

__all__ = ["CannotDo", "Duties", "Duty", "Obligation"]
