"""Placeholders by style, name and neighbours, and the way back from what rules read to what the file says."""

import tomllib
from importlib.resources import files
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.ingest.scripts.words import words
from audit.lint.placeholders import placeholders, spoken
from audit.model.script import Passage


def meanings(text: str) -> list[tuple[str, str]]:
    return [(text[one.start : one.end], one.meaning) for one in placeholders(text, words())]


STYLES = ["{{金额}}", "{{ 金额 }}", "{金额}", "${金额}", "#{金额}", "<金额>", "＜金额＞", "【金额】", "[金额]", "〔金额〕", "%金额%", "{{amount_due}}"]  # fmt: skip


@pytest.mark.parametrize("written", STYLES)
def test_every_style_is_understood_by_its_name(written: str) -> None:
    assert meanings(f"您还有{written}未还") == [(written, "amount")]


@pytest.mark.parametrize("written", ["【温馨提示】", "[见附页]", "<第二步>", "〔略〕"])
def test_in_brackets_that_hold_other_things_only_known_names_count(written: str) -> None:
    assert meanings(f"您好{written}再见") == []


@pytest.mark.parametrize("written", ["{{天晓得}}", "{q7}", "${q7}"])
def test_in_braces_a_name_that_nobody_knows_is_a_placeholder_all_the_same(written: str) -> None:
    assert meanings(f"您好{written}再见") == [(written, "unknown")]


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("工号XX", "staff_number"),
        ("尾号****", "last4"),
        ("身份证号是XXXX", "id_number"),
        ("手机号：XXXX", "phone"),
        ("银行卡号XXXX", "card"),
        ("请致电XXXX", "hotline"),
        ("欠款XX", "amount"),
        ("逾期了XX", "days"),
        ("XX公司", "institution"),
        ("XX先生", "surname"),
        ("给XX元", "amount"),
        ("满XX天", "days"),
        ("分XX期", "number"),
        ("在XX月", "number"),
        ("晚XX点", "number"),
        ("XX贷", "place"),
        ("是XX本人", "name"),
        ("是某某吗", "name"),
        ("这个XX啊", "unknown"),
        ("________公司", "institution"),
        ("{{甲}}公司", "institution"),
    ],
)
def test_a_blank_is_understood_by_its_neighbours(text: str, meaning: str) -> None:
    assert [one.meaning for one in placeholders(text, words())] == [meaning]


@pytest.mark.parametrize("meaning", sorted(set(words().specimens) - {"unknown"}))
def test_rules_read_the_specimen_of_each_meaning(meaning: str) -> None:
    names = [name for found, name in _names() if found == meaning]
    text = f"甲{{{{{names[0]}}}}}乙"
    read = spoken(Passage.at(text, 1, 1), words())
    assert read.text.startswith("甲" + words().specimens[meaning])
    assert read.text.endswith("乙")


def _names() -> list[tuple[str, str]]:
    data = tomllib.loads(files("audit.lexicons").joinpath("scripts.toml").read_text(encoding="utf-8"))
    return [(meaning, name) for meaning, names in data["placeholders"].items() for name in names]


@pytest.mark.parametrize(
    ("text", "read"),
    [("欠{{金额}}。", "欠3000元。"), ("欠{{金额}}元。", "欠3000元。"), ("逾期{{天数}}", "逾期30天"), ("逾期{{天数}}天", "逾期30天")],
)  # fmt: skip
def test_a_unit_is_read_where_none_is_written(text: str, read: str) -> None:
    assert spoken(Passage.at(text, 1, 1), words()).text == read


TEXTS = st.lists(st.sampled_from([*STYLES, "XX", "{", "}}", "【", "您好", "，"]) | st.text(max_size=4), max_size=12).map("".join)  # fmt: skip


@given(TEXTS)
def test_every_character_leads_back_to_the_file_and_placeholders_whole(text: str) -> None:
    read = spoken(Passage.at(text, 1, 1), words())
    assert len(read.starts) == len(read.ends) == len(read.text) + 1
    assert read.written(0, len(read.text)) == (0, len(text))
    inside = {at: one for one in read.placeholders for at in range(one.start, one.end)}
    for offset, char in enumerate(read.text):
        start, end = read.written(offset, offset + 1)
        one = inside.get(start)
        if one:
            assert (start, end) == (one.start, one.end)
        else:
            assert text[start:end] == char


@given(TEXTS)
def test_placeholders_are_in_order_and_apart(text: str) -> None:
    found = list(placeholders(text, words()))
    assert all(one.start < one.end for one in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
