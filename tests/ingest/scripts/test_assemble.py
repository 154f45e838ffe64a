"""Pieces become a script: whose words, who listens, what is known, what is a setting."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.ingest.scripts.assemble import assemble
from audit.ingest.scripts.read import format_of, parse
from audit.ingest.scripts.words import words
from audit.model.script import Audience, Line, Script, Voice
from tests.ingest.scripts.places import BREAK

AGENT, OTHER, NOTE, FORBIDDEN = Voice.AGENT, Voice.OTHER, Voice.NOTE, Voice.FORBIDDEN
DEBTOR, THIRD = Audience.DEBTOR, Audience.THIRD_PARTY
HELLO = "您好，请问您在吗？"


def script(text: str, path: str = "a.md", audience: Audience | None = None) -> Script:
    return assemble(parse(text.encode(), path), path, format_of(path).name, words(), audience)


def voices(text: str, path: str = "a.md") -> list[tuple[str, Voice]]:
    return [(line.words.text, line.voice) for line in script(text, path).lines]


def the(text: str, path: str = "a.md", said: str = HELLO) -> Line:
    """The line that says `said`."""
    (line,) = [line for line in script(text, path).lines if line.words.text == said]
    return line


@pytest.mark.parametrize(
    ("prefix", "voice"),
    [("坐席：", AGENT), ("催收员: ", AGENT), ("客户：", OTHER), ("【客户】", OTHER), ("联系人：", OTHER), ("備註：", NOTE), ("禁用语：", FORBIDDEN), ("", AGENT)],
)  # fmt: skip
def test_a_prefix_says_whose_words_follow(prefix: str, voice: Voice) -> None:
    assert voices(f"# 说话\n\n{prefix}没有钱，改天再说。") == [("没有钱，改天再说。", voice)]


@pytest.mark.parametrize(
    ("title", "voice"), [("禁用表述", FORBIDDEN), ("客户原话", OTHER), ("注意事项", NOTE), ("违规投诉处理", AGENT), ("还款提醒", AGENT)]
)  # fmt: skip
def test_a_title_says_whose_words_stand_under_it(title: str, voice: Voice) -> None:
    assert voices(f"# {title}\n\n- 三天内还清，不再拖延。") == [("三天内还清，不再拖延。", voice)]


def test_under_a_note_what_speaks_to_somebody_is_said() -> None:
    assert the(f"# 说明\n\n{HELLO}").voice is AGENT


@pytest.mark.parametrize(
    ("key", "voice"), [("话术", AGENT), ("customer_examples", OTHER), ("備註", NOTE), ("禁語", FORBIDDEN), ("forbidden", FORBIDDEN)]
)  # fmt: skip
def test_a_key_says_whose_its_words_are(key: str, voice: Voice) -> None:
    assert voices(f"{key}:\n  - 三天内还清，不再拖延。\n", "a.yaml") == [("三天内还清，不再拖延。", voice)]


def test_forbidden_wording_stays_so_however_deep_but_for_what_replaces_it() -> None:
    text = "禁用语:\n  - 场景: 一\n    内容: 三天内必须还清。\n    替换为: 请您三天内安排还款。\n"
    assert dict(voices(text, "a.yaml"))["请您三天内安排还款。"] is AGENT
    assert voices("禁用语:\n  第一类:\n    - 三天内必须还清。\n", "a.yaml") == [("三天内必须还清。", FORBIDDEN)]


def test_columns_say_whose_their_words_are_and_others_beside_them_are_notes() -> None:
    table = "场景,客户说,话术,天气\n推脱,没有钱，改天,请您安排还款。,晴天，多云。\n".replace(
        "没有钱，改天", '"没有钱，改天"'
    )
    found = dict(voices(table, "a.csv"))
    assert found["没有钱，改天"] is OTHER
    assert found["请您安排还款。"] is AGENT
    assert found["晴天，多云。"] is NOTE


@pytest.mark.parametrize(("role", "voice"), [("坐席", AGENT), ("客户", OTHER), ("customer", OTHER)])
def test_the_field_of_a_role_says_whose_words_stand_beside_it(role: str, voice: Voice) -> None:
    assert dict(voices(f"- role: {role}\n  text: 三天内还清，好吗。\n", "a.yaml"))["三天内还清，好吗。"] is voice
    assert dict(voices(f"角色,内容\n{role},三天内还清。\n", "a.csv"))["三天内还清。"] is voice


@pytest.mark.parametrize(
    "text",
    [
        f"# 紧急联系人话术\n\n{HELLO}",
        f"# 聯繫人話術\n\n{HELLO}",
        f"适用对象：同事\n\n{HELLO}",
        f"{HELLO}\n\n适用对象：家属",
        f"# 打招呼\n\n## 单位前台\n\n{HELLO}",
    ],
)
def test_titles_and_fields_say_that_a_third_party_listens(text: str) -> None:
    assert the(text).audience is THIRD


@pytest.mark.parametrize("text", ["# 联系人信息更新\n\n" + HELLO, "# 提醒\n\n" + HELLO])
def test_other_titles_say_nothing_of_who_listens(text: str) -> None:
    assert the(text).audience is None


def test_keys_and_fields_say_who_listens() -> None:
    assert the(f"audience: third_party\ntext: {HELLO}\n", "a.yaml").audience is THIRD
    assert the(f"audience: 本人\ntext: {HELLO}\n", "a.yaml").audience is DEBTOR
    assert the(f"紧急联系人:\n  话术:\n    - {HELLO}\n", "a.yaml").audience is THIRD
    assert the(f"联系人话术:\n  - {HELLO}\n", "a.yaml").audience is THIRD
    assert the(f"编号,家属话术\n1,{HELLO}\n", "a.csv").audience is THIRD
    assert the(f"适用对象,话术\n邻居,{HELLO}\n", "a.csv").audience is THIRD


def test_what_the_file_says_of_listeners_counts_before_what_the_configuration_says() -> None:
    read = script(f"# 提醒\n\n{HELLO}\n\n# 本人接听\n\n打扰您了。", audience=THIRD)
    assert [line.audience for line in read.lines] == [THIRD, DEBTOR]


@pytest.mark.parametrize("direction", ["（停顿）", "（确认）", "(pause)", "〔等待〕", "【客户】（沉默）"])
def test_a_stage_direction_before_words_is_not_said(direction: str) -> None:
    assert [line.words.text for line in script(f"# 一\n\n{direction}{HELLO}").lines] == [HELLO]


def test_stage_directions_within_words_part_them() -> None:
    assert [line.words.text for line in script("# 一\n\n您好。（停顿）您今天方便吗？（等待）好的。").lines] == [
        "您好。", "您今天方便吗？", "好的。",
    ]  # fmt: skip


def test_words_in_brackets_that_are_no_direction_are_said() -> None:
    assert [line.words.text for line in script("# 一\n\n您好。（含罚息）请还款。").lines] == [
        "您好。（含罚息）请还款。"
    ]


def test_a_prefix_behind_a_direction_holds_for_what_goes_on() -> None:
    text = "# 一\n\n坐席：您好。（停顿）客户：没钱。（沉默）真没有。"
    assert voices(text) == [("您好。", AGENT), ("没钱。", OTHER), ("真没有。", OTHER)]


def test_directions_by_the_thousand_are_read() -> None:
    read = script("# 一\n\n" + "您好，（停顿）" * 3000)
    assert [line.words.text for line in read.lines] == ["您好，"] * 3000


@pytest.mark.parametrize("marks", ["“”", '""', "「」", "『』"])
def test_quotation_marks_around_an_utterance_are_not_said(marks: str) -> None:
    assert the(f"# 一\n\n{marks[0]}{HELLO}{marks[1]}").voice is AGENT
    assert [line.words.text for line in script("# 一\n\n“您好”，“再见”").lines] == ["“您好”，“再见”"]


def test_a_line_that_ends_with_a_comma_goes_on_on_the_next() -> None:
    (line,) = script("您欠的款，\n请尽快还。", "a.txt").lines
    assert line.words.text == "您欠的款，请尽快还。"
    assert (line.words.place(4).line, line.words.place(5).line) == (1, 2)
    assert len(script("您好，\n坐席：请尽快还。", "a.txt").lines) == 2


@pytest.mark.parametrize(
    ("title", "known"),
    [("已核身", "identified"), ("未核身", "unidentified"), ("已告知录音", "notified"), ("已自报家门", "introduced")],
)
def test_titles_say_what_has_happened_by_then(title: str, known: str) -> None:
    assert known in the(f"# {title}\n\n{HELLO}").known
    assert the(f"# 催告\n\n{HELLO}").known == frozenset()


@pytest.mark.parametrize(
    ("note", "known"),
    [
        ("以下例句均发生在核身完成之后", {"identified"}),
        ("客户均已在小程序完成实名认证", {"identified"}),
        ("身份核验在上一环节做完，录音提示已播", {"identified", "notified"}),
        ("先核实身份，再提欠款", set()),
        ("未完成核身不得报金额", set()),
        ("接通后照常核身、播报录音", set()),
        ("通话须全程录音", set()),
    ],
)
def test_notes_say_what_has_been_done_however_they_put_it(note: str, known: set[str]) -> None:
    assert the(f"备注: {note}\n话术: {HELLO}\n", "a.yaml").known == known


@pytest.mark.parametrize("direction", ["（总机问什么事）", "(还推脱)", "（不方便）", "(他妈接)"])
def test_what_stands_in_round_brackets_before_words_is_not_said(direction: str) -> None:
    assert [line.words.text for line in script(f"# 一\n\n{direction}{HELLO}").lines] == [HELLO]


@pytest.mark.parametrize(
    ("prefix", "voice"), [("Q3:", OTHER), ("A3：", AGENT), ("客户2：", OTHER), ("坐席1：", AGENT), ("客：", OTHER), ("催：", AGENT)]
)  # fmt: skip
def test_a_number_behind_a_prefix_is_none_of_its_name(prefix: str, voice: Voice) -> None:
    assert voices(f"# 说话\n\n{prefix}没有钱，改天再说。") == [("没有钱，改天再说。", voice)]


def test_who_plays_a_part_may_stand_in_brackets_behind_it() -> None:
    text = "# 一\n\n角色：学员甲（催收员）　学员乙（客户）\n\n学员乙：没有钱，改天再说。\n\n学员甲：好的，改天再说。\n"
    assert voices(text)[-2:] == [("没有钱，改天再说。", OTHER), ("好的，改天再说。", AGENT)]


@pytest.mark.parametrize("text", ['call_window: ["07:10", "21:00"]\n', 'hours:\n  - "07:10"\n  - "21:00"\n'])
def test_two_clocks_in_a_list_of_a_windows_name_are_its_edges(text: str) -> None:
    found = [(setting.kind, setting.value.text) for setting in script(text, "a.yaml").settings]
    assert found == [("from", "07:10"), ("to", "21:00")]
    assert script('moments: ["07:10", "21:00"]\n', "a.yaml").settings == ()


@pytest.mark.parametrize(
    "name", ["connected_cap_per_customer", "max_calls_per_borrower", "单客日触达上限", "每户每日通话次数"]
)
def test_a_name_that_counts_calls_of_one_person_is_a_count(name: str) -> None:
    (setting,) = script(f"{name}: 9\n", "a.yaml").settings
    assert setting.kind == "count"


@pytest.mark.parametrize(
    "name", ["sms_per_day", "max_discount_per_debtor", "calls_per_agent", "每日短信上限", "每坐席每日拨打"]
)
def test_a_name_that_counts_something_else_is_none(name: str) -> None:
    assert script(f"{name}: 9\n", "a.yaml").settings == ()


def test_a_figure_beside_a_setting_says_nothing_of_it() -> None:
    found = script('window: "07:00-23:00"\ninbound_hours: "00:00-24:00"\n', "a.yaml").settings
    assert "inbound" not in found[0].beside
    assert "inbound" in found[1].beside


def test_the_direction_yes_says_that_the_debtor_answers() -> None:
    assert "identified" in the(f"# 一\n\n（是）{HELLO}").known


@pytest.mark.parametrize(
    ("title", "opening"), [("开场白", True), ("首次联系", True), ("开场后", False), ("催告", False)]
)
def test_a_title_of_an_opening_begins_a_conversation(title: str, *, opening: bool) -> None:
    assert the(f"# {title}\n\n{HELLO}").opening is opening
    assert the(f"{title}: {HELLO}\n", "a.yaml").opening is opening


@pytest.mark.parametrize(
    ("text", "path", "kind"),
    [
        ("外呼时段: '07:00-23:00'", "a.yaml", "window"),
        ("start_time: '07:00'", "a.yaml", "from"),
        ("end_time: '23:00'", "a.yaml", "to"),
        ("max_calls_per_day: 9", "a.yaml", "count"),
        ("渠道,每日上限\n电话,9\n", "a.csv", "count"),
        ("拨打时间：7:00-23:00", "a.txt", "window"),
        ("外呼在 7:00 至 23:00 之间进行", "a.txt", "window"),
        ("每天最多拨打 9 次", "a.txt", "count"),
        ("没人接听就半夜再打", "a.txt", "night"),
    ],
)
def test_windows_and_counts_are_settings(text: str, path: str, kind: str) -> None:
    assert [setting.kind for setting in script(text, path).settings] == [kind]


@pytest.mark.parametrize("text", ["时段: 尽快", "start: 开始", "次数: 不限", "hours: 请您拨打 9:00"])
def test_names_of_settings_without_a_value_are_none(text: str) -> None:
    assert script(text, "a.yaml").settings == ()


def test_what_stands_beside_a_setting_is_told() -> None:
    (setting,) = script("线路:\n  名称: 呼入热线\n  时段: '00:00-24:00'\n", "a.yaml").settings
    assert "呼入热线" in setting.beside


def test_a_column_of_directives_is_no_speech() -> None:
    read = script(f"话术,callaudit\n{HELLO},allow threat 反例\n", "a.csv")
    assert [directive.words.text for directive in read.directives] == ["allow threat 反例"]
    assert [line.words.text for line in read.lines] == [HELLO]


def test_a_long_utterance_is_read_in_parts_that_are_whole_sentences() -> None:
    read = script("您好，请还款。" * 1000, "a.txt")
    assert "".join(line.words.text for line in read.lines) == "您好，请还款。" * 1000
    assert all(len(line.words.text) <= 600 and line.words.text.endswith("。") for line in read.lines)


BITS = st.sampled_from(["坐席：", "客户：", "【客户】", "（停顿）", "您好，", "您好。", "“", "”", "# ", "开场", "\n", "\n\n", "{{金额}}", "每天拨打9次", "23:00-24:00", "电话", " "])  # fmt: skip


@given(
    st.lists(BITS | st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=5), max_size=25).map("".join),
    st.sampled_from(["a.md", "a.txt"]),
)
def test_the_words_of_every_line_stand_where_their_places_say(text: str, path: str) -> None:
    lines = BREAK.split(text)
    for line in script("\n".join(lines), path).lines:
        start, end = line.words.place(0), line.words.place(len(line.words.text))
        if start.line == end.line and path == "a.txt":
            written = lines[start.line - 1][start.column - 1 : end.column - 1]
            assert len(written) == len(line.words.text)
            assert all(one in (char, "�") for one, char in zip(line.words.text, written, strict=True))


def test_the_value_of_a_title_field_says_who_listens_and_where_a_conversation_begins() -> None:
    line = the(f"- 场景: 联系人首次联系\n  话术: {HELLO}\n", "a.yaml")
    assert (line.audience, line.opening) == (THIRD, True)
    assert all(one.words.text != "联系人首次联系" for one in script("- 场景: 联系人首次联系\n", "a.yaml").lines)


def test_columns_of_a_checklist_are_no_speech() -> None:
    table = "{0},内文\n1,三天内还清，不再拖延。\n"
    assert dict(voices(table.format("检查点"), "a.csv"))["三天内还清，不再拖延。"] is NOTE
    assert dict(voices(table.format("天气"), "a.csv"))["三天内还清，不再拖延。"] is AGENT


def test_what_stands_beside_a_setting_at_the_top_of_a_file_is_heard() -> None:
    found = script("时段: 22:00-23:00\n备注: 债务人本人书面同意夜间联系\n", "night.yaml")
    assert "书面同意" in found.settings[0].beside
