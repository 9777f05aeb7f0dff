"""The one way out of a question that the procedure cannot answer within its limits."""

from __future__ import annotations


class Undetermined(Exception):
    """Neither proved nor refuted; the message says why. It is never taken for a yes."""
