"""Every test of the store runs on SQLite and on a real PostgreSQL."""

import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from audit.store import tables as t
from audit.store.chain import START
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


@pytest.fixture(scope="session")
def made_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("made") / "store.sqlite"
    create(str(path))
    return path


@pytest.fixture(scope="session")
def made_postgres(postgres_folder: Path) -> str:
    url = _schema(postgres_folder)
    create(url)
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a store with nothing in it."""
    if request.param == "sqlite":
        return str(shutil.copy(request.getfixturevalue("made_sqlite"), tmp_path / "store.sqlite"))
    made: str = request.getfixturevalue("made_postgres")
    _empty(made)
    return made


def _empty(url: str) -> None:
    """Bring a store of an earlier test back to how it was made: sooner done than making another."""
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for table in t.metadata.tables.values():
            connection.execute(table.delete())
        owned = "SELECT sequencename FROM pg_sequences WHERE schemaname = current_schema()"
        for sequence in connection.exec_driver_sql(owned).scalars().all():
            connection.exec_driver_sql(f"ALTER SEQUENCE {sequence} RESTART")
        connection.execute(t.log_head.insert().values(id=1, last=0, hash=START))
    engine.dispose()


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with Store(url) as opened:
        yield opened
