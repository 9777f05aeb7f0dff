"""Our log beside libraries of others: golang.org/x/mod/sumdb and transparency-dev's merkle, formats and tessera."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from generators.trails import MemoryLog, an_hour, signer

from agpc.service.audit import proofs
from agpc.service.audit.checkpoints import Checkpoint
from agpc.service.audit.export import export
from agpc.service.audit.tree import Edge, leaf_hash

SOURCE = Path(__file__).parent / "witness"
SIZES = (1, 2, 3, 7, 8, 29, 255, 256, 257, 700)


@pytest.fixture(scope="module")
def witness(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program, built from its source."""
    if shutil.which("go") is None:
        pytest.skip("there is no Go, with which a verifier of others is built")
    fetched = subprocess.run(
        ["go", "mod", "download"], cwd=SOURCE, capture_output=True, text=True, check=False
    )
    if fetched.returncode:
        pytest.skip(f"the modules of others cannot be fetched: {fetched.stderr.strip()[-200:]}")
    program = tmp_path_factory.mktemp("witness") / "witness"
    built = subprocess.run(
        ["go", "build", "-mod=readonly", "-buildvcs=false", "-o", program, "."],
        cwd=SOURCE, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    return program


@pytest.fixture(scope="module")
def log() -> MemoryLog:
    log = an_hour()
    while len(log.found) < 700:
        log.tell("admin", {"what": "note"})
    log.sign()
    return log


def text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def question(log: MemoryLog, directory: Path) -> dict[str, Any]:
    entries = [each.entry for each in log.found]
    read = proofs.from_leaves(lambda index: leaf_hash(entries[index]))
    checkpoint = Checkpoint(signer().name, log.edge.size, log.edge.root()).text
    return {
        "Directory": str(directory),
        "VKey": signer().vkey,
        "SKey": signer().skey,
        "Text": checkpoint,
        "Signed": signer().sign(checkpoint),
        "Entries": [text(each) for each in entries],
        "Inclusion": [
            {
                "Index": index, "Size": size, "Root": text(root_at(entries, size)),
                "Path": [text(each) for each in proofs.inclusion(read, index, size)],
            }
            for size in SIZES
            for index in sorted({0, size // 3, size // 2, size - 1})
        ],
        "Consistency": [
            {
                "Old": old, "New": new, "Before": text(root_at(entries, old)),
                "Root": text(root_at(entries, new)),
                "Path": [text(each) for each in proofs.consistency(read, old, new)],
            }
            for new in SIZES
            for old in SIZES
            if old <= new
        ],
    }  # fmt: skip


def root_at(entries: list[bytes], size: int) -> bytes:
    edge = Edge()
    edge.extend(map(leaf_hash, entries[:size]))
    return edge.root()


def ask(witness: Path, asked: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [witness], input=json.dumps(asked), capture_output=True, text=True, check=False
    )


def test_others_read_our_log(witness: Path, log: MemoryLog, tmp_path: Path) -> None:
    export(log, tmp_path)
    found = ask(witness, question(log, tmp_path))
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout == "log.example/agpc: 700 entries"


@pytest.mark.parametrize("what", ["Inclusion", "Consistency"])
def test_others_refuse_a_proof_that_is_none(
    witness: Path, log: MemoryLog, tmp_path: Path, what: str
) -> None:
    export(log, tmp_path)
    asked = question(log, tmp_path)
    each = next(each for each in asked[what] if len(each["Path"]) > 2)
    each["Path"][1] = text(bytes(32))
    assert ask(witness, asked).returncode != 0


@pytest.mark.parametrize(
    "name", ["tile/0/001", "tile/1/000.p/2", "tile/entries/002.p/188", "checkpoint"]
)
def test_others_see_a_byte_that_is_another(
    witness: Path, log: MemoryLog, tmp_path: Path, name: str
) -> None:
    export(log, tmp_path)
    path = tmp_path / name
    whole = path.read_bytes()
    path.write_bytes(whole[:40] + bytes([whole[40] ^ 1]) + whole[41:])
    assert ask(witness, question(log, tmp_path)).returncode != 0
