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
        create(_url(folder, _database(folder, "made")))
        yield folder


def _url(folder: Path, name: str) -> str:
    return f"postgresql+psycopg://tests@/{name}?host={folder}"


def _database(folder: Path, name: str, template: str = "template0") -> str:
    with psycopg.connect(host=str(folder), user="tests", dbname="postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    return name


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Makes addresses of databases without a store."""
    if request.param == "sqlite":
        return lambda: str(tmp_path / f"store{next(_numbers)}.sqlite")
    folder = request.getfixturevalue("postgres_folder")
    return lambda: _url(folder, _database(folder, f"empty{next(_numbers)}"))


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a store with nothing in it."""
    if request.param == "postgresql":
        folder = request.getfixturevalue("postgres_folder")
        return _url(folder, _database(folder, f"store{next(_numbers)}", "made"))
    address = str(tmp_path / "store.sqlite")
    create(address)
    return address


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with Store(url) as opened:
        yield opened
