"""The people of the settings: the core knows them from the start, and who stands there no more has left."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Sequence
from typing import TypeAlias

from ..config.models import Loaded, Settings
from ..config.read import ConfigError, read_settings
from ..config.secrets import SecretError
from ..core import SYSTEM, Know, Problem
from ..http.gate.callers import Callers
from ..http.gate.gate import Gate
from ..http.telemetry import logs
from ..identity.bundles import Bundles
from ..store import StoreError
from .live import Live
from .trust import callers_of

SOURCE = "settings"
READ_AGAIN = ("callers", "workloads", "people")
"""What counts as soon as the file is read again; policies are read by themselves."""
SettingsPerson: TypeAlias = tuple[str, tuple[str, ...], bool]
"""Who, with which roles, and whether they are there."""


class People:
    """Keeps the core and the gate up to what the settings say of people, and of who else may call."""

    def __init__(self, loaded: Loaded, live: Live, bundles: Bundles, gate: Gate) -> None:
        """Begin with what was read at the start."""
        self._loaded, self._live, self._bundles, self._gate = loaded, live, bundles, gate
        self.are_known = False
        """Whether the core was told of all."""

    async def know(self) -> bool:
        """Tell the core who is there, and who has left; say whether it knows."""
        self.are_known = False
        try:
            there = {each.id: each.roles for each in self._loaded.settings.people}
            told: list[SettingsPerson] = [
                (id, (), False) for id in await asyncio.to_thread(self._before) if id not in there
            ]
            told += [(id, roles, True) for id, roles in there.items()]
            refused = await self._told(told)
            if refused and len(refused) < len(told):  # maybe of who was told of later
                refused = await self._told([each for each, _ in refused])
            for (id, _, _), problem in refused:
                logs.say_failure(
                    "the core does not take somebody of the settings",
                    problem,
                    person=id,
                    code=problem.code,
                )
        except StoreError as error:
            logs.say_failure("the core could not be told of the people of the settings", error)
            return False
        if refused:
            return False
        self.are_known = True
        return True

    async def _told(self, told: Sequence[SettingsPerson]) -> list[tuple[SettingsPerson, Problem]]:
        """Tell the core of each; give those that it refuses. One who cannot be there keeps nobody from leaving."""
        refused = []
        for each in told:
            try:
                taken = await self._tell(each[0], each[1], active=each[2])
                if each[2] and not taken:
                    logs.say(
                        logging.WARNING,
                        "a person of the settings has left, as an operator said: `agpc people back` says otherwise",
                        person=each[0],
                    )
            except Problem as problem:
                refused.append((each, problem))
        return refused

    async def read_again(self) -> bool:
        """Read the file anew, and let it say who may call and who may be asked; a file with a fault changes nothing."""
        if self._loaded.file is None:
            return True
        try:
            found = await asyncio.to_thread(read_settings, self._loaded.file, self._loaded.flags)
            callers = await asyncio.to_thread(self._callers, found)
        except (ConfigError, SecretError, ValueError) as error:
            why = error.problems if isinstance(error, ConfigError) else [str(error)]
            logs.say(
                logging.ERROR, "the settings cannot be read: callers and people stay", why=list(why)
            )
            return False
        self._warn_of_others(found.settings)
        settings = self._loaded.settings.model_copy(
            update={each: getattr(found.settings, each) for each in READ_AGAIN}
        )
        self._loaded = self._loaded.model_copy(update={"settings": settings})
        self._gate.callers = callers
        is_told = await self.know()
        if is_told:
            logs.say(
                logging.INFO,
                "callers and people were read anew",
                callers=len(settings.callers),
                people=len(settings.people),
            )
        return is_told

    def _warn_of_others(self, found: Settings) -> None:
        """Say which settings are others in the file by now, and wait for the next start."""
        now = self._loaded.settings
        names = [
            name
            for name in Settings.model_fields
            if name not in READ_AGAIN and getattr(now, name) != getattr(found, name)
        ]
        if names:
            logs.say(
                logging.WARNING,
                "settings that are others now count from the next start",
                settings=names,
            )

    def _callers(self, found: Loaded) -> Callers:
        return callers_of(found, self._bundles)

    def _before(self) -> list[str]:
        with self._live.view() as view:
            return [each.id for each in view.people(SOURCE) if each.active]

    async def _tell(self, id: str, roles: tuple[str, ...], *, active: bool) -> bool:
        key = f"person-{secrets.token_hex(16)}"
        operation = Know(
            caller=SYSTEM, key=key, person=id, roles=roles, source=SOURCE, active=active
        )
        return (await self._live.do(operation)).get("active") is active
