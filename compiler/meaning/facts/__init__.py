"""Facts about a call, as they follow from the record of what happened: the reference, which is never made faster.

`facts` takes a policy, a record and a request to the request with its facts. It looks at every line for every
fact, and reads like section *Facts* of the language reference.

Begin with `known.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ....runtime.record_lines import Line
from ...ir import nodes as ir
from .known import facts_of
from .reader import read_record
from .record import Record


def facts(policy: ir.Policy, record: Record | Iterable[Line], request: object) -> Any:
    """Give a request with the facts that follow from a record, or from its lines, up to its time."""
    known = record if isinstance(record, Record) else read_record(policy, record)
    return facts_of(policy, known, request)
