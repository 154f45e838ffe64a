import sqlite3
from collections.abc import Callable
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from audit.errors import CallauditError, ConfigError
from audit.store import database
from audit.store import tables as t
from audit.store.database import Store, create, migrate, store_url
from audit.store.soundness import check
from tests.store.runs import report, take_in

COMMANDS: list[Callable[[str], object]] = [Store, create, migrate]


def code(call: Callable[[], object]) -> str:
    with pytest.raises(CallauditError) as refused:
        call()
    return refused.value.problem.code


def test_the_migrations_make_the_tables(store: Store) -> None:
    with store.engine.connect() as connection:
        options = {"compare_type": True, "include_object": _is_ours}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, t.metadata) == []


def _is_ours(_: object, name: str | None, kind: str, reflected: bool, __: object) -> bool:
    """All but the index of words, which is another thing on each engine (`check` looks whether it is there)."""
    return name != "ix_spoken_tokens" and not (reflected and str(name).startswith("spoken_index"))


def test_a_new_store_is_sound_and_making_it_again_leaves_it(empty: Callable[[], str], tmp_path: Path) -> None:
    url = empty()
    assert create(url) is True
    with Store(url) as store:
        assert check(store) == []
        take_in(store, tmp_path / "run", report())
    assert create(url) is False
    assert migrate(url) == ("0002", "0002")
    with Store(url) as store, store.reading() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(t.calls)).scalar() == 1


def test_a_database_without_a_store_is_refused(empty: Callable[[], str]) -> None:
    url = empty()
    assert code(lambda: Store(url)) == "CA603"
    assert code(lambda: migrate(url)) == "CA603"


def test_tables_of_others_are_left_alone(empty: Callable[[], str]) -> None:
    url = empty()
    engine = sa.create_engine(store_url(url))
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE accounts (id int)")
    assert code(lambda: create(url)) == "CA606"
    with engine.connect() as connection:
        assert sa.inspect(connection).get_table_names() == ["accounts"]
    engine.dispose()


def test_a_store_of_a_later_version_is_refused(empty: Callable[[], str]) -> None:
    url = empty()
    create(url)
    engine = sa.create_engine(store_url(url))
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()
    assert [code(partial(call, url)) for call in COMMANDS] == ["CA604"] * 3


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mysql://u:geheim@h/d",
        "postgresql://u:geheim@h/d",
        "sqlite://",
        "sqlite:///:memory:",
        "postgresql+psycopg://u:geheim@h:x/d",
    ],
)
def test_an_address_that_is_none_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(ConfigError) as refused:
        Store(url)
    assert refused.value.problem.code == "CA601"
    assert "geheim" not in str(refused.value)


def test_a_folder_and_a_file_of_others_are_refused(tmp_path: Path) -> None:
    assert code(lambda: Store(str(tmp_path))) == "CA601"
    other = tmp_path / "notes.txt"
    other.write_text("no database at all, but long enough to have a header " * 20, "utf-8")
    content = other.read_bytes()
    assert code(lambda: Store(str(other))) == "CA609"
    assert code(lambda: create(str(other))) == "CA609"
    assert other.read_bytes() == content


def test_the_database_of_another_program_keeps_every_byte(tmp_path: Path) -> None:
    other = tmp_path / "other.sqlite"
    with closing(sqlite3.connect(other)) as raw:
        raw.execute("CREATE TABLE accounts (id int)")
        raw.commit()
    content = other.read_bytes()
    assert [code(partial(call, str(other))) for call in COMMANDS] == ["CA603", "CA606", "CA603"]
    assert (other.read_bytes(), list(tmp_path.iterdir())) == (content, [other])


def test_another_programs_revision_of_the_same_name_makes_no_store(empty: Callable[[], str]) -> None:
    for revision in ("0001", "0002"):
        url = empty()
        engine = sa.create_engine(store_url(url))
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE alembic_version (version_num varchar(32))")
            connection.exec_driver_sql(f"INSERT INTO alembic_version VALUES ('{revision}')")
        refused = [code(partial(call, url)) for call in COMMANDS]
        assert refused == (["CA632"] * 3 if revision == "0002" else ["CA605", "CA632", "CA632"])
        with engine.connect() as connection:
            assert sa.inspect(connection).get_table_names() == ["alembic_version"]
        engine.dispose()


def test_a_store_without_some_of_its_tables_is_refused_and_they_are_named(empty: Callable[[], str]) -> None:
    url = empty()
    create(url)
    engine = sa.create_engine(store_url(url))
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE spoken")
        connection.exec_driver_sql("DROP TABLE rulings")
    engine.dispose()
    for call in COMMANDS:
        with pytest.raises(ConfigError) as refused:
            call(url)
        assert (refused.value.problem.code, refused.value.problem.facts["missing"]) == ("CA632", "rulings, spoken")


def test_two_revisions_at_once_are_none_that_is_known(empty: Callable[[], str]) -> None:
    url = empty()
    create(url)
    engine = sa.create_engine(store_url(url))
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO alembic_version VALUES ('0001')")
    engine.dispose()
    assert [code(partial(call, url)) for call in COMMANDS] == ["CA604"] * 3


def test_a_damaged_file_is_called_damaged(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    create(str(path))
    path.write_bytes(path.read_bytes()[:8192])
    assert [code(partial(call, str(path))) for call in COMMANDS] == ["CA608"] * 3


def test_who_may_only_read_is_told_so_when_writing(store: Store) -> None:
    with ExitStack() as opened:
        opened.enter_context(pytest.raises(CallauditError, match="CA618"))
        with store.writing() as connection:
            only = "PRAGMA query_only = ON" if store.is_sqlite else "SET TRANSACTION READ ONLY"
            connection.exec_driver_sql(only)
            connection.execute(t.log_head.update().values(last=1))
    store.engine.dispose()
    with store.reading() as connection:
        assert connection.execute(sa.select(t.log_head.c.last)).scalar() == 0


def test_who_waits_in_vain_for_another_writer_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_WAIT_S", 0)
    path = tmp_path / "store.sqlite"
    create(str(path))
    with Store(str(path)) as other, Store(str(path)) as store, other.writing():
        with pytest.raises(CallauditError, match="CA619"), store.writing():
            pass
        assert check(store) == []


def test_a_server_that_is_not_there_is_told_without_the_password(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        Store(f"postgresql+psycopg://u:geheim@/d?host={tmp_path}")
    assert refused.value.problem.code == "CA602"
    assert "geheim" not in str(refused.value) and str(refused.value.__cause__) == "None"


def test_sqlite_is_used_as_it_was_promised(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "店.sqlite"
    create(str(path))
    assert path.stat().st_mode & 0o077 == 0
    with Store(str(path)) as store, store.reading() as connection:
        told = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "foreign_keys", "busy_timeout")
        }
    assert told == {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 30_000}
    with pytest.raises(sqlite3.DatabaseError), sqlite3.connect(path) as raw:
        raw.execute("DELETE FROM users WHERE 1 = 1 OR name = 1; ")
        raw.execute("INSERT INTO log VALUES (1, '', '', '', '', '', '', '')")
        raw.execute("DELETE FROM log")


def test_who_finds_no_connection_free_is_told(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store.engine.pool, "_timeout", 0)
    with ExitStack() as taken, pytest.raises(CallauditError, match="CA602"):
        for _ in range(100):
            taken.enter_context(store.reading())
    with store.reading() as connection:
        assert connection.execute(sa.select(t.log_head.c.last)).scalar() == 0


def test_readers_see_one_state_while_others_write(store: Store, tmp_path: Path) -> None:
    counted = sa.select(sa.func.count()).select_from(t.calls)
    with store.reading() as connection:
        assert connection.execute(counted).scalar() == 0
        take_in(store, tmp_path, report())
        assert connection.execute(counted).scalar() == 0
    with store.reading() as connection:
        assert connection.execute(counted).scalar() == 1


@pytest.mark.parametrize("by", ["state", "label", "agent_id", "team", "day"])
def test_findings_are_read_from_an_index_worst_first(store: Store, by: str) -> None:
    current = t.findings.c.superseded_by.is_(None)
    query = sa.select(t.findings.c.id).where(current, t.findings.c[by] == sa.literal_column("'2026-03-02'"))
    query = query.order_by(t.findings.c.rank.desc(), t.findings.c.confidence.desc(), t.findings.c.id).limit(50)
    text = str(query.compile(store.engine, compile_kwargs={"literal_binds": True}))
    with store.engine.connect() as connection:
        if store.is_sqlite:
            plan = str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}").all())
            assert "TEMP B-TREE" not in plan
        else:
            # An empty table is read as it is, were that not forbidden.
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            connection.exec_driver_sql("SET LOCAL enable_bitmapscan = off")
            connection.exec_driver_sql("SET LOCAL enable_sort = off")
            plan = str(connection.exec_driver_sql(f"EXPLAIN {text}").all())
            assert "Sort" not in plan
    assert f"ix_findings_queue_{by}" in plan
