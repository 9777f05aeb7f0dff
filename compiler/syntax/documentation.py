"""Comments that document: lines that begin with `##`, right above what they are about.

Lines that follow each other are one text, from each of which one space is taken off. It is about what begins with the
next code, if no empty line stands between: other comments may. So the first thing of a line is meant, and never two.
`###` is an ordinary comment, as is `##` behind code, and a remark to agpc is a remark.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from ..report.diagnostics import Diagnostics, report
from ..report.offsets import Offsets
from ..report.remarks import is_documentation
from ..report.source import Source
from . import tree as syntax
from .characters import MAX_STRING

_BETWEEN = r"(?:[\s,<]|#[^\n]*|\b(?:action|read|write|send|destroy|package)\b|\blanguage\s+[0-9]+)*"
"""What may stand between such a line and the beginning of what it is about."""
_NO_EMPTY_LINE = r"[ \t\r]*\n[ \t]*(?=[^ \t\r\n])"


def documentation_of(
    file: syntax.File, source: Source, places: Offsets, diagnostics: Diagnostics
) -> tuple[syntax.Documentation, ...]:
    """Find the texts among the comments of a file, and what each is about."""
    if not any(is_documentation(each.text) for each in file.comments):
        return ()
    things = sorted(_things(file), key=lambda each: each.span)
    starts = [places.offset(each.span.line, each.span.column) for each in things]
    found = []
    for run in _runs(file.comments, source.text, places):
        text = "\n".join(_text_of(each) for each in run if is_documentation(each.text)).strip("\n")
        span = run[0].span.to([each for each in run if is_documentation(each.text)][-1].span)
        if len(text) > MAX_STRING:
            message = f"this text has {len(text)} characters, and one may have {MAX_STRING}"
            report(diagnostics, "AGP1008", span, message)
        last = run[-1].span
        begin = places.offset(last.end_line, last.end_column)
        about = None
        if text and re.compile(_NO_EMPTY_LINE).match(source.text, begin):
            match = re.compile(_BETWEEN).match(source.text, begin)
            assert match is not None
            number = bisect_left(starts, begin)
            if number < len(starts) and starts[number] <= match.end():
                about = things[number]
        found.append(syntax.Documentation(span, text, about))
    return tuple(found)


def _text_of(comment: syntax.Comment) -> str:
    return comment.text[2:].removeprefix(" ").replace("\t", "    ")


def _runs(
    comments: tuple[syntax.Comment, ...], text: str, places: Offsets
) -> Iterator[list[syntax.Comment]]:
    """Comments on lines that follow each other, of which the first and some more document."""
    run: list[syntax.Comment] = []
    for each in comments:
        start = places.offset(each.span.line, 1)
        if text[start : start + each.span.column - 1].strip(" \t\ufeff"):
            continue  # which stands behind code
        if run and each.span.line != run[-1].span.line + 1:
            yield run
            run = []
        if run or is_documentation(each.text):
            run.append(each)
    if run:
        yield run


# --- What can be documented -----------------------------------------------------------------------


def _things(file: syntax.File) -> Iterator[syntax.Documented]:
    """All that can be documented in a file; of what begins at one place only the whole."""
    if file.package is None:
        return
    package = file.package.text
    yield syntax.Documented(file.package.span, "package", package)
    for statement in file.statements:
        match statement:
            case syntax.OwnerClause() | syntax.Controls() | syntax.Use():
                pass
            case syntax.ContextDeclaration(kind=kind, fields=fields):
                yield syntax.Documented(statement.span, "field", kind)
                yield from _fields(fields, "field", kind)
            case syntax.ExtendDeclaration(name=name):
                yield syntax.Documented(statement.span, "resource", "", name)
                yield from _of_resource(statement, "", name)
            case syntax.TestDeclaration(name=title):
                yield syntax.Documented(statement.span, "test", title.value)
            case syntax.BindDeclaration(target=target):
                yield syntax.Documented(statement.span, "binding", f"{package}.{target.text}")
            case (
                syntax.SeparateDeclaration()
                | syntax.IsolateDeclaration()
                | syntax.DelegateDeclaration()
                | syntax.WithinDeclaration()
                | syntax.AssertDeclaration()
            ):
                yield syntax.Documented(statement.span, "constraint", "")
            case _:
                name_of_it = f"{package}.{statement.name.text}"
                yield syntax.Documented(statement.span, _KINDS[type(statement)], name_of_it)
                yield from _within(statement, name_of_it)


_KINDS: dict[type[syntax.Node], str] = {
    syntax.AgentDeclaration: "agent",
    syntax.AgentsDeclaration: "agent",
    syntax.IntentDeclaration: "intent",
    syntax.ResourceDeclaration: "resource",
    syntax.LevelDeclaration: "type",
    syntax.EnumDeclaration: "type",
    syntax.RuleDeclaration: "rule",
    syntax.SetDeclaration: "set",
    syntax.LetDeclaration: "condition",
    syntax.MeterDeclaration: "meter",
    syntax.SourceDeclaration: "source",
    syntax.GroupDeclaration: "group",
    syntax.TermsDeclaration: "terms",
}


def _within(statement: syntax.Statement, name: str) -> Iterator[syntax.Documented]:
    """What a declaration declares in turn, and the allows of a grant."""
    match statement:
        case (
            syntax.AgentDeclaration(attributes=fields) | syntax.AgentsDeclaration(attributes=fields)
        ):
            yield from _fields(fields, "field", name)
        case syntax.IntentDeclaration(fields=fields):
            yield from _fields(fields, "field", name)
        case syntax.ResourceDeclaration():
            yield from _of_resource(statement, name)
        case syntax.LevelDeclaration(members=members) | syntax.EnumDeclaration(members=members):
            for member in members:
                yield syntax.Documented(member.span, "member", f"{name}.{member.text}")
        case syntax.RuleDeclaration(clauses=clauses):
            for clause in clauses:
                if isinstance(clause, syntax.AllowClause):
                    yield syntax.Documented(clause.span, "allow", name)
        case _:
            pass


def _of_resource(
    node: syntax.ResourceDeclaration | syntax.ExtendDeclaration,
    name: str,
    extended: syntax.Name | None = None,
) -> Iterator[syntax.Documented]:
    yield from _fields(node.attributes, "field", name, extended)
    for action in node.actions:
        below = f"{name}.{action.name.text}"
        yield syntax.Documented(action.span, "action", below, extended)
        yield from _fields(action.parameters, "parameter", f"{below}.args", extended)


def _fields(
    fields: tuple[syntax.FieldDeclaration, ...],
    kind: str,
    name: str,
    extended: syntax.Name | None = None,
) -> Iterator[syntax.Documented]:
    """Fields, and those of records in them."""
    rest = [(each, name) for each in reversed(fields)]
    while rest:
        field, above = rest.pop()
        below = f"{above}.{field.name.text}"
        yield syntax.Documented(field.span, kind, below, extended)
        inner = field.type
        while isinstance(inner, syntax.ListOf):
            inner = inner.of
        if isinstance(inner, syntax.RecordOf):
            rest += [(each, below) for each in reversed(inner.fields)]
