"""The tree-sitter grammar as editors run it: its C compiled, and called from Python."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tree_sitter import Language, Node, Parser, Tree

ROOT = Path(__file__).parents[2]
GRAMMAR = ROOT / "editors" / "tree-sitter-agp"


@cache
def language() -> Language | None:
    """The grammar; None where there is no C compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    source = GRAMMAR / "src"
    library = Path(tempfile.mkdtemp()) / "agp.so"
    made = [compiler, "-shared", "-fPIC", "-O1", "-I", source, source / "parser.c", "-o", library]
    subprocess.run(made, check=True)
    function = ctypes.CDLL(str(library)).tree_sitter_agp
    function.restype = ctypes.c_void_p
    capsule = ctypes.pythonapi.PyCapsule_New
    capsule.restype = ctypes.py_object
    capsule.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
    return Language(capsule(function(), b"tree_sitter.Language", None))


def parse(text: str) -> Tree:
    """The tree of a text, which has no lone surrogates."""
    known = language()
    assert known is not None
    return Parser(known).parse(text.encode())


def accepts(text: str) -> bool:
    """Whether the tree has neither an error nor something that is missing."""
    return not parse(text).root_node.has_error


def leaves(node: Node) -> Iterator[Node]:
    """The nodes without children, in order."""
    if not node.children:
        yield node
    for each in node.children:
        yield from leaves(each)
