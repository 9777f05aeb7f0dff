"""A database that test after test gets as a store is when it was just made, which is faster than making one."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import psycopg
from psycopg import sql

from agpc.service.store import Store

from .postgres import Cluster

_SHAPE = """
    SELECT table_name, column_name, data_type, column_default, is_nullable FROM information_schema.columns
    WHERE table_schema = 'public'
    UNION ALL SELECT tablename, indexname, indexdef, NULL, NULL FROM pg_indexes WHERE schemaname = 'public'
    ORDER BY 1, 2
"""
_OTHERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


class Reused:
    """The database of one process of the tests."""

    def __init__(self, cluster: Cluster) -> None:
        """Make it when it is asked for."""
        self._cluster = cluster
        self._url: str | None = None
        self._shape: list[Any] = []
        self._rows: dict[str, list[tuple[Any, ...]]] = {}

    def url(self) -> str:
        """Give the address of a store in which nothing was done."""
        if self._url is None or not self._is_as_new(self._url):
            self._url = self._cluster.create_database()
            with closing(Store(self._url)):
                pass
            with psycopg.connect(self._url) as base:
                self._shape = base.execute(_SHAPE).fetchall()
                for name in {each[0] for each in self._shape}:
                    found = base.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(name)))
                    self._rows[name] = found.fetchall()
        return self._url

    def _is_as_new(self, url: str) -> bool:
        """Make a database as it was, if its tables still are and nobody else is in it."""
        with psycopg.connect(url) as base:
            if base.execute(_SHAPE).fetchall() != self._shape:
                return False
            if base.execute(_OTHERS).fetchone() != (0,):
                return False
            for name, rows in self._rows.items():
                base.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(name)))
                for row in rows:
                    values = sql.SQL(", ").join(sql.Placeholder() * len(row))
                    place = sql.Identifier(name)
                    base.execute(sql.SQL("INSERT INTO {} VALUES ({})").format(place, values), row)
        return True
