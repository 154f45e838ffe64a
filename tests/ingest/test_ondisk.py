import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.ingest.ondisk import FirstCome, Sequence


@given(st.lists(st.tuples(st.integers(0, 2**40), st.binary(max_size=20)), max_size=30))
def test_what_was_appended_is_there_in_its_place(entries: list[tuple[int, bytes]]) -> None:
    sequence = Sequence()
    for number, value in entries:
        sequence.append(number, value)
    assert len(sequence) == len(entries)
    assert [sequence[place] for place in range(len(entries))] == entries
    with pytest.raises(IndexError):
        sequence[len(entries)]


@given(st.lists(st.tuples(st.text(max_size=3), st.text(max_size=5)), max_size=40))
def test_the_first_value_of_a_text_stays(entries: list[tuple[str, str]]) -> None:
    first, kept = FirstCome(), dict[str, str]()
    for key, value in entries:
        assert first.put(key, value) == kept.get(key)
        kept.setdefault(key, value)
    assert {key: first.get(key) for key in kept} == kept
    assert first.get("no such text") is None


def test_half_characters_of_broken_file_names_are_kept() -> None:
    first = FirstCome()
    assert first.put("\udc80", "录音\udc80.wav") is None
    assert first.get("\udc80") == "录音\udc80.wav"
