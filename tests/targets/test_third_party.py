"""A target that another package brings is found, used, and held to the same rules."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from engines.evaluators import THIRD_PARTY_PAGE, third_party_code

POLICY = """package p
agent bot = "spiffe://t.example/bot"
intent work "Work"
tool t { action go }
grant g { to bot for work allow t.go }
"""


def test_the_target_of_the_page_works_from_a_package_of_its_own(tmp_path: Path) -> None:
    entry = re.search(r"```toml\n(.*?)```", THIRD_PARTY_PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert entry
    (tmp_path / "my_package.py").write_text(third_party_code(), encoding="utf-8")
    info = tmp_path / "my_package-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: my-package\nVersion: 1.0\n")
    group, _, value = entry[1].strip().partition("\n")
    assert group == '[project.entry-points."agpc.targets"]'
    (info / "entry_points.txt").write_text(
        f"[agpc.targets]\n{value.replace(chr(34), '')}\n", encoding="utf-8"
    )
    (tmp_path / "p.agp").write_text(POLICY, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "agpc", "compile", "p.agp", "--target", "mine", "--out", "out"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "nothing is said to this platform yet" in done.stdout
    assert (tmp_path / "out" / "manifest.json").exists()
