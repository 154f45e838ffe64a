"""Each way in which a store can be damaged is found, and named without showing what is in it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from audit.errors import CallauditError
from audit.model.review import Verdict
from audit.store import tables as t
from audit.store.chain import line_hash
from audit.store.database import Store, create
from audit.store.review import decide
from audit.store.soundness import check, verify
from tests.store.runs import BAD, report, reviewers, rows, take_in


@pytest.fixture
def used(store: Store, tmp_path: Path) -> Store:
    take_in(store, tmp_path, report("c1", [BAD, BAD]), report("c2"))
    reviewers(store, "王", "李")
    decide_all(store)
    assert check(store) == [] and verify(store)[0] == []
    return store


def decide_all(store: Store) -> None:
    for name in ("王", "李"):
        for finding in (1, 2, 3):
            decide(store, finding, name, Verdict.CONFIRM)


def damage(store: Store, *statements: str) -> None:
    """Do what an administrator of the database could do: without triggers and foreign keys."""
    with store.engine.connect() as connection:
        raw = connection.connection.dbapi_connection
        assert raw is not None
        if store.is_sqlite:
            connection.rollback()
            raw.cursor().execute("PRAGMA foreign_keys = OFF")
            for (name,) in raw.cursor().execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                raw.cursor().execute(f"DROP TRIGGER {name}")
        else:
            connection.exec_driver_sql("SET session_replication_role = replica")
        for statement in statements:
            connection.exec_driver_sql(statement)
        if store.is_sqlite:
            connection.commit()
        else:
            connection.exec_driver_sql("SET session_replication_role = DEFAULT")
            connection.commit()
    store.engine.dispose()


def found(store: Store) -> set[tuple[str, str]]:
    return {(fault.kind, fault.row) for fault in check(store) if fault.kind != "guard"}


@pytest.mark.parametrize(
    ("statement", "kind", "row"),
    [
        ("DELETE FROM sightings WHERE id = 1", "orphan", "decisions.sighting:1"),
        ("DELETE FROM turns WHERE transcript = 1 AND number = 1", "count", "transcripts:1"),
        ("DELETE FROM sightings WHERE id = 1", "count", "audits:1"),
        ("UPDATE sightings SET call = 2 WHERE id = 1", "call", "sightings.finding:1"),
        ("UPDATE findings SET state = 'open' WHERE id = 2", "state", "findings:2"),
        ("UPDATE findings SET state = 'perhaps' WHERE id = 2", "word", "findings:2"),
        ("UPDATE decisions SET verdict = 'dismiss' WHERE id = 1", "state", "findings:1"),
        ("DELETE FROM decisions WHERE finding = 3", "state", "findings:3"),
        ("UPDATE audits SET current = (1 = 0) WHERE id = 2", "audit", "calls:2"),
        ("UPDATE findings SET superseded_by = 1 WHERE id = 1", "superseded", "findings:1"),
        ("UPDATE calls SET purged_at = '2026-01-01 00:00:00' WHERE id = 1", "purged", "calls:1"),
        ("UPDATE log SET facts = '{}' WHERE id = 2", "log_changed", "log:2"),
        ("DELETE FROM log WHERE id = 2", "log_missing", "log:2"),
        ("DELETE FROM log WHERE id = 9", "log_end", "log:9"),
        ("DELETE FROM log_head", "log_end", "log:0"),
    ],
)
def test_damage_is_found_and_the_row_is_named(used: Store, statement: str, kind: str, row: str) -> None:
    damage(used, statement)
    assert (kind, row) in found(used)


def test_a_log_without_its_end_takes_nothing_in(used: Store) -> None:
    damage(used, "DELETE FROM log_head")
    with pytest.raises(CallauditError, match="CA602"):
        decide(used, 1, "王", Verdict.DISMISS, reason="复述")


def test_guards_that_were_dropped_are_missed(empty: Callable[[], str]) -> None:
    url = empty()
    create(url)
    with Store(url) as store:
        on, gone = (
            ("", {"guard_log_fixed"}) if store.is_sqlite else (" ON log", {"guard_log_fixed", "guard_log_delete"})
        )
        with store.engine.connect() as connection, connection.begin():
            connection.exec_driver_sql(f"DROP TRIGGER guard_log_fixed{on}")
            if not store.is_sqlite:
                connection.exec_driver_sql("ALTER TABLE log DISABLE TRIGGER guard_log_delete")
        assert {(fault.kind, fault.row) for fault in check(store)} == {("guard", name) for name in gone}


@pytest.mark.parametrize("column", ["at", "actor", "action", "subject", "facts", "previous", "hash"])
def test_one_changed_character_of_the_log_is_found_and_its_line_named(used: Store, column: str) -> None:
    length = len(str(rows(used, t.log)[3][column]))
    cut = f'"{column}"'
    damage(used, f"UPDATE log SET {cut} = substr({cut}, 1, {length - 1}) || '~' WHERE id = 4")
    faults, _, _ = verify(used)
    broken = [(fault.kind, fault.row) for fault in faults if fault.kind.startswith("log")]
    # Its own hash was wronged: then the next line no longer follows either.
    assert broken == [("log_changed", "log:4"), ("log_link", "log:5")][: 2 if column == "hash" else 1]


def test_a_line_written_anew_with_its_hash_does_not_fit_the_next(used: Store) -> None:
    row = rows(used, t.log)[3]
    facts = '{"decision":1,"state":"dismissed","verdict":"dismiss"}'
    at, actor, action, subject = (str(row[name]) for name in ("at", "actor", "action", "subject"))
    forged = line_hash(str(row["previous"]), 4, at, actor, action, subject, facts)
    damage(used, f"UPDATE log SET facts = '{facts}', hash = '{forged}' WHERE id = 4")
    faults, _, _ = verify(used)
    assert ("log_link", "log:5") in [(fault.kind, fault.row) for fault in faults]


@pytest.mark.parametrize("lines", [(3,), (5, 6, 7), (1,), (9,), (8, 9)])
def test_lines_that_were_dropped_are_missed(used: Store, lines: tuple[int, ...]) -> None:
    damage(used, f"DELETE FROM log WHERE id IN ({', '.join(map(str, lines))})")
    kinds = [(fault.kind, fault.row) for fault in verify(used)[0] if fault.kind.startswith("log")]
    assert kinds == [("log_end", "log:9")] if 9 in lines else [("log_missing", f"log:{lines[0]}")]


def test_a_decision_that_was_changed_or_dropped_is_not_borne_out_by_the_log(used: Store) -> None:
    damage(used, "UPDATE decisions SET verdict = 'dismiss' WHERE id = 2", "DELETE FROM decisions WHERE id = 5")
    faults = [(fault.kind, fault.row) for fault in verify(used)[0]]
    assert faults == [("decision", "decisions:2"), ("decision", "decisions:5")]


def test_a_changed_byte_in_the_file_is_found(used: Store, tmp_path: Path) -> None:
    if not used.is_sqlite:
        # The same through the server: it lets nobody write bytes that are no text.
        damage(used, "UPDATE log SET actor = replace(actor, '王', '玊') WHERE id = 5")
        assert [fault.row for fault in verify(used)[0] if fault.kind == "log_changed"] == ["log:5"]
        return
    used.engine.dispose()
    path = Path(used.place)
    content = bytearray(path.read_bytes())
    place = content.index(b'"verdict":"confirm"}', content.index(b'"decision":2'))
    content[place + 2] = 0xFF  # no character at all
    path.write_bytes(content)
    broken = [fault for fault in verify(used)[0] if fault.kind == "log_changed"]
    assert len(broken) == 1 and broken[0].detail.startswith("decide finding:")
