"""Prose without names before what is said: told from the lines around."""

import pytest

from audit.model.script import Voice
from tests.ingest.scripts.test_assemble import voices

AGENT, OTHER, FORBIDDEN = Voice.AGENT, Voice.OTHER, Voice.FORBIDDEN


def of(text: str, said: str, path: str = "a.txt") -> Voice:
    return dict(voices(text, path))[said]


def test_what_somebody_is_told_to_say_more_than_once_is_the_other_sides() -> None:
    text = "接听要点\n\n他问我会不会被抓走\n不会的，请您放心。\n她说孩子在学校被人笑\n我很抱歉，我记下来。\n"
    assert of(text, "他问我会不会被抓走") is OTHER
    assert of(text, "她说孩子在学校被人笑") is OTHER
    assert of(text, "我很抱歉，我记下来。") is AGENT


def test_told_once_it_is_what_the_agent_says_to_a_contact() -> None:
    assert of("# 联系人\n\n他说让家里人先替他出这笔钱\n麻烦转告。\n", "他说让家里人先替他出这笔钱") is AGENT


def test_what_speaks_to_somebody_is_not_told() -> None:
    text = "他说您会替他还钱的，您看今天方便吗\n她说您最疼她，您看呢\n"
    assert [voice for _, voice in voices(text, "a.txt")] == [AGENT, AGENT]


@pytest.mark.parametrize("arrow", ["→", "->", "=>", "➜"])
def test_an_arrow_stands_between_what_is_said_and_its_answer(arrow: str) -> None:
    text = f"处理\n“上门来的人把我家门砸了”\n{arrow} 请您把照片发来，我们马上核查。\n"
    assert of(text, "上门来的人把我家门砸了") is OTHER
    assert of(text, "请您把照片发来，我们马上核查。") is AGENT


def test_both_may_stand_in_one_line() -> None:
    text = "客户说再等等 —— 好的，我给您登记到周五。\n客户问怎么还 —— 您在App里点还款就行。\n"
    assert voices(text, "a.txt") == [
        ("客户说再等等", OTHER),
        ("好的，我给您登记到周五。", AGENT),
        ("客户问怎么还", OTHER),
        ("您在App里点还款就行。", AGENT),
    ]


@pytest.mark.parametrize("verdict", ["答案：不能说。", "判定：违规", "答：×，吓唬人", "点评：不可以这样讲"])
def test_what_the_next_line_calls_wrong_must_not_be_said(verdict: str) -> None:
    assert of(f"第一题\n“今晚就带人去你家里。”\n{verdict}\n", "今晚就带人去你家里。") is FORBIDDEN


@pytest.mark.parametrize("line", ["✗ 今晚就带人去你家里。", "❌“今晚就带人去你家里。”", "今晚就带人去你家里。（违规）"])
def test_a_cross_says_what_must_not_be_said(line: str) -> None:
    assert [voice for _, voice in voices(f"话术对比\n\n{line}\n", "a.txt")] == [FORBIDDEN]


def test_letters_speak_for_whom_the_file_says() -> None:
    text = "# 演练\n\n两人一组，A扮客户，B扮坐席。\n\nA：再逼我我就不活了。\n\nB：您先别急，我听您说。\n"
    assert of(text, "再逼我我就不活了。", "a.md") is OTHER
    assert of(text, "您先别急，我听您说。", "a.md") is AGENT


def test_what_the_other_side_says_may_stand_in_brackets() -> None:
    text = "（客户：你们是要上门打我吗）\n不会，没有人会上门。\n"
    assert [words for words, voice in voices(text, "a.txt") if voice is AGENT] == ["不会，没有人会上门。"]


@pytest.mark.parametrize("key", ["red_lines", "avoid", "must_not"])
def test_red_lines_are_not_said(key: str) -> None:
    assert voices(f"{key}:\n  - 把欠条贴到小区大门上\n", "a.yaml") == [("把欠条贴到小区大门上", FORBIDDEN)]


def test_questions_of_an_exam_are_not_said() -> None:
    assert voices("# 上岗考试试卷\n\n1. 您家孩子在哪上学我们都清楚。\n", "a.md") == [
        ("您家孩子在哪上学我们都清楚。", Voice.NOTE)
    ]


def test_what_comes_in_and_goes_out_by_message() -> None:
    text = '[{"in": "你们要打断我的腿吗", "out": "不会，请您放心。"}]'
    assert dict(voices(text, "a.json")) == {"你们要打断我的腿吗": OTHER, "不会，请您放心。": AGENT}


def test_who_says_above_an_answer_is_the_other_side() -> None:
    text = "# 担保人\n\n说：我女儿考公务员会不会受影响？\n答：不会，您放心。\n"
    assert of(text, "我女儿考公务员会不会受影响？") is OTHER
    assert of(text, "不会，您放心。") is AGENT


def test_an_arrow_may_stand_between_a_situation_and_what_is_said_then() -> None:
    text = "# 接通\n\n1. 对方承认 → “谢谢您，我是安信金融公司的小王，工号8021。”\n"
    assert of(text, "谢谢您，我是安信金融公司的小王，工号8021。", "a.md") is AGENT
    assert "对方承认" not in [words for words, voice in voices(text) if voice is AGENT]


@pytest.mark.parametrize("title", ["结业测验 B 卷(闭卷)", "季度考试 判断题与参考答案", "新人上岗题库"])
def test_an_exam_is_told_by_its_title(title: str) -> None:
    text = f"# {title}\n\n1. 客户说没钱,下面哪句能说?\n   - A. 那就把你家门换了\n   - B. 我们帮您看看分期\n"
    assert AGENT not in {voice for _, voice in voices(text)}


def test_what_is_recited_as_never_said_must_not_be_said() -> None:
    assert of('晨会\n\n"你妈还住城南吧"——不说\n', '"你妈还住城南吧"——不说') is FORBIDDEN


def test_crosses_and_ticks_stand_beside_who_speaks() -> None:
    text = "# 对练\n\n学员A演坐席，学员B演老周。\n\nB：我真没钱。\n\nA ✗：没钱你还吃饭？\n\nA ✓：您先别急，我们看看分期。\n"
    assert voices(text)[-3:] == [
        ("我真没钱。", OTHER),
        ("没钱你还吃饭？", FORBIDDEN),
        ("您先别急，我们看看分期。", AGENT),
    ]


def test_questions_above_their_answers_are_the_other_sides() -> None:
    asked = ["我还能不能贷款？", "你们会去我单位吗？", "我弟能替我还吗？"]
    text = "# 常见情况\n\n" + "\n\n".join(f"- {question}\n- 这个您可以放心，我们按合同办。" for question in asked)
    assert [words for words, voice in voices(text) if voice is OTHER] == asked


def test_a_question_by_itself_is_the_agents() -> None:
    assert of("# 催告\n\n你们家人知道你欠钱吗？\n\n请您今天处理。\n", "你们家人知道你欠钱吗？", "a.md") is AGENT


@pytest.mark.parametrize(("column", "judged"), [("法务意见", "退：曝光"), ("状态", "作废未发"), ("审核结果", "驳回")])
def test_what_was_turned_down_is_not_sent(column: str, judged: str) -> None:
    text = f"编号,短信正文,{column}\n1,请您尽快还款。,通过\n2,明天全村都会知道你欠钱。,{judged}\n"
    found = dict(voices(text, "a.csv"))
    assert (found["请您尽快还款。"], found["明天全村都会知道你欠钱。"]) == (AGENT, FORBIDDEN)


def test_texts_among_the_rejected_are_so_but_for_what_replaces_them() -> None:
    text = "rejected:\n  - body: 明天全村都会知道你欠钱。\n    建议改为: 请您尽快还款。\n"
    found = dict(voices(text, "a.yaml"))
    assert (found["明天全村都会知道你欠钱。"], found["请您尽快还款。"]) == (FORBIDDEN, AGENT)


@pytest.mark.parametrize(
    "line", ["「她是不是借钱了？」——个人的事我只能跟她本人讲。", "① “我替她还” → 谢谢您，我们不能收您的钱。"]
)
def test_what_is_quoted_before_its_answer_in_one_line_is_the_other_sides(line: str) -> None:
    (asked, first), (_, second) = voices(f"# 家人接听\n\n{line}\n")
    assert (first, second) == (OTHER, AGENT) and "——" not in asked and "→" not in asked


def test_what_is_mended_below_must_not_be_said() -> None:
    text = "# 用语\n\n1. “三天不还就让警车去接你。”\n\n改：协商不成的，我们可能依法起诉。\n"
    assert of(text, "三天不还就让警车去接你。", "a.md") is FORBIDDEN
    assert of(text, "协商不成的，我们可能依法起诉。", "a.md") is AGENT


def test_numbered_questions_are_asked() -> None:
    text = "解答口径\n\n一问　欠钱会不会坐牢\n　答　不会，这是民事纠纷。\n"
    assert of(text, "欠钱会不会坐牢") is OTHER
    assert of(text, "不会，这是民事纠纷。") is AGENT


def test_columns_may_be_headed_by_crosses_and_ticks() -> None:
    text = "| ✗ 老句子 | ✓ 换成 |\n|---|---|\n| 你家孩子不想上学了？ | 您看哪天方便？ |\n"
    assert dict(voices(text)) == {"你家孩子不想上学了？": FORBIDDEN, "您看哪天方便？": AGENT}


def test_an_answer_that_begins_with_a_no_is_said() -> None:
    text = "# 应对\n\n“能不能晚两天”：不行，今晚不到账我们就去你单位。\n"
    assert of(text, "不行，今晚不到账我们就去你单位。", "a.md") is AGENT


def test_questions_to_somebody_are_no_ones_own() -> None:
    asked = ["你们村的人知道你欠钱吗？", "你们单位还要不要脸面？", "你家里人怎么看我们？"]
    text = "# 催告\n\n" + "\n\n".join(f"- {question}\n- 请您今天处理。" for question in asked)
    assert {of(text, question, "a.md") for question in asked} == {AGENT}
