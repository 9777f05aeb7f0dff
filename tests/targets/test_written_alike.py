"""What targets write is the same to the byte on every Python, whatever its tables hold."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import jinja2
import pytest

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.ir.printing.conditions import string_text
from agpc.compiler.report.source import Source
from agpc.compiler.text.strings import is_seen
from agpc.targets.cedar import TARGET
from agpc.targets.cedar.names import string as cedar_string
from agpc.targets.cedar.values import address
from agpc.targets.emission import Options
from agpc.targets.rego.text import regex
from agpc.targets.rego.text import string as rego_string

from .written_alike import digests

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(__file__).with_name("written_alike.py")
VERSIONS = ("3.11", "3.12", "3.13", "3.14")
HERE = f"{sys.version_info.major}.{sys.version_info.minor}"


def interpreters(version: str) -> list[str]:
    """Where a Python of a version may be found."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = sorted(str(each) for each in pyenv.glob(f"{version}.*/bin/python"))
    return [*found, f"python{version}"]


@cache
def said_by(version: str) -> tuple[dict[str, str] | None, str]:
    """The digests that another Python gives, and why it gives none."""
    beside = Path(jinja2.__file__).parents[1]  # what targets import is there, in Python alone
    env = {
        **os.environ,
        "PYTHONPATH": f"{ROOT}{os.pathsep}{beside}",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    why = f"no Python {version} is at hand"
    for each in interpreters(version):
        try:
            asked = [each, "-c", "import sys; print(*sys.version_info[:2], sep='.')"]
            ran = subprocess.run(asked, env=env, capture_output=True, text=True, check=False)
        except OSError:
            continue
        if ran.returncode == 0 and ran.stdout.strip() == version:
            asked = [each, str(PROGRAM)]
            ran = subprocess.run(asked, env=env, capture_output=True, text=True, check=False)
            assert ran.returncode == 0, ran.stderr
            return json.loads(ran.stdout), ""
    return None, why


@pytest.mark.parametrize("version", VERSIONS)
def test_another_python_writes_the_same_bytes(version: str) -> None:
    if version == HERE:
        pytest.skip(f"Python {version} runs this test itself")
    found, why = said_by(version)
    if found is None:
        pytest.skip(why)
    assert found == digests()


@pytest.mark.parametrize(
    ("character", "seen"),
    [
        *((" ", True), ("~", True), ("é", True), ("漢", True), ("\u0660", True), ("€", True)),
        *(("\n", False), ("\x7f", False), ("\xa0", False), ("\u2800", False), ("\u202e", False)),
        *(("\ue000", False), ("\U0010fffd", False)),
        ("\u0221", True),  # a letter since Unicode 4.0, which Python 3.11 knows
        ("\U0001face", True),  # of 15.0, which Python 3.12 knows
        ("\U0001fae9", True),  # of 16.0, which Python 3.14 knows
    ],
)
def test_what_is_written_as_itself_is_so_for_every_python(character: str, seen: bool) -> None:
    assert is_seen(character) is seen
    for write in (string_text, cedar_string, rego_string):
        assert (character in write(character)) is seen
    if seen and not character.isascii():
        assert regex(character) == character


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("::fffe:0:0/95", 'ip("::fffe:0:0/95")'),  # Python 3.13 dots what is IPv4-mapped
        ("::ffff:10.0.0.1", 'ip("10.0.0.1")'),
        ("2001:DB8::/32", 'ip("2001:db8::/32")'),
        ("10.0.0.0/8", 'ip("10.0.0.0/8")'),
    ],
)
def test_addresses_in_cedar_have_one_text(text: str, written: str) -> None:
    assert address(text) == written


def test_one_line_of_cedar_is_pinned() -> None:
    source = Source(
        "p.agp",
        'package p\nowner "o" contact "c"\nagent bot = "spiffe://acme.example/bot"\n'
        'intent pay "Pay"\ntool t { from: ip, note: string, action read }\n'
        "grant g { to bot for pay allow t.read\n"
        '    when resource.from within "::fffe:0:0/95" and resource.note == "é \U0001fae9" }\n',
    )
    policy = compile_sources([source]).policy
    assert policy is not None
    written = TARGET.emit(policy, Options()).files["policies.cedar"]
    line = '// when resource.from within "::fffe:0:0/95" and resource.note == "é 🫩"'
    assert written.splitlines()[0] == line
    assert 'resource.from.isInRange(ip("::fffe:0:0/95"))' in written
