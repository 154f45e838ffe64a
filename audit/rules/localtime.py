"""What time it is at the debtor's place."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from audit.model.call import CallMetadata
from audit.rules.policy import Policy


def debtor_zone(metadata: CallMetadata, policy: Policy) -> str:
    """The time zone at the debtor's place: the recorded one, else that of the number's country, else the policy's.

    A number counts as foreign only when it is written with its country code (+852…, 00852…); masked digits do not matter.
    A country with several zones, or a recorded zone that does not exist, leaves the policy's.
    """
    if metadata.callee_timezone and _exists(metadata.callee_timezone):
        return metadata.callee_timezone
    number = (metadata.callee_number or "").strip()
    if number.startswith(("+", "00")) and not number.startswith(("+86", "0086")):
        zones = _zones_of(number)
        if len(zones) == 1:
            return zones[0]
    return policy.timezone


def _exists(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        return False
    return True


def _zones_of(number: str) -> tuple[str, ...]:
    import phonenumbers
    from phonenumbers import timezone

    digits = number.replace("*", "0")
    digits = "+" + digits[2:] if digits.startswith("00") else digits
    try:
        parsed = phonenumbers.parse(digits, None)
    except phonenumbers.NumberParseException:
        return ()
    zones = timezone.time_zones_for_geographical_number(parsed)
    return tuple(zone for zone in zones if zone != timezone.UNKNOWN_TIMEZONE)
