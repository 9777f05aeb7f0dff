"""The defects: the code that has to be found, and how it is planted."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..draft import Draft
from . import accountability, contradictions, facts, lifecycle, privilege, statements

DEFECTS: Mapping[str, Callable[[Draft], None]] = {
    **contradictions.DEFECTS,
    **facts.DEFECTS,
    **statements.DEFECTS,
    **privilege.DEFECTS,
    **lifecycle.DEFECTS,
    **accountability.DEFECTS,
}
