"""The playground in a real browser: it says what the commands say, whatever it is given, and asks nobody else."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from engines.chromium import needs_chromium

from .conftest import ROOT, Visit, build

pytestmark = [
    needs_chromium,
    pytest.mark.skipif(
        not (build.INSTALLED / "installed").exists(),
        reason="what the playground is built from is not in .cache; `make playground` installs it",
    ),
]

TARGETS = ",".join(build.targets())
RUN = """
import io, json, os, sys
from agpc.cli import main
found = []
for command in json.loads(sys.argv[1]):
    sys.argv = ["agpc", *command]
    sys.stdout, sys.stderr = io.TextIOWrapper(io.BytesIO()), io.TextIOWrapper(io.BytesIO())
    status = main()
    said = []
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
        said.append(stream.buffer.getvalue().decode())
    found.append([status, *said])
sys.stdout = sys.__stdout__
print(json.dumps(found))
"""


def commanded(folder: Path, commands: list[list[str]]) -> list[tuple[int, str, str]]:
    """What commands say, one after the other in one process: status, output, errors."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, json.dumps(commands)],
        cwd=folder, capture_output=True, text=True, check=False,
        env={**os.environ, "COLUMNS": "80"},  # as wide as the page has it
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [(status, output, errors) for status, output, errors in json.loads(done.stdout)]


def laid_out(folder: Path, example: dict[str, Any]) -> dict[str, str]:
    """Lay an example out as the page does; what stands beside its policies."""
    for name, text in example["files"].items():
        path = folder / "policies" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
    texts = "\n".join(example["files"].values())
    (name,) = re.findall(r'^test "([^"]+)"', texts, re.MULTILINE)[:1] or [""]
    request = example["request"]
    if not request:
        ((_, request, _),) = commanded(folder, [["test", "policies", f"--request={name}"]])
    beside = {"request.json": request or "{}", "record.jsonl": example["record"]}
    for file, text in beside.items():
        (folder / file).write_text(text, encoding="utf-8", newline="")
    return beside


COMMANDS = (
    ["check", "policies"],
    ["check", "policies", "--format", "json"],
    ["matrix", "policies", "--format", "csv"],
    ["matrix", "policies"],
    ["test", "policies"],
    ["decide", "policies", "-r", "request.json"],
    ["explain", "policies", "-r", "request.json"],
    ["explain", "policies", "-r", "request.json", "--record", "record.jsonl"],
    ["compile", "policies", "-t", TARGETS, "-o", "build"],
)
# With records, with approvals and without both. Where `CI` is not set, all examples are asked about.
IN_CI = ("adapters/envoy", "coding-agent", "desk", "service")
BROKEN = {
    "names": 'package a\nowner "𝄞" contact "c"\nagent b = "spiffe://a/b"\ngrant g { to b for y allow t.u }\n',
    "syntax": "package a\r\ngrant {\r\n\tallow\r\n",
    "empty": "",
    "habit": 'package a\npermit(principal, action, resource) when { context.x == "<b>\u202e" };\n',
    "deep": "package a\nset x = " + "[" * 3000,
}


def test_the_page_says_what_the_commands_say(visit: Visit, tmp_path: Path) -> None:
    every = build.examples()
    cases = {name: every[name] for name in (IN_CI if "CI" in os.environ else every)}
    for name, text in BROKEN.items():
        cases[f"broken-{name}"] = {"files": {"a.agp": text}, "request": "{", "record": ""}
    questions, expected, what = [], [], []
    for name, example in cases.items():
        folder = tmp_path / name
        folder.mkdir(parents=True)
        beside = laid_out(folder, example)
        said = commanded(folder, [list(each) for each in COMMANDS])
        asked = {"files": example["files"], "beside": beside}
        questions.append({"kind": "check", **asked})
        (status, output, errors), (_, places, _) = said[:2]
        expected.append({"status": status, "output": output, "errors": errors, "json": places})
        what.append(f"{name}: check")
        for command, (status, output, errors) in zip(COMMANDS[2:], said[2:], strict=True):
            questions.append({"kind": "run", "arguments": command, "schema": True, **asked})
            expected.append({"status": status, "output": output, "errors": errors})
            what.append(f"{name}: {' '.join(command)}")
        made = folder / "build"
        expected[-1]["files"] = {
            path.relative_to(made).as_posix(): path.read_text("utf-8")
            for path in sorted(made.rglob("*"))
            if path.is_file()
        }
    seen = visit("answers", questions)
    for found in seen["found"]:
        found.pop("archive", None)
    asked = zip(what, seen["found"], expected, strict=True)
    assert [(name, found, wanted) for name, found, wanted in asked if found != wanted] == []
    assert seen["seen"]["said"] == []
    assert seen["seen"]["elsewhere"] == []


MISTAKEN = 'language 2\npackage finance\nowner "𝄞𝄞" contact "c"  agent x = "<img src=x onerror=alert(1)>"\n'


def test_a_person_at_work(visit: Visit, tmp_path: Path) -> None:
    archive = tmp_path / "policies.zip"
    example = build.examples()["finance"]
    asserted = example["files"]["finance.agp"] + "\nassert no agent can ledger.post\n"
    found = visit(
        "work",
        {
            "mistaken": MISTAKEN,
            "asserted": asserted,
            "archive": str(archive),
            "template": "call finance.letters.send",
        },
    )
    steps, seen = found["steps"], found["seen"]
    assert seen["said"] == [] and seen["elsewhere"] == [] and found["offline"] == 0
    laid_out(tmp_path, example)
    commands = [list(each) for each in COMMANDS]
    check, _, csv, _, tests, _, _, explained, _ = commanded(tmp_path, commands)
    assert steps["first"].startswith(check[1].strip())
    assert steps["undone"].startswith(check[1].strip())
    assert steps["words"] > 20
    (tmp_path / "policies" / "finance.agp").write_text(MISTAKEN, encoding="utf-8")
    ((_, places, _),) = commanded(tmp_path, [["check", "policies", "--format", "json"]])
    diagnostics = json.loads(places)["diagnostics"]
    assert len(steps["findings"]) == len(diagnostics) > 0
    for shown, diagnostic in zip(steps["findings"], diagnostics, strict=True):
        for text in (diagnostic["code"], diagnostic["message"], diagnostic["help"] or ""):
            assert text in shown
    assert any("<img" in each or each for each in steps["underlined"])
    assert steps["selected"]
    assert steps["explained"].startswith(f"# {diagnostics[0]['code']}")
    assert steps["effect"] == "permit"
    assert steps["explain"] == explained[1]
    assert steps["template"] in ("permit", "challenge")
    assert [",".join(row) for row in steps["matrix"]] == [
        line.replace('"', "") for line in csv[1].splitlines()
    ]
    assert steps["tests"] == tests[1]
    assert "ir/policy.json" in steps["made"] and "manifest.json" in steps["made"]
    with zipfile.ZipFile(io.BytesIO(archive.read_bytes())) as made:
        assert made.namelist() == steps["made"]
        assert made.testzip() is None
        assert json.loads(made.read("ir/policy.json"))
    assert steps["formatted"] == "finance.agp is formatted"
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/#1\.[\w-]+", steps["shared"])
    assert "stopped after" in steps["stopped"]
    assert steps["anew"] == len(diagnostics)
    assert steps["witness"] == "permit"


def test_a_check_that_takes_too_long_can_be_stopped(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    from workload import workload

    files = {Path(name).name: text for name, text in workload(3000).files.items()}
    sys.modules.pop("workload", None)
    found = visit("stopping", {"files": files, "small": {"a.agp": "package a\n"}})
    assert found["stopped"] == "The policies were not checked: stopped"
    assert found["after"].startswith("1 file:")
    assert found["seen"]["said"] == [] and found["seen"]["elsewhere"] == []


def test_it_can_be_used_by_all(visit: Visit) -> None:
    views = ["problems", "ask", "matrix", "tests", "compile"]
    looks = [
        {"width": 1280, "scheme": "light", "views": views},
        {"width": 390, "scheme": "dark", "views": views},
    ]
    found = visit("looks", {"looks": looks})
    for each in found["found"]:
        assert each["wide"], f"{each['look']}: the page scrolls sideways"
        assert each["high"], f"{each['look']}: the editor is higher than the window"
        assert each["violations"] == [], each["look"]
    assert len({each["background"] for each in found["found"]}) == 2
    assert found["seen"]["said"] == []
    assert found["left"], "the keyboard cannot leave the editor"
    assert found["moved"] == "tab-ask"


EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\u202e\u2066"


def test_an_address_of_anybody_is_only_text(visit: Visit) -> None:
    policy = f'package a\nowner "{EVIL}" contact "c"\n'
    right = {"a.agp": policy}
    cases: dict[str, Any] = {
        "right": {"value": {"files": right, "request": EVIL, "record": "", "checked": 1}},
        "html": {"value": {"files": {"a.agp": EVIL}, "request": "", "record": "", "checked": 1}},
        "large": {"value": {"files": {"a.agp": "a" * 900_000}, "request": "", "record": ""}},
        "bomb": {"value": {"files": {"a.agp": "a" * 100_000_000}}},
        "name": {"value": {"files": {"../a.agp": policy}}},
        "hidden": {"value": {"files": {".a/b.agp": policy}}},
        "markup": {"value": {"files": {"<b>.agp": policy}}},
        "prototype": {"value": '{"files": {"__proto__": "x", "a.agp": 1}}'},
        "many": {"value": {"files": {f"{each}.agp": "" for each in range(100)}}},
        "none": {"value": {"files": {}}},
        "directory": {"value": {"files": {"a.agp": policy, "a.agp/b.agp": policy}}},
        "number": {"value": "7"},
        "null": {"value": "null"},
        "surrogate": {"value": '{"files": {"a.agp": "\\ud800"}}'},
        "later": {"value": {"files": right}, "version": "2"},
        "damaged": {"raw": "1.AAAA"},
        "signs": {"raw": "1.%3Cimg%20src=x%20onerror=alert(1)%3E"},
        "plain": {"raw": "<img src=x onerror=alert(1)>"},
        "unknown": {"raw": "example=__proto__"},
        "long": {"raw": "1." + "A" * 300_000},
    }
    found = visit("addresses", cases)
    for name, each in found.items():
        assert each["seen"]["said"] == [], name
        assert each["seen"]["elsewhere"] == [], name
        assert each["foreign"] == 0, name
        assert each["title"] == "agpc playground", name
    taken = {name for name, each in found.items() if not each["warning"]}
    assert taken == {"right", "html", "large"}
    assert found["right"]["text"] == policy
    assert found["html"]["text"] == EVIL
    assert all("AGP1" in each for each in found["html"]["findings"])
    assert all(
        each["warning"][0].startswith("The link cannot be opened")
        for name, each in found.items()
        if name not in taken
    )
