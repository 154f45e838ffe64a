"""Transcripts as files that people read and `callaudit run` reads again."""

import json
from collections.abc import Callable
from typing import Any

from audit.i18n import tr
from audit.model.call import Call, Role, Turn
from audit.model.span import TimeSpan
from audit.report.record import metadata_record


def jsonl(call: Call) -> str:
    """callaudit's own format, a call a line: roles, times, how sure the recogniser is, and what it doubts."""
    return json.dumps(_record(call), ensure_ascii=False) + "\n"


def pretty_json(call: Call) -> str:
    """The same as one object over several lines."""
    return json.dumps(_record(call), ensure_ascii=False, indent=2) + "\n"


def srt(call: Call) -> str:
    """SubRip subtitles, the speaker in front of the words. Turns without a time have no place there."""
    cues = (
        f"{number}\n{_clock(time.start_s, ',')} --> {_clock(time.end_s, ',')}\n{_line(turn)}\n"
        for number, (turn, time) in enumerate(_timed(call), start=1)
    )
    return "\n".join(cues)


def vtt(call: Call) -> str:
    """WebVTT subtitles, the speaker in front of the words. Turns without a time have no place there."""
    cues = (
        f"{_clock(time.start_s, '.')} --> {_clock(time.end_s, '.')}\n{_line(turn)}\n" for turn, time in _timed(call)
    )
    return "\n".join(("WEBVTT\n", *cues))


def txt(call: Call) -> str:
    """A line a turn: who and what."""
    return "".join(f"{_line(turn)}\n" for turn in call.turns)


FORMATS: dict[str, Callable[[Call], str]] = {"jsonl": jsonl, "json": pretty_json, "srt": srt, "vtt": vtt, "txt": txt}


def _record(call: Call) -> dict[str, Any]:
    metadata = metadata_record(call.metadata)
    extra = metadata.pop("extra")
    known = {name: value for name, value in metadata.items() if value is not None}
    return {
        "call_id": call.call_id,
        "metadata": {**extra, **known},
        "turns": [_turn_record(turn) for turn in call.turns],
    }


def _turn_record(turn: Turn) -> dict[str, Any]:
    record: dict[str, Any] = {"i": turn.index, "role": turn.role.value, "text": turn.text}
    if turn.time:
        record |= {"start_s": turn.time.start_s, "end_s": turn.time.end_s}
    if turn.confidence is not None:
        record["confidence"] = round(turn.confidence, 3)
    if turn.role_confidence < 1:
        record["role_confidence"] = round(turn.role_confidence, 3)
    if turn.doubts:
        record["doubts"] = list(turn.doubts)
    return record


def _timed(call: Call) -> list[tuple[Turn, TimeSpan]]:
    return [(turn, turn.time) for turn in call.turns if turn.time]


def _line(turn: Turn) -> str:
    speaker = {
        Role.AGENT: tr("坐席", "Agent"),
        Role.DEBTOR: tr("债务人", "Debtor"),
        Role.THIRD_PARTY: tr("第三方", "Third_party"),
        Role.UNKNOWN: tr("未知", "Unknown"),
    }[turn.role]
    return f"{speaker}{tr('：', ': ')}{turn.text}"


def _clock(seconds: float, point: str) -> str:
    """`00:01:02,500`."""
    whole, thousandths = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}{point}{thousandths:03}"
