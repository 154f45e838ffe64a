"""What time it is at the debtor's place, and which hours the debtor agreed to."""

import re
from datetime import datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from audit.model.call import CallMetadata
from audit.rules.policy import Policy

_AGREED = re.compile(r"(\d{1,2})[:：](\d{2})\s*[-–—~～至到]\s*(\d{1,2})[:：](\d{2})")
_CHINA = "CN"
_CHINESE = ("+86", "0086")


def debtor_zone(metadata: CallMetadata, policy: Policy) -> str:
    """The time zone at the debtor's place: the recorded one, else that of the number's country, else the policy's.

    A number written without a country code (+852…, 00852…) is of the policy's country, where the area code may tell the zone;
    masked digits do not matter. A number of several zones, or a recorded zone that does not exist, leaves the policy's.
    """
    if metadata.callee_timezone and _exists(metadata.callee_timezone):
        return metadata.callee_timezone
    number = (metadata.callee_number or "").strip()
    if not number or (policy.country == _CHINA and number.startswith(_CHINESE)):
        return policy.timezone
    abroad = number.startswith(("+", "00"))
    if not abroad and policy.country == _CHINA:  # one zone, and most calls: no need to look closer
        return policy.timezone
    zones = _zones_of(number, policy.country)
    return zones[0] if len(zones) == 1 else policy.timezone


def _exists(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        return False
    return True


@lru_cache(maxsize=4096)
def _zones_of(number: str, country: str) -> tuple[str, ...]:
    import phonenumbers
    from phonenumbers import timezone

    digits = number.replace("*", "0")
    digits = "+" + digits[2:] if digits.startswith("00") else digits
    try:
        parsed = phonenumbers.parse(digits, country)
    except phonenumbers.NumberParseException:
        return ()
    zones = timezone.time_zones_for_geographical_number(parsed)
    return tuple(zone for zone in zones if zone != timezone.UNKNOWN_TIMEZONE)


def covered(begins: datetime, ends: datetime, agreed: str | None) -> bool:
    """Whether one of the agreed windows (`"22:00-23:00,07:00-08:00"`) covers the whole stretch of local time."""
    for match in _AGREED.finditer(agreed or ""):
        hours = [int(part) for part in match.groups()]
        if hours[0] > 24 or hours[2] > 24 or hours[1] > 59 or hours[3] > 59:
            continue
        for days in (-1, 0):
            midnight = datetime.combine(begins.date() + timedelta(days=days), time(0), tzinfo=begins.tzinfo)
            opens = midnight + timedelta(hours=hours[0], minutes=hours[1])
            closes = midnight + timedelta(hours=hours[2], minutes=hours[3])
            if closes <= opens:
                closes += timedelta(days=1)
            if opens <= begins and ends <= closes:
                return True
    return False
