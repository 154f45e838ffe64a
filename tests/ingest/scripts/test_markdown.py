"""Markdown scripts: sections, lists, tables, markup, places."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.ingest.scripts.markdown import parse
from audit.ingest.scripts.piece import Kind, Piece
from audit.model.script import Place
from tests.ingest.scripts.places import check_places

MARKS = st.sampled_from(
    [
        "# ", "##", "---", "===", "- ", "1. ", "  - ", "    ", "> ", "|", "|--|--|", "\\|", "```", "~~~", "**", "__", "*", "_", "~~", "`", "``", "[", "](", "](https://a.cn)",
        "![", ")", "<br>", "<b>", "</b>", "<del>", "</del>", "<金额>", "{{a_b}}", "${x*y}", "\\", "<!--", "-->", "callaudit: allow a.b 理由", "：", "坐席：", "您好。", "开场", "and", " ",
        "\t", "\x1f", "\u2028", "\x85", "key: 值", "[x] ", "[!NOTE]",
    ]
)  # fmt: skip
TEXTS = st.lists(MARKS | st.sampled_from(["\n", "\n\n", "\r\n", "\r"]) | st.text(max_size=4), max_size=40).map("".join)


def pieces(text: str) -> tuple[Piece, ...]:
    return parse(text, "话术.md").pieces


def outline(text: str) -> list[str]:
    return [
        "/".join(piece.path)
        + ("#" if piece.kind is Kind.HEADING else f"[{piece.name}]" if piece.name else "|")
        + piece.words.text
        for piece in pieces(text)
    ]


def words(text: str) -> list[str]:
    return [piece.words.text for piece in pieces(text)]


def test_headings_nest_and_name_what_is_under_them() -> None:
    text = "# 话术\n## 开场 ##\n您好。\n### 本人\n甲。\n## 结束\n再见。\n"
    assert outline(text) == [
        "s1#话术",
        "s1/s1#开场",
        "s1/s1|您好。",
        "s1/s1/s1#本人",
        "s1/s1/s1|甲。",
        "s1/s2#结束",
        "s1/s2|再见。",
    ]


def test_underlined_title_is_a_heading() -> None:
    assert outline("话术\n====\n开场\n---\n您好。\n\n---\n再见。") == [
        "s1#话术",
        "s1/s1#开场",
        "s1/s1|您好。",
        "s1/s1|再见。",
    ]


def test_speech_above_a_rule_is_no_heading() -> None:
    assert outline("您今天必须还钱！\n---\n再见。") == ["|您今天必须还钱！", "|再见。"]


@pytest.mark.parametrize("title", ["**开场**", "__开场__", "**开场**："])
def test_bold_line_is_a_heading_down_to_the_next(title: str) -> None:
    text = f"# 话术\n{title}\n您好。\n\n**结束：**\n再见。\n# 附\n甲。"
    assert [line.replace("开场：", "开场") for line in outline(text)] == [
        "s1#话术", "s1/s1#开场", "s1/s1|您好。", "s1/s2#结束：", "s1/s2|再见。", "s2#附", "s2|甲。",
    ]  # fmt: skip


@pytest.mark.parametrize("line", ["**您今天必须还钱！**", "**坐席：** 您好。", "**您** 和 **我**"])
def test_bold_speech_is_no_heading(line: str) -> None:
    assert [piece.kind for piece in pieces(f"{line}\n\n再见。")] == [Kind.TEXT, Kind.TEXT]


@pytest.mark.parametrize(
    "mark",
    [
        "- ",
        "* ",
        "+ ",
        "1. ",
        "1) ",
        "12. ",
        "1、",
        "（1）",
        "① ",
        "· ",
        "- [ ] ",
        "- [x] ",
        "> - ",
        "  3. ",
        "1.",
        "- 1. ",
    ],
)
def test_marker_of_an_item_is_none_of_its_words(mark: str) -> None:
    (piece,) = pieces(f"{mark}您好，请问是本人吗？")
    assert piece.words.text == "您好，请问是本人吗？"
    assert piece.words.place(0) == Place(1, len(mark) + 1)


def test_items_are_under_an_item_only_where_it_leads_to_them() -> None:
    text = "- 客户拒绝：\n  - 好的。\n    - 再见。\n- 客户同意\n  - 谢谢。\n\n结束。"
    assert outline(text) == ["s1#客户拒绝：", "s1|好的。", "s1|再见。", "|客户同意", "|谢谢。", "|结束。"]


def test_cells_have_the_name_of_their_column_and_the_place_in_the_file() -> None:
    text = "## 应答\n| 客户说 | **坐席**答 |\n|:--|--:|\n| 没钱 | 您\\|好 |\n| | 再见。 | 余 |\n\n之后。"
    assert outline(text) == [
        "s1#应答", "s1/t1/r1[客户说]没钱", "s1/t1/r1[坐席答]您|好", "s1/t1/r2[坐席答]再见。", "s1/t1/r2|余", "s1|之后。",
    ]  # fmt: skip
    cell = pieces(text)[2].words
    assert [cell.place(offset) for offset in range(3)] == [Place(4, 8), Place(4, 10), Place(4, 11)]


def test_table_needs_no_outer_pipes_and_may_be_quoted() -> None:
    assert outline("> 客户|坐席\n> --|--\n> 没钱|好的\n\n客户|坐席\n:-:|---\n有钱|谢谢") == [
        "t1/r1[客户]没钱", "t1/r1[坐席]好的", "t2/r1[客户]有钱", "t2/r1[坐席]谢谢",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("**您好**，__请__ *还款* _吧_ ***现在***", "您好，请 还款 吧 现在"),
        ("说**“您好”**，再说", "说“您好”，再说"),
        ("`您好` ``a`b``", "您好 a`b"),
        ("请看[官网](https://a.cn/b_c \"官网\")。", "请看官网。"),
        ("图![说明](a.png)片", "图片"),
        ("[姓名](先生/女士)您好", "[姓名](先生/女士)您好"),
        ("\\*您好\\* \\_ \\`", "*您好* _ `"),
        ("<b>您好</b>，<span class=\"a\">请</span>还<金额><客户姓名>", "您好，请还<金额><客户姓名>"),
        ("{{user_name}}您_好，${overdue_days}天 {a*b*c} 张*三 李*四 2*3*4", "{{user_name}}您_好，${overdue_days}天 {a*b*c} 张*三 李*四 2*3*4"),
        ("尾号****1234，张**，您好**", "尾号****1234，张**，您好**"),
        ("请~~坐牢~~还款，<del>上门</del><s>抓人</s>谢谢 9~18", "请还款，谢谢 9~18"),
        ("您好<!-- 语气平和 -->，再见", "您好，再见"),
        ("a_b_c https://a.cn/x_y_z", "a_b_c https://a.cn/x_y_z"),
        ("未闭合 **粗 `码 [链 <!-- 注", "未闭合 **粗 `码 [链 <!-- 注"),
    ],
)  # fmt: skip
def test_markup_is_no_words_and_placeholders_are(written: str, read: str) -> None:
    assert words(written) == [read]
    check_places(written, pieces(written))


def test_break_tag_parts_the_words() -> None:
    assert outline("|答|\n|--|\n|客户：甲<br>坐席：乙|") == ["t1/r1[答]客户：甲", "t1/r1[答]坐席：乙"]


def test_lines_broken_for_the_eye_are_one_piece() -> None:
    text = "您好，这里是\n客服 and\n more words\n您的账单。\n请还款\\\n谢谢"
    assert words(text) == ["您好，这里是客服 and more words您的账单。", "请还款", "谢谢"]
    assert pieces(text)[0].words.place(6) == Place(2, 1)


@pytest.mark.parametrize(
    "text",
    [
        "您好。\n请还款",
        "您好！**\n请还款",
        "客户：没钱\n坐席：请还款",
        "请还款\n坐席：您好",
        "【问】甲\n【答】乙",
        "您好  \n请还款",
        "您好\n> 请还款",
    ],
)
def test_lines_that_are_said_apart_are_pieces_apart(text: str) -> None:
    assert len(pieces(text)) == 2


def test_front_matter_is_fields_of_the_whole_document() -> None:
    text = '---\naudience: third_party\n# 说明\ntitle: "联系人：甲"\ntags:\n  - 催收\n---\n# 开场\n您好。'
    assert outline(text) == ["[audience]third_party", "[title]联系人：甲", "[tags]催收", "s1#开场", "s1|您好。"]
    assert pieces(text)[1].words.place(0) == Place(4, 9)


def test_rule_at_the_beginning_is_no_front_matter() -> None:
    assert outline("---\n您好：再见。") == ["|您好：再见。"]


def test_code_is_words_as_they_are_written() -> None:
    text = "# 开场\n```text 话术\n坐席：**您好**\n\n~~~\n```\n    缩进*的*\n\n谢谢。"
    assert outline(text) == [
        "s1#开场",
        "s1[code:text 话术]坐席：**您好**",
        "s1[code:text 话术]~~~",
        "s1|缩进*的*",
        "s1|谢谢。",
    ]


def test_comments_and_directives_are_no_words() -> None:
    parsed = parse(
        "<!-- 说明\n您必须还钱 -->\n您好。 <!-- callaudit: allow a.b 理由 -->\n# callaudit: allow c.d 理由", "话术.md"
    )
    assert [piece.words.text for piece in parsed.pieces] == ["您好。"]
    assert [(d.words.text, d.words.place(0), d.alone) for d in parsed.directives] == [
        ("allow a.b 理由", Place(3, 21), False),
        ("allow c.d 理由", Place(4, 14), True),
    ]


@pytest.mark.parametrize("line", ["[官网]: https://a.cn", "> [!NOTE]", "***", "- - -", "![图](a.png)"])
def test_what_says_nothing_is_no_piece(line: str) -> None:
    assert pieces(line) == ()


def test_speaker_in_brackets_is_words() -> None:
    assert words("[坐席]: 您好。") == ["[坐席]: 您好。"]


@given(TEXTS)
def test_each_character_stands_where_its_place_says(text: str) -> None:
    check_places(text, pieces(text), folds=True)


@given(st.text(alphabet="您好，。 ab", min_size=1, max_size=30).filter(lambda text: text.strip()))
def test_text_without_markup_is_read_whole(text: str) -> None:
    assert "".join("".join(words(text)).split()) == "".join(text.split())


@pytest.mark.parametrize(
    "part",
    ["[", "![", "](", "![](", "`" , "``` ", "**a", "*", "_a", "~~a", "<del>", "<b ", "<!--", "{", "\\", "| ", "|-", "> ", "- ", "> - ", "# ", "a\n", "a<br>a\n", "  ", "[x]: ",
     "**a**\n", "1. ", "\t"],
)  # fmt: skip
def test_hostile_repetition_takes_no_longer_than_its_length(part: str) -> None:
    assert words(part * 20_000 + "\n\n您好。")[-1] == "您好。"


def test_lists_nested_without_end_are_read() -> None:
    text = "\n".join(" " * depth + "- 甲：" for depth in range(600)) + "\n" + " " * 600 + "- 您好。"
    assert words(text)[-1] == "您好。"


@pytest.mark.parametrize("title", ["**客户说没钱** ", "**会坐牢吗？**  ", "**失业**"])
def test_a_bold_title_may_stand_before_its_words(title: str) -> None:
    found = parse(f"{title}「您先别急。」\n", "a.md").pieces
    assert [(piece.kind, piece.words.text) for piece in found] == [
        (Kind.HEADING, title.strip(" *")),
        (Kind.TEXT, "「您先别急。」"),
    ]


@pytest.mark.parametrize(
    "text", ["**请您** 今天处理。", "**坐席：** 您好。", "请**今天** 处理。", "**不还的话，** 会起诉。"]
)
def test_bold_words_in_what_is_said_are_no_title(text: str) -> None:
    assert [piece.kind for piece in parse(text, "a.md").pieces] == [Kind.TEXT]


def test_a_short_first_line_is_a_line_of_its_own() -> None:
    assert words("客户不回消息\n您方便时看一眼。") == ["客户不回消息", "您方便时看一眼。"]
    assert words("1)第一次不接\n您方便时回个电话。") == ["第一次不接", "您方便时回个电话。"]
    assert words("我们这边查到您的账单\n已经到期。") == ["我们这边查到您的账单已经到期。"]


def test_words_under_a_bold_item_stand_under_its_title() -> None:
    found = parse("- **说没发工资**\n  「那等发了再说。」\n- **说没空**\n  「您定个时间。」\n", "a.md").pieces
    assert [piece.kind for piece in found] == [Kind.HEADING, Kind.TEXT, Kind.HEADING, Kind.TEXT]
    assert found[1].path != found[3].path
