"""Calls that touch the quiet hours at the debtor's place (gbt45251.hours, cba2026.hours, nifa2024.hours)."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from audit.model.call import Direction
from audit.rules.analysed import AnalysedCall
from audit.rules.localtime import debtor_zone
from audit.rules.match import Match
from audit.rules.pack import Rule, RulePack
from audit.rules.policy import Policy

_AGREED = re.compile(r"(\d{1,2})[:：](\d{2})\s*[-–—~～至到]\s*(\d{1,2})[:：](\d{2})")


class OffHoursFinder:
    """Any part of an agent-started call in the quiet hours, unless the debtor's recorded consent covers it."""

    def __init__(self, rules: Sequence[Rule], pack: RulePack, policy: Policy) -> None:
        self._rules = rules
        self._policy = policy

    def find(self, call: AnalysedCall) -> Iterator[Match]:
        """One match a call at most."""
        metadata = call.call.metadata
        if metadata.started_at is None or metadata.direction is not Direction.OUTBOUND:
            return
        zone = ZoneInfo(debtor_zone(metadata, self._policy))
        start = metadata.started_at.astimezone(zone)
        end = start + timedelta(seconds=_length_s(call))
        quiet = _quiet_part(start, end, self._policy)
        if quiet is None or _agreed(quiet, metadata.agreed_hours):
            return
        ran_past = quiet[0] > start
        facts = {
            "local_start": start.isoformat(timespec="seconds"),
            "local_end": end.isoformat(timespec="seconds"),
            "timezone": zone.key,
            "quiet_hours": f"{self._policy.quiet_from:%H:%M}-{self._policy.quiet_to:%H:%M}",
            "seconds_inside": str(round((quiet[1] - quiet[0]).total_seconds())),
            **({"agreed_hours": metadata.agreed_hours} if metadata.agreed_hours else {}),
        }
        info_only = ran_past and self._policy.running_past_window == "info"
        for rule in self._rules:
            yield Match(rule, None, None, 0.98, "metadata", facts=facts, info_only=info_only)

    def skipped(self, call: AnalysedCall) -> Iterator[str]:
        """Needs the start and the direction of the call."""
        for name in ("started_at", "direction"):
            if getattr(call.call.metadata, name) is None:
                yield from (f"{rule.id}: {name}" for rule in self._rules)


def _length_s(call: AnalysedCall) -> float:
    if call.call.metadata.duration_s is not None:
        return call.call.metadata.duration_s
    return call.call.recording_s or 0.0


def _quiet_part(start: datetime, end: datetime, policy: Policy) -> tuple[datetime, datetime] | None:
    """The part of the call in quiet hours. 08:00:00 sharp is allowed, and so is a call that ends at 22:00:00 sharp."""
    for days in (-1, 0, 1):
        begins = _at(start, policy.quiet_from, days)
        ends = _at(start, policy.quiet_to, days + (policy.quiet_to <= policy.quiet_from))
        if begins <= start < ends:
            return start, min(end, ends)
        if start < begins < end:
            return begins, min(end, ends)
    return None


def _at(day: datetime, clock: time, days: int) -> datetime:
    return datetime.combine(day.date() + timedelta(days=days), clock, tzinfo=day.tzinfo)


def _agreed(quiet: tuple[datetime, datetime], agreed: str | None) -> bool:
    """Whether one of the agreed windows covers the whole part of the call in quiet hours."""
    for match in _AGREED.finditer(agreed or ""):
        hours = [int(part) for part in match.groups()]
        if hours[0] > 24 or hours[2] > 24 or hours[1] > 59 or hours[3] > 59:
            continue
        for days in (-1, 0):
            midnight = _at(quiet[0], time(0), days)
            begins = midnight + timedelta(hours=hours[0], minutes=hours[1])
            ends = midnight + timedelta(hours=hours[2], minutes=hours[3])
            if ends <= begins:
                ends += timedelta(days=1)
            if begins <= quiet[0] and quiet[1] <= ends:
                return True
    return False
