"""Calls that nobody can trace: not recorded, recorded in part, or with a hole (cba2026.recording, cc2011.recording, cfc2024.records)."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from audit.model.call import MISSING, UNRECORDED, Call
from audit.rules.analysed import AnalysedCall
from audit.rules.match import Match
from audit.rules.pack import Rule, RulePack
from audit.rules.policy import Policy

# A recording may begin with the first words and end before the line is closed; that much may be missing.
_SHORT_S, _SHORT_SHARE = 30.0, 0.5
_HOLE_S, _HOLE_SHARE = 60.0, 0.3
_SURE, _DOUBTFUL = 0.95, 0.45


class RecordingFinder:
    """One match a call at most. A recording deleted when its time was over is no gap."""

    def __init__(self, rules: Sequence[Rule], pack: RulePack, policy: Policy) -> None:
        self._rules = rules

    def find(self, call: AnalysedCall) -> Iterator[Match]:
        """The first of: no recording, one that is not where the record says, a much shorter one, a long silence in it."""
        found = None if call.call.metadata.recording_deleted else _gap(call.call)
        if found:
            facts, confidence = found
            yield from (Match(rule, None, None, confidence, "metadata", facts=facts) for rule in self._rules)

    def skipped(self, call: AnalysedCall) -> Iterator[str]:
        """How long it should be, the record of a recording must say."""
        if call.call.recording_s is not None and call.call.metadata.duration_s is None:
            yield from (f"{rule.id}: duration_s" for rule in self._rules)


def _gap(call: Call) -> tuple[dict[str, str], float] | None:
    duration, recorded = call.metadata.duration_s, call.recording_s
    talked = {"duration_s": f"{duration:.0f}"} if duration is not None else {}
    if call.source.kind == UNRECORDED:
        return {"recording": "none", **talked}, _SURE
    if call.source.kind == MISSING:  # perhaps only elsewhere
        return {"recording": "missing", **talked}, _DOUBTFUL
    if recorded is None or call.metadata.connected is False:
        return None
    facts = {**talked, "recording_s": f"{recorded:.0f}"}
    if duration is not None and duration - recorded > _SHORT_S and recorded < _SHORT_SHARE * duration:
        return {"recording": "short", **facts}, _SURE
    hole = _longest_silence_s(call, recorded)
    if hole >= _HOLE_S and hole >= _HOLE_SHARE * recorded:  # somebody may have been put on hold
        return {"recording": "silent", **facts, "silence_s": f"{hole:.0f}"}, _DOUBTFUL
    return None


def _longest_silence_s(call: Call, recorded: float) -> float:
    """The longest stretch in which nobody speaks; 0 where no times are known."""
    times = sorted((turn.time.start_s, turn.time.end_s) for turn in call.turns if turn.time)
    if not times:
        return 0.0
    ends, latest = [], 0.0
    for _, end in times:
        latest = max(latest, end)
        ends.append(latest)
    between = [times[index + 1][0] - ends[index] for index, _ in enumerate(pairwise(times))]
    return max([times[0][0], recorded - latest, *between])
