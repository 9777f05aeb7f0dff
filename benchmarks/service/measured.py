"""Rounds by turns, and what they came to: medians with their spread."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from servers import Asked, Server, ask

sys.path.insert(0, str(Path(__file__).parents[1]))
from tables import time_text

ROUNDS = 3
SECONDS = 2.0

Rounds: TypeAlias = dict[str, list[Asked]]


def rounds(servers: Mapping[str, tuple[Server, str, Path]], connections: int) -> Rounds:
    """Ask servers by turns, so that what else the machine does meets all alike."""
    found: Rounds = {who: [] for who in servers}
    for _ in range(ROUNDS):
        for who, (server, path, bodies) in servers.items():
            found[who].append(ask([server], path, bodies, connections, seconds=SECONDS))
    return found


def about(found: Rounds) -> list[tuple[str, ...]]:
    """A row for each who was asked."""
    return [(who, *cells_of(asked)) for who, asked in found.items()]


def cells_of(asked: Sequence[Asked]) -> tuple[str, ...]:
    """Requests a second with the least and the most, p50 and p99, and what processors took."""
    rates = [each.rate for each in asked]
    return (
        f"{statistics.median(rates):,.0f} ({min(rates):,.0f} to {max(rates):,.0f})",
        time_text(statistics.median(each.p50 for each in asked)),
        time_text(statistics.median(each.p99 for each in asked)),
        time_text(statistics.median(each.cpu for each in asked)),
    )
