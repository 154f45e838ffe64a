"""Which findings a training pack may take, by what people said of them."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from audit.model.call import Role
from audit.model.finding import Finding, Severity
from audit.model.review import ReviewState, Ruling, UserRole, Verdict
from audit.model.span import CharSpan
from audit.store import examples
from audit.store import tables as t
from audit.store.appeals import file_appeal, rule_on_appeal, rule_on_dispute
from audit.store.database import Store
from audit.store.retention import purge
from audit.store.review import add_missed, decide, withdraw_missed
from audit.store.sampling import Draw, close_plan, create_plan
from audit.store.users import add_user
from tests.store.runs import BAD, OTHER_RULES, finding, numbers, report, reviewers, take_in


@pytest.fixture
def reviewed(store: Store, tmp_path: Path) -> Store:
    """Findings 1 to 5, one a call: confirmed, dismissed, disputed, unsure, open."""
    take_in(store, tmp_path / "run", *(report(f"c{number}", (BAD, "好的")) for number in range(1, 6)))
    reviewers(store, "a", "b")
    decide(store, 1, "a", Verdict.CONFIRM)
    decide(store, 2, "a", Verdict.DISMISS, reason="说的是别人")
    decide(store, 3, "a", Verdict.CONFIRM)
    decide(store, 3, "b", Verdict.DISMISS, reason="听错")
    decide(store, 4, "a", Verdict.UNSURE)
    return store


def calls(store: Store, state: str, labels: tuple[str, ...] = ()) -> list[int]:
    with store.reading() as connection:
        return [row.call for row in examples.findings_in(connection, labels, state, None)]


def said(store: Store, call: int) -> list[tuple[ReviewState, tuple[str, ...]]]:
    with store.reading() as connection:
        return examples.said_of(connection, call, None)


def accused(store: Store, call: int) -> frozenset[int]:
    with store.reading() as connection:
        return examples.accused_turns(connection, call)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("confirmed", [1]),
        ("dismissed", [2]),
        ("disputed", [3]),
        ("unsure", [4]),
        ("open", [5]),
        ("any", [1, 3, 4, 5]),
        ("standing", [1, 3, 4, 5]),
        ("review", []),
    ],
)
def test_findings_are_taken_by_what_reviewers_said(reviewed: Store, state: str, expected: list[int]) -> None:
    assert calls(reviewed, state) == expected


def test_a_decision_taken_back_counts_no_more(reviewed: Store) -> None:
    decide(reviewed, 1, "a", Verdict.UNDO)
    assert calls(reviewed, "confirmed") == []


def test_labels_and_families_are_asked_for_and_no_part_of_their_names(reviewed: Store) -> None:
    for labels in (("threat",), ("threat.violence",), ("insult", "threat.violence")):
        assert calls(reviewed, "confirmed", labels) == [1]
    for labels in (("insult",), ("thr",), ("threat.viol",), ("threat_violence",), ("%",)):
        assert calls(reviewed, "confirmed", labels) == []


def test_words_and_place_come_with_a_finding(reviewed: Store) -> None:
    with reviewed.reading() as connection:
        (row,) = examples.findings_in(connection, (), "confirmed", None)
    assert (row.call_id, row.turn, row.quote, row.label, row.rank) == ("c1", 0, BAD, "threat.violence", 3)


def test_of_each_label_the_gravest_are_taken(reviewed: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examples, "MOST", 2)
    assert calls(reviewed, "any") == [1, 3]


def test_the_states_and_reasons_of_a_call_are_in_the_order_of_its_findings(store: Store, tmp_path: Path) -> None:
    take_in(store, tmp_path / "run", report("c1", (BAD, "好", BAD, BAD)))
    reviewers(store, "a", "b")
    _, second, third = numbers(store)
    decide(store, third, "a", Verdict.DISMISS, reason="引用客户的话")
    decide(store, third, "b", Verdict.DISMISS, reason="不是坐席说的")
    decide(store, second, "a", Verdict.CONFIRM)
    assert said(store, 1) == [
        (ReviewState.OPEN, ()),
        (ReviewState.CONFIRMED, ()),
        (ReviewState.DISMISSED, ("引用客户的话", "不是坐席说的")),
    ]
    decide(store, third, "a", Verdict.UNDO)
    assert said(store, 1)[2] == (ReviewState.DISMISSED, ("不是坐席说的",))


def test_a_turn_is_cleared_only_when_nothing_is_left_in_it(store: Store, tmp_path: Path) -> None:
    take_in(store, tmp_path / "run", report("c1", (BAD + "，" + BAD,)))
    reviewers(store, "a")
    decide(store, 1, "a", Verdict.DISMISS, reason="玩笑")
    assert calls(store, "dismissed") == []
    decide(store, 2, "a", Verdict.DISMISS, reason="玩笑")
    assert calls(store, "dismissed") == [1, 1]
    number = add_missed(store, 1, "a", "threat.family", turn=0, span=CharSpan(0, 2))
    assert calls(store, "dismissed") == []
    withdraw_missed(store, number, "a")
    assert calls(store, "dismissed") == [1, 1]


def test_a_signal_is_neither_an_example_nor_something_left(store: Store, tmp_path: Path) -> None:
    made = report("c1", (BAD,))
    signal: Finding = finding("c1", 0, 0, Severity.INFO)
    signal = type(signal)(**{name: getattr(signal, name) for name in signal.__slots__} | {"label": "signal.complaint"})
    take_in(store, tmp_path / "run", type(made)(made.call, (*made.findings, signal), made.audit))
    reviewers(store, "a")
    decide(store, 1, "a", Verdict.DISMISS, reason="玩笑")
    assert calls(store, "dismissed") == [1]
    assert calls(store, "any") == []


FAMILY = "threat.family"


def added(store: Store, state: str = "confirmed", viewer: int | None = None, labels: tuple[str, ...] = ()) -> list[str]:
    with store.reading() as connection:
        return [one.quote for one in examples.added_in(connection, labels, state, viewer)]


@pytest.fixture
def told(store: Store, tmp_path: Path) -> Store:
    """A call in which reviewer `a` added a violation in the words 好的好的 of the second turn."""
    take_in(store, tmp_path / "run", report("c1", (BAD, "那就好的好的")))
    reviewers(store, "a", "b")
    add_missed(store, 1, "a", FAMILY, turn=1, span=CharSpan(2, 6), comment="提到家人")
    return store


def test_what_a_reviewer_added_counts_as_confirmed_until_it_is_withdrawn(told: Store) -> None:
    states = {state: added(told, state) for state in (*ReviewState, "standing", "review", "any")}
    assert {state for state, quotes in states.items() if quotes == ["好的好的"]} == {"confirmed", "standing", "any"}
    assert not any(quotes for state, quotes in states.items() if state not in ("confirmed", "standing", "any"))
    with told.reading() as connection:
        assert examples.counts_by_state(connection)[FAMILY] == {"confirmed": 1}
    withdraw_missed(told, 1, "a")
    assert added(told, "any") == []
    with told.reading() as connection:
        assert FAMILY not in examples.counts_by_state(connection)


def test_what_was_added_is_asked_for_by_label_and_family_and_without_a_span_is_all_of_its_turn(told: Store) -> None:
    add_missed(told, 1, "b", "insult.curse", turn=0, span=None)
    add_missed(told, 1, "b", "contact.frequency", turn=None, span=None)
    add_missed(told, 1, "b", "signal.complaint", turn=1, span=CharSpan(0, 2))
    assert added(told, labels=("threat",)) == ["好的好的"]
    assert added(told, labels=("insult.curse",)) == [BAD]
    assert added(told) == ["好的好的", BAD, ""]


def test_who_disagrees_with_what_was_added_makes_it_disputed_and_a_ruling_settles_it(
    store: Store, tmp_path: Path
) -> None:
    take_in(store, tmp_path / "run", report("c1", (BAD, "好的")))
    reviewers(store, "a", "b")
    add_user(store, "l", UserRole.LEAD, "test")
    decide(store, 1, "b", Verdict.DISMISS, reason="玩笑")
    add_missed(store, 1, "a", "threat.violence", turn=0, span=CharSpan(0, 2))
    assert (added(store), added(store, "disputed")) == ([], [BAD[:2]])
    decide(store, 1, "a", Verdict.CONFIRM)
    assert added(store, "disputed") == [BAD[:2]]
    rule_on_dispute(store, 1, "l", Ruling.OVERTURNED, "不构成")
    assert (added(store), added(store, "disputed"), added(store, "any")) == ([], [], [])
    add_user(store, "m", UserRole.LEAD, "test")
    rule_on_appeal(store, file_appeal(store, 1, "a", "再听一遍"), "m", Ruling.UPHELD, "构成")
    assert added(store) == [BAD[:2]]


def test_what_was_added_follows_its_words_into_later_transcripts_and_no_others(told: Store, tmp_path: Path) -> None:
    later = report("c1", (BAD, "那就好的好的，再见"), rules=OTHER_RULES)
    take_in(told, tmp_path / "later", later, hour=13)
    assert added(told) == ["好的好的"]
    turns = (later.call.turns[0], replace(later.call.turns[1], role=Role.DEBTOR))
    swapped = replace(later, call=replace(later.call, turns=turns))
    take_in(told, tmp_path / "swapped", swapped, hour=14)
    assert added(told) == [""], "the debtor's words are nobody's violation"
    take_in(told, tmp_path / "other", report("c1", (BAD, "那就不好了吧")), hour=15)
    assert added(told) == [""], "about the call, with no words to cut"


def test_what_others_added_is_hidden_from_who_owes_a_blind_look_at_the_call(store: Store, tmp_path: Path) -> None:
    take_in(store, tmp_path / "run", report("c1", ("好的好的",)))
    reviewers(store, "a", "b")
    add_user(store, "l", UserRole.LEAD, "test")
    add_missed(store, 1, "a", FAMILY, turn=0, span=CharSpan(0, 2))
    create_plan(store, "周检", Draw(calls=1.0), 2, True, "l")
    assert (added(store), added(store, viewer=1), added(store, viewer=2)) == (["好的"], ["好的"], [])
    with store.reading() as connection:
        assert examples.added_to(connection, 1, 2) == []
        assert examples.counts_by_state(connection, 2) == {}


def test_what_was_added_to_a_purged_call_is_gone(told: Store) -> None:
    purge(told, date(2026, 4, 1), "test")
    assert added(told) == []


def test_turns_in_which_a_person_sees_more_than_the_audit_are_accused(store: Store, tmp_path: Path) -> None:
    take_in(store, tmp_path / "run", report("c1", (BAD, "好的好的", "再见再见")))
    reviewers(store, "a")
    assert accused(store, 1) == frozenset()
    number = add_missed(store, 1, "a", "threat.family", turn=1, span=CharSpan(0, 2))
    assert accused(store, 1) == {1}
    withdraw_missed(store, number, "a")
    decide(store, 1, "a", Verdict.CONFIRM)
    again = report("c1", (BAD, "好的好的", "再见再见"), rules=OTHER_RULES)
    take_in(store, tmp_path / "again", type(again)(again.call, (), again.audit), hour=13)
    assert accused(store, 1) == {0}
    assert calls(store, "confirmed") == []


def test_purged_calls_are_gone(reviewed: Store) -> None:
    purge(reviewed, date(2026, 4, 1), "test")
    assert calls(reviewed, "any") == []
    with reviewed.reading() as connection:
        assert examples.newest_calls(connection, 10) == []


def test_only_what_was_not_purged_is_counted_and_what_a_blind_plan_hides_is_open(reviewed: Store) -> None:
    def counted(viewer: int | None) -> dict[str, dict[str, int]]:
        with reviewed.reading() as connection:
            return examples.counts_by_state(connection, viewer)

    each = dict.fromkeys(ReviewState, 1)
    assert counted(None) == counted(3) == {"threat.violence": each}
    add_user(reviewed, "l", UserRole.LEAD, "test")
    create_plan(reviewed, "周检", Draw(findings=1.0), 2, True, "l")
    with reviewed.reading() as connection:
        assert [examples.hides_anything(connection, user) for user in (2, 3)] == [True, True]
    assert counted(None) == {"threat.violence": each}
    assert counted(2) == {"threat.violence": {"open": 4, "disputed": 1}}, "b had a say on one"
    assert counted(3) == {"threat.violence": {"open": 5}}
    close_plan(reviewed, 1, "l")
    assert counted(3) == {"threat.violence": each}
    purge(reviewed, date(2026, 4, 1), "test")
    assert counted(None) == {}


def test_the_pool_is_of_the_latest_days(store: Store, tmp_path: Path) -> None:
    take_in(store, tmp_path / "run", *(report(f"c{day}", day=day) for day in (5, 9, 7)))
    with store.reading() as connection:
        assert examples.newest_calls(connection, 2) == [2, 3]


def test_what_is_done_with_a_pack_is_a_line_of_the_log(store: Store) -> None:
    examples.log_pack(store, "trainer", "download_pack", "0123456789ab", examples=3)
    with store.reading() as connection:
        row = connection.execute(t.log.select().order_by(t.log.c.id.desc())).first()
    assert row is not None
    assert (row.actor, row.action, row.subject, row.facts) == (
        "trainer",
        "download_pack",
        "pack:0123456789ab",
        '{"examples":3}',
    )
