"""What is only ever added cannot be changed by any statement, also not by one that is not ours."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from audit.errors import CallauditError
from audit.model.review import Verdict
from audit.model.span import CharSpan
from audit.store import tables as t
from audit.store.database import Store
from audit.store.migrations.versions import GUARDS
from audit.store.retention import purge
from audit.store.review import Correction, add_missed, correct, decide
from tests.store.runs import report, reviewers, rows, take_in
from tests.store.test_retention import LATER

GUARDED = {guard.table: guard for guard in GUARDS}
COLUMNS = {table.name: table.columns.keys() for table in t.metadata.sorted_tables}
MUTABLE = {
    "calls": set(t.calls.c.keys()) - {"id"},
    "audits": {"current"},
    "findings": set(t.findings.c.keys()) - {"id", "call", "fingerprint"},
    "users": {"role", "password_hash", "password_until", "created_at", "disabled_at"},
    "purges": {"calls"},
    "log_head": {"id", "last", "hash"},
    "tokens": {"used_at", "revoked_at"},
    "plans": {"closed_at"},
    "samples": {"lacking"},
    **{name: set(COLUMNS[name]) for name in ("sessions", "attempts", "views", "pulls", "spoken")},
}


_AT = datetime(2026, 3, 20, tzinfo=UTC)
DESK: dict[str, dict[str, object]] = {
    "sessions": {"user": 1, "digest": "d", "csrf": "c", "created_at": _AT, "seen_at": _AT},
    "attempts": {"subject": "s", "at": _AT},
    "tokens": {"user": 1, "name": "n", "digest": "d", "created_at": _AT, "expires_at": _AT},
    "views": {"user": 1, "name": "n", "query": "state=open", "created_at": _AT},
    "plans": {"name": "n", "opinions": 2, "blind": True, "record": "{}", "created_by": 1, "created_at": _AT},
    "samples": {"plan": 1, "call": 1, "finding": 1, "number": 0, "lacking": True},
    "pulls": {"sample": 1, "reviewer": 1, "pulled_at": _AT},
    "opinions": {"sample": 1, "call": 1, "reviewer": 1, "verdict": "confirm", "comment": "听过", "given_at": _AT},
    "appeals": {"finding": 1, "call": 1, "filed_by": 1, "statement": "不是我", "filed_at": _AT},
    "rulings": {"finding": 1, "call": 1, "reviewer": 1, "verdict": "confirm", "comment": "听过", "ruled_at": _AT},
}


@pytest.fixture
def full(store: Store, tmp_path: Path) -> Store:
    """A store with a row in every table."""
    take_in(store, tmp_path, report("c1"))
    reviewers(store, "王")
    decide(store, 1, "王", Verdict.CONFIRM, reason="听过", comment="听过")
    correct(store, 1, "王", Correction.TEXT, turn=0, value="您好")
    add_missed(store, 1, "王", "threat.vague", turn=0, span=CharSpan(0, 2), comment="听过")
    purge(store, LATER.replace(year=2000), "test")
    with store.writing() as connection:
        for table, values in DESK.items():
            connection.execute(t.metadata.tables[table].insert().values(values))
    assert all(rows(store, table) for table in t.metadata.sorted_tables)
    return store


def refused(store: Store, statement: str) -> bool:
    """Whether the database refuses a statement of whoever connects to it."""
    try:
        with store.engine.connect() as connection, connection.begin():
            assert connection.exec_driver_sql(statement).rowcount
    except sa.exc.DBAPIError as error:
        assert "is only ever added to" in str(error.orig)
        return True
    return False


def test_every_column_of_every_table_is_guarded_but_those_that_may_change(full: Store) -> None:
    open_to_change = {
        table.name: {
            name for name in COLUMNS[table.name] if not refused(full, f'UPDATE {table.name} SET "{name}" = "{name}"')
        }
        for table in t.metadata.sorted_tables
    }
    assert {name: columns for name, columns in open_to_change.items() if columns} == MUTABLE


def test_no_row_is_deleted(full: Store) -> None:
    for table in t.metadata.sorted_tables:
        if table.name in GUARDED:
            assert refused(full, f"DELETE FROM {table.name}"), table.name


def test_no_row_is_replaced_and_no_table_is_emptied(full: Store) -> None:
    for table in GUARDED:
        if full.is_sqlite:
            assert refused(full, f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"), table
        else:
            assert refused(full, f"TRUNCATE {table} CASCADE"), table


def test_when_a_call_is_purged_its_content_may_go_and_nothing_else(full: Store) -> None:
    purge(full, LATER, "test")
    for guard in GUARDS:
        for column in guard.emptied:
            assert not refused(full, f'UPDATE {guard.table} SET "{column}" = "{column}"'), (guard.table, column)
        for column in guard.fixed:
            statement = f'UPDATE {guard.table} SET "{column}" = "{column}"'
            assert not rows(full, t.metadata.tables[guard.table]) or refused(full, statement), (guard.table, column)


def test_what_the_database_refuses_is_told_without_what_was_in_the_statement(full: Store) -> None:
    values: dict[str, Any] = {"reason": "欧阳小明13800138000"}
    with pytest.raises(CallauditError) as refusal, full.writing() as connection:
        connection.execute(t.decisions.update().values(**values))
    assert refusal.value.problem.code == "CA602"
    assert "欧阳" not in str(refusal.value) and "decisions is only ever added to" in str(refusal.value)
    assert refusal.value.__cause__ is None
