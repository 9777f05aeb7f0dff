"""Resources of a server that the policy binds: which call the reading of a URI is.

`bind mcp { resource notes "notes://team/${name}" { read = "resources/read" } }` makes the reading of such a URI a call of
`notes.read`, about the resource with that `name`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from ...runtime.values import is_text
from ..enforcing.vocabulary import READ, Tool, Vocabulary

_HOLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
LONGEST = 4_096


@dataclass(frozen=True, slots=True)
class BoundResource:
    """A URI that a policy binds, with what it says of the resource."""

    tool: Tool
    id: str
    properties: Mapping[str, str]


class BoundResources:
    """The URIs that a policy binds."""

    def __init__(self, vocabulary: Callable[[], Vocabulary], resources: Iterable[str] = ()) -> None:
        """Take what says what the policy binds now; of the `resources` alone, if some are named."""
        self._now, self._named = vocabulary, frozenset(resources)
        self._of: Vocabulary | None = None
        self._known: list[tuple[re.Pattern[str], Tool]] = []

    def _bound(self) -> list[tuple[re.Pattern[str], Tool]]:
        vocabulary = self._now()
        if vocabulary is not self._of:
            self._of = vocabulary
            self._known = [
                (_pattern(tool.server), tool)
                for tool in vocabulary.tools.values()
                if tool.server is not None
                and not (self._named and tool.type not in self._named)
                and (READ in tool.names or (not tool.names and tool.action == "read"))
            ]
        return self._known

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._bound())

    def find(self, uri: str) -> BoundResource | None:
        """Give what the reading of a URI is; None if nothing is bound there, or two things are, or it has two readings."""
        if len(uri) > LONGEST or not is_plain(uri):
            return None
        found = [
            (tool, match.groupdict())
            for pattern, tool in self._bound()
            if (match := pattern.fullmatch(uri))
        ]
        if len(found) != 1:
            return None
        ((tool, held),) = found
        values = {name: unquote(value) for name, value in held.items()}
        id = values.pop("id", uri)
        return BoundResource(tool, id, values)

    def is_free(self, uri: Any) -> bool:
        """Whether a URI is surely nothing that is bound, however a server reads it: an operator may let it pass.

        One place has many URIs: escapes, capitals, a host that may be left out. Another scheme is another place.
        """
        schemes = {_scheme(tool.server or "") for _, tool in self._bound()}
        if not isinstance(uri, str):
            return False
        scheme = _scheme(uri)
        return not schemes or (scheme is not None and not schemes & {scheme, None})


def may_complete(ref: Any, passes: Collection[str], places: BoundResources) -> bool:
    """Whether somebody may be told what a prompt or a place is completed with: as far as that itself passes.

    What completes a place is what the server has there, be it bound or not.
    """
    if getattr(ref, "type", None) == "ref/prompt":
        return "prompts" in passes
    return "resources" in passes and places.is_free(getattr(ref, "uri", None))


def _scheme(uri: str) -> str | None:
    found = _SCHEME.match(uri)
    return None if found is None else found[1].lower()


def is_plain(uri: str) -> bool:
    """Whether a URI has one reading: without `..`, and with nothing in escapes that others could take for a separator."""
    whole = unquote(uri, errors="replace")
    segments = re.split(r"[/\\]", whole)
    return (
        is_text(whole)
        and whole.isprintable()
        and "\\" not in whole
        and not {".", ".."} & set(segments)
        and whole.count("/") == uri.count("/")
        and "%" not in whole
        and not set("?#") & set(uri)
    )


def _pattern(location: str) -> re.Pattern[str]:
    """A place as a pattern: what stands for an attribute is one segment, but for one at the end."""
    parts: list[str] = []
    position = 0
    seen: set[str] = set()
    for hole in _HOLE.finditer(location):
        parts.append(re.escape(location[position : hole.start()]))
        name = hole[1]
        if name in seen:
            parts.append(f"(?P={name})")
        else:
            parts.append(f"(?P<{name}>{'.+' if hole.end() == len(location) else '[^/]+'})")
        seen.add(name)
        position = hole.end()
    parts.append(re.escape(location[position:]))
    return re.compile("".join(parts))
