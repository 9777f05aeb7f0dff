"""Servers of the Model Context Protocol to stand before: those by others, where they are installed, and one that misbehaves."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
CACHE = ROOT / ".cache" / "mcp"
HOSTILE = Path(__file__).with_name("hostile_server.py")


def npm_server(name: str, *arguments: str) -> list[str]:
    """The command of a server from npm; the test is skipped where it is not installed."""
    script = (
        CACHE / "node_modules" / "@modelcontextprotocol" / f"server-{name}" / "dist" / "index.js"
    )
    node = shutil.which("node")
    if node is None or not script.exists():
        pytest.skip(f"the MCP server `{name}` is not in .cache/mcp: .ci/run installs it")
    return [node, str(script), *arguments]


def python_server(name: str, *arguments: str) -> list[str]:
    """The command of a server from PyPI; the test is skipped where it is not installed."""
    script = CACHE / "python" / "bin" / f"mcp-server-{name}"
    if not script.exists():
        pytest.skip(f"`mcp-server-{name}` is not in .cache/mcp: .ci/run installs it")
    return [str(script), *arguments]


def hostile_server(*behaviour: str) -> list[str]:
    """The command of a server that does what a test asks for."""
    return [sys.executable, str(HOSTILE), *behaviour]
