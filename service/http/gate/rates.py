"""How many requests a caller may make: a bucket of tokens for each, filled at a steady rate."""

from __future__ import annotations

import time
from collections.abc import Callable

MOST = 10_000  # buckets


class Rates:
    """The buckets of all callers. Of workloads there may be many: those whose buckets are full are forgotten."""

    def __init__(
        self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Fill at `rate` a second up to `burst`."""
        self._rate, self._burst, self._clock = rate, max(burst, 1.0), clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, caller: str) -> float:
        """Take a token; give 0, or in how many seconds there is one again.

        >>> rates = Rates(2, 1, clock=lambda: 5.0)
        >>> rates.take("a"), rates.take("a"), rates.take("b")
        (0.0, 0.5, 0.0)
        """
        now = self._clock()
        if len(self._buckets) >= MOST:
            self._forget(now)
        tokens, before = self._buckets.get(caller, (self._burst, now))
        tokens = min(self._burst, tokens + max(0.0, now - before) * self._rate)
        if tokens < 1.0:
            self._buckets[caller] = (tokens, now)
            return (1.0 - tokens) / self._rate
        self._buckets[caller] = (tokens - 1.0, now)
        return 0.0

    def _forget(self, now: float) -> None:
        """Forget those who may ask as often as who never asked; all, where that is nobody."""
        full = self._burst / self._rate
        self._buckets = {name: each for name, each in self._buckets.items() if now - each[1] < full}
        if len(self._buckets) >= MOST:
            self._buckets.clear()
