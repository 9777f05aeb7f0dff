"""What a session holds: the policies as they were read, as they are now, and the request that was decided last."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from ...compiler.structs import Struct, changed, field
from .. import exits
from ..input.held import Held
from ..input.policies import catalogue_of, read, show

if TYPE_CHECKING:
    from ...compiler.check.compiling.compile import Compilation
    from ...compiler.check.compiling.memory import Memory
    from ...compiler.ir import nodes as ir
    from ...compiler.report.source import PolicyFile


class Session(Struct, frozen=False):
    """One policy set under questions. Nothing that is changed here is written to its files."""

    paths: tuple[str, ...]
    memory: Memory
    base: Held
    now: Held
    asked: Any = None
    """The request that was decided last."""
    seen: dict[str, tuple[int, int]] = field(default_factory=dict)
    """The files as they were when they were read: when they were written, and how large they are."""

    @classmethod
    def of(cls, paths: tuple[str, ...]) -> Session:
        """Read policies; ends the command, as others do, where they cannot be read or do not compile."""
        from ...compiler.check.compiling.memory import Memory

        memory = Memory()
        files = read(paths)
        found = held_of(files, memory)
        return cls(paths, memory, found, found, None, stamps(files))

    @property
    def policy(self) -> ir.Policy:
        """The policy as it is now."""
        found = self.now.compilation.policy
        assert found is not None  # only what compiles is held
        return found

    @property
    def is_changed(self) -> bool:
        """Whether it differs from what was read."""
        return [each.source for each in self.now.files] != [each.source for each in self.base.files]

    @property
    def is_outdated(self) -> bool:
        """Whether some file that was read is another one by now, or gone."""
        return bool(self.seen) and stamps(self.base.files) != self.seen

    def load(self, paths: tuple[str, ...]) -> None:
        """Read the policies again, or others. What was held stays where they do not compile."""
        paths = paths or self.paths
        files = read(paths)
        found = held_of(files, self.memory)
        self.paths, self.base, self.now, self.seen = paths, found, found, stamps(files)

    def reset(self) -> None:
        """Have the policies as they were read."""
        self.now = self.base

    def with_text(self, name: str, text: str) -> Held:
        """The policies with another text of one file. Ends the question where they do not compile."""
        files = [
            changed(each, source=changed(each.source, text=text))
            if each.source.name == name
            else each
            for each in self.now.files
        ]
        return held_of(files, self.memory)


def held_of(files: list[PolicyFile], memory: Memory) -> Held:
    """Compile policies and show what is found, once. Ends the question where they do not compile."""
    from ...compiler.check.compiling.compile import compile_sources
    from ...compiler.report import Report
    from ..input.policies import unsilenced

    found = compile_sources([each.source for each in files], memory, catalogue_of(files))
    show(Report.of(unsilenced(found.diagnostics, found, files), files))
    return Held(files, whole(found))


def whole(compilation: Compilation) -> Compilation:
    """A compilation that has a policy. Ends the question otherwise."""
    if compilation.policy is None:
        raise exits.Stop(exits.INVALID)
    return compilation


def stamps(files: list[PolicyFile]) -> dict[str, tuple[int, int]]:
    """When each file was written, and how large it is; nothing of one that is gone."""
    found = {}
    for each in files:
        try:
            status = os.stat(each.path)
        except OSError:
            continue
        found[each.path] = (status.st_mtime_ns, status.st_size)
    return found
