"""Call windows and counts, held against policies."""

import pytest

from audit.ingest.scripts.words import words
from audit.lint.settings import ATTEMPTS, CONVERSATIONS, OFF_HOURS, excesses
from audit.model.script import Passage, Setting
from audit.rules.loader import load_policy


def broken(kind: str, value: str, policy: str = "default", name: str = "", beside: str = "") -> list[tuple[str, str]]:
    """The rules that a setting breaks, with the words they are told at."""
    setting = Setting(kind, name, Passage.at(value, 1, 1), None, beside)
    return [(excess.rule, excess.words.text) for excess in excesses(setting, load_policy(policy), words())]


@pytest.mark.parametrize(
    "value", ["08:00-22:00", "8:00 至 21:30", "09：00～20：00", "09:00 to 18:00", "09:00-12:00、14:00-18:00"]
)
def test_a_window_outside_the_quiet_hours_is_allowed(value: str) -> None:
    assert broken("window", value) == []


@pytest.mark.parametrize("value", ["07:30-22:00", "08:00-22:30", "08:00-次日02:00", "20:00-06:00", "00:00-24:00"])
def test_a_window_that_touches_the_quiet_hours_is_none(value: str) -> None:
    assert broken("window", value) == [(OFF_HOURS, value)]


def test_of_several_windows_only_those_that_touch_the_quiet_hours_are_told() -> None:
    assert broken("window", "09:00-12:00，21:00-23:00") == [(OFF_HOURS, "21:00-23:00")]


@pytest.mark.parametrize(
    ("kind", "value", "allowed"),
    [("from", "08:00", True), ("from", "07:59", False), ("from", "22:00", False), ("to", "22:00", True), ("to", "22:01", False)],
)  # fmt: skip
def test_an_edge_is_held_against_the_quiet_hours(kind: str, value: str, *, allowed: bool) -> None:
    assert broken(kind, value) == ([] if allowed else [(OFF_HOURS, value)])


@pytest.mark.parametrize(("policy", "allowed"), [("default", True), ("us-reg-f", False), ("hk-cobp", True)])
def test_each_policy_has_its_own_quiet_hours(policy: str, *, allowed: bool) -> None:
    assert broken("window", "08:00-21:30", policy) == ([] if allowed else [(OFF_HOURS, "08:00-21:30")])


def test_where_a_policy_has_no_quiet_hours_nothing_is_outside() -> None:
    for kind, value in (("window", "00:00-24:00"), ("from", "03:00"), ("night", "半夜再打")):
        assert broken(kind, value, "hk-cobp") == []


@pytest.mark.parametrize(
    ("value", "allowed"),
    [("3", True), ("三次", True), ("4", False), ("四次", False), ("十二次", False), ("二十次", False), ("两次", True)],
)
def test_a_count_of_conversations_is_held_against_the_policy(value: str, *, allowed: bool) -> None:
    assert broken("count", value, name="每日上限") == ([] if allowed else [(CONVERSATIONS, value)])


def test_a_count_of_attempts_has_its_own_limit() -> None:
    assert broken("count", "6", name="每日拨打次数") == []
    assert broken("count", "7", name="每日拨打次数") == [(ATTEMPTS, "7")]
    assert broken("count", "7", name="max_attempts") == [(ATTEMPTS, "7")]


@pytest.mark.parametrize("policy", ["us-reg-f", "au-rg96", "hk-cobp", "tw-outsourcing"])
def test_where_a_policy_has_no_count_a_day_none_is_too_many(policy: str) -> None:
    assert broken("count", "99", policy, name="每日上限") == []


@pytest.mark.parametrize("beside", ["呼入热线", "inbound", "本人书面同意后", "免打扰"])
def test_what_the_debtor_asks_for_is_not_bound(beside: str) -> None:
    assert broken("window", "00:00-24:00", beside=beside) == []
    assert broken("count", "99", name="每日上限", beside=beside) == []


def test_what_a_seat_does_is_no_count_of_one_persons_calls() -> None:
    assert broken("count", "99", name="每日上限", beside="每坐席") == []
    assert broken("window", "00:00-24:00", beside="每坐席") != []


@pytest.mark.parametrize("value", ["不得半夜拨打", "禁止夜间外呼", "取消凌晨拨打"])
def test_nights_that_are_forbidden_are_none(value: str) -> None:
    assert broken("night", value) == []
    assert broken("night", "半夜再打") == [(OFF_HOURS, "半夜再打")]
