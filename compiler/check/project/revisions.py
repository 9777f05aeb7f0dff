"""Policies as a git repository has them: at a revision, or staged; read through git's objects, without a checkout."""

from __future__ import annotations

import os
import posixpath
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from ...report.source import PolicyFile, Source
from ...text.visible import visible
from .files import SUFFIX, PolicyFilesError, decode

STAGED = ":"
"""What is staged, in place of a revision."""
LINK, SUBMODULE = "120000", "160000"
MAX_LINKS = 20  # one behind the other


class Repository:
    """The git repository that some directory is in."""

    def __init__(self, directory: str | os.PathLike[str]) -> None:
        """Find it. Raises `PolicyFilesError` if there is none, or no git."""
        self._directory = os.fspath(directory)
        self._trees: dict[str, dict[str, tuple[str, str]]] = {}
        why = "is not in a git repository"
        bare = self._text("rev-parse", "--is-bare-repository", why=why) == "true"
        asked = "--absolute-git-dir" if bare else "--show-toplevel"
        self.top = Path(self._text("rev-parse", asked, why=why))

    @classmethod
    def holding(cls, path: str) -> Repository:
        """The one that a file or a directory is in. Raises `PolicyFilesError` as a new one does."""
        return cls(path if os.path.isdir(path) else os.path.dirname(path) or ".")

    def commit(self, revision: str) -> str:
        """The commit that a revision names. Raises `PolicyFilesError`."""
        if revision.startswith("-"):
            raise PolicyFilesError([f"`{visible(revision)}` is not a revision"])
        spec = f"{revision}^{{commit}}"
        return self._text(
            "rev-parse", "--verify", "--quiet", "--end-of-options", spec,
            why=f"has no revision `{visible(revision)}`{self._if_shallow()}",
        )  # fmt: skip

    def merge_base(self, one: str, other: str) -> str:
        """The commit at which two revisions parted. Raises `PolicyFilesError`."""
        ends = [self.commit(one), self.commit(other)]
        why = f"has no commit that `{visible(one)}` and `{visible(other)}` come from"
        return self._text("merge-base", *ends, why=why + self._if_shallow())

    def policies(self, revision: str, paths: Sequence[str]) -> list[PolicyFile]:
        """The policies below paths at a commit, or staged, named as those of the working tree are.

        A link is followed to what the revision itself holds, and nowhere else. No policies are an empty
        list. Raises `PolicyFilesError`.
        """
        places = [self._place(path) for path in paths]
        entries = self._entries(revision)
        root = _common(places, entries)
        found: dict[str, PolicyFile] = {}
        for place in places:
            for path in sorted(entries):
                if not _is_policy(path, place):
                    continue
                blob = self._followed(path, entries)
                if blob is not None:
                    if visible(path) != path:  # as of the working tree
                        hidden = "has a character in its name that does not show"
                        raise PolicyFilesError([f"`{visible(path)}` {hidden}"])
                    name = posixpath.relpath(path, root) if root else path
                    text = decode(self._bytes("cat-file", "blob", blob), f"`{visible(path)}`")
                    shown = path if revision == STAGED else f"{revision[:12]}:{path}"
                    found[path] = PolicyFile(Source(name, text), shown, path)
        return [found[path] for path in sorted(found)]

    def had(self, revision: str, paths: Sequence[str]) -> list[str]:
        """Which of some paths of the working tree were there at a commit. Raises `PolicyFilesError`."""
        entries = self._entries(revision)
        return [path for path in paths if self._place(path) in entries]

    def contents(self, revision: str, paths: Sequence[Path]) -> dict[Path, bytes]:
        """What files of the working tree held at a commit, as far as they were there. Raises `PolicyFilesError`."""
        entries = self._entries(revision)
        places = {path: self._place(os.fspath(path)) for path in paths}
        blobs = {
            path: self._followed(place, entries)
            for path, place in places.items()
            if place in entries
        }
        return {
            path: self._bytes("cat-file", "blob", blob)
            for path, blob in blobs.items()
            if blob is not None
        }

    def gone(self, revision: str, paths: Sequence[str]) -> list[str]:
        """The policies of a revision that are there no more and were below none of the paths.

        Whoever compares what is below the paths does not see them. Raises `PolicyFilesError`.
        """
        places = [self._place(path) for path in paths]
        scope = self._place(self._directory)
        return sorted(
            path
            for path in self._entries(revision)
            if _is_policy(path, scope)
            and not any(_is_policy(path, place) for place in places)
            and not os.path.lexists(self.top / path)
        )

    def seen(self, path: str) -> str:
        """A path of the working tree from the top; no link is followed below here, since a host knows it as it is."""
        here = os.path.join(os.path.realpath("."), path)
        return Path(os.path.relpath(here, os.path.realpath(self.top))).as_posix()

    def _place(self, path: str) -> str:
        """Where a path of the working tree stands in the repository."""
        inside = os.path.relpath(os.path.realpath(path), os.path.realpath(self.top))
        if inside.split(os.sep)[0] == os.pardir:
            raise PolicyFilesError([f"`{visible(path)}` is not in the repository"])
        return "" if inside == os.curdir else Path(inside).as_posix()

    def _entries(self, revision: str) -> dict[str, tuple[str, str]]:
        """The mode and the object of each file of a revision, by its path. What a commit has is listed once."""
        if revision == STAGED:
            return dict(self._listed(STAGED))
        if revision not in self._trees:
            self._trees[revision] = dict(self._listed(revision))
        return self._trees[revision]

    def _listed(self, revision: str) -> Iterator[tuple[str, tuple[str, str]]]:
        if revision == STAGED:
            listed = self._bytes("ls-files", "--stage", "-z", "--full-name", "--", ":/")
        else:
            listed = self._bytes("ls-tree", "-r", "-z", "--full-tree", revision)
        for line in listed.split(b"\0"):
            if line:
                about, _, path = line.partition(b"\t")
                words = about.decode("ascii").split()
                name = path.decode("utf-8", "surrogateescape")
                if words[0] == SUBMODULE:
                    continue  # another repository has its files
                if revision == STAGED and words[2] != "0":
                    raise PolicyFilesError([f"`{visible(name)}` is not merged yet"])
                # `mode object stage` where it is staged, `mode type object` of a commit
                yield name, (words[0], words[1] if revision == STAGED else words[2])

    def _followed(self, path: str, entries: dict[str, tuple[str, str]]) -> str | None:
        """The content of a file, behind the links that it may be; None for one that leads out."""
        for _ in range(MAX_LINKS):
            mode, blob = entries[path]
            if mode != LINK:
                return blob
            target = self._bytes("cat-file", "blob", blob).decode("utf-8", "surrogateescape")
            path = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
            if path not in entries:
                return None
        return None

    def _if_shallow(self) -> str:
        """What to do where a part of the history is missing."""
        shallow = self._run("rev-parse", "--is-shallow-repository").stdout.strip() == b"true"
        return ": the clone is shallow, so fetch more of its history" if shallow else ""

    def _text(self, *arguments: str, why: str) -> str:
        done = self._run(*arguments)
        if done.returncode:
            raise PolicyFilesError([f"`{visible(self._directory)}` {why}"])
        return done.stdout.decode("utf-8", "surrogateescape").strip("\n")

    def _bytes(self, *arguments: str) -> bytes:
        done = self._run(*arguments)
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip()
            raise PolicyFilesError([f"git {arguments[0]} failed: {visible(said)}"])
        return done.stdout

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        # No setting of the repository may start a program, and nothing is fetched.
        environment = {
            **os.environ,
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_OPTIONAL_LOCKS": "0",
            "LC_ALL": "C",
        }
        environment.pop("GIT_LITERAL_PATHSPECS", None)
        # A hook has the repository in the environment, which then holds for this directory, as git has it.
        where = [] if "GIT_DIR" in os.environ else ["-C", self._directory]
        command = ["git", *where, "-c", "core.fsmonitor=false", *arguments]
        try:
            return subprocess.run(command, capture_output=True, check=False, env=environment)
        except (FileNotFoundError, NotADirectoryError, ValueError):
            raise PolicyFilesError(["revisions are compared with git, which is not here"]) from None


def _is_policy(path: str, place: str) -> bool:
    """Whether a file is a policy below a place, where nothing is hidden, or the place itself."""
    if path == place:
        return True
    if place and not path.startswith(f"{place}/"):
        return False
    below = path[len(place) :].strip("/").split("/")
    return path.endswith(SUFFIX) and not any(part.startswith(".") for part in below)


def _common(places: Sequence[str], entries: dict[str, tuple[str, str]]) -> str:
    """The directory that names are relative to, as `common_root` has it."""
    directories = [posixpath.dirname(each) if each in entries else each for each in places]
    return posixpath.commonpath(directories) if all(directories) else ""
