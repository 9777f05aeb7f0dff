"""Build the playground: a static page with the compiler in it, which needs no server and no network once it is loaded.

    python editors/playground/build.py OUT

What is not of this repository has been installed by install.sh. The page is written into `OUT`, which is made anew:
put it anywhere. Every piece is named for what it holds, and the page loads it only if it holds that.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
INSTALLED = ROOT / ".cache" / "playground"
PYODIDE = INSTALLED / "node_modules" / "pyodide"

NOT_ASKED = ("audit", "guard", "lsp", "service")
"""Packages of agpc that no question of the page leads to."""
AT_FIRST = ("click", "jinja2", "markupsafe", "tzdata")
FOR_SCHEMA = (
    "annotated_types",
    "pydantic",
    "pydantic_core",
    "typing_extensions",
    "typing_inspection",
)
"""What the target `ir` alone needs, and is loaded when all else is there."""
EMBEDDED = ("agpc/monitor/", "agpc/runtime/")
"""Modules whose source targets write."""
NEEDLESS = re.compile(
    r"(_pyrepl|concurrent/interpreters|curses|dbm|ensurepip|idlelib|lib2to3|multiprocessing|pydoc_data|sqlite3|test"
    r"|tkinter|turtledemo|unittest|venv|wsgiref|xml|xmlrpc)/.*"
    r"|(_pydatetime|_pydecimal|_pyio|doctest|ftplib|imaplib|mailbox|nntplib|optparse|pdb|pickletools|poplib|profile|pstats"
    r"|pyclbr|pydoc|smtplib|tabnanny|trace|turtle|wave|zipapp)\.py"
    r"|encodings/(?!__init__|aliases|ascii|cp437|idna|latin_1|punycode|raw_unicode_escape|unicode_escape|utf_8)\w+\.py"
)
"""Of the standard library, what nothing here imports."""
METADATA = re.compile(r"agpc-[^/]*/(entry_points\.txt|METADATA)")
"""What is kept of what a wheel says of itself, so that the targets are found; and, elsewhere, licences."""
LICENCE = re.compile(r"(.*)\.dist-info/(?:licenses/)?(LICEN[CS]E[^/]*|COPYING[^/]*)")


def build(out: Path) -> None:
    """Build the page."""
    with tempfile.TemporaryDirectory() as directory:
        work = Path(directory)
        wheel = built_wheel(work)
        lay_out(work / "first", [wheel, *wheels(AT_FIRST)])
        for package in NOT_ASKED:
            remove(work / "first" / "agpc" / package)
        lay_out(work / "schema", wheels(FOR_SCHEMA))
        for each in ("v1", "mypy.py"):
            remove(work / "schema" / "pydantic" / each)
        with zipfile.ZipFile(PYODIDE / "python_stdlib.zip") as library:
            kept = [each for each in library.namelist() if not NEEDLESS.fullmatch(each)]
            library.extractall(work / "library", kept)
        compile_all(work)
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir(parents=True)
        pieces = {
            "python": piece(out, "python.wasm", (PYODIDE / "pyodide.asm.wasm").read_bytes()),
            "library": piece(out, "library.zip", (work / "library.zip").read_bytes()),
            "agpc": piece(out, "agpc.zip", (work / "first.zip").read_bytes()),
            "schema": piece(out, "schema.zip", (work / "schema.zip").read_bytes()),
        }
        bundle("worker.js", work / "worker.js", {})
        pieces["worker"] = piece(out, "worker.js", (work / "worker.js").read_bytes())
        given = {
            "PIECES": pieces,
            "LOCK": lock(),
            "VERSION": wheel.name.split("-")[1],
            "WORDS": words(),
            "EXAMPLES": examples(),
            "TARGETS": targets(),
        }
        bundle("page.js", work / "page.js", given)
        page(out, work / "page.js")


def built_wheel(work: Path) -> Path:
    """The wheel of this repository."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(work)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = work.glob("agpc-*.whl")
    return wheel


def wheels(names: Iterable[str]) -> list[Path]:
    """The wheels that hold packages."""
    return [path for name in names for path in (INSTALLED / "wheels").glob(f"{name}-*.whl")]


def lay_out(into: Path, wheels: Iterable[Path]) -> None:
    """Unpack what runs of wheels, and their licences."""
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                if licence := LICENCE.fullmatch(name):
                    path = into / "licences" / licence[1] / licence[2]
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(archive.read(name))
                elif is_run(name):
                    archive.extract(name, into)


def is_run(name: str) -> bool:
    """Whether a member of a wheel is of any use in the page."""
    if ".dist-info/" in name:
        return METADATA.fullmatch(name) is not None
    if name.endswith(".so"):
        return "emscripten" in name
    return not name.endswith((".c", ".pyi"))


def remove(path: Path) -> None:
    """Remove a file, or a directory with all that is in it."""
    shutil.rmtree(path) if path.is_dir() else path.unlink()


def compile_all(work: Path) -> None:
    """Make the archives of byte code."""
    script = HERE / "compiled.mjs"
    archives = [
        f"{work / 'first'}:{work / 'first.zip'}:{','.join(EMBEDDED)}",
        f"{work / 'schema'}:{work / 'schema.zip'}:",
        f"{work / 'library'}:{work / 'library.zip'}:",
    ]
    subprocess.run(["node", script, INSTALLED / "node_modules", *archives], check=True)


def piece(out: Path, name: str, content: bytes) -> dict[str, object]:
    """Write a piece of the page, compressed, and say how it is called, how large it is and what it has to hash to."""
    packed = gzip.compress(content, 9, mtime=0)
    digest = hashlib.sha256(packed).digest()
    file = f"{name}.{digest.hex()[:12]}.gz"
    (out / file).write_bytes(packed)
    return {"file": file, "size": len(packed), "integrity": integrity(packed)}


def integrity(content: bytes) -> str:
    """What a browser compares with what it was sent."""
    return "sha256-" + base64.b64encode(hashlib.sha256(content).digest()).decode()


def lock() -> dict[str, object]:
    """What Pyodide wants to know of packages that it could fetch: that there are none."""
    info = json.loads((PYODIDE / "pyodide-lock.json").read_text(encoding="utf-8"))["info"]
    return {"info": info, "packages": {}}


def words() -> list[str]:
    """The words of the language, as the grammar's tables have them."""
    sys.path.insert(0, str(ROOT / "docs" / "site"))
    try:
        from agp_lexer import keywords
    finally:
        del sys.path[0]
    return keywords()


def targets() -> list[str]:
    """The targets that agpc brings."""
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return sorted(project["entry-points"]["agpc.targets"])


def examples() -> dict[str, dict[str, object]]:
    """The examples of the repository: policies with their settings, a request, and what happened before."""
    found = {}
    root = ROOT / "examples"
    for directory in sorted({path.parent for path in root.rglob("*.agp")}):
        files = {path.name: path.read_text("utf-8") for path in sorted(directory.glob("*.agp"))}
        for settings in (directory / "agpc.toml", directory.parent / "agpc.toml"):
            if settings.exists():
                files["agpc.toml"] = settings.read_text("utf-8")
                break
        request = next(iter(sorted(directory.glob("requests/*.json"))), None)
        record = directory / "record.jsonl"
        found[directory.relative_to(root).as_posix()] = {
            "files": files,
            "request": request.read_text("utf-8") if request else "",
            "record": record.read_text("utf-8") if record.exists() else "",
        }
    return found


def bundle(name: str, out: Path, given: dict[str, object]) -> None:
    """Make one script of many."""
    command = [
        INSTALLED / "node_modules" / ".bin" / "esbuild",
        HERE / "src" / name,
        f"--outfile={out}",
        "--bundle",
        "--minify",
        "--format=esm",
        "--target=es2022",
        "--charset=utf8",
        "--loader:.py=text",
        "--legal-comments=inline",
        "--log-level=error",
        "--external:node:*",
        "--external:ws",
        *(
            f"--define:{key}={json.dumps(value)}"
            for key, value in given.items()
            if key != "EXAMPLES"
        ),
    ]
    if "EXAMPLES" in given:
        path = out.with_name("examples.json")
        path.write_text(json.dumps(given["EXAMPLES"]), encoding="utf-8")
        command.append(f"--alias:examples.json={path}")
    environment = {**os.environ, "NODE_PATH": str(INSTALLED / "node_modules")}
    subprocess.run(command, check=True, env=environment)


def page(out: Path, script: Path) -> None:
    """Write the page itself, which names its script and its style by what they hold."""
    text = (HERE / "index.html").read_text(encoding="utf-8")
    for name, content in (
        ("page.js", script.read_bytes()),
        ("style.css", (HERE / "style.css").read_bytes()),
    ):
        stem, suffix = name.split(".")
        named = f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}.{suffix}"
        (out / named).write_bytes(content)
        text = text.replace(f'"{name}"', f'"{named}" integrity="{integrity(content)}"')
    icon = base64.b64encode(
        (HERE / "icon.svg").read_bytes()
    ).decode()  # asked for at each change of the address
    text = text.replace('"icon.svg"', f'"data:image/svg+xml;base64,{icon}"')
    (out / "index.html").write_text(text, encoding="utf-8")
    shutil.copy(ROOT / "LICENSE", out / "LICENSE.txt")
    (out / ".nojekyll").touch()


if __name__ == "__main__":
    if not (INSTALLED / "installed").exists():
        sys.exit("what the playground is built from is not installed: run `make playground`")
    build(Path(sys.argv[1]))
