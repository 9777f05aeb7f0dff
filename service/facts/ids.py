"""Values as text: as parts of keys, in an order, and as ids of rows."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from functools import lru_cache
from hashlib import sha256
from struct import pack
from typing import Any

from ...monitor.shares import KeyValues
from ...runtime.facts import MALFORMED

OF_RUN = 16  # bytes of a digest of what the service has named itself
OF_VALUES = 24  # bytes of one of what anybody may choose: none finds two that are alike
MOST_CELLS = 65_536  # of which the ids are remembered


def text_of(value: Any) -> str | None:
    """Give what equal values have in common, and others have not; None of what may be any."""
    return None if value is MALFORMED else json.dumps(_plain(value))


def _plain(value: Any) -> Any:
    if type(value) is float:
        return int(value) if value.is_integer() else value
    return [_plain(each) for each in value] if type(value) is tuple else value


def digest_of(text: str, size: int) -> str:
    """Give a digest that can stand in an id."""
    return urlsafe_b64encode(sha256(text.encode()).digest()[:size]).decode()


@lru_cache(MOST_CELLS)
def cell_id(number: int, keys: KeyValues, at: int | None) -> str:
    """Give the id of the cell of a meter for some keys, of which the one `at` a place is a run.

    The records whose keys may be any are in a cell of their own, of the meter or of the run.
    """
    run = "" if at is None else digest_of(keys[at], OF_RUN)
    if MALFORMED in keys:
        return any_id(number, run)
    texts = json.dumps([_plain(each) for each in keys])
    return f"{number:x}.{run}{digest_of(texts, OF_VALUES)}"


def any_id(number: int, run: str) -> str:
    """Give the id of the cell of records whose keys may be any."""
    return f"{number:x}.{run}?"


def number_in(id: str) -> int:
    """Give the number of the meter of an id."""
    return int(id[: id.index(".")], 16)


def share_id(cell: str, time: int) -> str:
    """Give the id of what a call adds to a cell: their order is that of time."""
    return f"{cell}/{time:016x}"


def cell_of(share: str) -> tuple[str, int]:
    """Give the cell of a share, and its time."""
    cell, _, time = share.rpartition("/")
    return cell, int(time, 16)


def within(prefix: str) -> tuple[str, str]:
    """Give the ids between which those are that begin with something and a stroke."""
    return f"{prefix}/", f"{prefix}0"  # which is what comes after a stroke


def of_run(number: int, run: str) -> tuple[str, str]:
    """Give the ids between which those of a meter are that belong to a run."""
    begin = f"{number:x}.{digest_of(run, OF_RUN)}"
    return begin, f"{begin}~"


def in_order(value: float) -> str:
    """Give a number as text that is in the order of numbers; a meter has either whole ones or doubles."""
    if type(value) is int:
        return f"{value + (1 << 64):017x}"
    bits = int.from_bytes(pack(">d", value + 0.0), "big")
    return f"{bits ^ (-(bits >> 63) & (1 << 64) - 1 | 1 << 63):016x}"


def peak_id(cell: str, value: str, time: int) -> str:
    """Give the id of a value of which the greatest is asked: of equal ones the first is the last."""
    return f"{cell}/{value}/{(1 << 64) - time:017x}"


def line_id(epoch: int, run: str, number: int) -> str:
    """Give the id of a line of a run."""
    return f"{epoch:x}.{digest_of(run, OF_RUN)}/{number:08x}"
