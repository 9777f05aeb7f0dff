"""Signed bundles: OPA and agpc verify what the other signed, and neither takes a changed one."""

from __future__ import annotations

import base64
import importlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from generators import hostile_text
from hypothesis import given
from hypothesis import strategies as st

from agpc.targets.rego import keys, signatures
from agpc.targets.rego.archive import pack, read_bundle
from agpc.targets.rego.digests import DigestError, digest
from agpc.targets.rego.signatures import problems, sign

from .opa import OPA, needs_opa
from .signing import FILES

SECRET = b"0123456789abcdef" * 4
DATA = rb"""{"b": [1, 2.50, 1e3, -0, null, true, ""], "a": "<&>\u0000\u001f\b\f\n\r\t\"\\\u2028\u007f",
 "\u00e9": {}, "z": [], "\ud83d\ude00": "\ud83d", "\uffff": 9007199254740993}"""
SIGNED_DATA = {**FILES, "agpc/data.json": DATA}


def key_pair(algorithm: str) -> tuple[bytes, bytes]:
    """A private and a public key for an algorithm; of a secret, the secret twice."""
    if algorithm.startswith("HS"):
        return SECRET, SECRET
    serialization: Any = importlib.import_module("cryptography.hazmat.primitives.serialization")
    asymmetric = "cryptography.hazmat.primitives.asymmetric"
    if algorithm.startswith("ES"):
        ec: Any = importlib.import_module(f"{asymmetric}.ec")
        curve = {"256": ec.SECP256R1, "384": ec.SECP384R1, "512": ec.SECP521R1}[algorithm[2:]]
        private = ec.generate_private_key(curve())
    else:
        rsa: Any = importlib.import_module(f"{asymmetric}.rsa")
        private = rsa.generate_private_key(65537, 2048)
    return (
        private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
        private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        ),
    )


def signed(files: dict[str, bytes], algorithm: str = "HS256", **more: str) -> dict[str, bytes]:
    text = sign(files, SECRET, algorithm, **more)
    return {**files, signatures.FILE: text.encode("utf-8")}


class Signer:
    """OPA with a pair of keys in files."""

    def __init__(self, folder: Path, algorithm: str) -> None:
        self.folder, self.algorithm = folder, algorithm
        self.private, self.public = key_pair(algorithm)
        (folder / "private").write_bytes(self.private)
        (folder / "public").write_bytes(self.public)

    def opa(
        self, command: str, *arguments: object, where: Path
    ) -> subprocess.CompletedProcess[str]:
        algorithm = ("--signing-alg", self.algorithm)
        return subprocess.run(
            [OPA, command, *map(str, arguments), *algorithm],
            capture_output=True, text=True, check=False, cwd=where,
        )  # fmt: skip

    def sign(self, files: dict[str, bytes]) -> dict[str, bytes]:
        """Sign as `opa sign` does."""
        bundle = self.folder / "bundle"
        for name, content in files.items():
            (bundle / name).parent.mkdir(parents=True, exist_ok=True)
            (bundle / name).write_bytes(content)
        done = self.opa("sign", "--signing-key", "../private", "--bundle", ".", where=bundle)
        assert done.returncode == 0, done.stderr
        return read_bundle(bundle)

    def rejects(self, files: dict[str, bytes], *arguments: object) -> str:
        """What OPA says to a bundle; nothing if it verifies and compiles."""
        path = self.folder / "given.tar.gz"
        path.write_bytes(pack(files))
        done = self.opa(
            "build", "--bundle", path, "--verification-key", "public", "--output", "out.tar.gz",
            *arguments, where=self.folder,
        )  # fmt: skip
        return done.stdout + done.stderr if done.returncode else ""


@needs_opa
@pytest.mark.parametrize("algorithm", ["HS256", "HS512", "RS256", "PS384", "ES256", "ES512"])
def test_opa_verifies_what_agpc_signed_and_agpc_what_opa_signed(
    algorithm: str, tmp_path: Path
) -> None:
    signer = Signer(tmp_path, algorithm)
    ours = sign(SIGNED_DATA, signer.private, algorithm, key_id="default")
    assert signer.rejects({**SIGNED_DATA, signatures.FILE: ours.encode("utf-8")}) == ""
    theirs = signer.sign(SIGNED_DATA)
    assert problems(theirs, signer.public, algorithm) == []
    assert theirs.keys() == {*SIGNED_DATA, signatures.FILE}


@needs_opa
def test_agpc_verifies_an_archive_that_opa_built(tmp_path: Path) -> None:
    signer = Signer(tmp_path, "HS256")
    (tmp_path / "plain.tar.gz").write_bytes(pack(FILES))
    done = signer.opa(
        "build", "--bundle", "plain.tar.gz", "--signing-key", "private", where=tmp_path
    )
    assert done.returncode == 0, done.stderr
    built = read_bundle(tmp_path / "bundle.tar.gz")
    assert problems(built, SECRET, "HS256") == []
    assert problems({**built, "agp/decision.rego": b""}, SECRET, "HS256")


def changes() -> dict[str, Callable[[dict[str, bytes]], dict[str, bytes]]]:
    return {
        "changed": lambda files: {**files, "agp/decision.rego": files["agp/decision.rego"] + b"\n"},
        "data": lambda files: {**files, "agpc/data.json": DATA.replace(b"2.50", b"2.5")},
        "manifest": lambda files: {**files, ".manifest": files[".manifest"].replace(b"1", b"2")},
        "added": lambda files: {**files, "agp/more.rego": b"package agp.more\n"},
        "missing": lambda files: {
            name: content for name, content in files.items() if name != "agp/decision.rego"
        },
        "unsigned": lambda files: {
            name: content for name, content in files.items() if name != signatures.FILE
        },
    }


@needs_opa
@pytest.mark.parametrize("change", changes())
def test_neither_takes_a_changed_bundle(change: str, tmp_path: Path) -> None:
    given = changes()[change](signed(SIGNED_DATA))
    assert problems(given, SECRET, "HS256")
    assert Signer(tmp_path, "HS256").rejects(given)


@needs_opa
def test_the_scope_has_to_be_the_same(tmp_path: Path) -> None:
    given = signed(FILES, scope="production")
    signer = Signer(tmp_path, "HS256")
    assert signer.rejects(given, "--scope", "production") == ""
    assert "scope" in signer.rejects(given)
    assert problems(given, SECRET, "HS256", "production") == []
    assert problems(given, SECRET, "HS256") == ["the signature is for another scope"]
    assert problems(signed(FILES), SECRET, "HS256", "production")


def test_what_data_means_is_what_is_signed() -> None:
    same = DATA.replace(b", ", b" ,\n ").replace(b"\\u00e9", "é".encode())
    assert digest("x/data.json", same) == digest("data.json", DATA)
    assert digest("x/other.json", same) != digest("other.json", DATA)


@given(st.dictionaries(hostile_text(), hostile_text() | st.integers() | st.booleans()))
def test_the_order_of_keys_and_the_layout_do_not_matter(data: dict[str, Any]) -> None:
    plain = json.dumps(data).encode()
    turned = json.dumps(dict(reversed(data.items())), indent=3).encode()
    assert digest("data.json", plain) == digest("data.json", turned)
    assert digest("data.json", plain) != digest("data.json", json.dumps([data]).encode())


@pytest.mark.parametrize(
    "content", [b"a: 1", b"\xff", b"[NaN]", b'{"a": 1, "a": 2}', b"[" * 100_000, b""]
)
def test_data_that_is_not_json_has_no_digest(content: bytes) -> None:
    with pytest.raises(DigestError):
        digest("data.json", content)
    with pytest.raises(signatures.SignatureProblem):
        sign({"data.json": content}, SECRET, "HS256")


def part(data: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(data).encode()).decode().rstrip("=")


def token(claims: Any, **header: Any) -> bytes:
    """A token that this key really signed."""
    message = f"{part({'alg': 'HS256', **header})}.{part(claims)}"
    signature = base64.urlsafe_b64encode(keys.sign("HS256", SECRET, message.encode())).decode()
    return json.dumps({"signatures": [f"{message}.{signature.rstrip('=')}"]}).encode()


ENTRY = {"name": "a", "hash": digest("a", b"a"), "algorithm": "SHA-256"}


def test_a_token_of_ones_own_verifies() -> None:
    assert problems({"a": b"a", signatures.FILE: token({"files": [ENTRY]})}, SECRET, "HS256") == []


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{}", b"[]", b"null", b'{"signatures": []}', b'{"signatures": [1]}', b"\xff",
        b'{"signatures": [""]}', b'{"signatures": ["..."]}', b'{"signatures": ["a.b.c"]}',
        b"[" * 100_000, "{\"signatures\": [\"\u00e9.\u00e9.\u00e9\"]}".encode(),
        json.dumps({"signatures": json.loads(token({"files": [ENTRY]}))["signatures"] * 2}).encode(),
        json.dumps({**json.loads(token({"files": [ENTRY]})), "plugin": "x"}).encode(),
        json.dumps({"signatures": [f"{part({'alg': 'none'})}.{part({'files': [ENTRY]})}."]}).encode(),
        token({"files": [ENTRY]}, alg="none"), token({"files": [ENTRY]}, alg="RS256"),
        token({"files": [ENTRY]}, crit=["x"]), token([]), token({}), token({"files": {}}),
        token({"files": [1]}), token({"files": [{"name": "a"}]}), token({"files": [ENTRY, ENTRY]}),
        token({"files": [{**ENTRY, "hash": 1}]}), token({"files": [{**ENTRY, "hash": "\u00e9"}]}),
        token({"files": [{**ENTRY, "algorithm": "MD5"}]}),
        token({"files": [{**ENTRY, "name": "./a"}]}), token({"files": [ENTRY], "scope": 1}),
    ],
)  # fmt: skip
def test_what_is_no_signature_verifies_nothing(content: bytes) -> None:
    assert problems({"a": b"a", signatures.FILE: content}, SECRET, "HS256")


@given(st.data())
def test_no_byte_of_a_token_can_be_changed(data: st.DataObject) -> None:
    (whole,) = json.loads(token({"files": [ENTRY]}))["signatures"]
    at = data.draw(st.integers(0, len(whole) - 1))
    other = data.draw(st.sampled_from("ABCabc019-_.=+/ \n").filter(lambda each: each != whole[at]))
    changed = json.dumps({"signatures": [whole[:at] + other + whole[at + 1 :]]}).encode()
    assert problems({"a": b"a", signatures.FILE: changed}, SECRET, "HS256")


def test_a_token_is_written_in_one_way() -> None:
    (whole,) = json.loads(token({"files": [ENTRY]}))["signatures"]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    left_over = alphabet[
        alphabet.index(whole[-1]) ^ 1
    ]  # another of the last two bits, which say nothing
    changed = json.dumps({"signatures": [whole[:-1] + left_over]}).encode()
    assert problems({"a": b"a", signatures.FILE: changed}, SECRET, "HS256")


def test_a_public_key_is_never_taken_for_a_secret() -> None:
    private, public = key_pair("RS256")
    for key in (private, public):
        with pytest.raises(keys.KeyProblem, match="not a secret"):
            keys.is_signed("HS256", key, b"", b"")


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [
        ("HS256", b""),
        ("HS256", SECRET[:31]),
        ("HS512", SECRET[:63]),
        ("RS256", SECRET),
        ("ES256", b""),
    ],
)
def test_a_key_has_to_fit_the_algorithm(algorithm: str, key: bytes) -> None:
    for use in (
        lambda: keys.sign(algorithm, key, b""),
        lambda: keys.is_signed(algorithm, key, b"", b""),
    ):
        with pytest.raises(keys.KeyProblem):
            use()


@pytest.mark.parametrize(
    ("algorithm", "other"), [("RS256", "ES256"), ("ES256", "ES384"), ("ES256", "PS256")]
)
def test_a_key_of_another_kind_is_refused(algorithm: str, other: str) -> None:
    private, public = key_pair(other)
    with pytest.raises(keys.KeyProblem):
        keys.sign(algorithm, private, b"")
    with pytest.raises(keys.KeyProblem):
        keys.is_signed(algorithm, public, b"", b"")


def test_without_the_package_only_secrets_serve(monkeypatch: pytest.MonkeyPatch) -> None:
    private, _ = key_pair("RS256")
    monkeypatch.setitem(sys.modules, "cryptography", None)
    with pytest.raises(keys.KeyProblem, match=r"agpc\[signing\]"):
        keys.sign("RS256", private, b"")
    assert keys.sign("HS256", SECRET, b"")
