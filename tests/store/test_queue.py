from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import InputError
from audit.i18n import speaking
from audit.model.finding import Explanation, Severity
from audit.model.report import CallReport
from audit.model.review import Opinion, ReviewState, Ruling, UserRole, Verdict
from audit.model.span import CharSpan
from audit.report.urgent import SELF_HARM
from audit.store.appeals import file_appeal, rule_on_appeal
from audit.store.database import Store
from audit.store.queue import (
    Filters,
    Page,
    Tab,
    choices,
    counts,
    next_finding,
    progress,
    queue,
    urgent,
)
from audit.store.retention import purge
from audit.store.review import decide
from audit.store.sampling import Draw, close_plan, create_plan, give_opinion
from audit.store.users import add_user
from tests.store.runs import BAD, NAME, NUMBER, OTHER_RULES, report, reviewers, take_in

YES, NO, UNSURE, UNDO = Verdict.CONFIRM, Verdict.DISMISS, Verdict.UNSURE, Verdict.UNDO
OPEN, CONFIRMED, DISMISSED = ReviewState.OPEN, ReviewState.CONFIRMED, ReviewState.DISMISSED
WAITS = replace(report().findings[0].why, review=("needs_listener",))
NOBODY = 0


def call(
    call_id: str, *found: Mapping[str, Any], day: int = 2, said: tuple[str, ...] = (), **metadata: Any
) -> CallReport:
    """A call with a finding for each of `found` (what is special about it), then turns in which `said` is said."""
    made = report(call_id, [BAD] * len(found) + list(said), day=day)
    findings = tuple(
        replace(one, fingerprint=f"{place:016x}", **special)
        for place, (one, special) in enumerate(zip(made.findings, found, strict=True))
    )
    known = replace(made.call.metadata, **metadata)
    return replace(made, call=replace(made.call, metadata=known), findings=findings)


def listed(store: Store, filters: Filters | None = None, user: int = NOBODY, **options: Any) -> Page:
    with store.reading() as connection:
        return queue(connection, filters or Filters(), user, **options)


def numbers(store: Store, filters: Filters | None = None, user: int = NOBODY) -> list[int]:
    return [entry.number for entry in listed(store, filters, user).entries]


def after(store: Store, number: int, filters: Filters | None = None, user: int = NOBODY) -> tuple[int, int] | None:
    with store.reading() as connection:
        return next_finding(connection, filters or Filters(), user, number)


@pytest.fixture
def mixed(store: Store, tmp_path: Path) -> Store:
    """Findings 1 to 6 in three calls, of all kinds."""
    take_in(
        store,
        tmp_path,
        call("c1", {}, {"confidence": 0.95}, day=2, said=("我帮你写歌词",)),
        call(
            "c2",
            {"label": "insult.curse", "rule": "insult.curse/x", "severity": Severity.MINOR, "why": WAITS},
            {"label": "threat.family", "severity": Severity.MAJOR, "confidence": 0.5},
            day=3,
            agent_id="A09",
            team="二组",
        ),
        call(
            "c3",
            {"label": "signal.complaint", "severity": Severity.INFO},
            {"label": "signal.minor", "severity": Severity.CRITICAL},
            {"label": SELF_HARM, "severity": Severity.INFO, "confidence": 0.2, "why": WAITS},
            day=4,
        ),
    )
    reviewers(store, "王", "李")
    return store


def test_the_worst_stands_first_then_the_surest_then_the_oldest(mixed: Store) -> None:
    assert numbers(mixed) == [2, 1, 4, 3]


def test_signals_have_a_queue_of_their_own_with_talk_of_suicide_in_front(mixed: Store) -> None:
    shown = listed(mixed, Filters(tab=Tab.SIGNALS)).entries
    assert [entry.label for entry in shown] == [SELF_HARM, "signal.minor", "signal.complaint"]
    assert [entry.is_urgent for entry in shown] == [True, False, False]


def test_open_talk_of_suicide_is_counted_until_somebody_decided(mixed: Store) -> None:
    def waiting() -> int:
        with mixed.reading() as connection:
            return urgent(connection, NOBODY)

    assert waiting() == 1
    decide(mixed, 7, "王", UNSURE)
    assert waiting() == 0
    decide(mixed, 7, "王", UNDO)
    assert waiting() == 1


ASKED = [
    (Filters(states=(OPEN,)), [2, 4]),
    (Filters(states=(CONFIRMED, DISMISSED)), [1, 3]),
    (Filters(severities=(Severity.MAJOR, Severity.MINOR)), [4, 3]),
    (Filters(labels=("threat",)), [2, 1, 4]),
    (Filters(labels=("threat.family", "insult")), [4, 3]),
    (Filters(labels=("thre", "threat.fam")), []),
    (Filters(rule="insult.curse/x"), [3]),
    (Filters(agent="A09"), [4, 3]),
    (Filters(agent="A0"), []),
    (Filters(team="一组"), [2, 1]),
    (Filters(first=date(2026, 3, 3)), [4, 3]),
    (Filters(last=date(2026, 3, 2)), [2, 1]),
    (Filters(first=date(2026, 3, 3), last=date(2026, 3, 3)), [4, 3]),
    (Filters(least=0.9), [2, 1, 3]),
    (Filters(most=0.9), [1, 4, 3]),
    (Filters(least=0.5, most=0.5), [4]),
    (Filters(waits=True), [3]),
    (Filters(waits=False), [2, 1, 4]),
    (Filters(words="歌词"), [2, 1]),
    (Filters(words="歌曲"), []),
    (Filters(words="！？"), []),
    (Filters(words="打断", team="二组", states=(OPEN,)), [4]),
    (Filters(tab=Tab.SIGNALS, waits=True), [7]),
    (Filters(tab=Tab.SIGNALS, agent="A09"), []),
]


def test_filters_leave_what_was_asked_for(mixed: Store) -> None:
    decide(mixed, 1, "王", YES)
    decide(mixed, 3, "王", NO, reason="复述")
    assert [(asked, numbers(mixed, asked)) for asked, _ in ASKED] == ASKED


def test_an_appeal_is_in_the_queue_until_somebody_ruled_on_it(mixed: Store) -> None:
    add_user(mixed, "主管", UserRole.LEAD, "test")
    decide(mixed, 2, "王", YES)
    appeal = file_appeal(mixed, 2, "王", "坐席称是在复述")
    assert numbers(mixed, Filters(appealed=True)) == [2]
    assert [entry.appealed for entry in listed(mixed).entries] == [True, False, False, False]
    rule_on_appeal(mixed, appeal, "主管", Ruling.UPHELD, "听过")
    assert numbers(mixed, Filters(appealed=True)) == []


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5])
def test_pages_follow_each_other_without_a_gap_or_a_finding_twice(mixed: Store, limit: int) -> None:
    read, following, pages = [], None, 0
    while pages == 0 or following is not None:
        page = listed(mixed, after=following, limit=limit)
        read += [entry.number for entry in page.entries]
        following, pages = page.following, pages + 1
    assert read == [2, 1, 4, 3]
    assert pages == -(-4 // limit)


def test_ties_are_paged_by_number(store: Store, tmp_path: Path) -> None:
    take_in(store, tmp_path, call("c1", *[{}] * 7))
    page = listed(store, limit=3)
    assert [entry.number for entry in page.entries] == [1, 2, 3]
    assert [entry.number for entry in listed(store, after=page.following, limit=3).entries] == [4, 5, 6]


def test_the_next_finding_is_found_after_a_decision_took_the_last_one_out(mixed: Store) -> None:
    waiting = Filters(states=(OPEN,))
    decide(mixed, 2, "王", YES)
    assert after(mixed, 2, waiting) == (1, 1)
    assert after(mixed, 1, waiting) == (4, 2)
    assert after(mixed, 3, waiting) is None
    assert after(mixed, 7) == (2, 1), "from the queue of signals to that of breaches"
    with pytest.raises(InputError, match="CA611"):
        after(mixed, 99)
    with pytest.raises(InputError, match="CA611"):
        listed(mixed, after=99)


def test_what_a_new_audit_does_not_find_leaves_the_queue(store: Store, tmp_path: Path) -> None:
    before = call("c1", {}, {})
    take_in(store, tmp_path / "a", before)
    again = replace(before, findings=before.findings[:1], audit=OTHER_RULES)
    take_in(store, tmp_path / "b", again, hour=13)
    assert numbers(store) == [1]


def test_calls_past_their_time_leave_the_queue_and_its_counts(mixed: Store) -> None:
    purge(mixed, date(2026, 3, 3), "test")
    assert numbers(mixed) == [4, 3]
    with mixed.reading() as connection:
        assert counts(connection, Filters(), NOBODY).total(Filters()) == 2
        assert choices(connection).agents == ("A07", "A09")


def test_counts_are_what_the_queue_shows(mixed: Store) -> None:
    decide(mixed, 1, "王", YES)
    decide(mixed, 3, "王", NO, reason="复述")
    looked_at = Filters(states=(OPEN, CONFIRMED), severities=(Severity.CRITICAL, Severity.MINOR))
    with mixed.reading() as connection:
        counted = counts(connection, looked_at, NOBODY)
    for state in ReviewState:
        assert counted.of_state(state, looked_at) == len(numbers(mixed, replace(looked_at, states=(state,))))
    for severity in Severity:
        one = replace(looked_at, severities=(severity,))
        assert counted.of_severity(severity, looked_at) == len(numbers(mixed, one))
    assert counted.total(looked_at) == len(numbers(mixed, looked_at)) == 2
    assert counted.decided(Filters()) == (2, 4)
    assert not counted.capped


def test_counting_stops_where_words_are_searched(mixed: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.store.queue.MOST_COUNTED", 2)
    with mixed.reading() as connection:
        some = counts(connection, Filters(words="打断"), NOBODY)
        everything = counts(connection, Filters(), NOBODY)
    assert (some.total(Filters()), some.capped) == (2, True)
    assert (everything.total(Filters()), everything.capped) == (4, False)


def test_a_reader_who_owes_a_blind_opinion_sees_nothing_of_what_others_said(mixed: Store) -> None:
    add_user(mixed, "主管", UserRole.LEAD, "test")
    me, other = 1, 2
    decide(mixed, 2, "李", YES)
    decide(mixed, 1, "李", NO, reason="复述")
    file_appeal(mixed, 2, "李", "坐席称是在复述")
    plan, _ = create_plan(mixed, "抽查", Draw(findings=1.0, labels=("threat.violence",)), 2, True, "主管")

    def seen(user: int) -> dict[int, tuple[str, bool]]:
        return {entry.number: (entry.state.value, entry.appealed) for entry in listed(mixed, user=user).entries}

    assert seen(me) == {2: ("open", False), 1: ("open", False), 4: ("open", False), 3: ("open", False)}
    assert seen(other) == {2: ("confirmed", True), 1: ("dismissed", False), 4: ("open", False), 3: ("open", False)}
    assert numbers(mixed, Filters(states=(OPEN,)), me) == [2, 1, 4, 3]
    assert numbers(mixed, Filters(states=(CONFIRMED,)), me) == []
    assert numbers(mixed, Filters(appealed=True), me) == []
    assert after(mixed, 2, Filters(states=(OPEN,)), me) == (1, 1)
    with mixed.reading() as connection:
        assert counts(connection, Filters(), me).of_state(OPEN, Filters()) == 4
    # Own words are no secret; what they come to with those of others is.
    decide(mixed, 1, "王", YES)
    assert seen(me)[1] == ("confirmed", False)
    with mixed.reading() as connection:
        samples = {row.finding: row.id for row in connection.exec_driver_sql("SELECT finding, id FROM samples")}
    give_opinion(mixed, samples[2], "王", Opinion.CONFIRM)
    assert seen(me)[2] == ("confirmed", True)
    close_plan(mixed, plan, "主管")
    assert seen(me)[1] == ("disputed", False)


def test_what_is_counted_is_what_is_listed_whatever_blind_plans_hide(mixed: Store) -> None:
    add_user(mixed, "主管", UserRole.LEAD, "test")
    decide(mixed, 1, "王", YES)
    create_plan(mixed, "早", Draw(findings=1.0), 2, True, "主管")
    decide(mixed, 2, "李", NO, reason="复述")
    create_plan(mixed, "晚", Draw(findings=1.0), 2, True, "主管")
    decide(mixed, 1, "李", NO, reason="复述")
    decide(mixed, 2, "王", UNSURE)
    decide(mixed, 3, "李", YES)
    decide(mixed, 3, "王", YES)
    decide(mixed, 3, "王", UNDO)
    known = {"王": {1: "disputed", 2: "unsure", 3: "open"}, "李": {1: "dismissed", 2: "dismissed", 3: "confirmed"}}
    for user, name in enumerate(("王", "李", "主管"), 1):
        entries = listed(mixed, user=user).entries
        assert {one.number: one.state.value for one in entries if one.number < 4} == known.get(
            name, dict.fromkeys((1, 2, 3), "open")
        )
        for filters in (Filters(), Filters(labels=("threat",)), Filters(words="打断")):
            shown = listed(mixed, filters, user=user).entries
            with mixed.reading() as connection:
                cells = counts(connection, filters, user).cells
            of = Counter((one.state, one.severity) for one in shown)
            assert {cell: number for cell, number in cells.items() if number} == of
        for state in ReviewState:
            in_state = [one.number for one in entries if one.state is state]
            assert numbers(mixed, Filters(states=(state,)), user) == in_state


def test_progress_counts_findings_decided_and_not_taken_back(mixed: Store) -> None:
    def made(user: int, since: datetime) -> tuple[int, int, int]:
        with mixed.reading() as connection:
            one = progress(connection, user, since)
        return one.own, one.by_all, one.calls

    begin = datetime.now(UTC)
    assert made(1, begin) == (0, 0, 0)
    decide(mixed, 1, "王", YES)
    decide(mixed, 1, "王", UNSURE)
    decide(mixed, 1, "李", YES)
    decide(mixed, 2, "李", YES)
    decide(mixed, 3, "王", YES)
    decide(mixed, 4, "王", YES)
    decide(mixed, 4, "王", UNDO)
    assert made(1, begin) == (2, 3, 2)
    assert made(2, begin) == (2, 3, 2)
    assert made(1, begin + timedelta(days=1)) == (0, 0, 0)


def test_choices_are_what_there_is_in_the_queue(mixed: Store) -> None:
    with mixed.reading() as connection:
        known = choices(connection)
    assert set(known.agents) == {"A07", "A09"} and set(known.teams) == {"一组", "二组"}
    assert set(known.rules) == {"insult.curse/x", "threat.violence/example"}
    assert set(known.labels) == {
        "insult.curse", "signal.complaint", "signal.minor", SELF_HARM, "threat.family", "threat.violence",
    }  # fmt: skip


def test_codes_with_a_telephone_number_are_not_offered(store: Store, tmp_path: Path) -> None:
    take_in(store, tmp_path, call("a", {}, agent_id="A07", team="组13800138000"))
    take_in(store, tmp_path, call("b", {}, agent_id="13800138000", team="一组"))
    with store.reading() as connection:
        known = choices(connection)
    assert (known.agents, known.teams) == (("A07",), ("一组",))
    assert numbers(store, Filters(agent="13800138000")) == [2], "who knows the code may ask for it"


def test_words_are_masked_as_their_whole_turn(store: Store, tmp_path: Path) -> None:
    made = report("c1", [f"{BAD}，{NAME}，电话{NUMBER}你等着", "嗯"])
    text = made.call.turns[0].text
    # By itself, a part of a number is none.
    start = text.index("0138")
    part = replace(
        made.findings[0], quote=text[start : start + 5], span=CharSpan(start, start + 5), fingerprint="0" * 16
    )
    take_in(store, tmp_path, replace(made, findings=(made.findings[0], part)))
    whole, inside = (entry.excerpt for entry in listed(store).entries)
    assert whole is not None and inside is not None
    assert whole.words == BAD
    assert inside.words == "＊＊＊80"
    assert whole.after == "，欧＊＊＊，电话＊＊＊＊＊＊＊8000你等着"


def test_a_finding_about_the_whole_call_shows_its_reason(store: Store, tmp_path: Path) -> None:
    made = report("c1", [BAD])
    why = Explanation({"zh": "未告知录音", "en": "No notice"}, {"zh": "没有告知录音。", "en": "Nobody was told."})
    whole = replace(made.findings[0], turn=None, span=None, quote="", why=why)
    take_in(store, tmp_path, replace(made, findings=(whole,)))
    (entry,) = listed(store).entries
    assert (entry.excerpt, entry.reason) == (None, "没有告知录音。")
    with speaking("en"):
        assert listed(store).entries[0].reason == "Nobody was told."


def test_long_turns_are_cut_around_the_words(store: Store, tmp_path: Path) -> None:
    made = report("c1", ["甲" * 40 + BAD + "乙" * 60])
    take_in(store, tmp_path, made)
    excerpt = listed(store).entries[0].excerpt
    assert excerpt is not None
    assert (excerpt.before, excerpt.words, excerpt.after) == ("…" + "甲" * 14, BAD, "乙" * 30 + "…")


def test_telephone_numbers_in_ids_are_masked(store: Store, tmp_path: Path) -> None:
    take_in(store, tmp_path, call(f"20260302_{NUMBER}", {}, agent_id=NUMBER, team=f"组{NUMBER}"))
    (entry,) = listed(store).entries
    for shown in (entry.call_id, entry.agent, entry.team):
        assert shown is not None and NUMBER not in shown and "＊" in shown


def test_the_clock_is_that_of_the_debtors_place(store: Store, tmp_path: Path) -> None:
    take_in(
        store,
        tmp_path,
        call("c1", {}, callee_timezone="Asia/Shanghai"),
        call("c2", {"confidence": 0.1}, started_at=None, callee_timezone=None),
    )
    first, second = listed(store).entries
    assert first.started_at is not None and first.started_at.hour == 17
    assert second.started_at is None


TEXTS = st.text(st.characters(exclude_characters=","), max_size=30)


@given(
    st.builds(
        Filters,
        tab=st.sampled_from(Tab),
        states=st.lists(st.sampled_from(ReviewState), unique=True).map(tuple),
        severities=st.lists(st.sampled_from(Severity), unique=True).map(tuple),
        labels=st.lists(st.sampled_from(["threat", "insult.curse", "自定.标签"]), unique=True).map(tuple),
        rule=st.sampled_from(["", "threat.violence/a"]),
        agent=st.sampled_from(["", "A07", "a,b&c=d%"]),
        team=st.sampled_from(["", "一组"]),
        first=st.none() | st.dates(),
        last=st.none() | st.dates(),
        least=st.none() | st.sampled_from([0.0, 0.05, 0.5, 1.0]),
        most=st.none() | st.sampled_from([0.0, 0.35, 1.0]),
        waits=st.none() | st.booleans(),
        appealed=st.booleans(),
        words=st.sampled_from(["", "还钱 上门", '"不还"']),
    )
)
def test_filters_read_back_what_they_wrote(filters: Filters) -> None:
    assert Filters.from_query(filters.query()) == filters


def test_many_labels_are_asked_for_and_none_is_cut(mixed: Store) -> None:
    labels = tuple(f"threat.{number:03}{'x' * 180}" for number in range(499))
    asked = Filters(labels=(*labels, "threat.violence"))
    read = Filters.from_query(asked.query())
    assert read == asked
    assert numbers(mixed, read) == numbers(mixed, Filters(labels=("threat.violence",))) != []
    families = Filters(labels=(*(f"family{number}" for number in range(499)), "threat"))
    assert numbers(mixed, families) == numbers(mixed, Filters(labels=("threat",))) != []


@pytest.mark.parametrize(
    "query",
    [
        {"label": f"threat.violence,{'x' * 201}"},
        {"label": ",".join(f"a.{number}" for number in range(501))},
        {"agent": "x" * 201},
        {"q": "还" * 201},
    ],
)
def test_what_is_too_long_is_refused_and_not_cut(query: dict[str, str]) -> None:
    with pytest.raises(InputError, match="CA837") as refused:
        Filters.from_query(query)
    assert len(str(refused.value.problem.facts["given"])) < 50


@given(st.dictionaries(st.sampled_from(["tab", "q", "state", "label", "agent", "from", "least", "waits"]), st.text()))
def test_any_query_is_read_or_refused(query: dict[str, str]) -> None:
    try:
        read = Filters.from_query(query)
    except InputError as refused:
        assert refused.problem.code == "CA837"
    else:
        assert Filters.from_query(read.query()) == read


@pytest.mark.parametrize(
    "query",
    [
        {"tab": "all"},
        {"state": "open,closed"},
        {"severity": "Critical"},
        {"from": "2026-13-01"},
        {"to": "gestern"},
        {"least": "1.1"},
        {"most": "nan"},
        {"waits": "1"},
        {"appealed": "maybe"},
    ],
)
def test_what_cannot_be_asked_for_is_refused(query: dict[str, str]) -> None:
    with pytest.raises(InputError, match="CA837"):
        Filters.from_query(query)


def test_what_nobody_can_store_can_be_asked_for(mixed: Store) -> None:
    asked = Filters.from_query({"agent": "A\x07\x00\ud800", "label": "%,_,'", "q": "\x00 ％' OR 1", "rule": "\\"})
    assert numbers(mixed, asked) == []


@pytest.mark.parametrize("tab", Tab)
@pytest.mark.parametrize(
    "filters",
    [Filters(), Filters(states=(OPEN,)), Filters(agent="A07", waits=True), Filters(labels=("threat",), least=0.5)],
)
def test_the_queue_is_read_in_its_order_from_one_index(store: Store, tab: Tab, filters: Filters) -> None:
    seen: list[tuple[str, Any]] = []

    def note(_: Any, __: Any, statement: str, parameters: Any, ___: Any, ____: Any) -> None:
        if "ORDER BY findings.rank" in statement:
            seen.append((statement, parameters))

    sa.event.listen(store.engine, "before_cursor_execute", note)
    listed(store, replace(filters, tab=tab))
    sa.event.remove(store.engine, "before_cursor_execute", note)
    ((statement, parameters),) = seen
    with store.engine.connect() as connection:
        if store.is_sqlite:
            plan = str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all())
            assert "TEMP B-TREE" not in plan
        else:
            # An empty table is read as it is, were that not forbidden.
            for way in ("seqscan", "bitmapscan", "sort"):
                connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
            for other in connection.exec_driver_sql(
                "SELECT indexname FROM pg_indexes WHERE tablename = 'findings' AND schemaname = current_schema() "
                "AND indexname LIKE 'ix_findings_queue%%'"
            ).scalars():
                connection.exec_driver_sql(f"DROP INDEX {other}")
            plan = str(connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).all())
            assert "Sort" not in plan
            connection.rollback()
    assert f"ix_findings_{tab}" in plan
