"""Hours and frequency: who is counted, from when to when."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.model.call import CallMetadata, Direction
from audit.rules.contact import ContactRecord, Records, findings_across, heard_in, log_key
from audit.model.finding import Finding
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
