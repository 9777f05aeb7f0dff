"""`agpc bundle sign` and `agpc bundle verify`."""

from __future__ import annotations

from pathlib import Path

import pytest

from agpc.cli.commands.releasing import bundle
from agpc.targets.rego import keys

from ..conftest import Run

SECRET = "a secret that is long enough for HS256"


@pytest.fixture
def compiled(run: Run, policy: Path, work: Path) -> Path:
    """A bundle, and a file with a secret."""
    assert run("compile", "shop.agp", "--target", "rego", "--out", "build").status == 0
    (work / "key").write_text(SECRET)
    return work / "build" / "rego" / "bundle"


def test_what_is_signed_verifies(run: Run, compiled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = ("--algorithm", "HS256", "--key-file", "key")
    made = run("bundle", "sign", "build/rego/bundle", *secret, "--out", "signed.tar.gz")
    assert (made.status, made.err) == (0, "")
    assert made.out == "signed build/rego/bundle with HS256; wrote signed.tar.gz\n"
    assert not (compiled / ".signatures.json").exists()
    found = run("bundle", "verify", "signed.tar.gz", *secret)
    assert found.status == 0
    assert found.out.startswith("signed.tar.gz is as it was signed: ")
    monkeypatch.setenv("KEY", SECRET)
    assert (
        run("bundle", "verify", "signed.tar.gz", "--algorithm", "HS256", "--key-env", "KEY").status
        == 0
    )
    monkeypatch.setenv("KEY", SECRET + "x")
    other = run("bundle", "verify", "signed.tar.gz", "--algorithm", "HS256", "--key-env", "KEY")
    assert (other.status, other.out) == (1, "")
    assert other.err == "error: the signature is not by this key, or was changed\n"


def test_a_change_is_named(run: Run, compiled: Path) -> None:
    secret = ("--algorithm", "HS256", "--key-file", "key")
    run("bundle", "sign", "build/rego/bundle", *secret, "--out", "signed.tar.gz")
    (compiled / "agp" / "decision.rego").write_text("package agp\n\nallow := true\n")
    (compiled / "more.rego").write_text("package more\n")
    from agpc.targets.rego.archive import read_bundle

    signature = read_bundle(Path("signed.tar.gz"))[".signatures.json"]
    (compiled / ".signatures.json").write_bytes(signature)
    found = run("bundle", "verify", "build/rego/bundle", *secret)
    assert found.status == 1
    assert found.err.splitlines() == [
        "error: `agp/decision.rego` was changed",
        "error: `more.rego` was added: the signature does not list it",
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--key-file", "key"), "needs a private key in PEM"),
        (("--algorithm", "HS512", "--key-file", "key"), "needs a secret of 64 bytes"),
        (("--algorithm", "HS256"), "either --key-file or --key-env"),
        (("--algorithm", "HS256", "--key-file", "key", "--key-env", "K"), "either --key-file"),
        (("--algorithm", "HS256", "--key-env", "NOT_SET"), "has no key in `NOT_SET`"),
        (("--algorithm", "HS256", "--key-file", "absent"), "cannot read `absent`"),
        (("--algorithm", "HS256", "--key-file", "."), "cannot read `.`"),
    ],
)
def test_a_key_that_does_not_serve_is_a_usage_error(
    run: Run, compiled: Path, work: Path, arguments: tuple[str, ...], message: str
) -> None:
    found = run("bundle", "sign", "build/rego/bundle", "--out", "signed.tar.gz", *arguments)
    assert found.status == 2
    assert message in found.err
    assert not (work / "signed.tar.gz").exists()


def test_a_secret_is_never_shown(run: Run, compiled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY", "the secret")
    found = run(
        "bundle",
        "sign",
        "build/rego/bundle",
        "--key-env",
        "KEY",
        "--out",
        "a",
        "--algorithm",
        "HS256",
    )
    assert found.status == 2
    assert "the secret" not in found.out + found.err


@pytest.mark.parametrize("source", ["absent", "shop.agp", "a\0b"])
def test_what_is_no_bundle_is_an_input_error(run: Run, compiled: Path, source: str) -> None:
    for command in (("sign", source, "--out", "a"), ("verify", source)):
        found = run("bundle", *command, "--key-file", "key", "--algorithm", "HS256")
        assert found.status == 2, found
        assert found.err.startswith("error: ")


def test_the_algorithms_are_those_of_the_keys() -> None:
    assert set(bundle.ALGORITHMS) == set(keys.ALGORITHMS)


def test_what_holds_a_bundle_beside_its_tests_is_not_signed_as_one(
    run: Run, compiled: Path, work: Path
) -> None:
    found = run("bundle", "sign", "build/rego", "--key-file", "key", "--out", "signed.tar.gz")
    assert found.status == 2
    assert found.err == (
        "error: `build/rego` is not a bundle, but holds one: sign `build/rego/bundle`\n"
    )
    assert not (work / "signed.tar.gz").exists()
