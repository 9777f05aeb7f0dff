"""Mount the top-level directories inside `agpc/` when the project is installed editable.

A wheel gets its import names by renaming (`sources` in pyproject.toml). An editable install
cannot rename, so it gets links instead: `agpc/compiler` leads to `compiler`, and so on. Import
systems, type checkers and editors then see an ordinary package.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class MountSubpackages(BuildHookInterface[Any]):
    """Link each renamed source directory to the place its import name asks for."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make the links; a standard (non-editable) build needs none."""
        if version != "editable":
            return
        root = Path(self.root)
        for directory, package in self.build_config.target_config["sources"].items():
            link_directory(root / package, root / directory)


def link_directory(link: Path, target: Path) -> None:
    """Make `link` lead to the directory `target`, replacing a stale link."""
    if os.path.lexists(link):
        if link.exists() and link.samefile(target):
            return
        link.unlink()  # refuses a real directory; removes a symlink or a junction
    if os.name == "nt":
        import _winapi  # a junction, unlike a symlink, needs no Developer Mode

        _winapi.CreateJunction(str(target), str(link))  # type: ignore[attr-defined]
    else:
        link.symlink_to(os.path.relpath(target, link.parent), target_is_directory=True)
