"""Words are found wherever they were said, on both engines, and nothing else is."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.model.call import Role, Turn
from audit.model.span import TimeSpan
from audit.store import database, search
from audit.store import tables as t
from audit.store.database import Store, create, migrate
from audit.store.retention import purge
from audit.store.search import Filters, FoundTurn, Search, has_words
from audit.store.soundness import check
from tests.store.runs import BAD, NAME, NUMBER, OTHER_RULES, report, rows, take_in

SAID = {
    1: ["您好，请问是张先生吗？", "再不还钱，我们上门找你。"],
    2: ["還錢的事我們下周再談", "ＡＰＰ里点一下还款，尾号3318"],
    3: ["上 门 费 是 多 少", "Open the APP-store"],
    4: [BAD, "您好"],
}


@pytest.fixture(params=[search.FEW, 0], ids=["few", "many"])
def talk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, store: Store, tmp_path: Path) -> Store:
    """Four calls, searched as if words were in few calls, and as if they were in many."""
    take_in(store, tmp_path, *(report(f"c{number}", said) for number, said in SAID.items()))
    monkeypatch.setattr(search, "FEW", request.param)
    return store


def found(store: Store, words: str, role: Role | None = None) -> list[int]:
    with store.reading() as connection:
        condition = Search(connection, words, role).condition(t.calls.c.id)
        return list(connection.execute(sa.select(t.calls.c.id).where(condition).order_by(t.calls.c.id)).scalars())


def turns(store: Store, words: str, filters: Filters | None = None) -> list[FoundTurn]:
    with store.reading() as connection:
        return [turn for call in search.search(connection, words, filters).calls for turn in call.turns]


@pytest.mark.parametrize(
    ("words", "calls"),
    [
        ("上门", [1, 3]),
        ("门", [1, 3]),
        ("你", [1, 4]),
        ("腿", [4]),
        ("我们上门找你", [1]),
        ("们上门找", [1]),
        ("门上", []),
        ("还钱", [1, 2]),
        ("還錢", [1, 2]),
        ("app", [2, 3]),
        ("App", [2, 3]),
        ("ap", []),
        ("3318", [2]),
        ("331", []),
        ("门费是", [3]),
        ("还钱 上门", [1]),
        ("您好 上门", [1]),
        ("上门 还款", []),
        ("钱我", []),
        ('"还钱，我们"', [1]),
        ("「还钱我们」", []),
        ("“上门 还钱”", []),
        ('"open the', [3]),
        ('"the open"', []),
        ("the open", [3]),
        ("点一下还款", [2]),
        ("里点", [2]),
        ("app里点", [2]),
        ("p里点", []),
        ("ⅷ", []),
    ],
)
def test_what_was_said_is_found(talk: Store, words: str, calls: list[int]) -> None:
    assert found(talk, words) == calls


@pytest.mark.parametrize("words", ["", "  ", "，。！？", '""', "*", "\x00", "\ud800", "🙂"])
def test_without_a_letter_or_digit_nothing_is_found(talk: Store, words: str) -> None:
    assert not has_words(words)
    assert found(talk, words) == []
    with talk.reading() as connection:
        assert search.search(connection, words) == search.Results((), 0, more=False)


SYNTAX = ["上门", "还钱", "app", "OR", "AND", "NOT", "NEAR(", '"', "'", "*", "^", "-", ":", "tokens:", "(", ")", "{", "}",
          "\\", "%", "_", ";", "--", "&", "|", "!", "<->", "@@", " ", "，", "\x00", "\ud800"]  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.one_of(st.text(max_size=12), st.lists(st.sampled_from(SYNTAX), max_size=6).map("".join)))
def test_no_words_are_syntax_of_a_query(talk: Store, words: str) -> None:
    calls = found(talk, words)
    wanted = search._parsed(words)
    for number, said in SAID.items():
        lines = [search._line(search._runs(line)) for line in said]
        has_all = all(any(word.folded in line for line in lines) for word in wanted)
        assert (number in calls) == (bool(wanted) and has_all)


def test_words_of_one_role_alone(store: Store, tmp_path: Path) -> None:
    made = report("c1", ["还钱", "没有钱"])
    answer = Turn(1, Role.DEBTOR, "没有钱，你们别上门")
    take_in(store, tmp_path, replace(made, call=replace(made.call, turns=(made.call.turns[0], answer))))
    assert found(store, "钱", Role.AGENT) == found(store, "钱", Role.DEBTOR) == found(store, "还钱 上门") == [1]
    assert found(store, "上门", Role.AGENT) == found(store, "还钱 上门", Role.AGENT) == []
    assert [turn.number for turn in turns(store, "钱", Filters(role=Role.DEBTOR))] == [1]


def test_nobody_finds_out_a_number_or_a_name(store: Store, tmp_path: Path) -> None:
    take_in(
        store, tmp_path, report("c1", [f"{NAME}，电话{NUMBER}对吗", "卡号六二二二零八零二零零零一二三四五六七八对吗"])
    )
    for secret in (NUMBER, NUMBER[:7], "138", NAME, NAME[1:], "小明", "六二二二", "零八"):
        assert found(store, secret) == [], secret
    assert found(store, "电话") == found(store, "8000") == [1]
    assert NUMBER[:7] not in str(turns(store, "电话")) and "小明" not in str(turns(store, "电话"))


def test_marks_stand_on_the_words_as_they_were_said(store: Store, tmp_path: Path) -> None:
    take_in(store, tmp_path, report("c1", ["我們要上 門，要上门！", "ＡＰＰ的上门"]))
    said = {turn.number: [span.of(turn.text) for span in turn.marks] for turn in turns(store, "上门 app 门，要上")}
    assert said == {0: ["上 門，要上门"], 1: ["ＡＰＰ", "上门"]}


def test_a_long_turn_is_cut_around_its_first_mark(store: Store, tmp_path: Path) -> None:
    take_in(store, tmp_path, report("c1", ["您好" * 100 + "上门" + "再见" * 100]))
    (turn,) = turns(store, "上门")
    assert (turn.cut_before, turn.cut_after) == (True, True) and len(turn.text) < 100
    assert [span.of(turn.text) for span in turn.marks] == ["上门"]
    (turn,) = turns(store, "您好")
    assert (turn.cut_before, turn.cut_after) == (False, True)
    assert all(0 <= span.start < span.end <= len(turn.text) for span in turn.marks)


def test_the_gravest_finding_of_a_turn_and_its_time_come_with_it(store: Store, tmp_path: Path) -> None:
    made = report("c1", ["您好", BAD])
    timed = tuple(replace(turn, time=TimeSpan(turn.index + 0.5, turn.index + 1.0)) for turn in made.call.turns)
    take_in(store, tmp_path, replace(made, call=replace(made.call, turns=timed)))
    assert [(turn.severity, turn.start_s, turn.role) for turn in turns(store, "您好 你的")] == [
        (None, 0.5, Role.AGENT),
        ("critical", 1.5, Role.AGENT),
    ]


def test_the_turns_with_most_of_the_words_are_shown_in_their_order(store: Store, tmp_path: Path) -> None:
    take_in(store, tmp_path, report("c1", ["上门"] * 3 + ["还钱上门"] + ["还钱"] * 3))
    with store.reading() as connection:
        (call,) = search.search(connection, "上门 还钱").calls
    assert [turn.number for turn in call.turns] == [0, 1, 2, 3] and call.more == 3


def test_results_are_the_newest_first_and_filtered(store: Store, tmp_path: Path) -> None:
    take_in(store, tmp_path, *(report(f"c{day}", ["您好"], day=day) for day in range(1, 26)))
    with store.reading() as connection:

        def days(page: int = 1, filters: Filters | None = None) -> list[int]:
            return [call.day.day for call in search.search(connection, "您好", filters, page).calls]

        first = search.search(connection, "您好")
        assert (first.total, first.more) == (25, True)
        assert days() == [*range(25, 5, -1)] and days(2) == [*range(5, 0, -1)] and days(3) == []
        assert days(filters=Filters(since=date(2026, 3, 4), until=date(2026, 3, 6))) == [6, 5, 4]
        assert days(filters=Filters(agent="A07", team="一组")) == days()
        assert days(filters=Filters(agent="A08")) == days(filters=Filters(team="二组")) == []


def test_of_more_than_a_few_the_number_is_not_told(monkeypatch: pytest.MonkeyPatch, talk: Store) -> None:
    monkeypatch.setattr(search, "FEW", 1)
    with talk.reading() as connection:
        assert search.search(connection, "上门").total is None
        assert search.search(connection, "腿").total == 1


def test_the_words_of_the_audit_in_force_are_found(store: Store, tmp_path: Path) -> None:
    first = report("c1", ["还钱"])
    take_in(store, tmp_path / "1", first)
    take_in(store, tmp_path / "2", report("c1", ["还款"], rules=OTHER_RULES), hour=13)
    assert (found(store, "还钱"), found(store, "还款")) == ([], [1])
    take_in(store, tmp_path / "3", first, hour=14)
    assert (found(store, "还钱"), found(store, "还款")) == ([1], [])
    assert check(store) == []


def test_a_name_learned_later_is_no_longer_found(store: Store, tmp_path: Path) -> None:
    named = report("c1", ["请问是赵钱孙吗"])
    nameless = replace(named, call=replace(named.call, metadata=replace(named.call.metadata, debtor_name=None)))
    renamed = replace(named, call=replace(named.call, metadata=replace(named.call.metadata, debtor_name="赵钱孙")))
    take_in(store, tmp_path / "1", nameless)
    take_in(store, tmp_path / "2", renamed, hour=13)
    assert found(store, "钱孙") == []


def test_what_is_purged_is_found_no_longer_and_gone_from_the_file(store: Store, tmp_path: Path) -> None:
    take_in(store, tmp_path, report("old", ["qwertz魑魅"]), report("new", ["您好"], day=3))
    assert found(store, "qwertz") == [1]
    purge(store, date(2026, 3, 3), "test")
    assert found(store, "qwertz") == found(store, "魑魅") == found(store, "魑") == []
    assert found(store, "您好") == [2] and check(store) == []
    if store.is_sqlite:
        # Words of the index share their beginnings with the word before them: their ends are left.
        left = b"".join(file.read_bytes() for file in tmp_path.glob("store.sqlite*"))
        assert b"wertz" not in left and "魅".encode()[1:] not in left


@pytest.mark.parametrize(
    ("damage", "row"),
    [
        ("DELETE FROM spoken WHERE call = 1", "calls:1"),
        ("UPDATE spoken SET transcript = 1 WHERE call = 2", "calls:2"),
    ],
)
def test_words_that_are_missing_or_of_another_transcript_are_missed_and_mended(
    store: Store, tmp_path: Path, damage: str, row: str
) -> None:
    take_in(store, tmp_path, report("c1", ["还钱"]), report("c2", ["您好"]))
    with store.writing() as connection:
        connection.exec_driver_sql(damage)
    assert ("search", row) in [(fault.kind, fault.row) for fault in check(store)]
    with store.writing() as connection:
        assert search.fill(connection) == 1
        assert search.fill(connection) == 0
    assert check(store) == []
    assert (found(store, "还钱"), found(store, "您好")) == ([1], [2])


def test_a_missing_index_is_missed(empty_store: Store, tmp_path: Path) -> None:
    store = empty_store
    take_in(store, tmp_path, report("c1", ["还钱"]))
    part = "TRIGGER spoken_delete" if store.is_sqlite else "INDEX ix_spoken_tokens"
    with store.writing() as connection:
        connection.exec_driver_sql(f"DROP {part}")
    assert [(fault.kind, fault.row) for fault in check(store)] == [("search", part.split()[1])]


def test_rows_that_only_the_index_has_or_lacks_are_missed(store: Store, tmp_path: Path) -> None:
    if not store.is_sqlite:
        return  # PostgreSQL's index is part of its table
    take_in(store, tmp_path, report("c1", ["还钱"]), report("c2", ["您好"]))
    with store.writing() as connection:
        tokens = "SELECT 'delete', call, tokens FROM spoken WHERE call = 1"
        connection.exec_driver_sql(f"INSERT INTO spoken_index(spoken_index, rowid, tokens) {tokens}")
        connection.exec_driver_sql("INSERT INTO spoken_index(rowid, tokens) VALUES (9, '您')")
    assert [(fault.kind, fault.row) for fault in check(store)] == [("search", "calls:1"), ("search", "calls:9")]


def test_a_store_made_before_words_were_searched_is_filled_by_migrating(
    empty: Callable[[], str], tmp_path: Path
) -> None:
    made, url = tmp_path / "made.sqlite", empty()
    create(str(made))
    with Store(str(made)) as store:
        take_in(store, tmp_path / "1", report("old", ["还钱"]), report("c2", [f"您好{NAME}"], day=3))
        take_in(store, tmp_path / "2", report("c2", ["上门"], day=3, rules=OTHER_RULES), hour=13)
        purge(store, date(2026, 3, 3), "test")
        kept = {table: rows(store, table) for table in t.metadata.sorted_tables}
    engine = database._engine(database.store_url(url))
    with database._writer(engine) as connection, connection.begin():
        config = database._config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for table in kept:
            if sa.inspect(connection).has_table(table.name):
                names = {column["name"] for column in sa.inspect(connection).get_columns(table.name)}
                old = [{name: row[name] for name in names} for row in kept[table]]
                connection.execute(table.delete())
                if old:
                    connection.execute(table.insert(), old)
    engine.dispose()
    assert migrate(url) == ("0001", "0002")
    with Store(url) as store:
        assert (found(store, "还钱"), found(store, "您好"), found(store, "上门")) == ([], [], [2])
        assert check(store) == []


@pytest.fixture
def empty_store(empty: Callable[[], str]) -> Iterator[Store]:
    """A store of the test's own, whose tables may be damaged."""
    url = empty()
    create(url)
    with Store(url) as store:
        yield store
