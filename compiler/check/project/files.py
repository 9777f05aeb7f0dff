"""Find and read the `.agp` files of a policy set.

A name is relative to the root that was given (the directory, or that of the file; of several,
the closest directory that holds them all) and has `/` between its parts, so that what is made of
a policy does not depend on the machine.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ...report.source import PolicyFile, Source
from ...text.visible import visible

if TYPE_CHECKING:
    from pathlib import Path

SUFFIX = ".agp"
STANDARD_INPUT = "-"
MAX_DEPTH = 100  # of directories
MAX_BYTES = 64 * 1024 * 1024  # of one file: far above any policy, far below the machine's memory


class PolicyFilesError(Exception):
    """The files of a policy set could not be had; `problems` has one message for each."""

    def __init__(self, problems: Sequence[str]) -> None:
        """Keep the messages."""
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


def load_sources(paths: Sequence[str | os.PathLike[str]]) -> list[Source]:
    """Read the policies that files and directories hold, sorted by name.

    Raises `PolicyFilesError`, with everything that is wrong.
    """
    return [each.source for each in read_policies(paths)]


def read_policies(paths: Sequence[str | os.PathLike[str]]) -> list[PolicyFile]:
    """Read policies together with where they are, sorted by name.

    Hidden files and directories (`.git`, editors' backups) are passed over, links are followed, and
    a file that is reached in two ways is read once. Raises `PolicyFilesError`.
    """
    given = [os.fspath(path) for path in paths]
    finder = Finder()
    root = common_root([path for path in given if path != STANDARD_INPUT])
    files: list[PolicyFile] = []
    problems = finder.problems
    for path in [each for one in given for each in finder.find(one)]:
        name = name_under(root, path)
        if visible(name) != name:  # it would stand in comments of what is generated
            problems.append(f"`{path}` has a character in its name that does not show")
            continue
        try:
            files.append(PolicyFile(Source(name, read_text(path)), path))
        except PolicyFilesError as error:
            problems.extend(error.problems)
    if STANDARD_INPUT in given:
        try:
            files.append(PolicyFile(Source("<stdin>", read_standard_input()), "<stdin>"))
        except PolicyFilesError as error:
            problems.extend(error.problems)
    if problems:
        raise PolicyFilesError(problems)
    return sorted(files, key=lambda each: each.source.name)


class Finder:
    """Finds the policies below paths, each once, and collects what is wrong on the way."""

    def __init__(self) -> None:
        """Start with nothing found."""
        self.problems: list[str] = []
        self._seen: set[str] = set()

    def find(self, given: str) -> Iterator[str]:
        """Yield the files that one path stands for, in the order of their names."""
        if given == STANDARD_INPUT:
            return
        path = tidy(given)
        kind = self._kind(path)
        if kind == "file":
            yield from self._once(path)
        elif kind == "directory":
            before = len(self.problems)
            found = list(self._below(path, (), set()))
            if not found and len(self.problems) == before:
                self.problems.append(f"`{given}` holds no policies: no file ends in {SUFFIX}")
            for each in found:
                yield from self._once(each)

    def _once(self, path: str) -> Iterator[str]:
        real = os.path.realpath(path)
        if real not in self._seen:
            self._seen.add(real)
            yield path

    def _below(self, directory: str, above: tuple[str, ...], visited: set[str]) -> Iterator[str]:
        """Yield the policies in a directory that was not visited before, by whichever links.

        `above` are the real paths that led here.
        """
        real = os.path.realpath(directory)
        if real in above:
            self.problems.append(f"`{directory}` is a link to a directory that it stands in")
            return
        if real in visited:
            return
        visited.add(real)
        if len(above) == MAX_DEPTH:
            self.problems.append(f"`{directory}` is nested too deeply")
            return
        try:
            names = sorted(os.listdir(directory))
        except OSError as error:
            self.problems.append(f"cannot list `{directory}`: {reason(error)}")
            return
        for name in names:
            if name.startswith("."):
                continue
            path = tidy(os.path.join(directory, name))
            kind = self._kind(path, strict=name.endswith(SUFFIX))
            if kind == "directory":
                yield from self._below(path, (*above, real), visited)
            elif kind == "file" and name.endswith(SUFFIX):
                yield path

    def _kind(self, path: str, *, strict: bool = True) -> str | None:
        """Tell whether a path is a file or a directory.

        What cannot be told is a problem, and where `strict` so is anything else.
        """
        try:
            mode = os.stat(path).st_mode
        except (OSError, ValueError) as error:  # a NUL byte is a ValueError
            self.problems.append(f"cannot read `{path}`: {reason(error)}")
            return None
        if stat.S_ISREG(mode):
            return "file"
        if stat.S_ISDIR(mode):
            return "directory"
        if strict:
            self.problems.append(
                f"`{path}` is neither a file nor a directory; give `-` for standard input"
            )
        return None


def common_root(paths: Sequence[str]) -> str:
    """Give the absolute directory that names are relative to."""
    roots = [
        os.path.abspath(path) if os.path.isdir(path) else os.path.dirname(os.path.abspath(path))
        for path in paths
    ]
    if not roots:
        return os.getcwd()
    try:
        return os.path.commonpath(roots)
    except ValueError:  # on two drives
        return roots[0]


def tidy(path: str | os.PathLike[str]) -> str:
    """Write a path as `pathlib` does, with `/` between its parts."""
    text = os.fspath(path)
    if os.name != "posix":
        from pathlib import Path

        return Path(text).as_posix()
    parts = [each for each in text.split("/") if each not in ("", ".")]
    slashes = len(text) - len(text.lstrip("/"))
    root = "//" if slashes == 2 else "/" if slashes else ""
    return root + "/".join(parts) or "."


def name_under(root: str, path: str | os.PathLike[str]) -> str:
    """Give the name of a file below a root, with `/` between its parts."""
    try:
        return tidy(os.path.relpath(os.path.abspath(path), root))
    except ValueError:  # on another drive
        return tidy(path)


def read_text(path: str | os.PathLike[str]) -> str:
    """Read a file of UTF-8 as it is, line ends and byte order mark included."""
    try:
        with open(path, "rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise PolicyFilesError([f"cannot read `{tidy(path)}`: {reason(error)}"]) from None
    return decode(content, f"`{tidy(path)}`")


def read_standard_input() -> str:
    """Read standard input as a file is read."""
    if sys.stdin is None:
        raise PolicyFilesError(["standard input is closed"])
    return decode(sys.stdin.buffer.read(MAX_BYTES + 1), "standard input")


def decode(content: bytes, what: str) -> str:
    """Decode UTF-8, or say where it is broken; `what` stands for the content in messages."""
    if len(content) > MAX_BYTES:
        raise PolicyFilesError([f"{what} is larger than {MAX_BYTES // 1024**2} MiB"])
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        broken = content[error.start]
        problem = f"{what} is not UTF-8: byte 0x{broken:02x} at offset {error.start}, line {line}"
        raise PolicyFilesError([problem]) from None


def make_directories(path: Path) -> None:
    """Make a directory and those above it, however many; raises as `Path.mkdir` does."""
    missing = []
    above = path.parent
    while not above.exists():
        missing.append(above)
        above = above.parent
    for each in reversed(missing):
        each.mkdir(exist_ok=True)
    path.mkdir(exist_ok=True)


def reason(error: OSError | ValueError) -> str:
    """Give the operating system's reason, without the path that the message has already."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror[0].lower() + error.strerror[1:]
    return str(error)
