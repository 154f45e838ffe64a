"""Tables of what the words around a match do to it: (text, words of the match in order, whether it is lifted)."""

import pytest

from audit.text.context import PREDICATES, Utterance
from audit.text.normalise import normalise


def lifted(name: str, text: str, *words: str) -> bool:
    """Whether the predicate lifts a match of `words`, which stand in `text` in this order."""
    utterance = Utterance(normalise(text))
    starts: list[int] = []
    ends: list[int] = []
    for word in words:
        start = utterance.text.index(normalise(word).text, ends[-1] if ends else 0)
        starts.append(start)
        ends.append(start + len(normalise(word).text))
    return PREDICATES[name](utterance, starts, ends) is not None


# RULES.md section 4, rules 2 and 3.
@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("我们不会联系您的单位", ["联系", "单位"], True),
        ("您放心，我们绝不会打断您的腿", ["打断", "腿"], True),
        ("没人要砸您的饭碗", ["砸", "饭碗"], True),
        ("哪个要锤你嘛", ["锤"], True),
        ("公司严禁辱骂、恐吓、弄死你这种话", ["弄死"], True),
        ("我们无权冻结您的账户", ["冻结", "账户"], True),
        ("公安不会因为欠信用卡就抓人", ["抓人"], True),
        ("我们绝对不会让你老板把你开除", ["会", "开除"], True),
        ("我们不会联系您的单位，但你再不还，通讯录我可都有", ["通讯录"], False),
        ("我不跟你废话，弄死你", ["弄死"], False),
        ("再不还就爆你通讯录", ["爆", "通讯录"], False),
        ("不还钱就打断你的腿", ["打断", "腿"], False),
        ("要么今天转，要么我上你家坐着", ["上", "你家"], False),
        ("信不信我呼死你", ["呼死你"], False),
        ("你以为我不敢打断你的腿", ["打断", "腿"], False),
        ("你不是怕丢工作吗", ["丢工作"], False),
        ("我不能不去你家", ["去", "你家"], False),
        ("要是不想让你孩子抬不起头就还钱", ["抬不起头"], False),
        ("你店里的玻璃经不住砸", ["玻璃", "砸"], False),
        ("你可别哪天被车撞了", ["被车撞"], False),
        ("你不配合我们就砸店", ["砸店"], False),
        ("到法院那一步可就不是钱的事了那是要留案底的", ["留", "案底"], False),
        ("不是私事了我天天打你们前台", ["打", "前台"], False),
        ("办案需要你不要多问你考虑好留了案底洗不掉", ["留", "案底"], False),
        ("你先别挂这个钱总得有人处理", ["这个钱"], False),
        ("问谁都没有用法院的传票今天寄到你单位", ["传票", "寄", "单位"], False),
        ("我们不 呃 会联系您的单位", ["联系", "单位"], True),
    ],
)
def test_negation_is_bound_to_its_clause(text: str, words: list[str], expected: bool) -> None:
    assert lifted("negated", text, *words) is expected


# Rule 4.
@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("您刚才说要砍死我，请冷静", ["砍死"], True),
        ("您说有人让您走夜路小心点", ["夜路", "小心"], True),
        ("上次那个人说要弄死您是吗", ["弄死"], True),
        ("网上说逾期会坐牢", ["坐牢"], True),
        ("比如“打断你的腿”这类话", ["打断", "腿"], True),
        ("您刚才说“让你坐牢”，是这样吗", ["您", "坐牢"], True),
        ("你刚才说没钱，但我告诉你，打断你的腿", ["打断", "腿"], False),
        ("你刚才说没钱，我明天叫人打断你的腿", ["打断", "腿"], False),
        ("您之前说对方讲，我要打断你的腿", ["打断", "腿"], True),
        ("我说弄死你就弄死你", ["弄死"], False),
        ("您说您是公务员，单位会开除您", ["开除"], False),
    ],
)
def test_words_of_others_are_theirs(text: str, words: list[str], expected: bool) -> None:
    assert lifted("quoted", text, *words) is expected


# Rule 5.
@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("有人跟您说过要砍您吗？", ["砍"], True),
        ("有没有人威胁过您", ["威胁"], True),
        ("要不要我爆你通讯录？", ["爆", "通讯录"], False),
        ("信不信我弄死你？", ["弄死"], False),
    ],
)
def test_asking_what_happened_is_no_threat_but_offering_it_is(text: str, words: list[str], expected: bool) -> None:
    assert lifted("asked", text, *words) is expected


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("之前那位坐席说要上门堵您，对不起，我们已处分", ["堵"], True),
        ("我同事明天就去堵你", ["堵"], False),
    ],
)
def test_apology_for_a_colleague(text: str, words: list[str], expected: bool) -> None:
    assert lifted("apologised", text, *words) is expected


# Rule 6.
@pytest.mark.parametrize(
    ("name", "text", "words", "expected"),
    [
        ("lawful", "法院判决生效后可能查封名下财产", ["查封"], True),
        ("lawful", "我们保留通过诉讼主张的权利", ["诉讼"], True),
        ("lawful", "今天下午就冻结你的卡", ["冻结"], False),
        ("court_condition", "法院判决后拒不执行会被列为失信被执行人", ["失信被执行人"], True),
        ("court_condition", "明天就把你拉进失信名单", ["失信名单"], False),
        ("legal_news", "自称警察说要抓您的是诈骗电话", ["抓您"], True),
        ("legal_news", "警察明天就来抓你", ["抓你"], False),
    ],
)
def test_lawful_consequences(name: str, text: str, words: list[str], expected: bool) -> None:
    assert lifted(name, text, *words) is expected


# Rule 12 and courtesy.
@pytest.mark.parametrize(
    ("name", "text", "words", "expected"),
    [
        ("caring", "外面下雨路滑，您出门小心点", ["出门", "小心"], True),
        ("caring", "你出门小心点", ["出门", "小心"], False),
        ("about_oneself", "我真该死，把日期看错了", ["该死"], True),
        ("about_oneself", "你真该死", ["该死"], False),
        ("disowned", "泼漆是违法行为，我们绝不会这样做", ["泼漆"], True),
        ("disowned", "有人堵您家门的话请您先报警", ["堵"], True),
        ("disowned", "姐你别急，谁整你啦？", ["整你"], True),
        ("disowned", "报吧，报完警我照样堵你家门", ["堵"], False),
        ("helpful", "孩子上学开销大，可以申请延期", ["上学"], True),
        ("helpful", "你孩子上学的事你自己想", ["上学"], False),
    ],
)
def test_care_condemnation_and_help(name: str, text: str, words: list[str], expected: bool) -> None:
    assert lifted(name, text, *words) is expected


# Rule 13.
@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("按规定我们不得威胁、辱骂客户", ["辱骂"], True),
        ("公司要求不能说打断你的腿", ["打断", "腿"], True),
        ("我管什么规定，打断你的腿", ["打断", "腿"], False),
    ],
)
def test_a_rule_read_aloud_is_no_breach(text: str, words: list[str], expected: bool) -> None:
    assert lifted("rule_read_aloud", text, *words) is expected


# Rules 4, 12 and 13 for insults.
@pytest.mark.parametrize(
    ("name", "text", "words", "expected"),
    [
        ("disclaimed", "我从没说过您是老赖", ["老赖"], True),
        ("disclaimed", "我绝不会骂您废物", ["废物"], True),
        ("disclaimed", "您不是废物，谁都有难处", ["废物"], True),
        ("disclaimed", "您不用觉得丢人", ["丢人"], True),
        ("disclaimed", "你不是废物是什么", ["废物"], False),
        ("disclaimed", "不会写字吗你个傻逼", ["傻逼"], False),
        ("disclaimed", "没空跟你这种老赖废话", ["老赖"], False),
        ("disclaimed", "让他别当缩头乌龟", ["缩头乌龟"], False),
        ("abuse_reported", "你骂我龟儿子我不怪你", ["龟儿子"], True),
        ("abuse_reported", "叫您穷鬼的那位我们会处理", ["穷鬼"], True),
        ("abuse_reported", "质检案例里坐席说了死全家", ["死全家"], True),
        ("abuse_reported", "你敢骂我？你个龟儿子", ["龟儿子"], False),
        ("abuse_reported", "你去投诉啊，穷鬼", ["穷鬼"], False),
        ("fraud_warning", "这种骗子真无耻，您小心别转账", ["无耻"], True),
        ("fraud_warning", "你就是个无耻的骗子", ["无耻"], False),
        ("a_name", "您的昵称是傻狗对吧", ["傻狗"], True),
        ("a_name", "《去他妈的烦恼》的票退了", ["他妈的"], True),
        ("a_name", "你个傻狗还敢挂电话", ["傻狗"], False),
        ("owned", "记一下他妈的电话", ["他妈的"], True),
        ("owned", "你妈的老花镜分期", ["你妈的"], True),
        ("owned", "还他妈的装，还钱", ["他妈的"], False),
        ("owned", "你他妈电话都不接", ["你他妈"], False),
        ("about_a_thing", "这破系统真不要脸，又崩了", ["不要脸"], True),
        ("about_a_thing", "你这人真不要脸", ["不要脸"], False),
        ("service", "昵称这栏我帮您登记穷鬼本鬼", ["穷鬼"], True),
        ("service", "穷鬼一个，买什么手机", ["穷鬼"], False),
    ],
)
def test_hard_words_that_insult_nobody(name: str, text: str, words: list[str], expected: bool) -> None:
    assert lifted(name, text, *words) is expected


def test_a_pause_written_as_a_space_bounds_a_negation() -> None:
    assert lifted("negated", "我们不会 明天打断你的腿", "打断", "腿") is False


@pytest.mark.parametrize(
    ("text", "lifted"),
    [
        ("像你这种废物，活该被开除", False),
        ("操你妈的，原话我也敢说", False),
        ("那位坐席骂您废物，已经被开除", True),
    ],
)
def test_a_consequence_excuses_abuse_only_where_somebody_else_said_it(text: str, lifted: bool) -> None:
    utterance = Utterance(normalise(text))
    word = next(word for word in ("废物", "操你妈") if word in utterance.text)
    start = utterance.text.index(word)
    assert bool(PREDICATES["abuse_reported"](utterance, [start], [start + len(word)])) is lifted


def test_service_in_the_next_clause_excuses_no_insult() -> None:
    utterance = Utterance(normalise("傻逼，我给你记个工单"))
    assert PREDICATES["service_in_clause"](utterance, [0], [2]) is None
    assert PREDICATES["service_in_clause"](Utterance(normalise("给您登记的店名叫傻逼披萨")), [8], [10])


@pytest.mark.parametrize(("text", "lifted_by_it"), [("十九年不容易", False), ("不容易，", True)])
def test_without_punctuation_a_sentence_is_as_long_as_people_speak_one(text: str, lifted_by_it: bool) -> None:
    said = f"{text}所以更要珍惜您今年不是在评高级吗评审的桌子上要是多这么一份东西您那个职称就当没报过"
    assert lifted("caring", said, "当没报过") is lifted_by_it


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("我没投诉过你们", ["投诉"], True),
        ("我不想投诉，我就想把账弄明白", ["投诉"], True),
        ("我没有失业，就是忘了日子", ["失业"], True),
        ("他不是委托律师，是他自己来", ["委托律师"], True),
        ("你们不给我办我投诉你们", ["投诉"], False),
        ("是不是要我投诉你才办", ["投诉"], False),
        ("要不要我去投诉", ["投诉"], False),
        ("我没工作没收入", ["没收入"], False),
        ("不信我投诉你", ["投诉"], False),
        ("我没吃饭，投诉你", ["投诉"], False),
    ],
)
def test_only_what_stands_directly_before_declines(text: str, words: list[str], expected: bool) -> None:
    assert lifted("declined", text, *words) is expected


@pytest.mark.parametrize(("text", "expected"), [("我爸不在我十岁", False), ("我没在投诉", True)])
def test_who_is_not_there_declines_nothing(text: str, expected: bool) -> None:
    assert lifted("declined", text, "我十岁" if "十岁" in text else "投诉") is expected
