"""Sound of clips: silenced, beeped, disguised, cut and written. The recording itself is only read."""

import hashlib
import wave
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

import av
import av.filter
import numpy as np

from audit.errors import InputError
from audit.model.span import TimeSpan
from audit.speech.decode import decode
from audit.speech.sound import SAMPLE_RATE, Samples

_BEEP_HZ, _BEEP_LEVEL = 1000.0, 0.12
_RAMP_S = 0.01
# Three semitones down: another voice, and every word still understood.
_LOWER = 0.85
_BIT_RATE = 48_000


def channels_of(path: Path, sha256: str | None, shown: str) -> tuple[Samples, ...]:
    """The recording's channels (float32, 16 kHz). `shown` is how messages name the file.

    Raises InputError: CA301 to CA306 when it cannot be read, CA704 when its bytes are not those that were audited.
    """
    try:
        if sha256 is not None and _sha256(path) not in (sha256, None):
            raise InputError("CA704", shown)
        return decode(path).channels
    except InputError as error:
        raise InputError(error.problem.code, shown, **error.problem.facts) from error


def _sha256(path: Path) -> str | None:
    """Of the file's bytes; None for what cannot be read, about which `decode` has more to say."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def mixed(channels: Sequence[Samples]) -> Samples:
    """All channels as one, as loud as they are, but never beyond 1."""
    one: Samples = np.sum(np.stack(channels), axis=0, dtype=np.float32)
    peak = float(np.max(np.abs(one), initial=0.0))
    if peak > 1:
        one /= np.float32(peak)
    return one


def covered(samples: Samples, silences: Iterable[TimeSpan], *, disguise: bool = False) -> Samples:
    """A copy with a tone instead of each silence (seconds), the voices lowered where `disguise` is wanted.

    What is to be covered is taken out before the voices are changed: nothing of it can be heard beside the tone.
    """
    result = samples.copy()
    stretches = [_stretch(span, len(samples)) for span in silences]
    for start, end in stretches:
        result[start:end] = 0.0
    if disguise:
        result = _lowered(result)
    for start, end in stretches:
        result[start:end] = _beep(end - start)
    return result


def cut(samples: Samples, span: TimeSpan) -> Samples:
    """The samples of a stretch of time."""
    start, end = _stretch(span, len(samples))
    return samples[start:end]


def write_mp3(path: Path, samples: Samples) -> None:
    """Write one channel as mp3, which every browser plays; the same samples give the same bytes."""
    with av.open(str(path), "w", format="mp3", options={"id3v2_version": "0", "fflags": "+bitexact"}) as container:
        stream = container.add_stream("libmp3lame", rate=SAMPLE_RATE, layout="mono")
        stream.bit_rate = _BIT_RATE
        stream.codec_context.open()
        resampler = av.AudioResampler(
            stream.codec_context.format, "mono", SAMPLE_RATE, frame_size=stream.codec_context.frame_size
        )
        for frame in (_frame(samples), None):
            for part in resampler.resample(frame):
                container.mux(stream.encode(part))
        container.mux(stream.encode(None))


def write_wav(path: Path, channels: Sequence[Samples]) -> None:
    """Write the channels as 16-bit PCM at 16 kHz."""
    write_wav_blocks(path, len(channels), [np.stack(channels)])


def write_wav_blocks(path: Path, channels: int, blocks: Iterable[Samples]) -> None:
    """As `write_wav`, of sound that comes in blocks of shape (channels, samples)."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        for block in blocks:
            file.writeframes((block.T.clip(-1, 1) * 32767).astype("<i2").tobytes())


def _stretch(span: TimeSpan, length: int) -> tuple[int, int]:
    return min(round(span.start_s * SAMPLE_RATE), length), min(round(span.end_s * SAMPLE_RATE), length)


def _beep(length: int) -> Samples:
    """A tone of `length` samples that comes and goes softly, so that it does not click."""
    tone = _BEEP_LEVEL * np.sin(2 * np.pi * _BEEP_HZ * np.arange(length) / SAMPLE_RATE)
    ramp = min(round(_RAMP_S * SAMPLE_RATE), length // 2)
    if ramp:
        rise = np.linspace(0.0, 1.0, ramp)
        tone[:ramp] *= rise
        tone[-ramp:] *= rise[::-1]
    return tone.astype(np.float32)


def _frame(samples: Samples) -> av.AudioFrame:
    frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="flt", layout="mono")
    frame.sample_rate = SAMPLE_RATE
    return frame


def _lowered(samples: Samples) -> Samples:
    """The voices lower, everything at the time it was: played slower by FFmpeg, then brought back to its length by overlap-add."""
    if not len(samples):
        return samples
    graph = av.filter.Graph()
    chain = (
        graph.add_abuffer(sample_rate=SAMPLE_RATE, format="flt", layout="mono"),
        graph.add("asetrate", str(round(SAMPLE_RATE * _LOWER))),
        graph.add("aresample", str(SAMPLE_RATE)),
        graph.add("atempo", str(1 / _LOWER)),
        graph.add("aformat", f"sample_fmts=flt:sample_rates={SAMPLE_RATE}:channel_layouts=mono"),
        graph.add("abuffersink"),
    )
    for one, following in pairwise(chain):
        one.link_to(following)
    graph.configure()
    graph.push(_frame(samples))
    graph.push(None)
    parts: list[Samples] = []
    while True:
        try:
            parts.append(graph.pull().to_ndarray().reshape(-1))
        except (av.error.BlockingIOError, av.error.EOFError):
            break
    result = np.zeros_like(samples)
    lower = np.concatenate(parts)[: len(samples)]
    result[: len(lower)] = lower
    return result
