"""Hours and frequency: who is counted, from when to when."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.model.call import CallMetadata, DialResult, Direction, Role
from audit.model.finding import Explanation, Finding, Severity
from audit.rules.contact import ContactRecord, Records, findings_across, heard_in, log_key
from audit.rules.engine import Engine
from audit.rules.loader import load_pack, load_policy
from audit.rules.policy import Policy
from tests.calls import call, outbound

PACK, POLICY = load_pack(), load_policy()
ENGINE = Engine(PACK, POLICY)


def labels(metadata: CallMetadata) -> list[str]:
    findings, _ = ENGINE.findings(call("A: 您好", "D: 你好", metadata=metadata))
    return [finding.rule for finding in findings]


@pytest.mark.parametrize(
    ("started", "seconds", "breaches"),
    [
        ("2026-03-02T21:58:20+08:00", 100, False),
        ("2026-03-02T21:58:20+08:00", 101, True),
        ("2026-03-02T22:00:00+08:00", 0, True),
        ("2026-03-02T07:59:59+08:00", 1, True),
        ("2026-03-02T08:00:00+08:00", 30, False),
        ("2026-03-02T03:00:00+08:00", 30, True),
        ("2026-03-02T02:05:00+00:00", 30, False),
        ("2026-03-01T23:40:00+00:00", 30, True),
    ],
)
def test_hours_are_those_of_the_debtors_place_to_the_second(started: str, seconds: float, breaches: bool) -> None:
    assert (labels(outbound(started, duration_s=seconds)) == ["contact.off_hours/quiet-hours"]) is breaches


def test_consent_covers_only_the_agreed_hours() -> None:
    inside = outbound("2026-03-02T22:10:00+08:00", duration_s=60, agreed_hours="22:00-23:00")
    assert labels(inside) == []
    assert labels(replace(inside, duration_s=4000.0)) == ["contact.off_hours/quiet-hours"]
    over_midnight = outbound("2026-03-03T00:10:00+08:00", duration_s=60, agreed_hours="23:00-01:00")
    assert labels(over_midnight) == []


def test_a_number_with_a_country_code_is_judged_by_the_clock_of_its_country() -> None:
    at_tokyo = outbound("2026-03-02T21:30:00+08:00", duration_s=60, callee_number="+81 3-1234-5678")
    assert labels(at_tokyo) == ["contact.off_hours/quiet-hours"]
    at_home = outbound("2026-03-02T21:30:00+08:00", duration_s=60, callee_number="138****0001")
    assert labels(at_home) == []


def test_calls_the_debtor_starts_never_breach_the_hours() -> None:
    assert labels(replace(outbound("2026-03-02T23:30:00+08:00", duration_s=60), direction=Direction.INBOUND)) == []


def test_without_a_start_the_rule_is_skipped_and_the_report_says_so() -> None:
    findings, skipped = ENGINE.findings(call("A: 您好", "D: 你好"))
    assert findings == ()
    assert "contact.off_hours/quiet-hours: started_at" in skipped


def records(*starts: str, **fields: object) -> list[ContactRecord]:
    return [ContactRecord(f"c{n}", outbound(start, **fields), True) for n, start in enumerate(starts)]


def exceeding(found: Iterable[ContactRecord]) -> list[str]:
    return [finding.call_id for finding in across(found) if finding.label == "contact.frequency"]


def across(found: Iterable[ContactRecord], policy: Policy = POLICY) -> list[Finding]:
    return list(findings_across(Records(list(found)), PACK, policy))


def test_the_fourth_and_each_later_conversation_of_the_day_exceed_the_cap_over_all_numbers() -> None:
    day = [f"2026-03-02T{hour:02}:00:00+08:00" for hour in range(9, 15)]
    found = [
        replace(record, metadata=replace(record.metadata, callee_number=f"1380000000{n}"))
        for n, record in enumerate(records(*day, debtor_id="D1"))
    ]
    assert exceeding(found) == ["c3", "c4", "c5"]


def test_days_are_local_days() -> None:
    late = ["2026-03-02T15:00:00+00:00", "2026-03-02T15:30:00+00:00", "2026-03-02T15:59:59+00:00"]
    assert exceeding(records(*late, "2026-03-02T16:00:00+00:00", debtor_id="D1")) == []


def test_attempts_count_per_number_and_only_when_nobody_answered() -> None:
    starts = [f"2026-03-02T09:{minute:02}:00+08:00" for minute in range(8)]
    unanswered = [replace(r, both_spoke=False) for r in records(*starts, callee_number="13800000001")]
    assert exceeding(unanswered) == ["c6", "c7"]
    assert exceeding(replace(r, both_spoke=True) for r in unanswered) == []


def test_the_order_of_the_records_is_no_matter() -> None:
    starts = [f"2026-03-02T{hour:02}:00:00+08:00" for hour in (15, 9, 12, 10)]
    assert exceeding(records(*starts, debtor_id="D1")) == ["c0"]


@given(
    st.lists(
        st.tuples(
            st.integers(0, 60 * 24 * 4),
            st.sampled_from(["D1", "D2", None]),
            st.booleans(),
            st.sampled_from(list(Direction)),
        ),
        max_size=40,
    )
)
def test_counting_in_a_stream_agrees_with_counting_by_hand(
    calls: list[tuple[int, str | None, bool, Direction]],
) -> None:
    midnight = datetime.fromisoformat("2026-03-02T00:00:00+08:00")
    found = [
        ContactRecord(
            f"c{n}", CallMetadata(midnight + timedelta(minutes=minute), direction=direction, debtor_id=debtor), spoke
        )
        for n, (minute, debtor, spoke, direction) in enumerate(calls)
    ]
    seen: dict[tuple[str, int], int] = {}
    expected = []
    for record in sorted(found, key=lambda r: (r.metadata.started_at, r.call_id)):
        metadata = record.metadata
        if (
            metadata.direction is Direction.OUTBOUND
            and record.both_spoke
            and metadata.debtor_id
            and metadata.started_at
        ):
            key = (metadata.debtor_id, (metadata.started_at - midnight).days)
            seen[key] = seen.get(key, 0) + 1
            if seen[key] > 3:
                expected.append(record.call_id)
    assert sorted(exceeding(found)) == sorted(expected)


def test_an_answered_call_is_no_unanswered_attempt_even_where_nobody_knows_who_spoke() -> None:
    starts = [f"2026-03-02T09:{minute:02}:00+08:00" for minute in range(8)]
    answered = records(*starts, callee_number="13800000001", connected=True)
    assert exceeding(replace(record, both_spoke=False) for record in answered) == []


def test_both_spoke_means_the_agent_and_somebody_else() -> None:
    assert call("A: 您好", "D: 你好").both_spoke
    assert not call("A: 您好", "A: 喂").both_spoke
    assert not call("U: 您好", "U: 你好").both_spoke
    assert not call("D: 你好", "T: 喂").both_spoke


# Caps: what counts


def rules_of(found: Iterable[ContactRecord], policy: Policy = POLICY) -> list[tuple[str, str]]:
    return [(finding.call_id, finding.rule.partition("/")[2]) for finding in across(found, policy)]


def changed(**changes: object) -> Policy:
    return load_policy(changes=changes)


def test_in_the_time_of_the_guideline_of_2024_connected_calls_count_whoever_spoke() -> None:
    hours = ("09", "10", "11", "12")
    for day, breaches in (("2024-05-14", 0), ("2024-05-15", 1), ("2025-02-27", 1), ("2025-02-28", 0)):
        connected = records(*(f"{day}T{hour}:00:00+08:00" for hour in hours), debtor_id="D1", connected=True)
        assert len(exceeding(replace(record, both_spoke=False) for record in connected)) == breaches, day
        conversations = records(*(f"{day}T{hour}:00:00+08:00" for hour in hours), debtor_id="D1")
        assert len(exceeding(conversations)) == 1, day


def test_a_conversation_shorter_than_the_policy_asks_for_does_not_count() -> None:
    hours = [f"2026-03-02T{hour:02}:00:00+08:00" for hour in range(9, 13)]
    short = records(*hours, debtor_id="D1", duration_s=8.0)
    assert exceeding(short) == ["c3"]
    assert across(short, changed(conversation_min_talk_s=10)) == []


def test_agencies_are_summed_unless_the_policy_says_otherwise() -> None:
    hours = [f"2026-03-02T{hour:02}:00:00+08:00" for hour in range(9, 13)]
    found = [
        replace(record, metadata=replace(record.metadata, agency=agency))
        for record, agency in zip(records(*hours, debtor_id="D1"), ("甲", "甲", "乙", "乙"), strict=True)
    ]
    assert exceeding(found) == ["c3"]
    assert across(found, changed(sum_lender_and_agencies=False)) == []


def test_one_redial_after_a_lost_connection_is_free() -> None:
    starts = [f"2026-03-02T09:{minute:02}:00+08:00" for minute in range(9)]
    dials = [replace(r, both_spoke=False) for r in records(*starts, callee_number="13800000001")]
    lost = replace(
        dials[0], metadata=replace(dials[0].metadata, connected=True, dial_result=DialResult.LOST_CONNECTION)
    )
    assert exceeding([lost, *dials[1:8]]) == []
    assert exceeding([lost, *dials[1:]]) == ["c8"]
    assert exceeding(dials[:7]) == ["c6"]


def test_a_number_counts_once_however_it_is_written_and_a_masked_one_within_its_debtor() -> None:
    ways = ["13800138000", "+86 138 0013 8000", "0086-13800138000", "138-0013-8000"]
    assert {log_key(CallMetadata(callee_number=way), "number") for way in ways} == {"13800138000"}
    masked = [CallMetadata(callee_number="138****8000", debtor_id=debtor) for debtor in ("D1", "D2")]
    assert len({log_key(metadata, "number") for metadata in masked}) == 2


def test_attempts_at_a_masked_number_of_nobody_known_are_for_a_person_to_judge() -> None:
    starts = [f"2026-03-02T09:{minute:02}:00+08:00" for minute in range(7)]
    dials = [replace(r, both_spoke=False) for r in records(*starts, callee_number="138****0001")]
    (finding,) = across(dials)
    assert finding.why.review == ("unable_to_determine",)
    known = [replace(r, metadata=replace(r.metadata, debtor_id="D1")) for r in dials]
    assert [finding.why.review for finding in across(known)] == [()]


def test_seven_attempts_in_seven_days_about_one_debt_and_none_after_a_conversation() -> None:
    policy = load_policy("us-reg-f")
    daily = [f"2026-03-{2 + n // 2:02}T{12 + n % 2:02}:00:00-05:00" for n in range(9)]
    dials = [replace(r, both_spoke=False) for r in records(*daily, debtor_id="D1")]
    assert rules_of(dials, policy) == [("c7", "attempts-in-7-days"), ("c8", "attempts-in-7-days")]
    talk = records(
        "2026-03-02T12:00:00-05:00", "2026-03-08T12:00:00-05:00", "2026-03-16T12:00:00-05:00", debtor_id="D1"
    )
    assert rules_of(talk, policy) == [("c1", "soon-after-conversation")]
    assert [clause.key for clause in across(talk, policy)[0].clauses] == ["us.seven-in-seven"]


def test_three_conversations_a_week_and_ten_a_month() -> None:
    policy = load_policy("au-rg96")
    days = (2, 3, 4, 5, 9, 10, 11, 16, 17, 18, 23, 24)
    talk = records(*(f"2026-03-{day:02}T10:00:00+11:00" for day in days), debtor_id="D1")
    assert rules_of(talk, policy) == [
        ("c3", "conversations-per-week"),
        ("c10", "conversations-per-month"),
        ("c11", "conversations-per-month"),
    ]


def test_bursts_are_judged_only_where_the_policy_says_what_one_is() -> None:
    starts = [f"2026-03-02T09:0{minute}:00+08:00" for minute in range(4)]
    dials = records(*starts, callee_number="13800000001")
    assert "burst-redial" not in dict(rules_of(dials)).values()
    assert rules_of(dials, changed(burst={"attempts": 4, "minutes": 5})) == [("c3", "burst-redial")]


# Whom, and after what


def log(*lines: str) -> list[ContactRecord]:
    """Records from `day hour who what`: a call to the debtor D, the mother M, the workplace W or a guarantor G; answered,
    unanswered, invalid or from the other side, and what was heard."""
    found = []
    for number, line in enumerate(lines):
        day, hour, who, what, *heard = line.split()
        role = {"D": Role.DEBTOR, "M": Role.THIRD_PARTY, "W": Role.THIRD_PARTY}.get(who[0])
        relation = {"D": "本人", "M": "母亲", "W": "单位", "G": "担保人"}[who[0]]
        metadata = outbound(
            f"2026-03-{day}T{hour}:00:00+08:00",
            debtor_id="D1",
            callee_role=role,
            callee_relation=relation,
            callee_number=f"1380000{who}".replace("D", "1").replace("M", "2").replace("W", "3").replace("G", "4")
            + "00",
            connected=what in ("answered", "inbound"),
            dial_result=DialResult.INVALID_NUMBER if what == "invalid" else None,
        )
        metadata = replace(metadata, direction=Direction.INBOUND) if what == "inbound" else metadata
        found.append(ContactRecord(f"c{number}", metadata, what in ("answered", "inbound"), frozenset(heard)))
    return found


EARLY = "before-unreachable"
FAILED_THRICE = ("02 09 D unanswered", "02 10 D unanswered", "02 11 D unanswered")


@pytest.mark.parametrize(
    ("lines", "early"),
    [
        ((*FAILED_THRICE, "02 12 M answered"), ["c3"]),
        ((*FAILED_THRICE, "03 09 M answered"), []),
        ((*FAILED_THRICE, "02 12 D answered", "03 09 M answered"), ["c4"]),
        ((*FAILED_THRICE, "02 12 D inbound", "03 09 M answered"), ["c4"]),
        (("02 09 D unanswered", "03 09 D unanswered", "04 09 D unanswered", "04 10 M answered"), []),
        (("02 09 D unanswered", "04 09 D unanswered", "04 10 M answered"), ["c2"]),
        (("02 09 D invalid", "02 10 M answered"), []),
        (("02 09 D answered wrong_number", "02 10 M answered"), []),
        (("02 09 M answered deceased", "03 09 M answered"), []),
        (("02 09 G answered",), []),
        (("02 09 M inbound",), []),
    ],
)
def test_a_third_party_may_be_called_when_the_debtor_is_shown_to_be_lost(
    lines: tuple[str, ...], early: list[str]
) -> None:
    assert [call_id for call_id, rule in rules_of(log(*lines)) if rule == EARLY] == early


def test_a_log_that_begins_with_the_call_to_a_third_party_or_has_answered_calls_alone_proves_nothing() -> None:
    (alone,) = across(log("02 09 M answered"))
    assert alone.why.review == ("unable_to_determine",)
    after_talk = across(log("02 09 D answered", "03 09 M answered"))
    assert [(f.call_id, f.why.review) for f in after_talk] == [("c1", ())]
    assert after_talk[0].why.facts["earlier_call"] == "c0"
    before = records("2026-02-20T09:00:00+08:00", debtor_id="D9")
    assert [f.why.review for f in across([*log("02 09 M answered"), *before])] == [("unable_to_determine",)]
    with_dials = [*log("02 09 M answered"), *before, replace(before[0], call_id="x", both_spoke=False)]
    assert [f.why.review for f in across(with_dials)] == [()]


def test_calls_that_lack_what_third_party_rules_need_are_named_in_the_report() -> None:
    _, skipped = ENGINE.findings(call("A: 您好", metadata=outbound("2026-03-02T10:00:00+08:00")))
    assert f"contact.third_party_early/{EARLY}: debtor_id" in skipped
    assert f"contact.third_party_early/{EARLY}: callee_relation" in skipped
    assert not any(note.startswith("contact.frequency/burst") for note in skipped)


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (("02 09 M answered refused", "05 09 M unanswered"), {("c1", ())}),
        (("02 09 M answered refused?", "05 09 M unanswered"), {("c1", ("unable_to_determine",))}),
        (("02 09 M answered refused", "05 09 M2 unanswered"), {("c1", ())}),
        (("02 09 M inbound refused", "05 09 M unanswered"), {("c1", ())}),
        (("02 09 D answered refused", "05 09 D unanswered"), set()),
        (("02 09 M answered refused", "05 09 D unanswered"), set()),
        (("02 09 M answered", "05 09 M inbound refused"), set()),
        (("02 09 W answered refused", "05 09 W2 unanswered"), set()),
    ],
)
def test_who_refused_is_not_called_again_on_any_number(
    lines: tuple[str, ...], found: set[tuple[str, tuple[str, ...]]]
) -> None:
    rule = "contact.ignored_refusal/third-party-refused"
    assert {(f.call_id, f.why.review) for f in across(log(*lines)) if f.rule == rule} == found


def test_the_workplace_is_not_called_after_an_objection() -> None:
    again = log("02 09 D answered workplace", "03 09 W unanswered", "03 10 D unanswered", "04 09 W2 unanswered")
    assert [c for c, rule in rules_of(again) if rule == "workplace-objection"] == ["c1", "c3"]
    assert [
        rule for _, rule in rules_of(log("02 09 W answered", "03 09 W answered")) if rule == "workplace-objection"
    ] == []


def test_a_wrong_number_is_not_dialled_again_for_the_same_debtor() -> None:
    wrong = log("02 09 D answered wrong_number", "03 09 D unanswered", "03 10 D7 unanswered", "04 09 D inbound")
    assert [c for c, rule in rules_of(wrong) if rule == "persisting"] == ["c1"]
    other = [wrong[0], replace(wrong[1], metadata=replace(wrong[1].metadata, debtor_id="D2"))]
    assert [rule for _, rule in rules_of(other) if rule == "persisting"] == []


def test_an_oral_plan_and_a_demand_for_everything_days_later_are_for_a_person_to_judge() -> None:
    found = [
        f
        for f in across(log("02 09 D answered plan", "03 09 D answered demanded"))
        if f.label == "contact.after_settlement"
    ]
    assert [(f.call_id, f.why.review) for f in found] == [("c1", ("unable_to_determine",))]
    assert across(log("02 09 D answered plan", "09 09 D answered demanded")) == []


# What a call is remembered for


def signal(label: str, turn: int, role: Role, review: tuple[str, ...] = ()) -> Finding:
    why = Explanation({"zh": "例", "en": "example"}, {"zh": "例", "en": "example"}, review=review)
    return Finding("c1", turn, label, f"{label}/x", Severity.INFO, 0.9, role, "", None, None, (), why, "")


@pytest.mark.parametrize(
    ("turns", "label", "role", "heard"),
    [
        (("A: 您好", "T: 我跟他没关系，别再打了"), "signal.stop_contact", Role.THIRD_PARTY, {"refused"}),
        (("A: 您好", "T: 晚上别打了"), "signal.stop_contact", Role.THIRD_PARTY, {"refused?"}),
        (("A: 您好", "D: 今天别再打了"), "signal.stop_contact", Role.DEBTOR, set()),
        (("A: 您好", "D: 别往我单位打"), "signal.stop_contact", Role.DEBTOR, {"workplace"}),
        (("A: 您好", "T: 这是公司前台，别再打了"), "signal.stop_contact", Role.THIRD_PARTY, {"workplace", "refused"}),
        (("A: 您好", "T: 打错了"), "signal.wrong_person", Role.THIRD_PARTY, {"wrong_number"}),
        (("A: 您好", "T: 他上个月走了"), "signal.deceased", Role.THIRD_PARTY, {"deceased"}),
        (("A: 您好", "D: 能不能分期", "A: 那就给您登记分三期"), "signal.deferral", Role.DEBTOR, {"plan"}),
        (("A: 您好", "D: 能不能分期", "A: 分不了"), "signal.deferral", Role.DEBTOR, set()),
        (("A: 今天必须全额还清", "D: 没钱"), "signal.hardship", Role.DEBTOR, {"demanded"}),
    ],
)
def test_what_a_call_is_remembered_for(turns: tuple[str, ...], label: str, role: Role, heard: set[str]) -> None:
    assert heard_in(call(*turns), [signal(label, 1, role)]) == heard


def test_what_only_resembles_a_signal_is_not_remembered() -> None:
    learned = signal("signal.wrong_person", 1, Role.THIRD_PARTY)
    learned = replace(learned, why=replace(learned.why, variant="learned"))
    assert heard_in(call("A: 您好", "T: 什么事"), [learned]) == frozenset()


def test_what_waits_for_a_listener_is_remembered_with_a_doubt() -> None:
    said = call("A: 您好", "T: 打错了")
    assert heard_in(said, [signal("signal.wrong_person", 1, Role.UNKNOWN, ("needs_role_check",))]) == {"wrong_number?"}
