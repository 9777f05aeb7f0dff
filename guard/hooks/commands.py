"""What can be said of a shell command without reading it as a shell would: its words, where no shell changes any of them.

A command is text for a shell, and only that shell knows what it means. Where every character stands for itself, and words are
kept apart by single spaces, the words are what the program gets. In all other commands nothing is known but the text.
"""

from __future__ import annotations

import re

LONGEST = 4_096
_PLAIN = re.compile(r"[A-Za-z0-9_./:@%+,=-]+(?: [A-Za-z0-9_./:@%+,=-]+)*")
_NOT_PROGRAMS = frozenset(
    """
    ! [ [[ . : alias bg bind break builtin case command continue coproc declare do done elif else enable env esac eval exec exit
    export fg fi for function hash history if in jobs let local logout nice nohup popd printf pushd read readonly return select
    set shift shopt source sudo test then time timeout trap type typeset ulimit umask unalias unset until wait while xargs
    """.split()  # noqa: SIM905 -- as many lines as words say nothing more
)
"""Words with which a shell begins something else, and programs that start what their words name."""


def words_of(command: str) -> list[str] | None:
    """Give the words of a simple command, of which the first is the program; None if it is not simple."""
    if len(command) > LONGEST or _PLAIN.fullmatch(command) is None:
        return None
    words = command.split(" ")
    if "=" in words[0] or words[0] in _NOT_PROGRAMS:
        return None
    return words
