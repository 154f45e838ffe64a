"""Echoes between channels: a telephone's crosstalk puts one party's words, faint, on the other's channel."""

from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher

import numpy as np

from audit.model.transcript import Segment
from audit.speech.sound import SAMPLE_RATE, Samples

# Crosstalk lies well below the voice (12 dB here); two people never differ so much and say the same at once.
_ECHO_LEVEL = 0.25
_ECHO_LIKENESS = 0.6


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
