"""What a completion is asked of: the file, its package, the names of the policy set, and the place."""

from __future__ import annotations

from functools import cached_property
from typing import TypeVar

from ....compiler.lowering.names.mentions import Mentions
from ....compiler.lowering.names.names import Names
from ....compiler.lowering.references.references import References
from ....compiler.lowering.vocabulary.vocabulary import Vocabulary
from ....compiler.report.source import Span
from ....compiler.structs import Struct
from ....compiler.syntax import tree as syntax
from .around import Around
from .cursor import Cursor

N = TypeVar("N", bound=syntax.Node)

_NAMES = ("%NAME", "%PATH", "%WILDCARD", "%QUOTED_NAME", "%QUOTED_PATH", "%CONTROL_ID", "%PLATFORM_NAME")  # fmt: skip

_OF_THEIR_KIND = {"agents": "agent", "group": "group", "source": "source"}


class CompletionPoint(Struct, slots=False):
    """One place in one file of a policy set."""

    text: str
    cursor: Cursor
    package: str
    tree: syntax.File
    refer: References
    """Where the names of the set are looked up; nothing is reported to anybody."""

    rule_ids: tuple[str, ...] = ()
    """The rules of the set, as far as they could be made sense of."""

    @classmethod
    def of(
        cls,
        text: str,
        cursor: Cursor,
        tree: syntax.File,
        refer: References,
        rule_ids: tuple[str, ...] = (),
    ) -> CompletionPoint:
        """What is asked of a place in a text, whose tree may be older."""
        silent = refer.reporting_to([])
        silent.names.mentions = Mentions()  # what is looked up here is written nowhere
        return cls(text, cursor, tree.package_name, tree, silent, rule_ids)

    @property
    def names(self) -> Names:
        """What the packages declare."""
        return self.refer.names

    @property
    def known(self) -> Vocabulary:
        """The vocabulary of the policy set."""
        return self.refer.vocabulary

    def around(self, *keys: str) -> Around | None:
        """What is before the token, if it may be one of these terminals."""
        found = next((each for each in keys if each in self.cursor.expected), None)
        return None if found is None else Around.of(self.cursor.beginning.before(found))

    @cached_property
    def of_name(self) -> Around | None:
        """What is before a name that may stand here."""
        return self.around(*_NAMES)

    @cached_property
    def of_string(self) -> Around | None:
        """What is before a text that may stand here."""
        return self.around("%STRING", "%QUOTED_NAME")

    @cached_property
    def declaring(self) -> tuple[str, str] | None:
        """The kind and the name of what is declared here of others of its kind; None elsewhere."""
        around = self.of_name
        if around is None or around.symbol(1) != "%NAME" or around.symbol(0) not in _OF_THEIR_KIND:
            return None
        return _OF_THEIR_KIND[around.symbols[0]], around.values[1].text

    @cached_property
    def statement(self) -> syntax.Statement | None:
        """The statement of the tree that the token is in, which has what stands behind the cursor, too."""
        holding = (each for each in self.tree.statements if each.span.holds(*self._place))
        return next(holding, None)

    @cached_property
    def _place(self) -> tuple[int, int]:
        """The line and the column that the token starts at."""
        start = self.cursor.token.start
        return self.text.count("\n", 0, start) + 1, start - self.text.rfind("\n", 0, start)

    @property
    def is_line_begun(self) -> bool:
        """Whether something stands before the token on its line."""
        start = self.cursor.token.start
        return bool(self.text[self.text.rfind("\n", 0, start) + 1 : start].strip())

    def is_in(self, node: syntax.Node) -> bool:
        """Whether the token starts in a node: what is written right now."""
        return Span(self.tree.span.file, *self._place, *self._place).lies_in(node.span)
