"""Sample recordings, and one recogniser for all tests: the weights load once."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from audit.model.transcript import Transcript
from audit.speech.engines import Engine, load_engine
from audit.speech.recognise import Recogniser

SAMPLES = Path(__file__).parents[2] / "sample_calls"
Reference = list[dict[str, str | float]]


def recording(day: str, name: str) -> Path:
    return SAMPLES / "recordings" / day / name


def reference(call_id: str) -> tuple[Path, Reference]:
    """A sample call's recording and what is said in it."""
    call = json.loads((SAMPLES / "transcripts" / f"{call_id}.jsonl").read_text("utf-8"))
    return SAMPLES / call["metadata"]["file"], call["turns"]


@pytest.fixture(scope="session")
def engine() -> Engine:
    return load_engine("faster-whisper", threads=2)


@pytest.fixture(scope="session")
def transcribed() -> Callable[[Path], Transcript]:
    recogniser = Recogniser("faster-whisper", threads=2)
    return cache(recogniser.transcribe)
