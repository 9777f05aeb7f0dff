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
    ! - [ [[ . : alias and begin bg bind break builtin busybox case chroot command continue coproc declare do doas done elif else
    enable env esac eval exec exit export fg fi flock for function hash history if in ionice jobs let local logout nice nocorrect
    noglob nohup not or popd printf pushd read readonly repeat return script select set setsid shift shopt source stdbuf strace
    sudo switch taskset test then time timeout toybox trap type typeset ulimit umask unalias unset unshare until wait watch while
    xargs
    """.split()  # noqa: SIM905 -- as many lines as words say nothing more
)
"""Words with which a shell begins something else, and programs that start what their words name."""


def words_of(command: str) -> list[str] | None:
    """Give the words of a simple command, of which the first is the program; None if it is not simple."""
    if len(command) > LONGEST or _PLAIN.fullmatch(command) is None:
        return None
    words = command.split(" ")
    program = words[0]
    if "=" in program or program.startswith("%") or program.rpartition("/")[2] in _NOT_PROGRAMS:
        return None
    if any(each.startswith("=") for each in words):  # to zsh, the place of a program
        return None
    return words
