"""One store: a SQLite file or a PostgreSQL database, and who may write to it when.

Every change holds the one row of `log_head` (SQLite: the whole file) until it is committed, so that changes stand in one line:
decisions made at once wait for each other and none is lost. Readers never wait.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler

from audit.errors import CallauditError, ConfigError
from audit.i18n import tr
from audit.store import tables as t

FILE = "store.sqlite"
# What a database refuses for, where there is more to say than that it does (CA602).
_SQLITE_CODES = {
    sqlite3.SQLITE_CORRUPT: "CA608",
    sqlite3.SQLITE_NOTADB: "CA609",
    sqlite3.SQLITE_READONLY: "CA618",
    sqlite3.SQLITE_BUSY: "CA619",
}
_POSTGRESQL_CODES = {"XX001": "CA608", "XX002": "CA608", "25006": "CA618", "55P03": "CA619"}
# Every revision has these: a database with a revision but without them is another program's, or what is left of a store.
_CORE = frozenset({"calls", "audits", "findings", "log", "log_head"})
_SCHEMES = ("sqlite", "postgresql+psycopg")
_WAIT_S = 30
# Held while the tables are made or changed: any number that is ours.
_MIGRATION_LOCK = 0x0CA11A0D


class Store:
    """An open store; close it, or use it in a `with`.

    Raises ConfigError: CA601 when `url` names no database that can be used, CA602 when it cannot be reached, CA603 when it holds no
    store, CA604 when another version of callaudit must open it, CA605 when its tables have to be migrated first, CA607 when this
    SQLite has no full text search, CA608 when the file is damaged, CA609 when it is no database, CA618 when it can only be read and SQLite
    cannot even do that, CA619 when another program keeps it locked, CA632 when tables are missing.
    """

    def __init__(self, url: str) -> None:
        address = store_url(url)
        if address.get_backend_name() == "sqlite" and not Path(address.database or "").is_file():
            raise ConfigError("CA603", shown(address))
        self.engine = _engine(address)
        self.place = shown(address)
        try:
            _check_version(self.engine, self.place)
            _keep_journal(self.engine, self.place)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    @property
    def is_sqlite(self) -> bool:
        """Whether the store is a file."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A connection that sees one state of the store until the block ends.

        Raises CallauditError (CA602, or what `_told` knows more of) when the database refuses.
        """
        with _told(self.place), self.engine.connect() as connection:
            if not self.is_sqlite:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A connection that alone may write; what was done is kept when the block ends without an error, else nothing of it.

        Raises CallauditError (CA602, or what `_told` knows more of) when the database refuses.
        """
        with _told(self.place), _writer(self.engine) as connection, connection.begin():
            # On SQLite the file is held since BEGIN IMMEDIATE.
            if connection.execute(sa.select(t.log_head.c.last).with_for_update()).one_or_none() is None:
                raise CallauditError("CA602", self.place, reason="log_head")
            yield connection

    def written_if_free(self, change: sa.Update) -> bool:
        """Carry out a change that nothing hangs on, unless somebody else is writing; whether it was done. It waits for nobody.

        Raises CallauditError (CA602) when the database refuses for another reason.
        """
        with _told(self.place), _writer(self.engine) as connection, _waiting_for_nobody(connection):
            try:
                with connection.begin():
                    free = sa.select(t.log_head.c.last).with_for_update(skip_locked=True)
                    if connection.execute(free).one_or_none() is None:
                        return False
                    connection.execute(change)
                    return True
            except sa.exc.OperationalError as error:
                if getattr(error.orig, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_BUSY:
                    raise
                return False


def create(url: str) -> bool:
    """Make a store, or leave the one that is there as it is; whether it is new.

    Raises ConfigError as `Store` does, CA606 when the database holds other tables.
    """
    address = store_url(url)
    place = shown(address)
    if address.get_backend_name() == "sqlite":
        path = Path(address.database or "")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # Readable by its owner only: it holds what was said in calls.
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            raise ConfigError("CA602", place, reason=error.strerror or str(error)) from error
    return _upgrade(address, place, new=True)[0] is None


def migrate(url: str) -> tuple[str | None, str]:
    """Bring the tables of a store to this version of callaudit; the revisions before and after.

    Raises ConfigError as `Store` does.
    """
    address = store_url(url)
    if address.get_backend_name() == "sqlite" and not Path(address.database or "").is_file():
        raise ConfigError("CA603", shown(address))
    return _upgrade(address, shown(address), new=False)


def store_url(url: str) -> sa.URL:
    """The address that a user gave: a file, `sqlite:///FILE` or `postgresql+psycopg://…`.

    Raises ConfigError (CA601), which shows nothing behind the scheme: there may be a password.
    """
    if "://" not in url:
        if not url or Path(url).is_dir():
            raise ConfigError("CA601", url, given=url)
        return sa.URL.create("sqlite", database=url)
    scheme = url.partition("://")[0]
    try:
        address = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError) as error:
        raise ConfigError("CA601", f"{scheme}://…", given=f"{scheme}://…") from error
    known = address.drivername in _SCHEMES
    if not known or not address.database or address.database == ":memory:":
        raise ConfigError("CA601", f"{scheme}://…", given=f"{scheme}://…")
    return address


def shown(address: sa.URL) -> str:
    """An address as messages show it, without the password."""
    if address.get_backend_name() == "sqlite":
        return address.database or ""
    return address.set(query={}).render_as_string(hide_password=True)


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


@contextmanager
def _told(place: str) -> Iterator[None]:
    """What the database complains of as one line of ours. It complains with the values it was given; those are never shown."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        lines = str(error.orig).splitlines()
        reason = lines[0] if lines else type(error.orig).__name__
        raise CallauditError(_code_of(error.orig), place, reason=reason) from None
    except sa.exc.TimeoutError:
        reason = tr("所有连接都在使用中", "all connections are in use")
        raise CallauditError("CA602", place, reason=reason) from None


def _code_of(complaint: object) -> str:
    if isinstance(complaint, sqlite3.Error):
        return _SQLITE_CODES.get(getattr(complaint, "sqlite_errorcode", 0) & 0xFF, "CA602")
    return _POSTGRESQL_CODES.get(getattr(complaint, "sqlstate", None) or "", "CA602")


def _engine(address: sa.URL) -> sa.Engine:
    # No parameters in messages: they are what people said.
    if address.get_backend_name() != "sqlite":
        engine = sa.create_engine(address, hide_parameters=True, pool_pre_ping=True)
        sa.event.listen(engine, "connect", _prepare_postgresql)
        return engine
    engine = sa.create_engine(address, hide_parameters=True, connect_args={"timeout": _WAIT_S})
    engine.dialect.statement_compiler = _SQLiteCompiler
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


class _SQLiteCompiler(SQLiteCompiler):
    """Says which index is to be read where a query names one (`INDEXED BY`)."""

    def get_from_hint_text(self, table: sa.FromClause, text: str | None) -> str | None:
        return text


def _prepare_sqlite(connection: Any, _: object) -> None:
    # Python would begin transactions of its own, later than we need them.
    connection.isolation_level = None
    # A damaged character is found by the hash chain; it must not keep the row from being read.
    connection.text_factory = _lenient
    for pragma in ("synchronous = FULL", "foreign_keys = ON", "secure_delete = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _keep_journal(engine: sa.Engine, place: str) -> None:
    """Have a store of SQLite keep a journal (WAL), so that readers never wait. Only now: the file might have been another program's."""
    if engine.dialect.name != "sqlite":
        return
    with _told(place), engine.connect() as connection:
        raw = connection.connection.dbapi_connection
        assert raw is not None
        if raw.cursor().execute("PRAGMA journal_mode").fetchone() != ("wal",):
            raw.cursor().execute("PRAGMA journal_mode = WAL")


def _prepare_postgresql(connection: Any, _: object) -> None:
    # By default any page is four times as dear as the next one, as on disks that turn: the queue's index would not be read.
    connection.execute("SET random_page_cost = 1.1")
    # Machine code for a query takes longer to make than any of the desk's queries takes without it.
    connection.execute("SET jit = off")
    connection.commit()


def _lenient(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _begin_sqlite(connection: sa.Connection) -> None:
    # Two that read first and write then could each keep the other from writing.
    writes = connection.get_execution_options().get("callaudit_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _waiting_for_nobody(connection: sa.Connection) -> Iterator[None]:
    """While the block runs, SQLite says at once that the file is held. Elsewhere statements say for themselves what they wait for."""
    raw = connection.connection.dbapi_connection
    if raw is None or connection.dialect.name != "sqlite":
        yield
        return
    raw.cursor().execute("PRAGMA busy_timeout = 0")
    try:
        yield
    finally:
        raw.cursor().execute(f"PRAGMA busy_timeout = {_WAIT_S * 1000}")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("audit.store") / "migrations").replace("%", "%%"))
    return config


def _revisions(connection: sa.Connection) -> tuple[str | None, str]:
    """The revision of the tables that are there (None without any) and that of this version of callaudit.

    A store has one; several, which none of ours can have, are named together.
    """
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None
    return ", ".join(sorted(MigrationContext.configure(connection).get_current_heads())) or None, head


def _check_version(engine: sa.Engine, place: str) -> None:
    with _first_contact(place), engine.connect() as connection:
        _check_search(connection, place)
        found, head = _revisions(connection)
        if found is None:
            raise ConfigError("CA603", place)
        if found != head:
            _refuse_unknown(found, place)
            raise ConfigError("CA605", place, found=found, wanted=head)
        _refuse_parts(connection, frozenset(t.metadata.tables), place)


def _check_search(connection: sa.Connection, place: str) -> None:
    """SQLite may have been built without what words are found by."""
    modules = "SELECT name FROM pragma_module_list WHERE name = 'fts5'"
    if connection.dialect.name == "sqlite" and connection.exec_driver_sql(modules).first() is None:
        raise ConfigError("CA607", place)


def _refuse_unknown(found: str, place: str) -> None:
    if found not in {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}:
        raise ConfigError("CA604", place, found=found)


def _refuse_parts(connection: sa.Connection, wanted: frozenset[str], place: str) -> None:
    missing = wanted - set(sa.inspect(connection).get_table_names())
    if missing:
        raise ConfigError("CA632", place, missing=", ".join(sorted(missing)))


def _writer(engine: sa.Engine) -> sa.Connection:
    return engine.connect().execution_options(callaudit_writes=True)


def _upgrade(address: sa.URL, place: str, *, new: bool) -> tuple[str | None, str]:
    """Make the tables of a store (`new`), or bring them to this version; the revisions before and after."""
    engine = _engine(address)
    try:
        with _first_contact(place), _writer(engine) as connection, connection.begin():
            if engine.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
            _check_search(connection, place)
            found, head = _revisions(connection)
            if found is None and not new:
                raise ConfigError("CA603", place)
            if found is None and sa.inspect(connection).get_table_names():
                raise ConfigError("CA606", place)
            if found is not None:
                _refuse_unknown(found, place)
                _refuse_parts(connection, frozenset(t.metadata.tables) if found == head else _CORE, place)
            if new and found not in (None, head):
                raise ConfigError("CA605", place, found=found, wanted=head)
            if found != head:
                config = _config()
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
        _keep_journal(engine, place)
        return found, head
    finally:
        engine.dispose()


@contextmanager
def _first_contact(place: str) -> Iterator[None]:
    """As `_told`, for the first statements: what fails then is a wrong address."""
    try:
        with _told(place):
            yield
    except CallauditError as error:
        if isinstance(error, ConfigError):
            raise
        raise ConfigError(error.problem.code, error.problem.where, **error.problem.facts) from None
