"""What all tests share."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

# As the command does, before numpy is loaded: where tests run on all cores, threads that wait for
# each other take several times the time that they save.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pytest
from hypothesis import settings

from storage.database import open_database
from tests.postgresql import running_postgres

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage.database import Database
    from tests.postgresql import PostgresServer

# In CI the same examples each time: what is found at home is mended there, not met by chance here.
settings.register_profile("ci", derandomize=True, deadline=None)
if os.environ.get("CI"):
    settings.load_profile("ci")

SHARED = Path(__file__).resolve().parents[1].parent / "shared"


# What runs tests in several processes hands its terminal's width on to them.
os.environ.pop("COLUMNS", None)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real captures beside the checkout; where it is absent, its tests skip."""
    if not (SHARED / "archive" / "policies.warc.gz").exists():
        pytest.skip("no ../shared beside the checkout")
    return SHARED


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server of this test session's own."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def _postgres_database(postgres: PostgresServer) -> str:
    name = postgres.create_database()
    open_database(postgres.url(name)).close()
    return name


@pytest.fixture
def postgres_url(postgres: PostgresServer, _postgres_database: str) -> Iterator[str]:
    """A PostgreSQL database that has its tables, and nothing in them."""
    yield postgres.url(_postgres_database)
    postgres.empty_database(_postgres_database)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of each kind in turn."""
    if request.param == "sqlite":
        return str(tmp_path / "tracker.db")
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    """An open database of each kind in turn, with nothing in it."""
    with open_database(database_url) as opened:
        yield opened
