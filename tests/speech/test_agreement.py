"""The two engines, given the same weights, hear the same."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from audit.speech.decode import decode
from audit.speech.engines import Engine, load_engine
from audit.speech.models import find
from audit.speech.sound import SAMPLE_RATE
from tests.speech.cer import cer
from tests.speech.conftest import reference
from tests.speech.whisper_weights import openai_tensors, read_ctranslate2, rebuild


@pytest.fixture(scope="module")
def openai_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return rebuild(find().path / "model.bin", tmp_path_factory.mktemp("whisper") / "base.pt")


@pytest.fixture(scope="module")
def openai(openai_weights: Path) -> Iterator[Engine]:
    # One thread: two of PyTorch's wait for each other in a spin that a busy machine makes ten times longer.
    yield load_engine("whisper", str(openai_weights), threads=1)


def test_the_rebuilt_weights_are_all_of_openai_whispers() -> None:
    variables, aliases = read_ctranslate2(find().path / "model.bin")
    assert len(openai_tensors(variables)) == 245
    assert aliases == {"decoder/projection/weight": "decoder/embeddings/weight"}


def test_engines_agree_on_a_call_within_three_points(openai: Engine, engine: Engine) -> None:
    path, turns = reference("sample-03")
    # The reference is slow: the first five turns, agent on the left channel, debtor on the right.
    early = turns[:5]
    channels = [channel[: round(float(turns[5]["start_s"]) * SAMPLE_RATE)] for channel in decode(path).channels]
    said = ["".join(str(t["text"]) for t in early if (t["role"] == "agent") == agent) for agent in (True, False)]
    own, theirs = (
        cer(zip(said, ("".join(s.text for s in segments) for segments in one.transcribe(channels)), strict=True))
        for one in (engine, openai)
    )
    assert own < 25
    assert abs(own - theirs) <= 3


def test_word_times_of_both_engines_agree(openai: Engine, engine: Engine) -> None:
    channel = decode(reference("sample-01")[0]).channels[1][: 24 * SAMPLE_RATE]
    (own,), (theirs,) = engine.transcribe([channel]), openai.transcribe([channel])
    assert [s.time.start_s for s in own] == pytest.approx([s.time.start_s for s in theirs], abs=0.5)


def test_the_info_names_the_reference(openai: Engine) -> None:
    assert (openai.info.engine, openai.info.model) == ("whisper", "base")
    assert openai.info.engine_version.startswith("2")
