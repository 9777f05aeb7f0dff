"""`requirements/service.txt` is whole: what the extras ask for, what that asks for in turn, each at one version with hashes."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
EXTRAS = ("service", "postgres", "signing")
LINE = re.compile(
    r"(?P<name>[a-z0-9-]+)(\[[a-z0-9,-]+\])?==(?P<version>[^ ;]+)(?P<marker> ; [^\\]+)?(?P<hashes>( \\\n    --hash=sha256:[0-9a-f]{64})+)"
)


def locked() -> dict[str, Version]:
    text = (ROOT / "requirements" / "service.txt").read_text(encoding="utf-8")
    body = "".join(each for each in text.splitlines(keepends=True) if not each.startswith("#"))
    found = list(LINE.finditer(body))
    assert "".join(f"{each[0]}\n" for each in found) == body  # nothing else stands there
    return {canonicalize_name(each["name"]): Version(each["version"]) for each in found}


def direct() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    optional = project["optional-dependencies"]
    return [
        Requirement(each)
        for each in (*project["dependencies"], *(one for name in EXTRAS for one in optional[name]))
    ]


def test_what_the_extras_ask_for_is_there_at_a_version_that_they_take() -> None:
    pins = locked()
    for each in direct():
        assert each.specifier.contains(pins[canonicalize_name(each.name)]), str(each)


def test_what_that_asks_for_is_there_too() -> None:
    """As the packages that are installed here tell it; nothing else is there, or it would never leave."""
    pins = locked()
    seen: dict[str, None] = {}
    ahead = [(each, each.extras or {""}) for each in direct()]
    while ahead:
        requirement, extras = ahead.pop()
        name = canonicalize_name(requirement.name)
        assert name in pins, name
        seen[name] = None
        try:
            asked = distribution(name).requires or []
        except PackageNotFoundError:
            continue
        ahead += [
            (each, each.extras or {""})
            for each in map(Requirement, asked)
            if canonicalize_name(each.name) not in seen and _is_meant(each, extras)
        ]
    elsewhere = {
        "backports-zstd",
        "colorama",
        "exceptiongroup",
        "tzdata",
        "typing-extensions",
        "uvloop",
    }
    assert set(pins) - set(seen) <= elsewhere, set(pins) - set(seen)


def _is_meant(requirement: Requirement, extras: set[str]) -> bool:
    """Whether it is asked for here, with these extras."""
    marker = requirement.marker
    return marker is None or any(marker.evaluate({"extra": each}) for each in {"", *extras})
