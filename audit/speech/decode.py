"""Recording file → one float32 array a channel, 16 kHz. PyAV carries FFmpeg's libraries; no ffmpeg binary is needed."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from audit.errors import InputError, Problem
from audit.speech.sound import SAMPLE_RATE, Samples

# A file that lost more than a tenth of its sound is no evidence of a call.
_KEEP_FROM = 0.9
# A difference 40 dB below the sound is what a lossy codec does to one sound written twice.
_SAME_RATIO = 0.01
_UNNOTICED_S = 0.5
_MINUTE = 60 * SAMPLE_RATE
# A header may state any nonsense; room beyond a day is made when the sound really comes.
_RESERVE_AT_MOST_S = 24 * 3600.0
_HEAD = 16_384
# Recorders that stream write one of these as the size: 0x7FFFF000, 0x7FFFFFFF, 0xFFFFFFFF and near. No call is so long.
_OPEN_SIZE = 0x7FFF_0000


@dataclass(frozen=True, slots=True)
class Recording:
    """Decoded sound: `channels` are float32 in -1..1 at 16 kHz, all of one length.

    `codec` and `sample_rate` are the file's own. `source_channels` is what the file holds: identical channels are
    returned once. `warnings` say what was mended (CA307 damaged tail, CA308 identical channels).
    """

    channels: tuple[Samples, ...]
    duration_s: float
    codec: str
    sample_rate: int
    source_channels: int
    warnings: tuple[Problem, ...] = ()


def decode(path: Path) -> Recording:
    """Decode the first audio stream of `path`.

    A damaged packet becomes silence of its length, so that later words keep their time.

    Raises InputError: CA301 missing, CA302 empty, CA303 not audio, CA304 no audio stream, CA305 unreadable,
    CA306 less than nine tenths of the declared duration can be decoded.
    """
    head = _head(path)
    try:
        with av.open(str(path), metadata_errors="replace") as container:
            if not container.streams.audio:
                raise InputError("CA304", str(path))
            stream = container.streams.audio[0]
            declared_s = _declared_s(container, stream, head)
            sound = _read(container, stream, declared_s)
            codec, rate = stream.codec_context.name, stream.codec_context.sample_rate
    except av.error.FFmpegError as error:
        raise InputError("CA303", str(path), reason=error.strerror) from error
    warnings = _damage(path, sound, declared_s)
    channels = sound.channels()
    if _all_the_same(channels):
        warnings += (Problem("CA308", str(path)),)
        distinct = channels[:1]
    else:
        distinct = channels
    return Recording(distinct, sound.length / SAMPLE_RATE, codec, rate, len(channels), warnings)


def blocks(path: Path) -> Iterator[Samples]:
    """The sound of `path` as `decode` gives it, in blocks of shape (channels, samples), for who need not have all of it at once.

    Raises InputError: CA301 missing, CA302 empty, CA303 not audio, CA304 no audio stream, CA305 unreadable.
    """
    _head(path)
    try:
        with av.open(str(path), metadata_errors="replace") as container:
            if not container.streams.audio:
                raise InputError("CA304", str(path))
            channels, lost = 0, 0
            for piece in _pieces(container, container.streams.audio[0]):
                if isinstance(piece, float):
                    lost += round(piece * SAMPLE_RATE)
                    continue
                block: Samples = piece.to_ndarray()
                channels = len(block)
                if lost:
                    yield np.zeros((channels, lost), np.float32)
                    lost = 0
                yield block
            if lost and channels:
                yield np.zeros((channels, lost), np.float32)
    except av.error.FFmpegError as error:
        raise InputError("CA303", str(path), reason=error.strerror) from error


def _head(path: Path) -> bytes:
    """The first bytes. The file system is asked before FFmpeg, whose messages tell a user less."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except FileNotFoundError as error:
        raise InputError("CA301", str(path)) from error
    except OSError as error:
        raise InputError("CA305", str(path), reason=error.strerror or str(error)) from error
    if not head:
        raise InputError("CA302", str(path))
    return head


class _Sound:
    """Samples of all channels, growing. Room reserved and never written costs no memory, unlike joining pieces."""

    def __init__(self, expected_s: float) -> None:
        self._room = int(min(expected_s, _RESERVE_AT_MOST_S) * SAMPLE_RATE) + SAMPLE_RATE
        self._samples: list[Samples] = []
        self.length = 0
        self.lost_s = 0.0
        self._lost_before_s = 0.0

    def add(self, frame: av.AudioFrame) -> None:
        """Append a planar float frame of shape (channels, samples)."""
        block = frame.to_ndarray()
        if not self._samples:
            self._samples = [np.empty(self._room, np.float32) for _ in block]
            self.add_lost(self._lost_before_s)
        end = self._reserve(block.shape[1])
        for samples, new in zip(self._samples, block, strict=True):
            samples[self.length : end] = new
        self.length = end

    def add_lost(self, seconds: float) -> None:
        """Append silence for a packet that cannot be decoded; how many channels there are shows the first sound."""
        if not self._samples:
            self._lost_before_s += seconds
            return
        self.lost_s += seconds
        end = self._reserve(round(seconds * SAMPLE_RATE))
        for samples in self._samples:
            samples[self.length : end] = 0.0
        self.length = end

    def _reserve(self, more: int) -> int:
        end = self.length + more
        if end > self._room:
            self._room = max(end, self._room * 3 // 2)
            for index, old in enumerate(self._samples):
                self._samples[index] = np.empty(self._room, np.float32)
                self._samples[index][: self.length] = old[: self.length]
        return end

    def channels(self) -> tuple[Samples, ...]:
        """What was decoded, one array a channel."""
        return tuple(samples[: self.length] for samples in self._samples)


def _read(container: av.container.InputContainer, stream: av.AudioStream, declared_s: float | None) -> _Sound:
    sound = _Sound(declared_s or 0.0)
    for piece in _pieces(container, stream):
        if isinstance(piece, float):
            sound.add_lost(piece)
        else:
            sound.add(piece)
    return sound


def _pieces(container: av.container.InputContainer, stream: av.AudioStream) -> Iterator[av.AudioFrame | float]:
    """The sound in order: resampled frames, and the seconds of each packet that cannot be decoded."""
    resampler, heard = av.AudioResampler(format="fltp", rate=SAMPLE_RATE), False
    for packet in container.demux(stream):
        try:
            frames = packet.decode()
        except av.error.FFmpegError:
            yield float((packet.duration or 0) * (stream.time_base or 0))
            continue
        for frame in frames:
            heard = True
            yield from resampler.resample(frame)
    if heard:
        yield from resampler.resample(None)


def _declared_s(container: av.container.InputContainer, stream: av.AudioStream, head: bytes) -> float | None:
    """The duration that the file itself states, in seconds; None where FFmpeg would only guess it from the bit rate.

    FFmpeg hides a cut-off wav by trusting the file's size, so its header is read here. An mp3 states its length in a
    Xing/Info frame only; amr and ogg never do.
    """
    formats = set(container.format.name.split(","))
    if "wav" in formats:
        return _wav_header_s(head)
    states_it = formats & {"mov", "mp4", "flac", "asf", "matroska"} or (
        "mp3" in formats and (b"Xing" in head or b"Info" in head)
    )
    if states_it and stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return None


def _wav_header_s(head: bytes) -> float | None:
    """Seconds that a RIFF header states; None if the size was left open (0, or the largest number), as streaming recorders do."""
    bytes_per_s = 0
    at = 12
    while at + 8 <= len(head):
        name, size = head[at : at + 4], int.from_bytes(head[at + 4 : at + 8], "little")
        if name == b"fmt ":
            bytes_per_s = int.from_bytes(head[at + 16 : at + 20], "little")
        if name == b"data":
            return size / bytes_per_s if bytes_per_s and 0 < size < _OPEN_SIZE else None
        at += 8 + size + size % 2
    return None


def _damage(path: Path, sound: _Sound, declared_s: float | None) -> tuple[Problem, ...]:
    """A warning if some sound is lost. Raises InputError (CA306) if too much is."""
    decoded_s = sound.length / SAMPLE_RATE - sound.lost_s
    expected_s = max(declared_s or 0.0, decoded_s + sound.lost_s)
    facts = {"declared_s": expected_s, "decoded_s": max(0.0, decoded_s)}
    if sound.length == 0 or decoded_s < _KEEP_FROM * expected_s:
        raise InputError("CA306", str(path), **facts)
    if expected_s - decoded_s > _UNNOTICED_S:
        return (Problem("CA307", str(path), facts),)
    return ()


def _all_the_same(channels: tuple[Samples, ...]) -> bool:
    """Whether all channels carry one sound, up to what a lossy codec does. Silence everywhere is the same sound."""
    first = channels[0]
    return len(channels) > 1 and all(_same_sound(first, other) for other in channels[1:])


def _same_sound(left: Samples, right: Samples) -> bool:
    # By the minute: the difference of two hours at once would be another half gigabyte.
    energy = difference = 0.0
    for start in range(0, len(left), _MINUTE):
        one, other = left[start : start + _MINUTE], right[start : start + _MINUTE]
        energy += max(float(np.dot(one, one)), float(np.dot(other, other)))
        difference += float(np.dot(one - other, one - other))
    return difference <= _SAME_RATIO**2 * energy
