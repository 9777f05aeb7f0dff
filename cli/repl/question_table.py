"""What can be asked at the prompt: a table of words, what each does, and how it is told in `help`."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from functools import partial

import click

from ...compiler.structs import Struct
from .. import exits
from ..input.held import holding
from . import asking, changing
from .session import Session

Answer = Callable[[Session, str], int]


class Question(Struct):
    """A word of the prompt: how it is written, what it says, and what answers it."""

    usage: str
    about: str
    answer: Answer


class Leave(BaseException):
    """Somebody wants to leave: nothing that went wrong."""


def of_command(name: str) -> Answer:
    """A subcommand of agpc, asked about the policies of the session, with all of its options."""

    def answer(session: Session, text: str) -> int:
        from ...compiler.text.visible import visible
        from ..table import invoked

        words = split(text)
        if "--watch" in words:
            raise exits.Failure("a session reads files when it is told to: `load`")
        try:
            with holding(session.now):
                return invoked([name, *words])
        except click.UsageError as error:
            said = visible(error.format_message().removesuffix("."))
            way = f"write `{find(name).usage}`; `{name} --help` tells the options"
            raise exits.Failure(f"{said[:1].lower()}{said[1:]}: {way}") from None

    return answer


def split(text: str) -> list[str]:
    """The words of a line, as a shell takes them."""
    try:
        return shlex.split(text)
    except ValueError as error:
        raise exits.Failure(
            f"{str(error).lower()}: quotes go around what has spaces in it"
        ) from None


def load(session: Session, text: str) -> int:
    """Read the policies again, or others."""
    was_changed = session.is_changed
    session.load(tuple(split(text)))
    _count(session)
    if was_changed:
        click.echo("what was changed in memory is gone")
    return exits.CLEAN


def reset(session: Session, text: str) -> int:
    """Take back what was changed."""
    _nothing_more("reset", text)
    session.reset()
    _count(session)
    return exits.CLEAN


def diff(session: Session, text: str) -> int:
    """Compare what is held with what was read."""
    _nothing_more("diff", text)
    return changing.diff(session)


def leave(session: Session, text: str) -> int:
    """Leave."""
    raise Leave


def tell(session: Session, text: str) -> int:
    """Say what can be asked."""
    word = text.partition(" ")[0]
    if word:
        question = find(word)
        click.echo(f"{question.usage}\n    {question.about}")
        return exits.CLEAN
    width = max(len(each.usage) for each in QUESTIONS.values())
    for each in QUESTIONS.values():
        click.echo(f"{each.usage.ljust(width)}  {each.about}")
    return exits.CLEAN


def _nothing_more(word: str, text: str) -> None:
    if text:
        raise exits.Failure(f"nothing stands behind `{word}`")


def _count(session: Session) -> None:
    """Say what is held."""
    from ...compiler.text.counted import counted

    policy = session.policy
    told = [
        counted(len(session.now.files), "file"),
        counted(len([*policy.rules]), "rule"),
        counted(len(policy.identities), "agent"),
        counted(len(policy.capabilities), "capability", "capabilities"),
    ]
    click.echo(", ".join(told))


def questions(*, is_terminal: bool) -> dict[str, Question]:
    """The table; whether there is a terminal decides whether an editor can be had."""
    return {
        each.usage.partition(" ")[0]: each
        for each in (
            Question("who-can CAPABILITY [OPTIONS]", "which agents may use a capability", of_command("who-can")),
            Question("what-can AGENT [OPTIONS]", "what an agent may do", of_command("what-can")),
            Question("exposure [OPTIONS]", "the arguments that no condition binds", of_command("exposure")),
            Question("matrix [OPTIONS]", "agents by capabilities", of_command("matrix")),
            Question("test [OPTIONS]", "run the tests of the policies", of_command("test")),
            Question("decide REQUEST", "decide AGENT for INTENT call RESOURCE.ACTION(…) and more clauses of a test, or JSON", asking.decide),
            Question("explain [REQUEST]", "why the last request, or this one, is decided as it is", asking.explain),
            Question("show RULE", "a grant or a forbid as it is written", changing.show),
            Question("change RULE ['OLD' 'NEW']", "change a rule in memory, and see what that opens and closes", partial(changing.change, is_terminal=is_terminal)),
            Question("diff", "what all changes open and close", diff),
            Question("reset", "take all changes back", reset),
            Question("load [PATH]...", "read the policies again, or others", load),
            Question("rule CODE", "what a diagnostic means", of_command("rule")),
            Question("help [WORD]", "this list, as `?` does", tell),
            Question("quit", "leave, as `exit` and Ctrl-D do", leave),
        )
    }  # fmt: skip


QUESTIONS = questions(is_terminal=True)
"""The words of the prompt."""


SYNONYMS = {"exit": "quit", "?": "help"}
"""What other prompts call a word of this one."""


def find(word: str, known: Mapping[str, Question] = QUESTIONS) -> Question:
    """The question that a word begins. Ends it with the nearest one where there is none."""
    from ...compiler.text.suggestions import did_you_mean
    from ...compiler.text.visible import visible

    word = SYNONYMS.get(word, word)
    if word not in known:
        near = did_you_mean(word, known) or "`help` lists what can be asked"
        raise exits.Failure(f"there is no question `{visible(word[:80])}`: {near}")
    return known[word]


def answered(session: Session, line: str, known: dict[str, Question]) -> int:
    """Answer a line. Raises `Leave`, and what ends a question."""
    word, _, rest = line.strip().partition(" ")
    if not word or word.startswith("#"):
        return exits.CLEAN
    return find(word, known).answer(session, rest.strip())
