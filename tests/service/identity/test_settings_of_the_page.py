"""The settings of docs/service/identity.md are settings."""

from __future__ import annotations

from pathlib import Path

import pytest
from docs.blocks import DOCS, blocks

from agpc.service.config.read import read_settings
from agpc.service.serving.trust import asking_of, bundles_of, callers_of, provider_of

EXAMPLES = [
    each
    for each in blocks(DOCS / "service" / "identity.md")
    if each.language == "toml" and not each.words  # the file of the session is run with it
]


def test_each_kind_has_its_example() -> None:
    assert len(EXAMPLES) == 4


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_an_example_is_what_the_service_starts_with(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGPC_OIDC_SECRET", "hunter2")
    file = tmp_path / "service.toml"
    file.write_text(EXAMPLES[number].text, encoding="utf-8")
    loaded = read_settings(file, {})
    bundles = bundles_of(loaded)
    assert callers_of(loaded, bundles).are_configured
    found = (
        bool(bundles.all()),
        asking_of(loaded, bundles) is not None,
        provider_of(loaded) is not None,
    )
    expected = (
        (True, False, False), (True, True, False), (False, False, True), (False, False, False),
    )[number]  # fmt: skip
    assert found == expected
    assert (loaded.settings.passkeys is not None) is (number == 3)
