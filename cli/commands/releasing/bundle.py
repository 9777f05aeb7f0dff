"""`agpc bundle`: sign OPA bundles, and verify that one is as it was signed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from ....compiler.text.counted import counted
from ... import exits
from ...output.whole_file import write_whole

ALGORITHMS = (  # those of `targets/rego/keys.py`, which is not worth loading for `--help`
    *("HS256", "HS384", "HS512", "RS256", "RS384", "RS512"),
    *("PS256", "PS384", "PS512", "ES256", "ES384", "ES512"),
)
MOST_KEY_BYTES = 64 * 1024

_Command = TypeVar("_Command", bound=Callable[..., Any])


def key_options(command: _Command) -> _Command:
    """Add the options that say what to sign with, or what to verify with."""
    for option in (
        click.option("--scope", metavar="TEXT", help="What the signature is for: OPA's `scope`."),
        click.option(
            "--algorithm", type=click.Choice(ALGORITHMS), default="RS256", show_default=True,
            help="How bundles are signed; OPA has to be told the same.",
        ),
        click.option("--key-env", metavar="NAME", help="The environment variable with the key."),
        click.option(
            "--key-file", metavar="FILE", type=click.Path(path_type=Path),
            help="The file with the key, every byte of it.",
        ),
    ):  # fmt: skip
        command = option(command)
    return command


@click.group()
def bundle() -> None:
    """Sign OPA bundles, and verify them, in OPA's own format."""


@bundle.command()
@click.argument("source", metavar="BUNDLE", type=click.Path(path_type=Path))
@key_options
@click.option("--key-id", metavar="TEXT", help="The name by which OPA knows the key.")
@click.option(
    "--out", "-o", metavar="FILE", type=click.Path(path_type=Path), required=True,
    help="The archive to write.",
)  # fmt: skip
def sign(
    source: Path,
    key_file: Path | None,
    key_env: str | None,
    algorithm: str,
    scope: str | None,
    key_id: str | None,
    out: Path,
) -> None:
    """Sign a bundle, and write it as the archive (`.tar.gz`) that OPA takes.

    BUNDLE is a directory such as `build/rego/bundle`, or an archive. A signature in it is replaced.
    """
    from ....compiler.text.visible import visible
    from ....targets.rego import keys, signatures
    from ....targets.rego.archive import pack

    files = read(source)
    if ".manifest" not in files and "bundle/.manifest" in files:
        raise exits.Failure(
            f"`{source}` is not a bundle, but holds one: sign `{source / 'bundle'}`"
        )
    key = read_key(key_file, key_env)
    try:
        text = signatures.sign(files, key, algorithm, key_id, scope)
    except (signatures.SignatureProblem, keys.KeyProblem) as problem:
        raise exits.Failure(f"cannot sign `{source}`: {problem}") from None
    write_whole(out, pack({**files, signatures.FILE: text.encode("utf-8")}))
    click.echo(f"signed {visible(str(source))} with {algorithm}; wrote {visible(str(out))}")


@bundle.command()
@click.argument("source", metavar="BUNDLE", type=click.Path(path_type=Path))
@key_options
def verify(
    source: Path,
    key_file: Path | None,
    key_env: str | None,
    algorithm: str,
    scope: str | None,
) -> None:
    """Verify that a bundle is as it was signed: no file changed, added or missing.

    BUNDLE is an archive or a directory. Exit status 1 if it is not, or is not signed by this key.
    """
    from ....compiler.text.visible import visible
    from ....targets.rego import keys, signatures

    files = read(source)
    key = read_key(key_file, key_env)
    try:
        problems = signatures.problems(files, key, algorithm, scope)
    except keys.KeyProblem as problem:
        raise exits.Failure(f"cannot verify `{source}`: {problem}") from None
    for each in problems:
        click.echo(f"error: {visible(each)}", err=True)
    if problems:
        raise exits.Stop(exits.FINDINGS)
    count = len(files) - 1
    signed = f"{counted(count, 'file')}, signed with {algorithm}"
    click.echo(f"{visible(str(source))} is as it was signed: {signed}")


def read(source: Path) -> dict[str, bytes]:
    """Read a bundle."""
    from ....compiler.check.project.files import reason
    from ....targets.rego.archive import BundleError, read_bundle

    try:
        return read_bundle(source)
    except BundleError as error:
        raise exits.Failure(f"`{source}` {error}") from None
    except (OSError, ValueError) as error:  # a NUL byte in the path
        raise exits.Failure(f"cannot read `{source}`: {reason(error)}") from None


def read_key(file: Path | None, variable: str | None) -> bytes:
    """Read the key from where one of the options says it is."""
    from ....compiler.check.project.files import reason

    if (file is None) == (variable is None):
        raise click.UsageError("say where the key is: either --key-file or --key-env")
    if variable is not None:
        value = os.environ.get(variable, "")
        if not value:
            raise exits.Failure(f"the environment has no key in `{variable}`")
        return os.fsencode(value)
    assert file is not None
    try:
        with file.open("rb") as opened:
            key = opened.read(MOST_KEY_BYTES + 1)
    except (OSError, ValueError) as error:
        raise exits.Failure(f"cannot read `{file}`: {reason(error)}") from None
    if len(key) > MOST_KEY_BYTES:
        raise exits.Failure(f"`{file}` is too large for a key")
    return key
