"""Calls that touch the quiet hours at the debtor's place (gbt45251.hours, cba2026.hours, nifa2024.hours)."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from audit.model.call import Direction
from audit.rules.analysed import AnalysedCall
from audit.rules.localtime import covered, debtor_zone
from audit.rules.match import Match
from audit.rules.pack import Rule, RulePack
from audit.rules.policy import Policy, QuietHours

_DAY = timedelta(days=1)


class OffHoursFinder:
    """Any part of an agent-started call in the quiet hours, unless the debtor's recorded consent covers it."""

    def __init__(self, rules: Sequence[Rule], pack: RulePack, policy: Policy) -> None:
        self._rules = rules
        self._policy = policy

    def find(self, call: AnalysedCall) -> Iterator[Match]:
        """One match a call at most."""
        metadata, hours = call.call.metadata, self._policy.quiet_hours
        if hours is None or metadata.started_at is None or metadata.direction is not Direction.OUTBOUND:
            return
        zone = ZoneInfo(debtor_zone(metadata, self._policy))
        start = metadata.started_at.astimezone(zone)
        # Through UTC: in a night when the clocks change, an hour by the clock is not an hour.
        end = (start.astimezone(UTC) + timedelta(seconds=_length_s(call))).astimezone(zone)
        quiet = _quiet_part(start, end, hours)
        if quiet is None or covered(*quiet, metadata.agreed_hours):
            return
        ran_past = quiet[0] > start
        facts = {
            "local_start": start.isoformat(timespec="seconds"),
            "local_end": end.isoformat(timespec="seconds"),
            "timezone": zone.key,
            "quiet_hours": f"{hours.begins:%H:%M}-{hours.ends:%H:%M}",
            "seconds_inside": str(round((quiet[1] - quiet[0]).total_seconds())),
            **({"agreed_hours": metadata.agreed_hours} if metadata.agreed_hours else {}),
        }
        info_only = ran_past and self._policy.running_past_window == "info"
        for rule in self._rules:
            yield Match(rule, None, None, 0.98, "metadata", facts=facts, info_only=info_only)

    def skipped(self, call: AnalysedCall) -> Iterator[str]:
        """Needs the start and the direction of the call."""
        if self._policy.quiet_hours is None:
            return
        for name in ("started_at", "direction"):
            if getattr(call.call.metadata, name) is None:
                yield from (f"{rule.id}: {name}" for rule in self._rules)


def _length_s(call: AnalysedCall) -> float:
    if call.call.metadata.duration_s is not None:
        return call.call.metadata.duration_s
    return call.call.recording_s or 0.0


def _quiet_part(start: datetime, end: datetime, hours: QuietHours) -> tuple[datetime, datetime] | None:
    """The first part of the call in quiet hours. 08:00:00 sharp is allowed, and so is a call that ends at 22:00:00 sharp."""
    for begins, ends in _quiet_stretches(start, end, hours):
        if begins <= start < ends:
            return start, min(end, ends)
        if start < begins < end:
            return begins, min(end, ends)
    return None


def _quiet_stretches(start: datetime, end: datetime, hours: QuietHours) -> list[tuple[datetime, datetime]]:
    """The quiet hours of the days around the call, in order. A night between two days that are judged is one stretch."""
    stretches: list[tuple[datetime, datetime]] = []
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0) - _DAY
    while midnight <= end:
        if midnight.weekday() in hours.days:
            for begins, ends in _of_day(midnight, hours):
                if stretches and stretches[-1][1] == begins:
                    begins = stretches.pop()[0]
                stretches.append((begins, ends))
        midnight += _DAY
    return stretches


def _of_day(midnight: datetime, hours: QuietHours) -> list[tuple[datetime, datetime]]:
    """The quiet hours within one calendar day."""
    begins, ends = midnight + _since_midnight(hours.begins), midnight + _since_midnight(hours.ends)
    if begins < ends:
        return [(begins, ends)]
    return [(midnight, ends), (begins, midnight + _DAY)]


def _since_midnight(clock: time) -> timedelta:
    return timedelta(hours=clock.hour, minutes=clock.minute)
