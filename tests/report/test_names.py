import hypothesis.strategies as st
import pytest
from hypothesis import given

from audit.report.names import file_stem


@pytest.mark.parametrize("call_id", ["dev-001", "2026-03-02_A07_001", "张三的通话", "a.b"])
def test_a_plain_call_id_is_its_own_name(call_id: str) -> None:
    assert file_stem(call_id) == call_id


@pytest.mark.parametrize(
    "call_id", ["", ".", "..", "../../etc/passwd", "a/b", "a\\b", "CON", "nul.txt", "\udc80", "x" * 999, "-o", ".x"]
)
def test_an_unsafe_call_id_gets_a_safe_name_with_a_hash(call_id: str) -> None:
    stem = file_stem(call_id)
    assert stem != call_id
    assert "/" not in stem and "\\" not in stem and not stem.startswith((".", "-"))
    assert len(stem.encode()) <= 140


@given(
    st.lists(st.text(max_size=8) | st.sampled_from(["a/b", "a:b", "a_b", "ａ_b"]), min_size=2, max_size=2, unique=True)
)
def test_two_call_ids_never_share_a_name(pair: list[str]) -> None:
    assert file_stem(pair[0]) != file_stem(pair[1])


@given(st.text(max_size=8))
def test_an_id_that_is_another_ids_file_name_gets_its_own(call_id: str) -> None:
    stem = file_stem(call_id)
    assert stem == call_id or file_stem(stem) != stem
