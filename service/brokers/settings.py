"""Reading the table of a broker, and the secrets that it names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol, TypeVar

from pydantic import ValidationError

from ..config.kinds import Table
from ..config.secrets import SecretError, SecretFrom
from ..outbound.fetching import NotFetched, Reach, checked
from .broker import PlatformFailed


class Granted(Protocol):
    """What a capability is at a platform."""

    @property
    def capability(self) -> str:
        """The capability."""
        ...


T = TypeVar("T", bound=Table)
G = TypeVar("G", bound=Granted)
SAID = {
    "extra_forbidden": "there is no such key",
    "missing": "this key is needed",
    "string_pattern_mismatch": "this is not written as it has to be",
    "model_type": 'a secret has a place: `{ file = "PATH" }` or `{ env = "NAME" }`',
}
"""Our words for problems, by their types."""


def read_table(model: type[T], given: Mapping[str, Any]) -> T:
    """Read the settings of a broker. Raises `ValueError`, whose message has no value in it."""
    try:
        return model.model_validate(dict(given))
    except ValidationError as error:
        said = [
            f"`{'.'.join(map(str, each['loc']))}`: "
            f"{SAID.get(each['type'], each['msg'].removeprefix('Value error, '))}"
            for each in error.errors(include_url=False, include_input=False)
        ]
        raise ValueError("; ".join(said)) from None


def by_capability(grants: Iterable[G]) -> dict[str, G]:
    """Find what each capability is. Raises `ValueError` where one stands there twice."""
    found: dict[str, G] = {}
    for each in grants:
        if each.capability in found:
            raise ValueError("`grants`: a capability stands there twice")
        found[each.capability] = each
    return found


def base_url(key: str, url: str, reach: Reach) -> str:
    """Give the URL that the platform's paths go behind. Raises `ValueError` for one that may not be asked."""
    url = url.rstrip("/")
    try:
        if checked(url, reach).query:
            raise NotFetched("it has a query")
    except NotFetched as error:
        raise ValueError(f"`{key}`: {error}") from None
    return url


def secret(place: SecretFrom, root: Path) -> str:
    """Read a secret, as it is now: whoever changes one has it used from the next request on. Raises `PlatformFailed`."""
    try:
        found = place.read_text(root).strip()
    except SecretError as error:
        raise PlatformFailed(str(error)) from None
    if not found:
        raise PlatformFailed(f"the secret in {place} is empty")
    return found
