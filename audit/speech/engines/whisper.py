"""The reference engine: openai-whisper in PyTorch, one window at a time, with the default engine's windows, prompt and beam."""

import os
from collections.abc import Sequence

import torch
import whisper
from whisper.timing import find_alignment, merge_punctuations
from whisper.tokenizer import get_tokenizer

from audit.errors import ConfigError
from audit.model.transcript import EngineInfo, Segment
from audit.speech import models
from audit.speech.quality import PROMPT, Scores
from audit.speech.segments import HeardWord, segments_of
from audit.speech.sound import Samples
from audit.speech.vad import windows

_BEAM = 5
_DEVICES = ("cpu", "cuda")
# openai-whisper's own defaults (transcribe.py).
_PREPENDED = "\"'“¿([{-"
_APPENDED = "\"'.。,，!！?？:：”)]}、"


class OpenaiWhisper:
    """See `audit.speech.engines.Engine`."""

    name = "whisper"

    def __init__(self, model: str | None, device: str, threads: int) -> None:
        weights = models.find_whisper(model)
        torch.set_num_threads(threads or os.cpu_count() or 1)
        self._model = _load(weights, device)
        self._tokenizer = get_tokenizer(True, num_languages=self._model.num_languages, language="zh", task="transcribe")
        self._options = whisper.DecodingOptions(
            language="zh",
            beam_size=_BEAM,
            prompt=self._tokenizer.encode(PROMPT),
            without_timestamps=True,
            fp16=device == "cuda",
        )
        self.info = EngineInfo(
            engine=self.name,
            engine_version=f"{whisper.__version__} (torch {torch.__version__})",
            model=weights.name,
            model_sha256=weights.sha256,
            options=(
                ("beam", str(_BEAM)),
                ("compute", "float16" if device == "cuda" else "float32"),
                ("language", "zh"),
                ("prompt", PROMPT),
                ("vad", "silero"),
            ),
        )

    def transcribe(self, channels: Sequence[Samples]) -> tuple[tuple[Segment, ...], ...]:
        """See `audit.speech.engines.Engine.transcribe`."""
        return tuple(
            tuple(
                segment
                for window in windows(channel)
                for segment in segments_of(window, *self._hear(window.cut(channel)))
            )
            for channel in channels
        )

    def _hear(self, sound: Samples) -> tuple[list[HeardWord], Scores]:
        """Words and scores of a sound of at most 30 s."""
        mel = whisper.log_mel_spectrogram(whisper.pad_or_trim(sound), self._model.dims.n_mels).to(self._model.device)
        result = whisper.decode(self._model, mel, self._options)
        tokens = [token for token in result.tokens if token < self._tokenizer.eot]
        alignment = find_alignment(self._model, self._tokenizer, tokens, mel, len(sound) // whisper.audio.HOP_LENGTH)
        merge_punctuations(alignment, _PREPENDED, _APPENDED)
        words = [
            HeardWord(word.word, float(word.start), float(word.end), float(word.probability))
            for word in alignment
            if word.word
        ]
        return words, Scores(result.avg_logprob, result.no_speech_prob)


def _load(weights: models.Weights, device: str) -> whisper.Whisper:
    if device not in _DEVICES:
        raise ConfigError("CA323", device=device, known=", ".join(_DEVICES))
    try:
        model = whisper.load_model(str(weights.path), device=device)
    except (RuntimeError, KeyError, OSError) as error:
        raise ConfigError("CA322", str(weights.path), name=OpenaiWhisper.name, reason=error) from error
    # openai-whisper knows which attention heads follow the sound by the name of a download, not by the weights.
    if heads := whisper._ALIGNMENT_HEADS.get(weights.name):
        model.set_alignment_heads(heads)
    return model
