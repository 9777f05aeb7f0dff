"""The methods of structs stand ready: the ones that classes of agpc have, as they would be compiled."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import MISSING, fields
from pathlib import Path

import pytest

import agpc.compiler
from agpc.compiler import structs
from agpc.compiler.struct_sources import comparing_source, init_source
from agpc.compiler.structs import OPERATORS, Later

FILE = Path(structs.__file__).with_name("struct_methods.py")
HEAD = '''"""What `structs.py` copies for each class; `pytest tests/compiler/test_struct_methods.py --renew` writes it.

`m` stands for a field that has a default factory, `g` for one that is given, and a number says how many fields.
"""

# mypy: ignore-errors
# ruff: noqa
# fmt: off

FACTORY = object()
"""The default of a parameter whose value is made anew in each call."""
'''


def structs_of_agpc() -> Iterator[type]:
    """Every class of the compiler that is one."""
    for found in pkgutil.walk_packages(agpc.compiler.__path__, "agpc.compiler."):
        for each in vars(importlib.import_module(found.name)).values():
            if isinstance(each, type) and each.__module__ == found.name and is_struct(each):
                yield each


def is_struct(cls: type) -> bool:
    if "__dataclass_fields__" not in vars(cls):
        return False
    init = vars(cls).get("__init__")
    return isinstance(init, Later) or getattr(init, "__module__", "").startswith(
        "agpc.compiler.struct"
    )


def sources() -> list[str]:
    found = {comparing_source("__eq__", size) for size in range(1, 7)}
    for cls in structs_of_agpc():
        its = [each for each in fields(cls) if each.init]
        anew = tuple(each.default_factory is not MISSING for each in its)
        given = cls.__dataclass_params__  # type: ignore[attr-defined]
        found.add(init_source(anew, given.frozen, hasattr(cls, "__post_init__")))
        size = sum(each.compare for each in fields(cls))
        methods = [*(OPERATORS if given.order else ("__eq__",)), *["__hash__"] * given.frozen]
        found.update(comparing_source(method, size) for method in methods)
    return sorted(found, key=lambda source: source.partition("(")[0])


def test_the_methods_that_classes_need_stand_ready(pytestconfig: pytest.Config) -> None:
    text = "\n\n".join([HEAD, *sources()])
    if pytestconfig.getoption("renew"):
        FILE.write_text(text, encoding="utf-8")
    assert FILE.read_text(encoding="utf-8") == text, "renew it: `pytest ... --renew`"
