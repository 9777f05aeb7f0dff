"""The settings of a guard, as `service.toml` and the command line have them."""

from __future__ import annotations

from ...service.config.models import Loaded
from ...service.config.secrets import SecretError
from ...service.outbound.fetching import NotFetched, Reach, checked
from ..obligations.duties import Obligation, ObligationError, load_obligation
from ..obligations.notify import Channel, Notify
from .denials import Explain
from .governed import Settings, own_obligations


class SettingsError(Exception):
    """The settings of a guard cannot be used; the message says why."""


def settings_of(
    loaded: Loaded, *, explain: Explain | None = None, wait: float | None = None
) -> Settings:
    """Give the settings of a guard, with what the command line says over them. Raises `SettingsError`."""
    told = loaded.settings.guard
    return Settings(
        explain=explain or told.explain,
        ask=told.ask,
        wait=told.wait if wait is None else wait,
        longest_result=told.result_bytes,
        obligations=_obligations(loaded),
    )


def _obligations(loaded: Loaded) -> dict[str, Obligation]:
    told = loaded.settings.guard
    found = {**own_obligations(), "notify": Notify(_channels(loaded))}
    for name, entry in told.obligations.items():
        if name in found:
            raise SettingsError(f"`guard.obligations.{name}`: the guard does that itself")
        try:
            found[name] = load_obligation(entry.plugin or name, entry.own(), loaded.root)
        except ObligationError as error:
            raise SettingsError(f"`guard.obligations.{name}`: {error}") from None
    return found


def _channels(loaded: Loaded) -> dict[str, Channel]:
    found = {}
    for name, entry in loaded.settings.guard.channels.items():
        ca = None if entry.ca is None else loaded.path(entry.ca)
        try:
            url = entry.url.read_text(loaded.root).strip()
            reach = Reach(private=entry.private, ca=ca)
            checked(url, reach)
        except (SecretError, NotFetched) as error:
            raise SettingsError(f"`guard.channels.{name}`: {error}") from None
        found[name] = Channel(url, reach)
    return found
