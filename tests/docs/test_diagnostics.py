"""Each diagnostic code has a page, whose first example gives that code and whose second does not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from agpc.compiler.analysis.limits import Limits
from agpc.compiler.analysis.run import FINDINGS, analyze
from agpc.compiler.check.project.settings import Settings
from agpc.compiler.check.review.review import review
from agpc.compiler.report.codes import CODES
from agpc.compiler.report.source import Source
from agpc.runtime.values import read_time
from agpc.targets.aws_iam import TARGET as AWS
from agpc.targets.emission import Options
from docs.blocks import blocks, compile_text, whole
from docs.diagnostic_pages import INDEX, PAGES, heading, index, page_of_finding, same

HEADINGS = ["What it means", "Example", "What to do", "How to silence it"]

# What no text on a page can show: bytes that are not text, sizes, and what takes too long to find out.
WITHOUT_EXAMPLE = {"AGP1008", "AGP2999", "AGP5002"}
MADE_VISIBLE = re.compile(r"⟨U\+([0-9A-F]{4,6})⟩")
LIMITS = Limits(retention=90 * 86_400)
AT = read_time("2026-11-24T00:00:00Z")


def page(code: str) -> Path:
    return PAGES / f"{code}.md"


@pytest.fixture(scope="module", autouse=True)
def pages_of_findings() -> None:
    """With `UPDATE_DOCS` the pages of findings are there before any test reads one."""
    for code in FINDINGS:
        same(page(code), page_of_finding(code))


def codes_of(text: str) -> set[str]:
    shown = MADE_VISIBLE.sub(lambda match: chr(int(match[1], 16)), text)
    return {each.code for each in compile_text(shown).diagnostics}


def codes_of_findings(text: str) -> set[str]:
    compilation = compile_text(text)
    assert compilation.policy is not None and compilation.diagnostics == ()
    return {each.code for each in analyze(compilation.policy, codes=FINDINGS, limits=LIMITS, at=AT)}


def codes_of_review(text: str) -> set[str]:
    found = review([Source("example.agp", text)], Settings())
    assert found.policy is not None
    return {each.code for each in found.diagnostics}


def codes_on_aws(text: str) -> set[str]:
    compilation = compile_text(text)
    assert compilation.policy is not None and compilation.diagnostics == ()
    return {each.code for each in AWS.emit(compilation.policy, Options()).diagnostics}


# A code of the analysis gets its page from the module that finds it, and none before there is one. A pattern
# of another language is seen where the text is read: the policy no longer has it as it was written.
READ = {"AGP2110"}
FOUND = {
    code for code in CODES if "AGP2000" < code < "AGP2999" or "AGP3000" < code < "AGP5000"
} - READ
WITH_PAGE = [code for code in CODES if code not in FOUND or code in FINDINGS]


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    assert {each.stem for each in PAGES.glob("AGP*.md")} == set(WITH_PAGE)


@pytest.mark.parametrize("code", WITH_PAGE)
def test_a_page_has_the_headings_in_order_and_the_title_and_severity_of_the_table(
    code: str,
) -> None:
    text = page(code).read_text(encoding="utf-8")
    assert text.startswith(heading(code))
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == HEADINGS


# Said of every artifact that permits something, so that it goes with others.
ALONGSIDE = {"AGP5009"}

# Said of a file that compiles, and in a check only.
REVIEWED = {"AGP1018", "AGP6005"}

SHOWN = sorted(set(CODES) - WITHOUT_EXAMPLE)


@pytest.mark.parametrize(
    "code", [code for code in SHOWN if code < "AGP2000" and code not in REVIEWED]
)
def test_the_first_example_gives_the_code_and_the_second_does_not(code: str) -> None:
    bad, good, *_ = [each for each in blocks(page(code)) if each.language == "agp"]
    text = bad.text if code == "AGP1009" else whole(bad)  # the one about a missing first line
    assert codes_of(text) == {code}
    assert codes_of(whole(good)) == set()


@pytest.mark.parametrize("code", FINDINGS)
def test_the_page_of_a_finding_is_the_docstring_of_its_module(code: str) -> None:
    assert same(page(code), page_of_finding(code)), "run it again with UPDATE_DOCS=1"


@pytest.mark.parametrize("code", FINDINGS)
def test_the_first_example_of_a_finding_gives_it_and_the_second_does_not(code: str) -> None:
    bad, good, *_ = [each for each in blocks(page(code)) if each.language == "agp"]
    assert code in codes_of_findings(whole(bad))
    assert code not in codes_of_findings(whole(good))


@pytest.mark.parametrize("code", [code for code in SHOWN if code > "AGP6000" or code in REVIEWED])
def test_the_first_example_gives_the_code_in_a_check_and_the_second_does_not(code: str) -> None:
    bad, good = [each for each in blocks(page(code)) if each.language == "agp"]
    assert codes_of_review(whole(bad)) >= {code}
    assert code not in codes_of_review(whole(good))


@pytest.mark.parametrize("code", [code for code in SHOWN if "AGP5000" < code < "AGP6000"])
def test_the_first_example_gives_the_code_on_a_target_and_the_second_does_not(code: str) -> None:
    bad, good = [each for each in blocks(page(code)) if each.language == "agp"]
    assert codes_on_aws(whole(bad)) - ALONGSIDE == {code} - ALONGSIDE
    assert code in codes_on_aws(whole(bad))
    assert code not in codes_on_aws(whole(good))


def test_a_document_that_is_too_large_for_the_platform_is_reported() -> None:
    text = whole(next(each for each in blocks(page("AGP5007")) if "Corrected" not in each.text))
    tenants = ", ".join(f'"tenant-{number}"' for number in range(300))
    bound = text.replace(
        "read = s3:GetObject", "read = s3:GetObject attribute tenant = s3:ExistingObjectTag/t"
    )
    long = bound.replace(
        "ledger.read, invoices.read", f"invoices.read when resource.tenant in [{tenants}]"
    )
    assert "AGP5002" in codes_on_aws(long)


def test_a_string_that_is_too_large_is_refused() -> None:
    assert codes_of(f'package p\nowner "{"x" * 70_000}" contact "y"\n') == {"AGP1008"}


def test_the_index_lists_every_code_with_its_severity_and_title() -> None:
    assert same(INDEX, index()), "run it again with UPDATE_DOCS=1"
