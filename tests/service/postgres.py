"""A real PostgreSQL for tests: a cluster in a directory of its own, that listens on a Unix socket there and nowhere else.

`python postgres.py FOLDER on|off` keeps one for many processes: it runs until the last of them has let go of a lock
in the folder, as those do that are killed, too.
"""

from __future__ import annotations

import fcntl
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

SUPERUSER = "postgres"
OWNER = "agpc"  # owns the databases, and is no superuser
PATIENCE = 120  # seconds, for what takes one on a machine that is not busy
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "32MB",
    "dynamic_shared_memory_type": "mmap",  # containers have little of /dev/shm
}


def binaries() -> Path | None:
    """The folder of the newest PostgreSQL here, as Debian lays it out, or of the one on the path."""
    found = sorted(
        (path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")),
        key=lambda folder: float(folder.parent.name),
    )
    on_path = shutil.which("initdb")
    return found[-1] if found else Path(on_path).resolve().parent if on_path else None


def fsync_wanted() -> bool:
    """Whether tests wait for the disk, as they do unless `AGPC_TEST_FSYNC=off`."""
    return os.environ.get("AGPC_TEST_FSYNC") != "off"


def why_not() -> str | None:
    """Why there can be no PostgreSQL here, or nothing."""
    if binaries() is None:
        return "no PostgreSQL here; install `postgresql` of Debian"
    if os.geteuid() == 0 and _unprivileged() is None:
        return "no PostgreSQL here: it refuses to run as root, and there is no other user"
    return None


def _program(name: str) -> Path:
    folder = binaries()
    assert folder is not None
    return folder / name


def _unprivileged() -> pwd.struct_passwd | None:
    """Whom a server runs as where we are root."""
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name)
    return None


class Cluster:
    """A cluster of PostgreSQL, which can be stopped and started again, in a directory that is its own."""

    def __init__(self, directory: Path) -> None:
        """Take one that is there, or that `create` makes."""
        self.directory = directory
        self._data = directory / "data"
        self._numbers = itertools.count()
        self._server: subprocess.Popen[bytes] | None = None

    # --- Its life ---------------------------------------------------------------------------------

    def create(self, fsync: bool = True) -> None:
        """Make the cluster. Without `fsync` it is faster, and what it has is lost with the machine."""
        user = _unprivileged() if os.geteuid() == 0 else None
        if user is not None:
            os.chown(self.directory, user.pw_uid, user.pw_gid)
        command = [
            *(_program("initdb"), "--pgdata", self._data, "--username", SUPERUSER),
            *("--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"),
        ]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, **self._as_its_user()
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
        settings = {
            **SETTINGS,
            "unix_socket_directories": str(self.directory),
            "fsync": "on" if fsync else "off",
        }
        with open(self._data / "postgresql.conf", "a", encoding="utf-8") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())

    def start(self) -> None:
        """Start the server, and come back when it takes connections."""
        with open(self.directory / "log", "ab") as log:
            self._server = subprocess.Popen(
                [_program("postgres"), "-D", self._data],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # an interrupt at the terminal is not for it
                **self._as_its_user(),
            )
        until = time.monotonic() + PATIENCE
        while not self._takes_connections():
            if self._server.poll() is not None or time.monotonic() > until:
                raise RuntimeError((self.directory / "log").read_text("utf-8", "replace")[-4000:])
            time.sleep(0.02)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop the server, if it runs, and end its connections; SIGQUIT is as a crash."""
        if self._server is not None:
            self._server.send_signal(how)
            self._server.wait(PATIENCE)
            self._server = None

    def _takes_connections(self) -> bool:
        command = [_program("pg_isready"), "--quiet", "--host", self.directory]
        return subprocess.run(command, check=False).returncode == 0

    def _as_its_user(self) -> dict[str, Any]:
        """What a process is started with, so that it can enter the directory and is not root."""
        user = _unprivileged() if os.geteuid() == 0 else None
        who = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": ()} if user else {}
        return {"cwd": self.directory, **who}

    # --- Its databases ----------------------------------------------------------------------------

    def url(self, database: str, user: str = OWNER) -> str:
        """The address of a database."""
        return f"postgresql://{user}@/{database}?host={quote(str(self.directory), safe='')}"

    def version(self) -> str:
        """Which PostgreSQL it is."""
        import psycopg

        with psycopg.connect(self.url("postgres", SUPERUSER)) as connection:
            ((found,),) = connection.execute("SHOW server_version").fetchall()
        return str(found).split()[0]

    def command(self, *statements: str) -> None:
        """Do what a superuser may, outside any transaction."""
        import psycopg

        with psycopg.connect(self.url("postgres", SUPERUSER), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def create_owner(self) -> None:
        """Make the role that owns the databases."""
        self.command(f"CREATE ROLE {OWNER} LOGIN")

    def create_database(self, like: str = "template1") -> str:
        """Make a database, empty or as another one that nobody uses, and give its address."""
        name = f"store_{os.getpid()}_{next(self._numbers)}"
        self.command(f"CREATE DATABASE {name} OWNER {OWNER} TEMPLATE {like}")
        return self.url(name)

    def create_database_in(self, folder: Path) -> str:
        """Make an empty database with its tables in a new folder, and give its address."""
        folder.mkdir()
        user = _unprivileged() if os.geteuid() == 0 else None
        if user is not None:
            os.chown(folder, user.pw_uid, user.pw_gid)
        name = f"store_{os.getpid()}_{next(self._numbers)}"
        self.command(
            f"CREATE TABLESPACE space_{name} LOCATION '{folder}'",
            f"CREATE DATABASE {name} OWNER {OWNER} TABLESPACE space_{name}",
        )
        return self.url(name)


def emptied(url: str) -> str:
    """Take everything out of a database, which is faster than making another one, and give its address."""
    import psycopg

    with psycopg.connect(url) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return url


@contextmanager
def cluster(fsync: bool = True) -> Iterator[Cluster]:
    """A cluster of one's own, which is running, and is gone afterwards."""
    directory = Path(tempfile.mkdtemp(prefix="agpc-postgres-"))
    try:
        with running(Cluster(directory), fsync) as own:
            yield own
    finally:
        shutil.rmtree(directory)


@contextmanager
def running(own: Cluster, fsync: bool) -> Iterator[Cluster]:
    """Make a cluster in its empty directory, and stop it in the end if nobody has."""
    own.create(fsync)
    own.start()
    try:
        own.create_owner()
        yield own
    finally:
        own.stop(signal.SIGQUIT)


# --- One for many processes -----------------------------------------------------------------------


@contextmanager
def shared(folder: Path, fsync: bool = True) -> Iterator[Cluster]:
    """The cluster of all processes that name this folder: the first one starts it, and it ends with the last.

    INVARIANT: who uses it holds `users` for reading, from before it looks whether there is one; its keeper takes it
    away while it holds `users` alone.
    """
    with open(folder / "users", "ab") as users, open(folder / "starting", "ab") as starting:
        fcntl.flock(starting, fcntl.LOCK_EX)
        fcntl.flock(users, fcntl.LOCK_SH)
        address = folder / "address"
        if not address.exists():
            _start_keeper(folder, fsync)
        fcntl.flock(starting, fcntl.LOCK_UN)
        yield Cluster(Path(address.read_text("utf-8")))


def _start_keeper(folder: Path, fsync: bool) -> None:
    with open(folder / "keeper.log", "ab") as log:
        keeper = subprocess.Popen(
            [sys.executable, __file__, folder, "on" if fsync else "off"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,  # an interrupt at the terminal is not for it
        )
    assert keeper.stdout is not None
    with keeper.stdout:
        said = keeper.stdout.read()
    if said != b"ready":
        raise RuntimeError((folder / "keeper.log").read_text("utf-8", "replace")[-4000:])


def keep(folder: Path, fsync: bool) -> None:
    """Run a cluster until nobody holds `users` any longer."""
    with cluster(fsync) as own, open(folder / "users", "ab") as users:
        (folder / "address").write_text(str(own.directory), encoding="utf-8")
        os.write(1, b"ready")
        os.close(1)
        fcntl.flock(users, fcntl.LOCK_EX)
        (folder / "address").unlink(missing_ok=True)  # where the folder is still there


if __name__ == "__main__":
    keep(Path(sys.argv[1]), sys.argv[2] == "on")
