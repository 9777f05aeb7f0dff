"""How a feature says which request it answers. Each module of `handlers/` is found by itself: nothing else has to name it.

```python
@asked("textDocument/hover")
def hover(here: Here, params: types.HoverParams) -> types.Hover | None:
    return features.hover.hover(here.snapshot, here.name, *here.place(params.position))
```
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from ..compiler.report.source import Span
from ..compiler.structs import Struct

if TYPE_CHECKING:
    from .documents import Document
    from .features.workspace_edits import Editing
    from .positions import Lines
    from .session import Session
    from .snapshot import Snapshot


CONTENT_MODIFIED = -32801
"""The protocol's `ContentModified`: the answer is about a text that is no longer there."""

Answered = TypeVar("Answered")


class Here(Struct):
    """What a request about a document begins with: the set that it is in, as it is now, and its name there."""

    session: Session
    snapshot: Snapshot
    document: Document
    name: str

    @property
    def lines(self) -> Lines:
        """The lines of the document."""
        return self.snapshot.lines_of(self.name)

    @property
    def editing(self) -> Editing:
        """What it takes to tell the client of edits of the set as it is now."""
        from .features.workspace_edits import Editing

        versions = {each.uri: each.version for each in self.session.documents}
        return Editing(self.snapshot, versions, self.session.able)

    def place(self, position: types.Position) -> tuple[int, int]:
        """The line and column, as spans count, of a position."""
        return self.lines.place(position)

    def span(self, range: types.Range) -> Span:
        """The span of a range of the document."""
        return self.lines.span(self.name, range)

    def if_it_stays(self, work: Callable[[], Answered]) -> Callable[[], Answered]:
        """Work that is done beside the server's own, whose answer is an error where the set has changed meanwhile."""

        def done() -> Answered:
            found = work()
            if not self.session.snapshots.is_current(self.snapshot):
                raise JsonRpcException("the policy set has changed since", CONTENT_MODIFIED)
            return found

        return done


class Handler(Struct):
    """An answer to a method. `about` says what it is given beside the parameters."""

    method: str
    answer: Callable[..., Any]
    options: Any
    about: str
    """`document`: a `Here`; `session`: the session; `command`: the session and the arguments."""

    slow: bool
    """Whether it runs beside the others, in a thread, because it may take longer than an author waits."""

    later: bool = False
    """Whether its answer may be a function that gives it, which runs there: what it takes from the set it takes at once."""


HANDLERS: list[Handler] = []
"""Those of all modules of `handlers/`, once they are loaded."""

Answer = Callable[..., Any]


def asked(
    method: str, options: Any = None, *, slow: bool = False, later: bool = False
) -> Callable[[Answer], Answer]:
    """Answer a request about a document: `answer(here, params)`. Of one that is not there, it is not asked."""
    return _registered(method, options, "document", slow, later)


def asked_of_all(
    method: str, options: Any = None, *, slow: bool = False, later: bool = False
) -> Callable[[Answer], Answer]:
    """Answer a request about no document, as about the workspace: `answer(session, params)`."""
    return _registered(method, options, "session", slow, later)


def command(name: str, *, slow: bool = False, later: bool = False) -> Callable[[Answer], Answer]:
    """Answer a command, as code lenses and quick fixes send it: `answer(session, arguments)`."""
    return _registered(name, None, "command", slow, later)


def _registered(
    method: str, options: Any, about: str, slow: bool, later: bool
) -> Callable[[Answer], Answer]:
    def register(answer: Answer) -> Answer:
        HANDLERS.append(Handler(method, answer, options, about, slow, later))
        return answer

    return register


def load() -> list[Handler]:
    """Load all handlers."""
    from . import handlers

    for each in pkgutil.iter_modules(handlers.__path__):
        import_module(f".{each.name}", handlers.__name__)
    return HANDLERS
