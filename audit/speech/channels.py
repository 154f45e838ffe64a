"""Segments of all parties → turns in the order of the call."""

from collections.abc import Sequence
from dataclasses import dataclass

from audit.model.call import Role, Turn
from audit.model.span import TimeSpan
from audit.model.transcript import Segment

_GAP_S = 2.0


@dataclass(frozen=True, slots=True)
class Utterance:
    """A segment whose speaker's role is decided."""

    segment: Segment
    channel: int
    role: Role
    role_confidence: float


def turns_of(utterances: Sequence[Utterance]) -> tuple[Turn, ...]:
    """Turns in time order: one party's segments in a row, unless it paused for more than 2 s.

    Doubtful segments are turns of their own, so that their doubts do not fall on words that were surely spoken.
    """
    ordered = sorted(utterances, key=lambda u: (u.segment.time, u.channel))
    runs: list[list[Utterance]] = []
    for utterance in ordered:
        if runs and _continues(runs[-1][-1], utterance):
            runs[-1].append(utterance)
        else:
            runs.append([utterance])
    return tuple(_turn(index, run) for index, run in enumerate(runs))


def _continues(before: Utterance, after: Utterance) -> bool:
    same_party = (before.channel, before.role, before.segment.speaker) == (
        after.channel,
        after.role,
        after.segment.speaker,
    )
    pause = after.segment.time.start_s - before.segment.time.end_s
    return same_party and before.segment.doubts == after.segment.doubts and pause <= _GAP_S


def _turn(index: int, run: Sequence[Utterance]) -> Turn:
    segments = [utterance.segment for utterance in run]
    return Turn(
        index=index,
        role=run[0].role,
        text="".join(segment.text for segment in segments),
        time=TimeSpan(segments[0].time.start_s, max(segment.time.end_s for segment in segments)),
        words=tuple(word for segment in segments for word in segment.words),
        channel=run[0].channel,
        confidence=_mean_confidence(segments),
        role_confidence=min(utterance.role_confidence for utterance in run),
        doubts=segments[0].doubts,
    )


def _mean_confidence(segments: Sequence[Segment]) -> float | None:
    """Mean over characters; None where the recogniser gives none."""
    rated = [(segment.confidence, len(segment.text)) for segment in segments if segment.confidence is not None]
    weight = sum(length for _, length in rated)
    return round(sum(confidence * length for confidence, length in rated) / weight, 4) if weight else None
