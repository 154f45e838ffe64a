"""The default engine: Whisper on CTranslate2, int8 on CPU, windows of all channels decoded in common batches.

faster-whisper's own batched `transcribe` takes one sound at a time and carries the last word's time from window to
window, so that the times of a window depend on its neighbours in the batch. Here every window is aligned by itself.
"""

import os
from collections.abc import Iterator, Sequence
from typing import Any

import ctranslate2
import faster_whisper
import numpy as np
from faster_whisper.audio import pad_or_trim
from faster_whisper.tokenizer import Tokenizer
from faster_whisper.transcribe import get_suppressed_tokens, merge_punctuations

from audit.errors import ConfigError
from audit.model.transcript import EngineInfo, Segment
from audit.speech import models
from audit.speech.quality import PROMPT, Scores
from audit.speech.segments import HeardWord, segments_of
from audit.speech.sound import SAMPLE_RATE, Samples
from audit.speech.vad import windows

_BATCH = 8
_BEAM = 5
_COMPUTE = {"cpu": "int8", "cuda": "float16"}
# faster-whisper's own defaults (transcribe.py).
_PREPENDED = "\"'“¿([{-"
_APPENDED = "\"'.。,，!！?？:：”)]}、"


class FasterWhisper:
    """See `audit.speech.engines.Engine`."""

    name = "faster-whisper"

    def __init__(self, model: str | None, device: str, threads: int) -> None:
        weights = models.find(model)
        self._model = _load(weights, device, threads or os.cpu_count() or 1)
        self._tokenizer = Tokenizer(self._model.hf_tokenizer, True, task="transcribe", language="zh")
        self._prompt = self._model.get_prompt(self._tokenizer, self._tokenizer.encode(PROMPT), without_timestamps=True)
        self._suppressed = get_suppressed_tokens(self._tokenizer, [-1])
        self.info = EngineInfo(
            engine=self.name,
            engine_version=f"{faster_whisper.__version__} (ctranslate2 {ctranslate2.__version__})",
            model=weights.name,
            model_sha256=weights.sha256,
            options=(
                ("batch", str(_BATCH)),
                ("beam", str(_BEAM)),
                ("compute", _COMPUTE[device]),
                ("language", "zh"),
                ("prompt", PROMPT),
                ("vad", "silero"),
            ),
        )

    def transcribe(self, channels: Sequence[Samples]) -> tuple[tuple[Segment, ...], ...]:
        """See `audit.speech.engines.Engine.transcribe`."""
        found: list[list[Segment]] = [[] for _ in channels]
        todo = [(index, window) for index, channel in enumerate(channels) for window in windows(channel)]
        for start in range(0, len(todo), _BATCH):
            batch = todo[start : start + _BATCH]
            sounds = [window.cut(channels[index]) for index, window in batch]
            for (index, window), (words, scores) in zip(batch, self._hear(sounds), strict=True):
                found[index].extend(segments_of(window, words, scores))
        return tuple(map(tuple, found))

    def _hear(self, sounds: Sequence[Samples]) -> Iterator[tuple[list[HeardWord], Scores]]:
        """Words and scores of each sound (at most 30 s), all decoded in one batch."""
        extract = self._model.feature_extractor
        encoded = self._model.encode(np.stack([pad_or_trim(extract(sound)[..., :-1]) for sound in sounds]))
        results = self._model.model.generate(
            encoded,
            [self._prompt] * len(sounds),
            beam_size=_BEAM,
            max_length=self._model.max_length,
            return_scores=True,
            return_no_speech_prob=True,
            suppress_tokens=self._suppressed,
        )
        tokens = [[token for token in result.sequences_ids[0] if token < self._tokenizer.eot] for result in results]
        frames = [len(sound) * self._model.frames_per_second // SAMPLE_RATE for sound in sounds]
        aligned = self._model.find_alignment(self._tokenizer, tokens, encoded, frames)
        for result, alignment in zip(results, aligned, strict=True):
            # CTranslate2 divides the score by the tokens before the end mark; Whisper counts the mark too.
            length = len(result.sequences_ids[0])
            yield _words(alignment), Scores(result.scores[0] * length / (length + 1), result.no_speech_prob)


def _load(weights: models.Weights, device: str, threads: int) -> Any:
    if device not in _COMPUTE:
        raise ConfigError("CA323", device=device, known=", ".join(_COMPUTE))
    try:
        return faster_whisper.WhisperModel(
            str(weights.path),
            device=device,
            compute_type=_COMPUTE[device],
            cpu_threads=threads,
            local_files_only=True,
        )
    except (RuntimeError, ValueError) as error:
        raise ConfigError("CA322", str(weights.path), name=FasterWhisper.name, reason=error) from error


def _words(alignment: list[dict[str, Any]]) -> list[HeardWord]:
    merge_punctuations(alignment, _PREPENDED, _APPENDED)
    return [
        HeardWord(word["word"], float(word["start"]), float(word["end"]), float(word["probability"]))
        for word in alignment
        if word["word"]
    ]
