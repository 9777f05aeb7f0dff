"""Filled stores of each version of the tables, as text that is checked in: tests/service/migrations/VERSION.DIALECT.sql.

Beside them stands what clients have got from them: VERSION.DIALECT.got.
"""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import psycopg

from agpc.service.store.versions import migrations

from .. import postgres
from ..crash.worker import work

FOLDER = Path(__file__).parents[1] / "migrations"
DIALECTS = ("sqlite", "postgres")
NEWEST = migrations("sqlite")[-1][0]
RELEASED: dict[str, str] = {}
"""The digests of scripts that were released, `0001.sqlite`: none of them is ever changed again, and neither is its dump."""


def dump_of(version: int, dialect: str) -> Path:
    """Where the dump of a version is."""
    return FOLDER / f"{version:04}.{dialect}.sql"


def got_of(version: int, dialect: str) -> Path:
    """Where what clients have got from it is."""
    return dump_of(version, dialect).with_suffix(".got")


def digests() -> dict[str, str]:
    """The digests of all scripts."""
    return {
        f"{version:04}.{dialect}": sha256(script.encode()).hexdigest()
        for dialect in DIALECTS
        for version, script in migrations(dialect)
    }


def renew(dialect: str, url: str) -> None:
    """Fill a store of the newest version, and write it down, unless that version was released."""
    if f"{NEWEST:04}.{dialect}" in RELEASED:
        return
    FOLDER.mkdir(exist_ok=True)
    path = got_of(NEWEST, dialect)
    path.unlink(missing_ok=True)
    work(url, path, [("a", "o-1")])
    text = sqlite_dump(url) if dialect == "sqlite" else postgres_dump(url)
    dump_of(NEWEST, dialect).write_text(text, encoding="utf-8")


def restore(version: int, dialect: str, url: str) -> None:
    """Make an empty database what a dump says."""
    text = dump_of(version, dialect).read_text(encoding="utf-8")
    if dialect == "sqlite":
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as base:
            base.executescript(text)
    else:
        with psycopg.connect(postgres.emptied(url)) as connection:
            connection.execute(text.encode())


def sqlite_dump(url: str) -> str:
    """Write a file down as statements."""
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as base:
        return "".join(f"{line}\n" for line in base.iterdump())


def postgres_dump(url: str) -> str:
    """Write a database down as statements, without what depends on the program that wrote them."""
    folder = postgres.binaries()
    assert folder is not None
    options = ("--inserts", "--no-owner", "--no-privileges", "--schema=public")
    done = subprocess.run(
        [folder / "pg_dump", *options, url], capture_output=True, text=True, check=True
    )
    lines = [
        line
        for line in done.stdout.splitlines()
        if line and not line.startswith(("--", "\\", "SET ", "CREATE SCHEMA", "SELECT pg_catalog"))
    ]
    return "".join(f"{line}\n" for line in lines)


def copied_got(version: int, dialect: str, folder: Path) -> Path:
    """What clients have got, where it can be added to."""
    return Path(shutil.copy(got_of(version, dialect), folder / "old.got"))
