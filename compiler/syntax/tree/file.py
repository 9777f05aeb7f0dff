"""A file, with all that it states and its comments."""

from __future__ import annotations

from typing import TypeAlias

from ...report.source import Span
from ...structs import Struct
from .bindings import BindDeclaration
from .constraints import (
    AssertDeclaration,
    DelegateDeclaration,
    IsolateDeclaration,
    SeparateDeclaration,
    WithinDeclaration,
)
from .declarations import (
    AgentDeclaration,
    AgentsDeclaration,
    ContextDeclaration,
    Controls,
    EnumDeclaration,
    ExtendDeclaration,
    GroupDeclaration,
    IntentDeclaration,
    LetDeclaration,
    LevelDeclaration,
    MeterDeclaration,
    OwnerClause,
    ResourceDeclaration,
    SetDeclaration,
    SourceDeclaration,
    Use,
)
from .expressions import Name, Node, Number
from .rules import RuleDeclaration, TermsDeclaration
from .tests import TestDeclaration

Statement: TypeAlias = (
    OwnerClause | Controls | Use | AgentDeclaration | AgentsDeclaration | IntentDeclaration
    | ResourceDeclaration | LevelDeclaration | EnumDeclaration | SetDeclaration | LetDeclaration
    | ContextDeclaration | MeterDeclaration | SourceDeclaration | RuleDeclaration | SeparateDeclaration | IsolateDeclaration
    | DelegateDeclaration | WithinDeclaration | AssertDeclaration | TestDeclaration | BindDeclaration | ExtendDeclaration | GroupDeclaration | TermsDeclaration
)  # fmt: skip


class Comment(Node, Struct):
    """A comment, from its `#` to the end of the line, without trailing white space."""

    text: str


class Documented(Node, Struct):
    """Something that can be documented: its kind, and its qualified name as far as its file tells it.

    An `allow` has the name of its grant, a statement like `separate` none, and what stands in an `extend` only what
    follows the resource's name, which is `extended`.
    """

    kind: str
    name: str
    extended: Name | None = None


class Documentation(Node, Struct):
    """Lines that begin with `##`, one after the other, and what they are about, if it is anything."""

    text: str
    about: Documented | None


class File(Node, Struct):
    """One file; `package` is None only where its line is missing, which is an error."""

    package: Name | None
    statements: tuple[Statement, ...]
    comments: tuple[Comment, ...]
    lost: frozenset[str] = frozenset()
    """The words in what could not be read; some of them may be declared there."""
    unreadable: tuple[Span, ...] = ()
    """Where something could not be read: a clause that is missing may stand there."""
    language: Number | None = None
    """The version of the language that the file says it is in."""
    commas: tuple[Span, ...] = ()
    """Commas after the last member of lists that no bracket closes, each of which is an error."""
    documentation: tuple[Documentation, ...] = ()
    """What comments say of what stands below them."""

    @property
    def package_name(self) -> str:
        """The name of its package; the empty text where its line is missing."""
        return "" if self.package is None else self.package.text
