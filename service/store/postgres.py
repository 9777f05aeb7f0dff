"""PostgreSQL: whoever writes holds an advisory lock to the end of its transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from .connection import Hook, StoreError

if TYPE_CHECKING:
    import psycopg

LOCK = 0x61_67_70_63  # of one database: "agpc"
WAIT = 5_000  # milliseconds for another writer
OLDEST = 150_000  # PostgreSQL 15
SESSION = {
    "lock_timeout": WAIT,
    "idle_in_transaction_session_timeout": 30_000,  # who hangs in its turn does not keep all others from theirs
    "synchronous_commit": "on",
    "timezone": "UTC",
}
REACHING = {  # seconds; a machine that is gone says nothing
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,  # milliseconds
}


class PostgreSQL:
    """One connection to a database, by its URL."""

    dialect = "postgres"
    is_far = True

    def __init__(self, url: str, *, read_only: bool = False, hook: Hook | None = None) -> None:
        """Connect."""
        driver = _driver()
        self._hook = hook
        self._errors = driver.Error
        self._data_error = driver.DataError
        self._read_only = read_only
        with self._told():
            self._base: psycopg.Connection[tuple[Any, ...]] = driver.connect(
                url,
                autocommit=True,
                application_name="agpc",
                options=" ".join(f"-c {name}={value}" for name, value in SESSION.items()),
                **REACHING,
            )
        if self._base.info.server_version < OLDEST:
            self.close()
            raise StoreError("the store needs PostgreSQL 15 or newer")

    def begin(self, *, write: bool) -> None:
        """Begin a transaction."""
        if write:
            self._execute("BEGIN")
            self._execute(f"SELECT pg_advisory_xact_lock({LOCK})")
        else:
            self._execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")

    def select(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Give rows."""
        with self._told():
            return self._execute(sql, values).fetchall()

    def select_among(self, sql: str, column: str, keys: Sequence[Any]) -> Iterable[tuple[Any, ...]]:
        """Give the rows whose column is one of the keys."""
        return self.select(f"{sql} WHERE {column} = ANY(?)", (list(keys),))

    def write(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run a statement for each of the rows."""
        if self._hook is not None:
            self._hook(sql)
        with self._told(), self._base.cursor() as cursor:
            cursor.executemany(sql.replace("?", "%s"), rows)

    def run(self, script: str) -> None:
        """Run statements of a migration."""
        for each in script.split(";\n"):
            if each.strip():
                self._execute(each)

    def now(self) -> int:
        """Give the time of the host of the database."""
        ((found,),) = self.select(
            "SELECT (extract(epoch FROM clock_timestamp()) * 1000000000)::bigint"
        )
        return int(found)

    def commit(self) -> None:
        """Make it last."""
        self._execute("COMMIT")
        if self._hook is not None:
            self._hook("committed")

    def is_lost(self) -> bool:
        """Tell whether the server has hung up."""
        return self._base.closed

    def rollback(self) -> None:
        """Leave it as it was."""
        with suppress(self._errors):
            self._base.execute("ROLLBACK")

    def close(self) -> None:
        """Let it go."""
        with suppress(self._errors):
            self._base.close()

    def _execute(self, sql: str, values: Sequence[Any] = ()) -> psycopg.Cursor[tuple[Any, ...]]:
        if self._hook is not None:
            self._hook("commit" if sql == "COMMIT" else sql)
        with self._told():
            return self._base.execute(sql.replace("?", "%s"), values or None)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say in one sentence what the driver raises; its own text may hold the URL, and values."""
        try:
            yield
        except self._data_error as error:  # a text with NUL: the store is well
            raise ValueError("a value is none that PostgreSQL can keep") from error
        except self._errors as error:
            state = getattr(error, "sqlstate", None)
            why = f"SQLSTATE {state}" if state else type(error).__name__
            raise StoreError(f"the PostgreSQL store cannot be used: {why}") from error


def _driver() -> Any:
    try:
        import psycopg
    except ImportError:
        raise StoreError(
            "a PostgreSQL store needs a driver: pip install 'agpc[postgres]'"
        ) from None
    return psycopg
