"""The extension for VS Code, copied to where it can be built."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXTENSION = ROOT / "editors" / "vscode"
MODULES = ROOT / ".cache" / "vscode" / "node_modules"


@pytest.fixture(scope="module")
def extension(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the extension with its packages."""
    copy = tmp_path_factory.mktemp("extension") / "agp"
    shutil.copytree(EXTENSION, copy, ignore=shutil.ignore_patterns("node_modules", "dist"))
    (copy / "node_modules").symlink_to(MODULES.resolve())
    return copy


def run(extension: Path, *command: str) -> str:
    """What a command says that runs there."""
    done = subprocess.run(command, cwd=extension, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
