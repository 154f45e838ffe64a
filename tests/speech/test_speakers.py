import numpy as np
import pytest

from audit.model.span import TimeSpan
from audit.model.transcript import Segment, Word
from audit.speech.decode import decode
from audit.speech.sound import Samples
from audit.speech.speakers import filter_banks, label_speakers
from tests.speech.conftest import reference
from tests.speech.sounds import silence, tone


def spoken(text: str, start: float, end: float) -> Segment:
    """A segment whose words fill its time evenly."""
    step = (end - start) / len(text)
    words = tuple(Word(c, TimeSpan(start + i * step, start + (i + 1) * step), 0.9) for i, c in enumerate(text))
    return Segment(text, TimeSpan(start, end), words, 0.9)


def mixed_call(call_id: str) -> tuple[Samples, list[Segment], list[bool]]:
    """A stereo sample call mixed down, the segments that were said, and which of them are the agent's."""
    path, turns = reference(call_id)
    left, right = decode(path).channels
    mixed = left + right
    segments = [spoken(str(t["text"]), float(t["start_s"]), float(t["end_s"])) for t in turns]
    return mixed, segments, [t["role"] == "agent" for t in turns]


@pytest.mark.parametrize("call_id", ["sample-01", "sample-03", "sample-04", "sample-12"])
def test_two_voices_on_one_channel_are_told_apart(call_id: str) -> None:
    mixed, segments, is_agent = mixed_call(call_id)
    labelled = label_speakers(mixed, segments)
    assert "".join(s.text for s in labelled) == "".join(s.text for s in segments)
    agrees = sum(
        len(said.text)
        for said in labelled
        for segment, agent in zip(segments, is_agent, strict=True)
        if segment.time.start_s <= said.time.start_s < segment.time.end_s
        and (said.speaker == labelled[0].speaker) == (agent == is_agent[0])
    )
    assert agrees >= 0.95 * sum(len(s.text) for s in segments)


def test_voices_that_cannot_be_told_apart_get_no_label() -> None:
    path, turns = reference("sample-01")
    channel = decode(path).channels[0]
    own = [spoken(str(t["text"]), float(t["start_s"]), float(t["end_s"])) for t in turns if t["role"] == "agent"]
    assert {segment.speaker for segment in label_speakers(channel, own)} == {None}


def test_who_speaks_first_is_a() -> None:
    mixed, segments, _ = mixed_call("sample-04")
    assert label_speakers(mixed, segments)[0].speaker == "A"


def test_a_segment_is_cut_where_the_speaker_changes() -> None:
    mixed, segments, _ = mixed_call("sample-01")
    first, second = segments[2], segments[3]
    joined = Segment(
        first.text + second.text,
        TimeSpan(first.time.start_s, second.time.end_s),
        (*first.words, *second.words),
        0.9,
    )
    labelled = label_speakers(mixed, [*segments[:2], joined, *segments[4:]])
    cut = [s for s in labelled if joined.time.start_s <= s.time.start_s < joined.time.end_s]
    assert len(cut) == 2
    assert cut[0].speaker != cut[1].speaker
    assert cut[1].time.start_s == pytest.approx(second.time.start_s, abs=0.1)
    assert all(s.text == "".join(w.text for w in s.words) for s in cut)


def test_nothing_said_nobody_speaks() -> None:
    assert label_speakers(silence(1), []) == ()
    wordless = Segment("喂", TimeSpan(0, 1))
    assert label_speakers(silence(1), [wordless]) == (wordless,)


def test_a_single_word_on_silence_is_nobody_for_sure() -> None:
    (labelled,) = label_speakers(silence(1), [spoken("喂", 0.5, 0.5)])
    assert labelled.speaker is None


def test_filter_banks_show_where_the_energy_is() -> None:
    low, high = filter_banks(tone(1, 300)), filter_banks(np.concatenate([tone(0.5, 300), tone(0.5, 3000)]))
    assert low.shape == (98, 80)
    assert np.abs(low).max() < 0.5  # A steady tone differs from its mean nowhere.
    assert high[10].argmax() < 20 < 50 < high[90].argmax()
