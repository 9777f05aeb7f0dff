"""A real client over standard input and output, with a folder of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from lsp.editor import Editor, started


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The workspace folder, empty."""
    path = tmp_path / "workspace"
    path.mkdir()
    return path


@pytest_asyncio.fixture
async def editor(folder: Path) -> AsyncIterator[Editor]:
    """An editor that has opened the folder, and counts in UTF-16 as most do."""
    async with started(folder) as editor:
        yield editor
