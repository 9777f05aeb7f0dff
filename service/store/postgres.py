"""PostgreSQL: whoever writes holds an advisory lock to the end of its transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
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
    """One connection to a database, by its URL.

    What nobody waits for is sent with what somebody waits for next: the way to a server takes longer than most that it
    does there. An error of one statement is one of all that were sent with it, of which those behind it are not run.
    """

    dialect = "postgres"
    is_far = True

    def __init__(self, url: str, *, read_only: bool = False, hook: Hook | None = None) -> None:
        """Connect."""
        driver = _driver()
        self._hook = hook
        self._errors = driver.Error
        self._data_error = driver.DataError
        self._read_only = read_only
        self._unsent: list[tuple[str, Sequence[Sequence[Any]]]] = []
        self._sends_together = driver.Pipeline.is_supported()  # by libpq 14 and newer
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
            # each statement sees what was committed before it, so that the head is read as the lock finds it
            self.write("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE", ((),))
            self.write(f"SELECT pg_advisory_xact_lock({LOCK})", ((),))
        else:
            self.write("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", ((),))

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
        self._unsent.append((sql, rows))

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
        done = self._execute("COMMIT")
        if (
            done.statusmessage != "COMMIT"
        ):  # which PostgreSQL answers to one that has failed: ROLLBACK, and no error
            raise StoreError("the PostgreSQL store did not keep the turn")
        if self._hook is not None:
            self._hook("committed")

    def is_lost(self) -> bool:
        """Tell whether the server has hung up."""
        return self._base.closed

    def rollback(self) -> None:
        """Leave it as it was."""
        self._unsent = []
        with suppress(self._errors):
            self._base.execute("ROLLBACK")

    def close(self) -> None:
        """Let it go."""
        with suppress(self._errors):
            self._base.close()

    def _execute(self, sql: str, values: Sequence[Any] = ()) -> psycopg.Cursor[tuple[Any, ...]]:
        if self._hook is not None:
            self._hook("commit" if sql == "COMMIT" else sql)
        unsent, self._unsent = self._unsent, []
        together = self._base.pipeline() if unsent and self._sends_together else nullcontext()
        with self._told(), together:
            for each in unsent:
                self._send(*each)
            return self._base.execute(sql.replace("?", "%s"), values or None)

    def _send(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        if len(rows) == 1:
            self._base.execute(sql.replace("?", "%s"), rows[0] or None)
        else:
            self._base.cursor().executemany(sql.replace("?", "%s"), rows)

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
            why += _WAYS_OUT.get(str(state), "")
            raise StoreError(f"the PostgreSQL store cannot be used: {why}") from error


_WAYS_OUT = {
    "42P01": ", it has no tables of agpc: see that the URL is right, or start `agpc serve` once on it",
    "3D000": ", there is no such database: `createdb` makes it",
    "28P01": ", the password is another one",
    "42501": ", who signs in there may not do this: the service owns its tables",
}
"""What is told beside the most likely states, of which people know no numbers."""


def _driver() -> Any:
    try:
        import psycopg
    except ImportError:
        raise StoreError(
            "a PostgreSQL store needs a driver: pip install 'agpc[postgres]'"
        ) from None
    return psycopg
