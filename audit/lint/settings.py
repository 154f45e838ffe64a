"""Call windows and counts in a script's settings, held against the policy."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time

from audit.ingest.scripts.words import Words
from audit.model.script import Passage, Setting
from audit.rules.policy import Policy, QuietHours

OFF_HOURS, CONVERSATIONS, ATTEMPTS = (
    "contact.off_hours/quiet-hours",
    "contact.frequency/effective-per-day",
    "contact.frequency/attempts-per-number",
)
_CLOCK = re.compile(r"(次日|翌日|凌晨|第二天)?\s*([01]?\d|2[0-4])[:：]([0-5]\d)")
_RANGE = re.compile(rf"{_CLOCK.pattern}\s*(?:起|开始)?[,，、]?\s*(?:[-–—~～至到]|to)+\s*{_CLOCK.pattern}")
_NUMBER = re.compile(r"\d{1,4}|[一二两三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九]")
_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"两": 2}
_DENIED = re.compile(r"不|勿|禁|别|没|未|避免|取消|拒绝|投诉|是否|吗|if |never")
_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Excess:
    """A setting beyond what the policy allows: the rule it breaks, the words, what they say and what the policy allows."""

    rule: str
    words: Passage
    written: str
    allowed: str


def excesses(setting: Setting, policy: Policy, words: Words) -> Iterator[Excess]:
    """What a setting allows although the policy does not. Windows for calls that the debtor starts or agreed to are not bound."""
    if words.exempt.inside(setting.beside, "exempt"):
        return
    if setting.kind == "count":
        if words.exempt.inside(setting.beside, "throughput"):
            return
        yield from _counts(setting, policy, words)
    elif policy.quiet_hours:
        yield from _windows(setting, policy.quiet_hours)


def _windows(setting: Setting, quiet: QuietHours) -> Iterator[Excess]:
    text = setting.value.text
    allowed = f"{quiet.ends:%H:%M}-{quiet.begins:%H:%M}"
    if setting.kind == "night":
        if not _DENIED.search(text):
            yield Excess(OFF_HOURS, setting.value, text, allowed)
    elif setting.kind == "window":
        for found in _RANGE.finditer(text):
            begins, ends = _minutes(found[2], found[3]), _minutes(found[5], found[6])
            if found[4] or ends <= begins:
                ends += _DAY
            if _is_outside(begins, ends, quiet):
                yield Excess(OFF_HOURS, setting.value.part(*found.span()), found[0], allowed)
    elif (edge := _CLOCK.search(text)) and _is_edge_outside(setting.kind, _minutes(edge[2], edge[3]), quiet):
        yield Excess(OFF_HOURS, setting.value.part(*edge.span()), edge[0], allowed)


def _minutes(hours: str, minutes: str) -> int:
    return int(hours) * 60 + int(minutes)


def _of(at: time) -> int:
    return at.hour * 60 + at.minute


def _is_outside(begins: int, ends: int, quiet: QuietHours) -> bool:
    """Whether a window, in minutes of the day (beyond midnight counted on), touches the quiet hours."""
    opens, closes = _of(quiet.ends), _of(quiet.begins)
    if closes <= opens:  # quiet by day: 08:00 to 22:00 of quiet hours leaves the night
        closes += _DAY
    return begins < opens or ends > closes


def _is_edge_outside(kind: str, at: int, quiet: QuietHours) -> bool:
    opens, closes = _of(quiet.ends), _of(quiet.begins)
    return at < opens or at > closes if kind == "to" else at < opens or at >= closes


def _counts(setting: Setting, policy: Policy, words: Words) -> Iterator[Excess]:
    found = list(_NUMBER.finditer(setting.value.text))
    if not found:
        return
    last = found[-1]
    count = _number(last[0])
    named = setting.name or setting.value.text
    attempts = words.exempt.inside(named, "attempts")
    rule, limit = (
        (ATTEMPTS, policy.attempts_per_number_per_day)
        if attempts
        else (CONVERSATIONS, policy.conversations_per_debtor_per_day)
    )
    if limit is not None and count > limit:
        yield Excess(rule, setting.value, str(count), str(limit))


def _number(text: str) -> int:
    if text.isdigit():
        return int(text)
    if "十" in text:
        tens, _, ones = text.partition("十")
        return _DIGITS.get(tens, 1) * 10 + _DIGITS.get(ones, 0)
    return _DIGITS[text]
