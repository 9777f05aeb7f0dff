"""Import a generated package from memory, as Python would import it from its files."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import CodeType, ModuleType


@lru_cache(maxsize=256)
def compiled(text: str, name: str) -> CodeType:
    return compile(text, name, "exec")


class FilesInMemory(MetaPathFinder, Loader):
    """Finds and loads modules among files given by path."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = files

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        place = name.replace(".", "/")
        if f"{place}/__init__.py" in self.files:
            return ModuleSpec(name, self, origin=f"{place}/__init__.py", is_package=True)
        if f"{place}.py" in self.files:
            return ModuleSpec(name, self, origin=f"{place}.py")
        return None

    def exec_module(self, module: ModuleType) -> None:
        assert module.__spec__ is not None
        path = str(module.__spec__.origin)
        exec(compiled(self.files[path], path), module.__dict__)  # noqa: S102


@contextmanager
def imported(files: Mapping[str, str], package: str = "agp_policy") -> Iterator[ModuleType]:
    """Give the package; nothing of it stays imported."""
    finder = FilesInMemory(files)
    sys.meta_path.insert(0, finder)
    try:
        yield import_module(package)
    finally:
        sys.meta_path.remove(finder)
        for name in [each for each in sys.modules if each.partition(".")[0] == package]:
            del sys.modules[name]
