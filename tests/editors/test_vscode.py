"""The extension for VS Code: its types, what is packaged, and what it starts where.

`test_real_vscode` drives it in a real VS Code, where one is installed.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from .built import EXTENSION, MODULES, ROOT, extension, run

__all__ = ["extension"]
PACKAGED = {
    "package.json", "readme.md", "changelog.md", "LICENSE.txt", "language-configuration.json", "dist/extension.js",
    "images/icon.png", "images/file.svg", "snippets/agp.json", "syntaxes/agp.tmLanguage.json", "syntaxes/codeblock.json",
}  # fmt: skip

needs_packages = pytest.mark.skipif(
    shutil.which("node") is None or not (MODULES / "vscode-languageclient").exists(),
    reason="no packages of the extension from npm: .ci/run installs them",
)


@needs_packages
def test_its_types_are_right(extension: Path) -> None:
    run(extension, "node_modules/.bin/tsc", "--noEmit")


@needs_packages
def test_it_is_packaged_with_what_it_needs_and_nothing_else(extension: Path) -> None:
    run(extension, "npm", "run", "-s", "build")
    run(extension, "npm", "run", "-s", "package", "--", "-o", "agp.vsix")
    with zipfile.ZipFile(extension / "agp.vsix") as file:
        names = {
            name.removeprefix("extension/")
            for name in file.namelist()
            if name.startswith("extension/")
        }
        assert names == PACKAGED
        assert sum(each.file_size for each in file.infolist()) < 2_000_000
        assert (
            b"https://raw.githubusercontent.com/agpc/agpc/main/editors/vscode/../../docs/editors/hover.png"
            in file.read("extension/readme.md")
        )
        manifest = json.loads(file.read("extension/package.json"))
    for command in manifest["contributes"]["commands"]:
        source = (EXTENSION / "src" / "commands.ts").read_text(encoding="utf-8")
        assert f'"{command["command"]}"' in source


FOUND = """
const { find } = require(process.argv[1]);
const cases = JSON.parse(require("fs").readFileSync(0, "utf-8"));
process.stdout.write(JSON.stringify(cases.map(find)));
"""


@needs_packages
@pytest.mark.skipif(os.name == "nt", reason="the paths are those of POSIX")
def test_no_program_of_an_untrusted_workspace_is_started(extension: Path, tmp_path: Path) -> None:
    run(
        extension, "node_modules/.bin/esbuild", "src/program.ts", "--bundle", "--platform=node", "--outfile=program.js"
    )  # fmt: skip
    workspace, system = tmp_path / "workspace", tmp_path / "system"
    for place in (workspace / ".venv" / "bin", workspace / "bin", system, workspace):
        place.mkdir(parents=True, exist_ok=True)
        (place / "agpc").write_text("#!/bin/sh\n", encoding="utf-8")
    linked = tmp_path / "linked"
    linked.mkdir()
    (linked / "agpc").symlink_to(workspace / "bin" / "agpc")
    own = str(workspace / ".venv" / "bin" / "agpc")

    def case(
        trusted: bool,
        setting: str = "",
        path: tuple[object, ...] = (system,),
        interpreter: str | None = None,
    ) -> dict[str, object]:
        return {
            "setting": setting, "folders": [str(workspace)], "trusted": trusted,
            "interpreter": interpreter, "path": [str(each) for each in path],
        }  # fmt: skip

    cases = [
        case(True),
        case(False),
        case(False, setting="${workspaceFolder}/.venv/bin/agpc"),
        case(True, setting="${workspaceFolder}/.venv/bin/agpc"),
        case(False, path=(workspace / "bin", linked, ".", "", system)),
        case(False, path=(workspace / "bin", linked, ".")),
        case(False, interpreter=own, path=()),
        case(True, setting=str(tmp_path / "nothing")),
        case(True, setting=str(system / "agpc")),
    ]
    given = json.dumps(cases)
    done = subprocess.run(
        ["node", "-e", FOUND, str(extension / "program.js")],
        input=given,
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    elsewhere = str(system / "agpc")
    assert [each.get("program") for each in found] == [
        own, elsewhere, None, own, elsewhere, None, None, None, elsewhere,
    ]  # fmt: skip
    assert "not trusted" in found[2]["problem"] and "not trusted" in found[5]["problem"]
    assert "names no file" in found[7]["problem"]


COMES_BACK = """
const { Comebacks } = require(process.argv[1]);
const own = new Comebacks();
const minutes = JSON.parse(require("fs").readFileSync(0, "utf-8"));
process.stdout.write(JSON.stringify(minutes.map((each) => each === null ? own.forget() ?? null : own.another(each * 60000))));
"""


@needs_packages
def test_a_server_that_ends_again_and_again_is_left_alone(extension: Path) -> None:
    run(
        extension, "node_modules/.bin/esbuild", "src/comebacks.ts", "--bundle", "--platform=node", "--outfile=comebacks.js"
    )  # fmt: skip
    done = subprocess.run(
        ["node", "-e", COMES_BACK, str(extension / "comebacks.js")],
        input=json.dumps([0, 1, 2, 3, 4.9, 5.1, 5.2, None, 5.3]),
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == [True, True, True, False, False, True, False, None, True]


def test_the_problem_matcher_reads_what_check_prints(tmp_path: Path) -> None:
    manifest = json.loads((EXTENSION / "package.json").read_text(encoding="utf-8"))
    (matcher,) = manifest["contributes"]["problemMatchers"]
    first, second = (re.compile(each["regexp"]) for each in matcher["pattern"])
    policy = tmp_path / "policy.agp"
    policy.write_text('language 2\npackage p\nagent a = "x"\nfrobid\n', encoding="utf-8")
    program = (
        [str(ROOT / ".venv" / "bin" / "agpc")] if (ROOT / ".venv/bin/agpc").exists() else ["agpc"]
    )
    done = subprocess.run([*program, "check", policy], capture_output=True, text=True, check=False)
    lines = (done.stdout + done.stderr).splitlines()
    at = next(number for number, line in enumerate(lines) if first.match(line))
    head, place = first.match(lines[at]), second.match(lines[at + 1])
    assert head and head[1] == "error" and head[2].startswith("AGP")
    assert place and place[1] == str(policy) and int(place[2]) >= 3


@pytest.mark.skipif(shutil.which("node") is None, reason="no Node.js")
def test_a_line_of_documentation_goes_on_with_the_next() -> None:
    configuration = json.loads(
        (EXTENSION / "language-configuration.json").read_text(encoding="utf-8")
    )
    rules = configuration["onEnterRules"]
    assert re.search(rules[0]["beforeText"], "    ## What it is for.")
    assert rules[0]["action"]["appendText"] == "## "
    increase = re.compile(configuration["indentationRules"]["increaseIndentPattern"])
    assert increase.search("grant g {")
    assert not increase.search('because "{"')
