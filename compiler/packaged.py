"""Files that stand in a package beside its modules."""

from __future__ import annotations

from importlib import import_module
from os.path import join
from typing import Any


def packaged(package: str, name: str) -> bytes:
    """Read such a file, also of a package in an archive, as `importlib.resources` does, which takes long to import."""
    module: Any = import_module(package)
    content: bytes = module.__spec__.loader.get_data(join(module.__path__[0], name))
    return content
