"""Where there is speech: Silero VAD, packed into windows of at most 30 s, which is what Whisper reads at once.

One window an utterance costs twice the time and nearly twice the errors of windows packed full (measured).
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np
from faster_whisper.vad import VadOptions, get_speech_timestamps

from audit.model.span import TimeSpan
from audit.speech.sound import SAMPLE_RATE, Samples

WINDOW_S = 30
_PAD_S = 0.4
OPTIONS = VadOptions(max_speech_duration_s=WINDOW_S - 2 * _PAD_S, min_silence_duration_ms=160, speech_pad_ms=0)
# The detector holds some six times its input in memory; hours of sound go through in parts.
_PART = 20 * 60 * SAMPLE_RATE

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Window:
    """Stretches of one channel with speech, read as if they followed each other without a gap.

    `pieces` are `(start, end)` in samples of the recording, `speech` is the speech inside each piece: the rest is
    padding, which the recogniser needs and which belongs to no word.
    """

    pieces: tuple[Span, ...]
    speech: tuple[Span, ...]

    def cut(self, channel: Samples) -> Samples:
        """The window's sound."""
        return np.concatenate([channel[start:end] for start, end in self.pieces])

    def to_recording(self, start_s: float, end_s: float) -> TimeSpan:
        """The recording's time for a stretch of the window's, given in seconds.

        The middle decides which piece it is in: ends of words spill over the seam between two pieces, which may be
        minutes apart, and the recogniser counts a pause to the word before it. Both are cut off.
        """
        starts = list(accumulate((end - start for start, end in self.pieces), initial=0))[:-1]
        piece = max(0, bisect_right(starts, (start_s + end_s) / 2 * SAMPLE_RATE) - 1)
        shift = self.pieces[piece][0] - starts[piece]
        first, last = self.speech[piece]
        start = min(last, max(first, shift + start_s * SAMPLE_RATE))
        end = min(last, max(start, shift + end_s * SAMPLE_RATE))
        return TimeSpan(round(start / SAMPLE_RATE, 3), round(end / SAMPLE_RATE, 3))


def windows(channel: Samples) -> list[Window]:
    """Windows of speech in time order; none for silence or a sound without speech."""
    speech = list(_speech(channel))
    if not speech:
        return []
    packed: list[Window] = []
    first = 0
    room = WINDOW_S * SAMPLE_RATE
    pieces = _padded(speech, len(channel))
    for index, (start, end) in enumerate(pieces):
        if index > first and end - start > room:
            packed.append(Window(tuple(pieces[first:index]), tuple(speech[first:index])))
            first, room = index, WINDOW_S * SAMPLE_RATE
        room -= end - start
    return [*packed, Window(tuple(pieces[first:]), tuple(speech[first:]))]


def _padded(speech: list[Span], length: int) -> list[Span]:
    """Each stretch with the sound around it, the silence between two shared where it is short."""
    pad = int(_PAD_S * SAMPLE_RATE)
    seams = [(left[1] + right[0]) // 2 for left, right in pairwise(speech)]
    return [
        (max(start - pad, before), min(end + pad, after))
        for (start, end), before, after in zip(speech, [0, *seams], [*seams, length], strict=True)
    ]


def _speech(channel: Samples) -> Iterator[Span]:
    for offset in range(0, len(channel), _PART):
        for found in get_speech_timestamps(channel[offset : offset + _PART], OPTIONS):
            yield offset + found["start"], offset + found["end"]
