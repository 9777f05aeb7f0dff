"""Files of secrets that others may read or change are told of at the start, whichever table names them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agpc.service.config.models import Loaded, Settings
from agpc.service.serving import modes

SETTINGS: dict[str, Any] = {
    "public_url": "https://agp.example.org",
    "tls": {"cert": "cert.pem", "key": "tls.key"},
    "store": {"file": "store.url"},
    "callers": [{"name": "ops", "roles": ["admin"], "key_sha256": {"file": "ops.hash"}}],
    "audit": {"key": {"file": "trail"}},
    "brokers": {"aws": {"region": "x", "access_key": {"file": "aws.id"}, "more": [{"k": {"file": "deep"}}]}},
    "notices": {"webhooks": [{"name": "leads", "url": {"file": "hook"}}]},
}  # fmt: skip
NAMED = {"tls.key", "store.url", "ops.hash", "trail", "aws.id", "deep", "hook"}


def told(root: Path, mode: int, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    said: dict[str, str] = {}
    monkeypatch.setattr(
        modes.logs, "say", lambda level, sentence, **more: said.update({more["file"]: more["mode"]})
    )
    for each in {*NAMED, "cert.pem", "agpc.key"}:
        (root / each).write_text("x")
        (root / each).chmod(mode)
    loaded = Loaded(settings=Settings.model_validate(SETTINGS), root=root)
    modes.warn_of_open_files(loaded, (root / "agpc.key", root / "not there"))
    return said


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o602, 0o620, 0o666])
def test_each_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int) -> None:
    found = told(tmp_path, mode, monkeypatch)
    assert found == {str(tmp_path / each): f"{mode:04o}" for each in {*NAMED, "agpc.key"}}


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o440, 0o640])
def test_one_that_its_group_alone_reads_is_fine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int
) -> None:
    assert told(tmp_path, mode, monkeypatch) == {}
