"""Whatever is wrong with the search index is mended, logged, and nobody has to stop for it."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from audit.pii import names
from audit.store import search
from audit.store import tables as t
from audit.store.database import Store, create
from audit.store.reindex import Reindexed, reindex
from audit.store.retention import purge
from audit.store.soundness import check, verify
from tests.store.runs import OTHER_RULES, report, rows, take_in
from tests.store.test_search import found


@pytest.fixture
def talk(empty: Callable[[], str], tmp_path: Path) -> Iterator[Store]:
    """Three calls in a store of the test's own, whose index may be damaged."""
    url = empty()
    create(url)
    with Store(url) as store:
        said = {"c1": ["还钱"], "c2": ["您好"], "c3": ["上门"]}
        take_in(store, tmp_path, *(report(call_id, words) for call_id, words in said.items()))
        yield store


def ruin(store: Store, *statements: str) -> None:
    with store.engine.connect() as connection, connection.begin():
        for statement in statements:
            connection.exec_driver_sql(statement)


def is_found(store: Store) -> bool:
    return [found(store, words) for words in ("还钱", "您好", "上门")] == [[1], [2], [3]]


DAMAGE = {
    "a row lost": ("DELETE FROM spoken WHERE call = 1",),
    "words of another audit": ("UPDATE spoken SET transcript = 2, agent = ' 您好 ' WHERE call = 1",),
    "no rows": ("DELETE FROM spoken",),
}
OF_SQLITE = {
    "no index": ("DROP TRIGGER spoken_insert", "DROP TRIGGER spoken_delete", "DROP TABLE spoken_index"),
    "not in step": (
        "DROP TRIGGER spoken_insert", "DELETE FROM spoken WHERE call = 2",
        "INSERT INTO spoken_index(rowid, tokens) VALUES (9, '您')",
    ),
    "its words lost": ("DROP TABLE spoken_index_data",),
    "its list of calls lost": ("DROP TABLE spoken_index_docsize",),
}  # fmt: skip
OF_POSTGRESQL = {
    "no index": ("DROP INDEX ix_spoken_tokens",),
    "an index that was not finished": (
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix_spoken_tokens'::regclass",
    ),
}


def test_what_check_finds_is_mended_and_the_log_says_so(talk: Store) -> None:
    for name, statements in (DAMAGE | (OF_SQLITE if talk.is_sqlite else OF_POSTGRESQL)).items():
        ruin(talk, *statements)
        assert "search" in {fault.kind for fault in check(talk)}, name
        before = len(rows(talk, t.log))
        done = reindex(talk, "test")
        assert check(talk) == [] and is_found(talk), name
        (line,) = rows(talk, t.log)[before:]
        assert (line["actor"], line["action"], line["subject"]) == ("test", "reindex", "search")
        assert f'"calls":{done.calls}' in str(line["facts"])
    assert verify(talk)[0] == []


def test_a_sound_index_is_left_alone(talk: Store) -> None:
    before = rows(talk, t.log), rows(talk, t.spoken)
    assert reindex(talk, "test") == Reindexed(remade=False, calls=0, dropped=0)
    assert (rows(talk, t.log), rows(talk, t.spoken)) == before


def test_all_of_it_is_made_anew_so_that_names_are_masked_that_could_not_be_before(
    talk: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(names, "installed", lambda: False)
    take_in(talk, tmp_path / "2", report("c4", ["我叫何文静"]), hour=13)
    assert found(talk, "文静") == [4]
    monkeypatch.setattr(names, "installed", lambda: True)
    assert reindex(talk, "test", whole=True) == Reindexed(remade=True, calls=4, dropped=0)
    assert found(talk, "文静") == [] and is_found(talk)
    assert check(talk) == []


def test_purged_words_do_not_come_back_and_what_is_left_of_them_goes(talk: Store) -> None:
    (kept,) = [row for row in rows(talk, t.spoken) if row["call"] == 1]
    purge(talk, date(2026, 3, 3), "test")
    with talk.writing() as connection:
        connection.execute(t.spoken.insert().values(**kept))
    assert {fault.kind for fault in check(talk)} == {"purged"}
    assert reindex(talk, "test").dropped == 1
    assert rows(talk, t.spoken) == [] and check(talk) == []
    assert reindex(talk, "test", whole=True).calls == 0


def test_a_call_audited_again_meanwhile_keeps_its_new_words(
    talk: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ruin(talk, "DELETE FROM spoken")
    masked = search.said_in_force

    def meanwhile(connection: object, calls: list[int]) -> object:
        monkeypatch.setattr(search, "said_in_force", masked)
        said = masked(connection, calls)  # type: ignore[arg-type]
        take_in(talk, tmp_path / "2", report("c1", ["还款"], rules=OTHER_RULES), hour=13)
        return said

    monkeypatch.setattr(search, "said_in_force", meanwhile)
    assert reindex(talk, "test").calls == 2
    assert (found(talk, "还款"), found(talk, "还钱"), check(talk)) == ([1], [], [])


def test_stopped_half_way_the_next_run_does_the_rest(talk: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    ruin(talk, "DELETE FROM spoken")
    monkeypatch.setattr(search, "BATCH", 2)
    masked, seen = search.said_in_force, list[int]()

    def stopped(connection: object, calls: list[int]) -> object:
        seen.extend(calls)
        if len(seen) > 2:
            raise KeyboardInterrupt
        return masked(connection, calls)  # type: ignore[arg-type]

    monkeypatch.setattr(search, "said_in_force", stopped)
    with pytest.raises(KeyboardInterrupt):
        reindex(talk, "test")
    assert found(talk, "还钱") == [1] and found(talk, "上门") == []
    monkeypatch.setattr(search, "said_in_force", masked)
    assert reindex(talk, "test") == Reindexed(remade=False, calls=1, dropped=0)
    assert is_found(talk) and check(talk) == []


def test_the_rows_of_a_call_are_as_they_were(talk: Store) -> None:
    before = rows(talk, t.spoken)
    ruin(talk, "DELETE FROM spoken")
    reindex(talk, "test")
    assert rows(talk, t.spoken) == before
