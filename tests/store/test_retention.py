from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from audit.errors import InputError
from audit.model.review import Verdict
from audit.model.span import CharSpan
from audit.store import tables as t
from audit.store.calls import stored_report
from audit.store.database import Store
from audit.store.retention import Purged, purge
from audit.store.review import Correction, add_missed, correct, decide
from audit.store.soundness import check, verify
from tests.store.runs import BAD, NAME, NUMBER, became, report, reviewers, rows, take_in

LATER = date(2026, 3, 3)
PERSONAL = [NAME, NUMBER, BAD, "住在三楼", "打断您", "A07"]


@pytest.fixture
def kept(store: Store, tmp_path: Path) -> Store:
    """An old call with everything personal there may be, and a call of the day on which keeping begins."""
    take_in(store, tmp_path, report(f"old-{NUMBER}", [f"{NAME}{NUMBER}{BAD}"]), report("new", ["您好"], day=3))
    reviewers(store, "王")
    decide(store, 1, "王", Verdict.DISMISS, reason="住在三楼", comment=NUMBER)
    correct(store, 1, "王", Correction.TEXT, turn=0, value="打断您")
    add_missed(store, 1, "王", "threat.vague", turn=0, span=CharSpan(0, 6), comment=NAME)
    return store


def everything(store: Store, table: sa.Table | None = None) -> str:
    return str([rows(store, one) for one in ([table] if table is not None else t.metadata.sorted_tables)])


def test_the_old_call_loses_what_is_personal_and_keeps_what_is_counted(kept: Store) -> None:
    before = everything(kept)
    assert [word for word in PERSONAL if word not in before] == []
    new_before = rows(kept, t.calls)[1]
    assert purge(kept, LATER, "test") == Purged(calls=1, turns=1, quotes=2, corrections=1, comments=2)
    old, new = rows(kept, t.calls)
    assert new == new_before
    for table in t.metadata.sorted_tables:
        for row in rows(kept, table):
            if row.get("call", row.get("id")) == 1:
                assert [word for word in PERSONAL if word in str(row)] == [], table.name
    assert (old["call_id"], old["day"], old["team"], old["score"]) == ("purged-1", date(2026, 3, 2), "一组", 54)
    found = rows(kept, t.findings)[0]
    assert (found["label"], found["severity"], found["state"]) == ("threat.violence", "critical", "dismissed")
    assert [row["verdict"] for row in rows(kept, t.decisions)] == ["dismiss"]
    assert check(kept) == [] and verify(kept)[0] == []
    assert [row["facts"] for row in rows(kept, t.log) if row["action"] == "purge"] == [
        '{"before":"2026-03-03","calls":1,"comments":2,"corrections":1,"quotes":2,"turns":1}'
    ]


def test_the_database_is_told_to_let_go_of_it(kept: Store, tmp_path: Path) -> None:
    vacuumed = "SELECT vacuum_count FROM pg_stat_user_tables WHERE relid = 'turns'::regclass"
    if not kept.is_sqlite:
        with kept.engine.connect() as connection:
            before = connection.exec_driver_sql(vacuumed).scalar_one()
        purge(kept, LATER, "test")
        with kept.engine.connect() as connection:
            assert connection.exec_driver_sql(vacuumed).scalar_one() == before + 1
        return

    def left() -> list[str]:
        content = b"".join(file.read_bytes() for file in tmp_path.glob("store.sqlite*"))
        return [word for word in (f"{NAME}{NUMBER}{BAD}", "住在三楼", "打断您") if word.encode() in content]

    assert len(left()) == 3
    purge(kept, LATER, "test")
    assert left() == []


def test_a_trial_changes_nothing_and_says_the_same(kept: Store) -> None:
    before = everything(kept)
    told = purge(kept, LATER, "test", dry_run=True)
    assert everything(kept) == before
    assert purge(kept, LATER, "test") == told


def test_what_was_purged_does_not_come_back_with_the_next_import(kept: Store, tmp_path: Path) -> None:
    purge(kept, LATER, "test")
    old, new = report(f"old-{NUMBER}", [f"{NAME}{NUMBER}{BAD}"]), report("new", ["您好"], day=3)
    assert became(take_in(kept, tmp_path / "again", old, new)) == {"expired": 1, "unchanged": 1}


def test_purging_twice_purges_nothing_more(kept: Store) -> None:
    purge(kept, LATER, "test")
    assert purge(kept, LATER, "test") == Purged(0, 0, 0, 0, 0)


def test_a_purged_call_can_be_neither_read_nor_reviewed(kept: Store) -> None:
    purge(kept, LATER, "test")
    with kept.reading() as connection, pytest.raises(InputError, match="CA611"):
        stored_report(connection, 1)
    with pytest.raises(InputError, match="CA611"):
        decide(kept, 1, "王", Verdict.CONFIRM)
    with pytest.raises(InputError, match="CA611"):
        add_missed(kept, 1, "王", "threat.vague", turn=None, span=None)
