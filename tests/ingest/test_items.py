import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.ingest.items import NAME_BYTES, safe_name


@pytest.mark.parametrize("call_id", ["dev-001", "通话（3）", "a~b", "A7_2026"])
def test_a_safe_id_is_its_own_name(call_id: str) -> None:
    assert safe_name(call_id) == call_id


@pytest.mark.parametrize(
    "call_id", ["", ".", "..", "../../etc/passwd", "a\\b", "C:x", "CON", "nul", "a.b", "a\x00b", "号" * 100]
)
def test_an_unsafe_id_gets_a_name_without_separators_and_dots(call_id: str) -> None:
    name = safe_name(call_id)
    assert name
    assert name != call_id
    assert not set(name) & set('/\\.:*?"<>|\x00')
    assert len(name.encode()) <= NAME_BYTES


def test_ids_that_look_alike_once_changed_keep_names_apart() -> None:
    ids = ["a/b", "a.b", "a_b", "a:b", safe_name("a/b")]
    assert len({safe_name(call_id) for call_id in ids}) == len(ids)


@given(st.text(), st.text())
def test_two_ids_never_share_a_name(one: str, other: str) -> None:
    assert (safe_name(one) == safe_name(other)) == (one == other)


@given(st.text(alphabet=st.characters()))
def test_any_text_becomes_a_short_name(call_id: str) -> None:
    name = safe_name(call_id)
    assert 0 < len(name.encode()) <= NAME_BYTES
    assert "/" not in name
    assert "." not in name
