"""Versions of the tables: scripts that bring a store forward, and the refusal of one that is not at the newest."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from .connection import Connection, StoreError


@cache
def migrations(dialect: str) -> list[tuple[int, str]]:
    """Give the scripts that bring a store forward, with the version that each leads to."""
    found = [
        (int(each.name[:4]), each.read_text(encoding="utf-8"))
        for each in (files(__package__) / "migrations").iterdir()
        if each.name.endswith(f".{dialect}.sql")
    ]
    return sorted(found)


def check_version(connection: Connection) -> None:
    """Refuse a store that this version cannot read."""
    refuse_other(connection.dialect, _version_of(connection))


def refuse_other(dialect: str, version: int) -> None:
    """Refuse tables of another version than the newest that is known here."""
    newest = migrations(dialect)[-1][0]
    if version > newest:
        raise StoreError(
            f"the store has tables of version {version}, and this agpc knows {newest}: install a newer one"
        )
    if version < newest:
        raise StoreError(
            f"the store has tables of version {version}, and this agpc reads {newest}: start `agpc serve` once on it"
        )


def migrate(connection: Connection) -> None:
    """Bring a store forward, whole or not at all."""
    try:
        connection.begin(write=True)  # first: of two that begin one store the second waits
        connection.run("CREATE TABLE IF NOT EXISTS version (version INTEGER PRIMARY KEY)")
        version = _version_of(connection)
        for leads_to, script in migrations(connection.dialect):
            if leads_to > version:
                connection.run(script)
                connection.write("INSERT INTO version VALUES (?)", [(leads_to,)])
        connection.commit()
        check_version(connection)
    except BaseException:
        connection.rollback()
        connection.close()
        raise


def _version_of(connection: Connection) -> int:
    ((found,),) = connection.select("SELECT max(version) FROM version")
    return 0 if found is None else int(found)
