"""Plain text scripts: titles, numbers, places."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.ingest.scripts.piece import Kind, Piece
from audit.ingest.scripts.text import parse
from audit.model.script import Place
from tests.ingest.scripts.places import BREAK, check_places

LINES = st.sampled_from(
    [
        "一、开场", "（一）核身", "1. 您好，请问是本人吗？", "2、核实", "A. 客户说没钱", "第一步：核身", "【开场】", "【问】会怎样？", "== 结束 ==", "# 标题",
        "坐席：您好。", "客户拒绝时：", "- 再见", "① 好的", "3 天内还", "结束语", "", " ", "======", "您好 # callaudit: allow a.b 理由", "<!-- callaudit: x", "-->",
        "\u2028", "\x0b", "\x85", "\x1f",
    ]
)  # fmt: skip
TEXTS = st.lists(LINES | st.text(max_size=12), max_size=15).flatmap(
    lambda lines: st.sampled_from(["\n", "\r\n", "\r"]).map(lambda end: end.join(lines))
)


def outline(text: str) -> list[str]:
    return [
        "/".join(piece.path) + ("#" if piece.kind is Kind.HEADING else "|") + piece.words.text for piece in pieces(text)
    ]


def pieces(text: str) -> tuple[Piece, ...]:
    return parse(text, "话术.txt").pieces


@pytest.mark.parametrize(
    "title",
    [
        "A. 客户说没钱",
        "一、客户说没钱",
        "（一）客户说没钱",
        "1. 客户说没钱",
        "1.2 客户说没钱",
        "■客户说没钱",
        "# 客户说没钱",
        "== 客户说没钱 ==",
        "【客户说没钱】",
    ],
)
def test_short_line_with_a_number_or_frame_above_speech_is_a_title_without_its_number(title: str) -> None:
    assert outline(f"{title}\n没关系，您慢慢说。") == ["s1#客户说没钱", "s1|没关系，您慢慢说。"]


@pytest.mark.parametrize("title", ["第一步：核身", "步骤一 核身", "场景2：核身", "第二部分 核身"])
def test_step_is_a_title(title: str) -> None:
    assert outline(f"{title}\n您好，请问是您本人吗？") == [f"s1#{title}", "s1|您好，请问是您本人吗？"]


@pytest.mark.parametrize(
    "mark", ["1. ", "1、", "(1)", "（1） ", "① ", "- ", "* ", "·", "A. ", "一、", "1 ", "1.1 ", "●"]
)
def test_numbered_line_of_speech_is_spoken_without_its_number(mark: str) -> None:
    first, second = pieces(f"说明：甲。\n  {mark}您好，请问是本人吗？")
    assert (second.kind, second.words.text) == (Kind.TEXT, "您好，请问是本人吗？")
    assert second.words.place(0) == Place(2, 3 + len(mark))
    assert first.words.text == "说明：甲。"


@pytest.mark.parametrize(
    "line", ["1.5倍利息由您承担。", "3 天内还清就好。", "-5元也要还。", "2026年到期。", "*号键结束。"]
)
def test_number_that_belongs_to_the_words_stays(line: str) -> None:
    assert outline(f"甲。\n{line}") == ["|甲。", f"|{line}"]


def test_notes_in_a_numbered_list_are_no_titles() -> None:
    assert outline("注意事项：\n1. 保持微笑\n2. 语速适中\n3. 不得打断\n谢谢。") == [
        "s1#注意事项：", "s1|保持微笑", "s1|语速适中", "s1|不得打断", "s1|谢谢。",
    ]  # fmt: skip


def test_sections_nest_by_their_numbering() -> None:
    text = "一、开场\n（一）本人\n您好。\n（二）他人\n打扰了。\n二、结束\n再见。"
    assert outline(text) == [
        "s1#开场",
        "s1/s1#本人",
        "s1/s1|您好。",
        "s1/s2#他人",
        "s1/s2|打扰了。",
        "s2#结束",
        "s2|再见。",
    ]


def test_numbering_without_a_rank_nests_as_it_comes() -> None:
    text = "【本人】\n一、开场\n您好。\n【他人】\n一、开场\n打扰了。"
    assert outline(text) == ["s1#本人", "s1/s1#开场", "s1/s1|您好。", "s2#他人", "s2/s1#开场", "s2/s1|打扰了。"]


def test_first_line_that_reads_like_a_title_names_everything() -> None:
    assert outline("M3 话术(内部)\n您好。") == ["#M3 话术(内部)", "|您好。"]


@pytest.mark.parametrize("line", ["您好。", "适用对象：紧急联系人", "您今天必须还钱", "{{客户姓名}}先生"])
def test_first_line_that_is_speech_or_a_field_is_no_title(line: str) -> None:
    assert outline(f"{line}\n再见。")[0] == f"|{line}"


def test_title_without_any_sign_stands_apart_above_speech() -> None:
    assert outline("甲。\n\n结束语\n感谢您的接听。")[1:] == ["s1#结束语", "s1|感谢您的接听。"]
    assert outline("甲。\n结束语\n感谢您的接听。")[1:] == ["|结束语", "|感谢您的接听。"]
    assert outline("甲。\n\n还钱吧\n感谢您的接听。")[1:] == ["|还钱吧", "|感谢您的接听。"]


def test_prefixes_stay_with_the_words() -> None:
    text = "【问】会坐牢吗？\n【答】不会，请放心。\n坐席：您好。\n1. 客户：我没钱"
    assert outline(text) == ["|【问】会坐牢吗？", "|【答】不会，请放心。", "|坐席：您好。", "|客户：我没钱"]


def test_directive_is_no_words() -> None:
    parsed = parse("甲。\n您好 <!-- callaudit: allow a.b 理由 --> 再见。\n// callaudit: allow c.d 理由", "话术.txt")
    assert [piece.words.text for piece in parsed.pieces] == ["甲。", "您好  再见。"]
    assert parsed.pieces[1].words.place(4) == Place(2, 4 + len("<!-- callaudit: allow a.b 理由 -->") + 1)
    assert [(d.words.text, d.alone) for d in parsed.directives] == [("allow a.b 理由", False), ("allow c.d 理由", True)]


def test_only_editors_line_breaks_count() -> None:
    assert [piece.words.place(0).line for piece in pieces("甲\u2028乙。\r\n丙\x0b丁。\r戊\x85己。\n庚。")] == [
        1,
        2,
        3,
        4,
    ]


@given(TEXTS)
def test_each_character_stands_where_its_place_says(text: str) -> None:
    check_places(text, pieces(text))


@given(TEXTS.filter(lambda text: "callaudit" not in text))
def test_every_line_with_words_is_a_piece(text: str) -> None:
    lines = {piece.words.place(0).line for piece in pieces(text)}
    assert lines == {number for number, line in enumerate(BREAK.split(text), start=1) if re.search(r"[^\W_]", line)}


def test_hostile_lines_take_no_longer_than_their_length() -> None:
    long = "=" * 200_000 + " " * 200_000 + "# " * 100_000
    assert pieces(long + "\n" + "【" * 200_000 + "您" + "\n" + "1." * 100_000 + "您")
