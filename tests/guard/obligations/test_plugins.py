"""A duty that a package does which is installed beside agpc, and settings that cannot be."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from agpc.guard.enforcing.settings import SettingsError, settings_of
from agpc.service.config.read import read_settings

PAGE = Path(__file__).parents[3] / "docs" / "guard" / "obligations.md"
PROGRAM = """
import asyncio, sys
from pathlib import Path
from agpc.guard import Asked, Guard, Returned
from agpc.guard.enforcing.embedded import Embedded
from agpc.guard.enforcing.settings import settings_of
from agpc.service.config.read import read_settings

async def perform(arguments):
    return Returned("done", "done")

async def main():
    loaded = read_settings(Path("service.toml"), {})
    enforcement = await Embedded.begin(loaded)
    guard = Guard(enforcement, settings_of(loaded))
    task = await enforcement.start("spiffe://acme.example/a", "p.work", {}, key="start")
    try:
        print((await guard.call(Asked(task, "p.t", "go"), perform)).given)
    finally:
        await guard.close()
        await enforcement.close()

asyncio.run(main())
"""
POLICY = """
language 2
package p
agent bot = "spiffe://acme.example/a"
intent work "Work" { }
tool t { action go }
grant g {
    to bot
    for work
    oblige ticket(queue: "ops")
    allow t.go
}
"""


def test_a_plug_in_that_is_installed_does_its_duty(tmp_path: Path) -> None:
    page = PAGE.read_text(encoding="utf-8")
    plugin = re.search(r"```python file ticketing.py\n(.*?)```", page, re.DOTALL)
    entry, table = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    assert plugin
    group, _, value = entry.partition("\n")
    assert group == '[project.entry-points."agpc.obligations"]'
    (tmp_path / "ticketing.py").write_text(plugin[1])
    info = tmp_path / "ticketing-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: ticketing\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[agpc.obligations]\n{value.replace(chr(34), '')}")
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "p.agp").write_text(POLICY)
    (tmp_path / "service.toml").write_text(table)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "done\n"
    (line,) = (tmp_path / "tickets").read_text().splitlines()
    assert line.startswith("ops c-") and line.endswith("spiffe://acme.example/a")


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ("[guard.obligations.dance]\nsteps = 3", "there is no obligation `dance`; installed are"),
        ("[guard.obligations.redact]", "the guard does that itself"),
        ('[guard.channels.ops]\nurl = { env = "AGPC_NO_SUCH" }', "no environment variable"),
        ('[guard.channels.ops]\nurl = { file = "url" }', "does not begin with `https://`"),
    ],
)
def test_settings_that_cannot_be_are_said(tmp_path: Path, told: str, why: str) -> None:
    (tmp_path / "url").write_text("http://hooks.example/x")
    (tmp_path / "service.toml").write_text(told)
    with pytest.raises(SettingsError, match=why):
        settings_of(read_settings(tmp_path / "service.toml", {}))


def test_what_the_command_line_says_goes_before(tmp_path: Path) -> None:
    (tmp_path / "service.toml").write_text(
        '[guard]\nexplain = "full"\nwait = "2m"\nask = "1m"\nresult_bytes = 2048\n'
    )
    loaded = read_settings(tmp_path / "service.toml", {})
    told = settings_of(loaded)
    assert (told.explain, told.wait, told.ask, told.longest_result) == ("full", 120, 60, 2048)
    over = settings_of(loaded, explain="nothing", wait=0)
    assert (over.explain, over.wait) == ("nothing", 0)
