"""Signals of other systems: their keys are kept up to date, and their events fetched where they lie."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor

from ..core import Problem
from ..http.telemetry import logs
from ..outbound.fetching import NotFetched
from ..signals.polling import PollEndpoint, Poller
from ..signals.reading import Transmitters
from ..store import StoreError
from .live import Live


class Hearing:
    """What one process does to hear signals."""

    def __init__(self, live: Live, transmitters: Transmitters, places: list[PollEndpoint]) -> None:
        """Keep whom to believe, and where to look."""
        self.transmitters, self.places = transmitters, tuple(places)
        self._live, self._poller = live, Poller(transmitters)
        self._threads = ThreadPoolExecutor(max(1, len(places)), "agpc-hearing")
        """One for each place: who hangs keeps nobody else waiting."""

    async def poll(self, place: PollEndpoint) -> None:
        """Fetch the events of one."""
        loop = asyncio.get_running_loop()
        try:
            core = self._live.core
            await loop.run_in_executor(self._threads, self._poller.poll, place, core.do_now)
        except NotFetched as error:
            logs.say(
                logging.WARNING,
                "the events of a transmitter cannot be fetched",
                transmitter=place.transmitter.name,
                why=str(error),
            )
        except (Problem, StoreError) as error:
            logs.say_failure("events of a transmitter could not be taken in", error)
