"""Rules at the prompt: shown as they are written, changed in memory, and what the change opens and closes."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...compiler.structs import Struct
from .. import exits
from ..input.named import named

if TYPE_CHECKING:
    from ...compiler.syntax import tree as syntax
    from ..input.held import Held
    from .session import Session


class Written(Struct):
    """A grant or a forbid where it is written: its file, and where it begins and ends there."""

    name: str
    file: str
    whole: str
    start: int
    end: int
    place: str

    @property
    def text(self) -> str:
        """It as it is written, with what documents it."""
        return self.whole[self.start : self.end]

    def replaced(self, text: str) -> str:
        """The file with another text in its place."""
        return self.whole[: self.start] + text.strip("\n") + self.whole[self.end :]


def rules_of(session: Session) -> dict[str, tuple[syntax.File, syntax.RuleDeclaration]]:
    """The grants and forbids of the policies, by qualified name."""
    from ...compiler.syntax import tree as syntax

    return {
        f"{file.package.text}.{each.name.text}": (file, each)
        for file in session.now.compilation.files
        if file.package is not None
        for each in file.statements
        if isinstance(each, syntax.RuleDeclaration)
    }


def written(session: Session, text: str) -> Written:
    """The grant or forbid that somebody names, of an allow its grant. Ends the question where there is none."""
    from ...compiler.ir.identities import grant_of
    from ...compiler.report.offsets import Offsets

    known = rules_of(session)
    allows = {each.id: grant_of(session.policy, each) for each in session.policy.allows}
    name = named("rule", text, {*known, *allows})
    name = allows.get(name, name)
    file, node = known[name]
    source = next(each for each in session.now.files if each.source.name == node.span.file)
    places = Offsets(source.source)
    said = [each for each in file.documentation if each.about and each.about.span == node.span]
    first = said[0].span if said else node.span
    start = places.offset(first.line, first.column)
    end = places.offset(node.span.end_line, node.span.end_column)
    place = f"{source.path}:{node.span.line}"
    return Written(name, source.source.name, source.source.text, start, end, place)


def show(session: Session, text: str) -> int:
    """Print a rule as it is written, and where."""
    from ...compiler.text.visible import visible, visible_lines

    if not text:
        raise exits.Failure("say which rule: `show RULE`")
    rule = written(session, text)
    click.echo(f"# {visible(rule.place)}")
    click.echo(visible_lines(rule.text.replace("\r\n", "\n").replace("\t", "    ")))
    return exits.CLEAN


def change(session: Session, text: str, *, is_terminal: bool) -> int:
    """Change a rule: a part of it, or all of it in an editor; print what that opens and closes."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise exits.Failure(f"{error}".lower()) from None
    match words:
        case [name]:
            rule = written(session, name)
            after = in_editor(rule.text) if is_terminal else None
            if after is None:
                raise exits.Failure("an editor needs a terminal: `change RULE 'OLD' 'NEW'`")
        case [name, old, new]:
            rule = written(session, name)
            number = rule.text.count(old) if old else 0
            if number != 1:
                times = "nowhere" if number == 0 else f"{number} times"
                raise exits.Failure(f"that stands {times} in `{rule.name}`: `show` prints the rule")
            after = rule.text.replace(old, new)
        case _:
            raise exits.Failure("say what to change: `change RULE`, or `change RULE 'OLD' 'NEW'`")
    if after.strip() == rule.text.strip():
        click.echo("nothing changed")
        return exits.CLEAN
    before, session.now = session.now, session.with_text(rule.file, rule.replaced(after))
    return differ(before, session.now)


def diff(session: Session) -> int:
    """Print what all changes since the policies were read open and close."""
    return differ(session.base, session.now)


def differ(before: Held, after: Held) -> int:
    """Print what a change opens and closes, as `agpc diff` does."""
    from ...compiler.analysis.diff.changes import compare
    from ..output.diff.formats import written as diff_written

    base, head = before.compilation.policy, after.compilation.policy
    assert base is not None and head is not None
    found = compare(base, head)
    policies, files = {"base": base, "head": head}, {"base": before.files, "head": after.files}
    click.echo(diff_written(found, "text", policies, files), nl=False)  # type: ignore[arg-type]
    return exits.CLEAN


def in_editor(text: str) -> str:
    """What somebody makes of a text in the editor of `VISUAL` or `EDITOR`."""
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    with tempfile.TemporaryDirectory(prefix="agpc-") as directory:
        path = Path(directory) / "rule.agp"
        path.write_text(f"{text}\n", encoding="utf-8", newline="")
        sys.stdout.flush()
        try:
            done = subprocess.run([*shlex.split(editor), str(path)], check=False)
        except (OSError, ValueError) as error:
            raise exits.Failure(f"cannot start the editor `{editor}`: {error}") from None
        if done.returncode != 0:
            raise exits.Failure(f"the editor ended with {done.returncode}: nothing changed")
        try:
            return path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise exits.Failure(f"cannot read what the editor wrote: {error}") from None
