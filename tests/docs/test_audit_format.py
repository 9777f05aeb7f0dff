"""The worked example of docs/service/audit.md, computed again by what the page says."""

from __future__ import annotations

import base64
import hashlib
import json
import re

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from docs.blocks import DOCS

TEXT = (DOCS / "service" / "audit.md").read_text(encoding="utf-8")
EXAMPLE = TEXT[TEXT.index("## Example") : TEXT.index("## What `agpc")]
BODIES, ENTRIES, LEAVES, NOTE, KEY = re.findall(
    r"^```\w+\n(.*?)^```", EXAMPLE, re.MULTILINE | re.DOTALL
)


def sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def leaves() -> list[bytes]:
    return [sha256(b"\0", each.encode("ascii")) for each in ENTRIES.splitlines()]


def root() -> bytes:
    one, two, three = leaves()
    return sha256(b"\1", sha256(b"\1", one, two), three)


def test_entries_have_the_digests_of_bodies() -> None:
    for body, entry in zip(BODIES.splitlines(), ENTRIES.splitlines(), strict=True):
        told = json.loads(entry)
        assert told["body"] == f"sha256:{hashlib.sha256(body.encode('ascii')).hexdigest()}"
        for text in (body, entry):
            again = json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))
            assert again == text


def test_the_tree() -> None:
    assert [each.hex() for each in leaves()] == LEAVES.split()
    assert f"root `{root().hex()}`" in EXAMPLE
    bundle = b"".join(len(e).to_bytes(2, "big") + e.encode() for e in ENTRIES.splitlines())
    assert f"has {len(bundle)} bytes" in EXAMPLE
    assert f"`{bundle[:4].hex(' ')}`" in EXAMPLE


def test_the_checkpoint_and_its_key() -> None:
    secret = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    public = b"\1" + secret.public_key().public_bytes_raw()
    name = "log.example/agpc"
    id = sha256(name.encode(), b"\n", public)[:4]
    assert KEY.strip() == f"{name}+{id.hex()}+{base64.b64encode(public).decode()}"
    text = f"{name}\n3\n{base64.b64encode(root()).decode()}\n"
    signature = base64.b64encode(id + secret.sign(text.encode())).decode()
    assert f"{text}\n— {name} {signature}\n" == NOTE
    assert KEY.strip() in TEXT[: TEXT.index("## An event")]
