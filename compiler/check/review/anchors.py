"""Which statement of a policy a place is in, by a name that stays when the file is edited or has another one."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable

from ...report.source import Span
from ...syntax import tree as syntax


def anchors(files: Iterable[syntax.File]) -> Callable[[Span], str]:
    """Give a function that names the statement of a place: its package, its kind and its name."""
    by_file = {each.span.file: each for each in files}

    def anchor(place: Span) -> str:
        file = by_file.get(place.file)
        if file is None:
            return ""
        package = file.package_name
        at = bisect_right(file.statements, (place.line, place.column), key=_start) - 1
        inside = at >= 0 and place.lies_in(file.statements[at].span)
        return f"{package} {named(file.statements[at])}" if inside else package

    return anchor


def _start(statement: syntax.Statement) -> tuple[int, int]:
    return statement.span.line, statement.span.column


def named(statement: syntax.Statement) -> str:
    """The kind of a statement and its name, if it has one."""
    match statement:
        case syntax.TestDeclaration(name=syntax.Text(value=text)):
            name = text
        case (
            syntax.AgentDeclaration(name=syntax.Name(text=text))
            | syntax.AgentsDeclaration(name=syntax.Name(text=text))
            | syntax.IntentDeclaration(name=syntax.Name(text=text))
            | syntax.ResourceDeclaration(name=syntax.Name(text=text))
            | syntax.LevelDeclaration(name=syntax.Name(text=text))
            | syntax.EnumDeclaration(name=syntax.Name(text=text))
            | syntax.SetDeclaration(name=syntax.Name(text=text))
            | syntax.LetDeclaration(name=syntax.Name(text=text))
            | syntax.RuleDeclaration(name=syntax.Name(text=text))
            | syntax.TermsDeclaration(name=syntax.Name(text=text))
            | syntax.GroupDeclaration(name=syntax.Name(text=text))
            | syntax.ExtendDeclaration(name=syntax.Name(text=text))
        ):
            name = text
        case _:
            name = ""
    return f"{type(statement).__name__} {name}"
