"""Speech engines: one file each, one line each in `ENGINES`. The file loads with the first use."""

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from audit.errors import ConfigError
from audit.model.transcript import EngineInfo, Segment

if TYPE_CHECKING:
    from audit.speech.sound import Samples

ENGINES: dict[str, str] = {
    "faster-whisper": "audit.speech.engines.faster_whisper:FasterWhisper",
    "whisper": "audit.speech.engines.whisper:OpenaiWhisper",
}
DEFAULT = "faster-whisper"
_EXTRAS = {"faster-whisper": "speech", "whisper": "whisper"}


class Engine(Protocol):
    """A recogniser with its weights loaded. The same channels always give the same segments."""

    @property
    def name(self) -> str:
        """Its name in `ENGINES`."""

    @property
    def info(self) -> EngineInfo:
        """Engine, version, weights and options: what it takes to make the same transcript again."""

    def transcribe(self, channels: "Sequence[Samples]") -> tuple[tuple[Segment, ...], ...]:
        """Segments in time order, a tuple a channel; `channels` are float32 at 16 kHz, silence gives an empty tuple."""


class EngineClass(Protocol):
    """How an engine is made."""

    def __call__(self, model: str | None, device: str, threads: int) -> Engine:
        """Load the weights; `threads` 0 takes every core this process may use."""


def load_engine(name: str = DEFAULT, model: str | None = None, device: str = "cpu", threads: int = 0) -> Engine:
    """The engine `name` with `model` (a name, a folder, or None for the default) on `device` (`cpu`, `cuda`).

    Raises ConfigError: CA320 unknown engine, CA321 its extra is not installed, CA322 the weights cannot be loaded,
    CA323 unknown device, and those of `audit.speech.models.find`.
    """
    if name not in ENGINES:
        raise ConfigError("CA320", name=name, known=", ".join(ENGINES))
    module, _, attribute = ENGINES[name].partition(":")
    try:
        engine = cast(EngineClass, getattr(import_module(module), attribute))
    except ModuleNotFoundError as error:
        raise ConfigError("CA321", what=name, module=error.name, extra=_EXTRAS[name]) from error
    return engine(model, device, threads)
