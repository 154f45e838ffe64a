"""One recording in, its transcript out."""

import logging
from functools import cached_property
from pathlib import Path

from audit.model.transcript import EngineInfo, Transcript
from audit.speech.decode import decode
from audit.speech.echo import mark_echoes
from audit.speech.engines import Engine, load_engine
from audit.speech.speakers import label_speakers

_log = logging.getLogger(__name__)


class Recogniser:
    """Transcribes one recording after another. The weights load with the first one.

    `engine_name` is a name in `audit.speech.engines.ENGINES`, `model` a published name, a folder or None for the
    default, `threads` 0 for every core this process may use.
    """

    def __init__(
        self, engine_name: str = "faster-whisper", model: str | None = None, device: str = "cpu", threads: int = 0
    ) -> None:
        self._arguments = (engine_name, model, device, threads)

    @cached_property
    def _engine(self) -> Engine:
        return load_engine(*self._arguments)

    @property
    def info(self) -> EngineInfo:
        """What makes the transcripts. Raises ConfigError as `load_engine` does."""
        return self._engine.info

    def transcribe(self, path: Path) -> Transcript:
        """The transcript of a recording; what was mended in it is logged as a warning.

        Raises InputError as `audit.speech.decode.decode` does, ConfigError as `load_engine` does.
        """
        engine = self._engine
        recording = decode(path)
        for warning in recording.warnings:
            _log.warning(warning.line())
        segments = engine.transcribe(recording.channels)
        if len(recording.channels) == 1:
            segments = (label_speakers(recording.channels[0], segments[0]),)
        else:
            segments = mark_echoes(recording.channels, segments)
        return Transcript(round(recording.duration_s, 3), segments, engine.info)
