"""The files for editors other than VS Code: those that can be read here are, and Emacs is started."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
EDITORS = ROOT / "editors"
WRONG = """language 2
package p
agent a = "spiffe://x.example/a"
grant g {
    to nobody
    for any intent
    allow y.z
}
"""


def has_nvim() -> bool:
    """Whether there is a Neovim that configures language servers itself, as 0.11 does."""
    if shutil.which("nvim") is None or os.name == "nt":
        return False
    asked = "if not vim.lsp.enable then os.exit(1) end"
    command = ["nvim", "--headless", "--clean", "-c", f"lua {asked}", "-c", "qa"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def project(folder: Path) -> Path:
    """A policy with mistakes, in a project whose environment has agpc."""
    program = folder / ".venv" / "bin" / "agpc"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m agpc "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    policy = folder / "policy.agp"
    policy.write_text(WRONG, encoding="utf-8")
    return policy


def has_eglot() -> bool:
    if shutil.which("emacs") is None or os.name == "nt":
        return False
    asked = (
        "(progn (require 'package) (add-to-list 'package-directory-list"
        ' "/usr/share/emacs/site-lisp/elpa") (package-initialize) (require \'eglot))'
    )
    done = subprocess.run(
        ["emacs", "-Q", "--batch", "--eval", asked], capture_output=True, check=False
    )
    return done.returncode == 0


@pytest.mark.skipif(not has_eglot(), reason="no Emacs with eglot: .ci/run installs both")
def test_emacs_shows_the_diagnostics_of_the_server(tmp_path: Path) -> None:
    policy = project(tmp_path)
    script, mode = ROOT / "tests" / "editors" / "eglot.el", EDITORS / "emacs" / "agp-mode.el"
    command = ["emacs", "-Q", "--batch", "-l", script, mode, policy]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=180, env=environment
    )
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout[done.stdout.index("{") :])
    assert shown["mode"] == "agp-mode"
    assert shown["face"] == "font-lock-keyword-face"
    assert shown["server"] is True
    assert any("AGP1101" in each and "`nobody`" in each for each in shown["diagnostics"])


@pytest.mark.skipif(not has_nvim(), reason="no Neovim 0.11 or newer on the path")
def test_neovim_shows_the_diagnostics_of_the_server(tmp_path: Path) -> None:
    policy = project(tmp_path)
    script = ROOT / "tests" / "editors" / "nvim.lua"
    runtime = f"lua vim.opt.runtimepath:prepend([[{EDITORS / 'nvim'}]])"
    command = ["nvim", "--headless", "--clean", "--cmd", runtime, "-l", script, policy]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=180, env=environment
    )
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout[done.stdout.index("{") :])
    assert shown["filetype"] == "agp"
    assert Path(shown["root"]) == tmp_path
    assert any("AGP1101" in each and "`nobody`" in each for each in shown["diagnostics"])


@pytest.mark.skipif(shutil.which("emacs") is None, reason="no Emacs: .ci/run installs it")
def test_emacs_compiles_its_mode_without_a_warning(tmp_path: Path) -> None:
    mode = tmp_path / "agp-mode.el"
    shutil.copy(EDITORS / "emacs" / "agp-mode.el", mode)
    command = [
        "emacs",
        "-Q",
        "--batch",
        "--eval",
        "(setq byte-compile-error-on-warn t)",
        "-f",
        "batch-byte-compile",
        mode,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_settings_are_well_formed_and_start_the_server() -> None:
    helix = tomllib.loads((EDITORS / "helix" / "languages.toml").read_text(encoding="utf-8"))
    (language,) = helix["language"]
    server = helix["language-server"][language["language-servers"][0]]
    assert [server["command"], *server["args"]] == ["agpc", "lsp"]
    grammar = helix["grammar"][0]["source"]["subpath"]
    zed = tomllib.loads((EDITORS / "zed" / "extension.toml").read_text(encoding="utf-8"))
    assert zed["grammars"]["agp"]["path"] == grammar
    assert (ROOT / grammar / "src" / "parser.c").exists()
    tomllib.loads((EDITORS / "zed" / "Cargo.toml").read_text(encoding="utf-8"))
    config = tomllib.loads(
        (EDITORS / "zed" / "languages" / "agp" / "config.toml").read_text(encoding="utf-8")
    )
    assert zed["language_servers"]["agpc"]["languages"] == [config["name"]]
    template = json.loads((EDITORS / "jetbrains" / "template.json").read_text(encoding="utf-8"))
    assert template["programArgs"]["default"] == "agpc lsp"
    linguist = yaml.safe_load((EDITORS / "linguist" / "languages.yml").read_text(encoding="utf-8"))
    assert linguist["AGP"]["tm_scope"] == "source.agp"


@pytest.mark.skipif(shutil.which("luac") is None and shutil.which("nvim") is None, reason="no Lua")
@pytest.mark.parametrize(
    "path", sorted((EDITORS / "nvim").rglob("*.lua")), ids=lambda path: path.name
)
def test_lua_can_be_read(path: Path) -> None:
    if shutil.which("luac"):
        command = ["luac", "-p", str(path)]
    else:
        command = [
            "nvim",
            "--headless",
            "-u",
            "NONE",
            "-c",
            f"lua assert(loadfile([[{path}]]))",
            "-c",
            "qa",
        ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "E5108" not in done.stderr and done.returncode == 0, done.stderr
