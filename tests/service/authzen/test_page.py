"""What the page shows is right: its mappings and its directory load, and it names what there is."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

from agpc.service.authzen.metadata import PATHS, WELL_KNOWN
from agpc.service.authzen.reading import SEMANTICS
from agpc.service.authzen.searching import MOST_RESULTS, MOST_TRIED
from agpc.service.decisions.lines import LONGEST
from agpc.service.decisions.log import KEPT, MOST_BYTES
from agpc.service.policies.directory import Directory
from agpc.service.policies.documents import validated
from agpc.service.policies.mapping import RESERVED, RequestMapping

PAGE = (Path(__file__).parents[3] / "docs" / "service" / "authzen.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_its_mappings_and_its_directory_load() -> None:
    mappings = [
        validated(RequestMapping, tomllib.loads(each), "the page") for each in blocks("toml")
    ]
    assert len(mappings) == 2
    data = [json.loads(each) for each in blocks("json")]
    directories = [validated(Directory, each, "the page") for each in data if "attributes" in each]
    assert len(directories) == 1


def test_it_names_what_there_is() -> None:
    for each in (*SEMANTICS, *RESERVED, WELL_KNOWN, PATHS["access_evaluation_endpoint"]):
        assert f"`{each}`" in PAGE or each in PAGE, each
    for number in (MOST_RESULTS, MOST_TRIED, LONGEST):
        assert f"{number:,}" in PAGE
    assert f"{MOST_BYTES // 2**20} MiB" in PAGE and KEPT == 16
