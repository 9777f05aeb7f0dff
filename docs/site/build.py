"""Build the documentation as a site that can be read and searched without a network.

    python docs/site/build.py OUT

The pages are those that stand in the repository, and stay readable there. Here they are put into a
directory of their own, with what they link to, and Sphinx makes HTML of them. The contents are those
of docs/README.md; diagnostics and policies stand beside them, and are found from the pages that list them. A link
that leads nowhere, and any other page that is not in the contents, are errors.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from pathlib import Path

from sphinx.cmd.build import build_main

ROOT = Path(__file__).parents[2]
PAGES = (
    "*.md",
    "benchmarks/*.md",
    "docs/*.md",
    "docs/diagnostics/*.md",
    "editors/*/*.md",
    "examples/**/*.md",
    "targets/**/README.md",
    "tests/conformance/README.md",
)
POLICIES = "examples/**/*.agp"  # each becomes a page, in colour
HOME = Path("README.md")
CONTENTS = Path("docs/README.md")
DIAGNOSTICS = Path("docs/diagnostics/README.md")

APART = "---\norphan: true\n---\n\n"
"""What a page begins with that stands in no sidebar: a hundred diagnostics in each would be long to read and to build."""

_FENCE = re.compile(r"^ *(```+)")
_LINK = re.compile(r"\[([^\]]*)\]\(([^)\s#:]+)(#[^)\s]*)?\)")


def pages() -> list[Path]:
    """Every page of the documentation, relative to the repository."""
    return sorted({page.relative_to(ROOT) for glob in PAGES for page in ROOT.glob(glob)})


def policies() -> list[Path]:
    """Every policy of the examples, relative to the repository."""
    return sorted(path.relative_to(ROOT) for path in ROOT.glob(POLICIES))


def staged(path: Path) -> Path:
    """Where a page, or a policy, stands among the sources of the site."""
    if path == HOME:
        return Path("index.md")
    return path if path.suffix == ".md" else path.with_name(path.name + ".md")


def stage(into: Path) -> None:
    """Put all pages and what they link to below `into`."""
    known = {*pages(), *policies()}
    for page in pages():
        text = "".join(_lines_with_links(_read(page), page, known, into))
        if page == HOME:
            text += contents()
        elif page.parent == DIAGNOSTICS.parent and page != DIAGNOSTICS:
            text = APART + text
        _write(into / staged(page), text)
    for path in policies():
        text = _read(path)
        fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
        page_text = f"# {path.as_posix()}\n\n{fence}agp\n{text}{fence}\n"
        _write(into / staged(path), APART + page_text)


def contents() -> str:
    """The headings of docs/README.md, and the pages that it lists below each."""
    lines: list[str] = []
    for line in _read(CONTENTS).splitlines():
        if line.startswith("## "):
            lines += ["```", "", "```{toctree}", ":hidden:", f":caption: {line[3:]}"]
        elif line.startswith("| [") and (link := _LINK.search(line)):
            lines.append((CONTENTS.parent / link[2]).as_posix())
    lines = [_normal(line) if line.endswith(".md") else line for line in lines[1:]]
    return "\n".join([*lines, "```", "", "```{toctree}", ":hidden:", "docs/README", "```", ""])


def _normal(page: str) -> str:
    return (ROOT / page).resolve().relative_to(ROOT).with_suffix("").as_posix()


def _lines_with_links(text: str, page: Path, known: set[Path], into: Path) -> list[str]:
    """The lines of a page, in which links lead to where things stand in the site."""
    lines, fence = [], ""
    for line in text.splitlines(keepends=True):
        opens = _FENCE.match(line)
        if opens and not fence:
            fence = opens[1]
        elif opens and line.strip() == fence:
            fence = ""
        elif not fence:
            line = _LINK.sub(lambda link: _link(link, page, known, into), line)
        lines.append(line)
    return lines


def _link(link: re.Match[str], page: Path, known: set[Path], into: Path) -> str:
    """A link to a page or a policy; to another file, which is offered; or only its text."""
    target = (ROOT / page.parent / link[2]).resolve().relative_to(ROOT)
    if (ROOT / target).is_dir():
        target /= "README.md"
        if target not in known:
            return link[1]
    if target in known:
        up = "../" * (len(page.parents) - 1)
        return f"[{link[1]}]({up}{staged(target).as_posix()}{link[3] or ''})"
    (into / target).parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(ROOT / target, into / target)  # a picture, or a text as it is
    return link[0]


def _read(path: Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def build(out: Path) -> int:
    """Build the site into `out`, which is made anew; Sphinx's exit status."""
    shutil.rmtree(out, ignore_errors=True)
    with tempfile.TemporaryDirectory() as directory:
        stage(Path(directory))
        here = str(Path(__file__).parent)
        options = ["-q", "-W", "--keep-going", "-j", "auto", "-d", f"{directory}/.doctrees"]
        return build_main([*options, "-c", here, directory, str(out)])


if __name__ == "__main__":
    sys.exit(build(Path(sys.argv[1])))
