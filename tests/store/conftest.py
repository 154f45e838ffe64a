"""Every test of the store runs on SQLite and on a real PostgreSQL."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest

from audit.store.database import Store, create
from tests.store import postgres

_numbers = count()


@pytest.fixture(scope="session")
def postgres_folder() -> Iterator[Path]:
    with postgres.server() as folder:
        yield folder


def _schema(folder: Path) -> str:
    """The address of a schema of the test's own: sooner made than a database."""
    name = f"test{next(_numbers)}"
    with psycopg.connect(host=str(folder), user="tests", dbname="postgres", autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}".encode())
    return f"postgresql+psycopg://tests@/postgres?host={folder}&options=-csearch_path%3D{name}"


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Makes addresses of databases without a store."""
    if request.param == "sqlite":
        return lambda: str(tmp_path / f"store{next(_numbers)}.sqlite")
    return lambda: _schema(request.getfixturevalue("postgres_folder"))


@pytest.fixture
def url(empty: Callable[[], str]) -> str:
    """The address of a store with nothing in it."""
    address = empty()
    create(address)
    return address


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with Store(url) as opened:
        yield opened
