"""What a recogniser returns, before anybody knows who spoke."""

from dataclasses import dataclass

from audit.model.span import TimeSpan


@dataclass(frozen=True, slots=True)
class Word:
    """A recognised word (often one to three Han characters) with its time and the recogniser's probability (0..1)."""

    text: str
    time: TimeSpan
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """One stretch of recognised speech on one channel.

    `text` equals the words joined. `speaker` is an anonymous label where a mono recording was diarised, else None.
    `doubts` says why the words may not have been spoken (`phantom`, `loop`, `no_speech`, `prompt_echo`) or not by this
    party (`echo`: a faint copy of another channel). A doubtful
    segment is kept and marked, never deleted.
    """

    text: str
    time: TimeSpan
    words: tuple[Word, ...] = ()
    confidence: float | None = None
    speaker: str | None = None
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """Everything needed to make the same transcript again."""

    engine: str
    engine_version: str
    model: str
    model_sha256: str
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Transcript:
    """The recognised speech of one recording: segments in time order for each channel (index = channel)."""

    duration_s: float
    channels: tuple[tuple[Segment, ...], ...]
    engine: EngineInfo
