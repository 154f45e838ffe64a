"""Segments of all parties → turns in the order of the call, and echoes between channels."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

import numpy as np

from audit.model.call import Role, Turn
from audit.model.span import TimeSpan
from audit.model.transcript import Segment
from audit.speech.decode import SAMPLE_RATE, Samples

_GAP_S = 2.0
# Crosstalk lies well below the voice (12 dB here); two people never differ so much and say the same at once.
_ECHO_LEVEL = 0.25
_ECHO_LIKENESS = 0.6


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


def mark_echoes(channels: Sequence[Samples], segments: Sequence[Sequence[Segment]]) -> tuple[tuple[Segment, ...], ...]:
    """`segments` with the doubt `echo` on those that are a faint copy of what another channel says at that time."""
    return tuple(
        tuple(
            replace(segment, doubts=(*segment.doubts, "echo"))
            if any(
                _is_echo(segment, channels[index], segments[other], channels[other])
                for other in range(len(channels))
                if other != index
            )
            else segment
            for segment in own
        )
        for index, own in enumerate(segments)
    )


def _is_echo(segment: Segment, channel: Samples, others: Sequence[Segment], other_channel: Samples) -> bool:
    start, end = segment.time.start_s, segment.time.end_s
    if _level(channel, start, end) >= _ECHO_LEVEL * _level(other_channel, start, end):
        return False
    words = [word for other in others for word in other.words]
    said = "".join(w.text for w in words if w.time.end_s > start - 0.2 and w.time.start_s < end + 0.2)
    matcher = SequenceMatcher(None, segment.text, said, autojunk=False)
    return sum(block.size for block in matcher.get_matching_blocks()) >= _ECHO_LIKENESS * len(segment.text)


def _level(channel: Samples, start_s: float, end_s: float) -> float:
    """Root mean square of a stretch."""
    stretch = channel[int(start_s * SAMPLE_RATE) : int(end_s * SAMPLE_RATE) + 1]
    return float(np.sqrt(np.mean(np.square(stretch)))) if len(stretch) else 0.0
