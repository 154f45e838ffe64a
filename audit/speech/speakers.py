"""Who speaks when, on one channel: CAM++ voice embeddings and two-way clustering. A call has two parties.

The labels are anonymous ("A" speaks first); which of them is the agent is for `roles` to say.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import as_file, files
from itertools import groupby
from operator import itemgetter

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from audit.model.span import TimeSpan
from audit.model.transcript import Segment, Word
from audit.speech.sound import SAMPLE_RATE, Samples

# A voice is told from a second and a half of speech; a change of speaker needs at least a short breath.
_PART_S = 1.5
_BREATH_S = 0.12
# Above this likeness (cosine) the two groups are one voice. Measured on 8 kHz sample calls: two people 0.60 to 0.87, the
# halves of one voice 0.89 to 0.95.
_ONE_VOICE = 0.88
# Shorter parts are too uncertain to form the groups; they join the nearer one.
_SURE_S = 0.8
_ROUNDS = 20

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Part:
    """Words said in one breath, short enough to be one voice's. `segment` is the index of the segment they are from."""

    segment: int
    words: tuple[Word, ...]

    @property
    def time(self) -> TimeSpan:
        return TimeSpan(self.words[0].time.start_s, max(word.time.end_s for word in self.words))


def label_speakers(channel: Samples, segments: Sequence[Segment]) -> tuple[Segment, ...]:
    """`segments` of one channel, cut where the speaker changes, each with the speaker "A" or "B".

    Segments without words keep no speaker. Where no two voices can be told apart, nobody gets a label.
    """
    parts = [part for index, segment in enumerate(segments) for part in _parts(index, segment)]
    if not parts:
        return tuple(segments)
    second = _second_speaker(_embeddings(channel, [part.time for part in parts]), [part.time for part in parts])
    if not second.any():
        return tuple(segments)  # voices that cannot be told apart must not become one person
    if second[0]:
        second = ~second
    return tuple(_relabelled(segments, parts, ["AB"[int(is_second)] for is_second in second]))


def _parts(index: int, segment: Segment) -> Iterator[_Part]:
    for breath in _breaths(segment.words):
        # Even parts: a leftover of two words would be too short to tell a voice from.
        time = _Part(index, tuple(breath)).time
        length = time.duration_s / max(1, round(time.duration_s / _PART_S)) or _PART_S
        numbers = [int((word.time.start_s - time.start_s) / length) for word in breath]
        for _, numbered in groupby(zip(numbers, breath, strict=True), key=itemgetter(0)):
            yield _Part(index, tuple(word for _, word in numbered))


def _breaths(words: Sequence[Word]) -> Iterator[list[Word]]:
    breath: list[Word] = []
    for word in words:
        if breath and word.time.start_s - breath[-1].time.end_s >= _BREATH_S:
            yield breath
            breath = []
        breath.append(word)
    if breath:
        yield breath


def _second_speaker(vectors: Vectors, times: Sequence[TimeSpan]) -> NDArray[np.bool_]:
    """Which of the parts the second of two speakers says: spherical 2-means from the direction of greatest spread."""
    sure = np.array([time.duration_s >= _SURE_S for time in times])
    basis = vectors[sure] if sure.sum() >= 4 else vectors
    weights = np.array([max(time.duration_s, 0.1) for time in times])[sure if sure.sum() >= 4 else slice(None)]
    second = _spread(basis) > 0
    for _ in range(_ROUNDS):
        if second.all() or not second.any():
            return np.zeros(len(vectors), bool)
        means = _means(basis, weights, second)
        moved = basis @ means[1] > basis @ means[0]
        if (moved == second).all():
            break
        second = moved
    if float(means[0] @ means[1]) > _ONE_VOICE:
        return np.zeros(len(vectors), bool)
    return np.asarray(vectors @ means[1] > vectors @ means[0])


def _spread(vectors: Vectors) -> Vectors:
    """Position of each vector along the direction of greatest spread."""
    centred = vectors - vectors.mean(axis=0)
    _, _, directions = np.linalg.svd(centred, full_matrices=False)
    return np.asarray(centred @ directions[0])


def _means(vectors: Vectors, weights: NDArray[np.float64], second: NDArray[np.bool_]) -> tuple[Vectors, Vectors]:
    sums = [(vectors[chosen] * weights[chosen, None]).sum(axis=0) for chosen in (~second, second)]
    first_mean, second_mean = (total / np.linalg.norm(total) for total in sums)
    return first_mean, second_mean


def _relabelled(segments: Sequence[Segment], parts: Sequence[_Part], labels: Sequence[str]) -> Iterator[Segment]:
    by_segment: dict[int, list[tuple[str, list[Word]]]] = {}
    for part, label in zip(parts, labels, strict=True):
        runs = by_segment.setdefault(part.segment, [])
        if runs and runs[-1][0] == label:
            runs[-1][1].extend(part.words)
        else:
            runs.append((label, list(part.words)))
    for index, segment in enumerate(segments):
        runs = by_segment.get(index, [])
        if len(runs) <= 1:
            yield replace(segment, speaker=runs[0][0] if runs else None)
            continue
        for label, words in runs:
            yield _cut(segment, words, label)


def _cut(segment: Segment, words: Sequence[Word], speaker: str) -> Segment:
    rated = [word.confidence for word in words if word.confidence is not None]
    return replace(
        segment,
        text="".join(word.text for word in words),
        time=TimeSpan(words[0].time.start_s, max(word.time.end_s for word in words)),
        words=tuple(words),
        confidence=round(sum(rated) / len(rated), 4) if rated else segment.confidence,
        speaker=speaker,
    )


def _embeddings(channel: Samples, times: Sequence[TimeSpan]) -> Vectors:
    """Unit vectors of shape (n, 192), one a stretch. Short stretches are repeated to a second and a half."""
    session = _session()
    vectors = [
        session.run(None, {"features": filter_banks(_stretch(channel, time))[None]})[0].reshape(-1) for time in times
    ]
    return np.stack([vector / np.linalg.norm(vector) for vector in vectors])


def _stretch(channel: Samples, time: TimeSpan) -> Samples:
    # A word of no length still has the sound around it.
    start = max(0, int((time.start_s - 0.05) * SAMPLE_RATE))
    end = max(start + SAMPLE_RATE // 5, int((time.end_s + 0.05) * SAMPLE_RATE))
    stretch = channel[start:end]
    return np.resize(stretch, max(len(stretch), int(_PART_S * SAMPLE_RATE)))


@lru_cache(maxsize=1)
def _session() -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    with as_file(files("audit.speech") / "assets" / "campplus.onnx") as path:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


_FRAME, _SHIFT, _FFT, _BANDS = 400, 160, 512, 80


def filter_banks(sound: Samples) -> Vectors:
    """Log mel filter banks of shape (frames, 80), mean over time removed, as Kaldi makes them without dither.

    25 ms frames every 10 ms, pre-emphasis 0.97, Povey window, 20 Hz to 8 kHz.
    """
    frames = np.lib.stride_tricks.sliding_window_view(sound, _FRAME)[::_SHIFT].astype(np.float64)
    frames = frames - frames.mean(axis=1, keepdims=True)
    frames = frames - 0.97 * np.concatenate([frames[:, :1], frames[:, :-1]], axis=1)
    window = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_FRAME) / (_FRAME - 1))) ** 0.85
    power = np.abs(np.fft.rfft(frames * window, _FFT)) ** 2
    bands = np.log(np.maximum(power @ _mel_bands().T, np.finfo(np.float32).eps))
    return np.asarray(bands - bands.mean(axis=0), np.float32)


@lru_cache(maxsize=1)
def _mel_bands() -> NDArray[np.float64]:
    """Triangles of equal width on the mel scale, shape (80, 257)."""

    def mel(hertz: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(1127.0 * np.log1p(hertz / 700.0))

    low, high = mel(np.array([20.0, SAMPLE_RATE / 2]))
    width = (high - low) / (_BANDS + 1)
    centres = low + width * np.arange(1, _BANDS + 1)[:, None]
    position = mel(np.arange(_FFT // 2 + 1) * SAMPLE_RATE / _FFT)[None]
    return np.asarray(np.maximum(0.0, 1.0 - np.abs(position - centres) / width))
