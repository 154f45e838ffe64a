"""Connected calls that cannot be traced."""

from dataclasses import replace

import pytest

from audit.model.call import Call, Source
from audit.model.finding import Finding
from audit.model.span import TimeSpan
from audit.rules.engine import Engine
from audit.rules.loader import load_pack, load_policy
from tests.calls import call, outbound

ENGINE = Engine(load_pack(), load_policy())


def gaps(found: Call) -> list[Finding]:
    return [finding for finding in ENGINE.findings(found)[0] if finding.label == "process.recording_gap"]


def recorded(seconds: float | None, duration: float | None, *times: tuple[float, float], **fields: object) -> Call:
    """A call in which the agent and the debtor speak by turns at these times."""
    said = call(
        *(("A: 您好", "D: 你好")[n % 2] for n in range(len(times))),
        metadata=outbound("2026-03-02T10:00:00+08:00", duration_s=duration, **fields),
    )
    turns = tuple(replace(turn, time=TimeSpan(*time)) for turn, time in zip(said.turns, times, strict=True))
    return replace(said, turns=turns, recording_s=seconds, source=Source("a.wav", "", "recording"))


def without_words(kind: str, **fields: object) -> Call:
    return replace(call(metadata=outbound("2026-03-02T10:00:00+08:00", **fields)), source=Source("m.csv", "", kind, 2))


@pytest.mark.parametrize(
    ("found", "how", "review"),
    [
        (without_words("unrecorded", connected=True, duration_s=80.0), "none", ()),
        (without_words("missing", connected=True), "missing", ("needs_listener",)),
        (recorded(12.0, 300.0, (1, 5), (6, 11)), "short", ()),
        (recorded(200.0, 200.0, (1, 20), (120, 190)), "silent", ("needs_listener",)),
        (recorded(200.0, 200.0, (100, 190)), "silent", ("needs_listener",)),
        (recorded(200.0, 200.0, (0, 50), (1, 9), (51, 60)), "silent", ("needs_listener",)),
    ],
)
def test_a_gap_is_found_and_said_how(found: Call, how: str, review: tuple[str, ...]) -> None:
    (finding,) = gaps(found)
    assert (finding.why.facts["recording"], finding.why.review, finding.turn) == (how, review, None)


@pytest.mark.parametrize(
    "found",
    [
        without_words("attempt", connected=False),
        without_words("unrecorded", connected=True, recording_deleted=True),
        recorded(296.0, 300.0, (1, 150), (151, 290)),
        recorded(20.0, 45.0, (1, 5), (6, 19)),
        recorded(200.0, 200.0, (0, 100), (1, 9), (101, 195)),
        recorded(12.0, 300.0, (1, 5), connected=False),
        recorded(None, 300.0, (1, 5), (6, 11)),
        recorded(60.0, None, (1, 30), (31, 59)),
    ],
)
def test_what_is_whole_unanswered_or_kept_for_its_time_is_no_gap(found: Call) -> None:
    assert gaps(found) == []


def test_where_the_record_does_not_say_how_long_the_call_was_the_report_says_so() -> None:
    assert "process.recording_gap/untraceable: duration_s" in ENGINE.findings(recorded(60.0, None, (1, 59)))[1]
