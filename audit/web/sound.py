"""Recordings as a browser can play them: as they are, decoded, or with what is private covered; and what a waveform is drawn from.

What is derived lies in the desk's private folder, under names that say no more than the number of the call, and goes when the call is purged;
the recordings themselves are only read. The only way to a recording is the number of its call.
"""

import hashlib
import json
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from audit import __version__
from audit.clips import need_sound
from audit.clips.mask import Private
from audit.errors import InputError
from audit.model.call import Call, Role
from audit.model.span import TimeSpan
from audit.report.atomic import atomic_path
from audit.store import tables as t
from audit.store.calls import versions_of
from audit.store.database import Store
from audit.store.recordings import AudioState, check_audio
from audit.store.retention import purged_of
from audit.web.desk import Desk

if TYPE_CHECKING:
    from av import AudioStream
    from av.container import InputContainer

    from audit.speech.sound import Samples

_WAV = "audio/wav"
# What browsers play, by FFmpeg's names of container and codec, and what it is called there. What is not here is decoded.
_PLAYED = {
    ("wav", "pcm_s16le"): _WAV,
    ("wav", "pcm_u8"): _WAV,
    ("mp3", "mp3"): "audio/mpeg",
    ("mp3", "mp3float"): "audio/mpeg",
    ("flac", "flac"): "audio/flac",
    ("ogg", "opus"): "audio/ogg",
    ("ogg", "vorbis"): "audio/ogg",
    ("mov,mp4,m4a,3gp,3g2,mj2", "aac"): "audio/mp4",
}
_FOLDER = "sound"
_MOST_BYTES = 2 << 30
_KEPT_S = 86_400.0

PAIRS_PER_S = 10
_MOST_PAIRS = 8000
_LOUDEST = 127
# As `audit.speech.decode` tells it: 40 dB below the sound.
_SAME_RATIO = 0.01


@dataclass(frozen=True, slots=True)
class Recording:
    """The recording of a call, found to be the one that was audited."""

    call: int
    path: Path
    sha256: str


@dataclass(frozen=True, slots=True)
class Sound:
    """A file to play: `tag` is another for other sound."""

    path: Path
    media_type: str
    tag: str


@dataclass(frozen=True, slots=True)
class Peaks:
    """What a waveform is drawn from: for each channel lowest and highest sample in turn, -127 to 127, in equal steps of time."""

    duration_s: float
    channels: tuple[tuple[int, ...], ...]


class Checked:
    """Recordings that were compared with their SHA-256 and not touched since; for each reader anew."""

    _MOST = 10_000

    def __init__(self) -> None:
        self._files: dict[tuple[object, int], tuple[object, ...]] = {}

    def recording(self, store: Store, call: int, reader: object, actor: str) -> Recording:
        """The recording of a call, compared with what was audited unless `reader` had it before.

        Raises InputError: CA611 no such call, CA841 it is another one, CA842 it is gone, CA846 the call has none.
        """
        with store.reading() as connection:
            known = sa.select(t.calls.c.audio_path, t.calls.c.audio_sha256).where(t.calls.c.id == call)
            row = connection.execute(known.where(t.calls.c.purged_at.is_(None))).one_or_none()
        if row is None:
            raise InputError("CA611", str(call))
        if row.audio_path is None:
            raise InputError("CA846", str(call))
        path = Path(row.audio_path)
        seen = (row.audio_path, row.audio_sha256, *_signature(path))
        if self._files.get((reader, call)) != seen:
            _demand_match(check_audio(store, call, actor), call)
            if len(self._files) >= self._MOST:
                self._files.clear()
            self._files[reader, call] = seen
        return Recording(call, path, row.audio_sha256)


def clear_sound(desk: Desk, recording: Recording) -> Sound:
    """The recording as it is, or decoded where browsers do not play it.

    Raises InputError CA301 to CA305 when it cannot be read, ConfigError CA321 when speech is not installed.
    """
    need_sound()
    played = _media_type(recording.path, recording.sha256)
    if played is not None:
        return Sound(recording.path, played, recording.sha256)
    tag = _tag("decoded", recording.sha256)
    return Sound(_cached(desk, recording, f"{tag}.wav", lambda part: _decode_to(part, recording)), _WAV, tag)


def redacted_sound(desk: Desk, recording: Recording) -> Sound:
    """The whole recording with a tone where something private is said, in any words that the call was given.

    Raises InputError: CA706 when something private has no time, CA301 to CA306 when the recording cannot be read; ConfigError CA321
    when speech is not installed.
    """
    need_sound()
    silences = silences_of(desk.store, recording.call)
    tag = _tag("redacted", recording.sha256, [(span.start_s, span.end_s) for span in silences])
    return Sound(_cached(desk, recording, f"{tag}.wav", lambda part: _cover_to(part, recording, silences)), _WAV, tag)


def silences_of(store: Store, call: int) -> list[TimeSpan]:
    """The stretches of a call's recording that trainers must not hear, in order.

    Raises InputError: CA611 no such call, CA706 when something private has no time.
    """
    with store.reading() as connection:
        # Who corrected a number away did not take it out of the sound, nor did a recogniser that missed it.
        versions = versions_of(connection, call)
    return sorted({span for version in versions for span in _private(version, call)})


def peaks_of(desk: Desk, recording: Recording) -> Peaks:
    """What the waveform of a recording is drawn from, computed once.

    Raises InputError CA301 to CA305 when it cannot be read, ConfigError CA321 when speech is not installed.
    """
    need_sound()
    name = f"{_tag('peaks', recording.sha256)}.json"
    record = json.loads(_cached(desk, recording, name, lambda part: _write_peaks(part, recording)).read_bytes())
    return Peaks(record["duration_s"], tuple(map(tuple, record["channels"])))


def channel_roles(call: Call, heard: Call, channels: int) -> list[str | None]:
    """Who is on each channel; None where it is not one person, or nobody knows.

    Turns that came as text tell no channel. Then the call record may tell the agent's, of turns as they were `heard`: where people corrected
    who spoke, the voices stay where they are.
    """
    roles_heard = {turn.index: turn.role for turn in heard.turns}
    spoken: list[set[str]] = [set() for _ in range(channels)]
    for turn in call.turns:
        at = 0 if channels == 1 else turn.channel
        if at is None and channels == 2:
            at = _side(call, roles_heard[turn.index])
        if at is not None and at < channels:
            spoken[at].add(turn.role.value)
    return [roles.pop() if len(roles) == 1 else None for roles in spoken]


def _side(call: Call, role: Role) -> int | None:
    """Left or right, of a call whose record says where the agent is."""
    agent = call.metadata.agent_channel
    if agent not in (0, 1):
        return None
    return agent if role is Role.AGENT else 1 - agent


def _signature(path: Path) -> tuple[int, ...]:
    """What changes when a file is touched; nothing for one that is not there."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino


def _demand_match(state: AudioState, call: int) -> None:
    match state:
        case AudioState.CHANGED:
            raise InputError("CA841", str(call))
        case AudioState.MISSING:
            raise InputError("CA842", str(call))
        case AudioState.NONE:
            raise InputError("CA846", str(call))


def _private(call: Call, number: int) -> list[TimeSpan]:
    private = Private(call)
    if turns := private.unplaced():
        raise InputError("CA706", str(number), turns=", ".join(str(turn + 1) for turn in turns))
    return [silence.time for silence in private.silences()]


@lru_cache(maxsize=1000)
def _media_type(path: Path, sha256: str) -> str | None:
    """What browsers call the recording, judged by what is in it; None when they do not play it."""
    import av

    try:
        with av.open(str(path), metadata_errors="replace") as container:
            if not container.streams.audio:
                return None
            stream = container.streams.audio[0]
            played = _PLAYED.get((container.format.name, stream.codec_context.name))
            return None if container.format.name == "mp3" and not _is_even(container, stream) else played
    except (av.error.FFmpegError, OSError):
        return None  # whoever decodes it will say what is wrong


def _is_even(container: "InputContainer", stream: "AudioStream") -> bool:
    """Whether every second of the file has as many bytes (but for the padding of a frame), so that a browser finds a moment by its place.

    In an mp3 of variable bit rate browsers guess: by a table of a hundred places if the file has one, else by the rate of its first frames,
    which is seconds to minutes beside what a finding says.
    """
    sizes = (packet.size for packet in container.demux(stream) if packet.size)
    first = next(sizes, 0)
    return all(abs(size - first) <= 1 for size in sizes)


def _blocks(recording: Recording) -> "tuple[int, Iterator[Samples]]":
    """The number of channels, and the sound in blocks of shape (channels, samples)."""
    sound = _told(recording)
    first = next(sound, None)
    if first is None:
        raise InputError("CA306", str(recording.call), declared_s=0.0, decoded_s=0.0)
    return len(first), chain([first], sound)


def _told(recording: Recording) -> "Iterator[Samples]":
    """As `decode.blocks`; its messages name the call, not the file, which may be named after a telephone number."""
    from audit.speech.decode import blocks

    try:
        yield from blocks(recording.path)
    except InputError as error:
        raise InputError(error.problem.code, str(recording.call), **error.problem.facts) from error


def _decode_to(part: Path, recording: Recording) -> None:
    from audit.clips.sound import write_wav_blocks

    write_wav_blocks(part, *_blocks(recording))


def _cover_to(part: Path, recording: Recording, silences: Sequence[TimeSpan]) -> None:
    import numpy as np

    from audit.clips.sound import channels_of, covered, write_wav_blocks
    from audit.speech.sound import SAMPLE_RATE

    channels = list(channels_of(recording.path, recording.sha256, str(recording.call)))
    # One after the other, and written by the minute: an hour of two channels is half a gigabyte.
    for number, channel in enumerate(channels):
        channels[number] = covered(channel, silences)
    starts = range(0, len(channels[0]), 60 * SAMPLE_RATE)
    minutes = (np.stack([channel[at : at + starts.step] for channel in channels]) for at in starts)
    write_wav_blocks(part, len(channels), minutes)


def _write_peaks(part: Path, recording: Recording) -> None:
    import numpy as np

    from audit.speech.sound import SAMPLE_RATE

    count, sound = _blocks(recording)
    step, length = SAMPLE_RATE // PAIRS_PER_S, 0
    rest, lows, highs = np.zeros((count, 0), np.float32), [], []
    for block in sound:
        length += block.shape[1]
        rest = np.concatenate((rest, block), axis=1)
        whole = rest.shape[1] // step * step
        steps, rest = rest[:, :whole].reshape(count, -1, step), rest[:, whole:]
        lows.append(steps.min(2))
        highs.append(steps.max(2))
    if rest.shape[1]:
        lows.append(rest.min(1, keepdims=True))
        highs.append(rest.max(1, keepdims=True))
    low, high = _at_most(np.concatenate(lows, 1), np.minimum), _at_most(np.concatenate(highs, 1), np.maximum)
    pairs = np.stack((low, high), 2).reshape(count, -1)
    # One sound written twice is one channel, as it was for the recogniser.
    if np.abs(pairs - pairs[0]).max() <= _SAME_RATIO * np.abs(pairs).max():
        pairs = pairs[:1]
    drawn = (pairs * _LOUDEST).round().clip(-_LOUDEST, _LOUDEST).astype(int).tolist()
    part.write_text(json.dumps({"duration_s": round(length / SAMPLE_RATE, 3), "channels": drawn}), "utf-8")


def _at_most(values: "Samples", joined: Any) -> "Samples":
    """The steps of each channel, joined to no more than are drawn."""
    import numpy as np

    most: Samples = joined.reduceat(values, np.arange(0, values.shape[1], -(-values.shape[1] // _MOST_PAIRS)), axis=1)
    return most


def _tag(kind: str, *of: object) -> str:
    """The name of what is derived; another for other sound, and in another version of callaudit."""
    return hashlib.sha256(json.dumps((__version__, kind, of)).encode()).hexdigest()[:32]


def forget_purged(desk: Desk) -> None:
    """Remove what was derived from recordings of calls that were purged since."""
    files: dict[int, list[Path]] = {}
    # Without a number: files in the making.
    for path in (desk.cache / _FOLDER).glob("[0-9]*-*"):
        files.setdefault(int(path.name.partition("-")[0]), []).append(path)
    for call in purged_of(desk.store, files):
        for path in files[call]:
            path.unlink(missing_ok=True)


def _cached(desk: Desk, recording: Recording, name: str, make: Callable[[Path], None]) -> Path:
    """The derived file of this name of the call, made when it is not there."""
    path = desk.cache / _FOLDER / f"{recording.call}-{name}"
    if not _used(path):
        with _making:
            if not _used(path):
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                with atomic_path(path) as part:
                    part.touch(0o600)
                    make(part)
                _sweep(path)
    return path


# One at a time: the sound of a long call takes memory.
_making = threading.Lock()


def _used(path: Path) -> bool:
    """Mark a derived file as used now; whether it is there."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True


def _sweep(kept: Path) -> None:
    """Remove what nobody has used for long, and the longest unused beyond what may lie there; never `kept`."""
    files = [(file.stat(), file) for file in kept.parent.iterdir() if file != kept]
    room, oldest = _MOST_BYTES - kept.stat().st_size, time.time() - _KEPT_S
    for found, file in sorted(files, key=lambda one: one[0].st_mtime, reverse=True):
        room -= found.st_size
        if room < 0 or found.st_mtime < oldest:
            file.unlink(missing_ok=True)
