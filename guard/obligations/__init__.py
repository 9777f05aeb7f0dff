"""What a permit obliges to: each duty is done, or the call is refused.

Plug-ins may do more of it (`known.py`).

Begin with `duties.py`, `known.py`.
"""

from __future__ import annotations

from .duties import CannotDo, Duties, Duty, Obligation

__all__ = ["CannotDo", "Duties", "Duty", "Obligation"]
