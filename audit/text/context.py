"""What the words around a match do to it: negation, report, question, apology, lawful condition.

Each predicate is a small named function. It gets the utterance and where the words of a match start and end (normalised
text), and answers with the cue that it rests on, or None. Rules name the predicates that lift their finding.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from audit.model.span import CharSpan
from audit.text.normalise import Normalised

_CLAUSE_END = re.compile(r"[,，。.!?;:、！？；：…\n]")
_SENTENCE_END = re.compile(r"[。!?;！？；\n]")


@dataclass(frozen=True, slots=True)
class Utterance:
    """One turn's normalised text with its clause and sentence ends (positions of the first character after each)."""

    normalised: Normalised
    clause_starts: tuple[int, ...] = field(init=False)
    sentence_starts: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        text = self.normalised.text
        clauses = {m.end() for m in _CLAUSE_END.finditer(text) if m.group() != "、"} | set(self.normalised.pauses)
        object.__setattr__(self, "clause_starts", tuple(sorted(clauses)))
        object.__setattr__(self, "sentence_starts", tuple(m.end() for m in _SENTENCE_END.finditer(text)))

    @property
    def text(self) -> str:
        """The normalised text."""
        return self.normalised.text

    def clause_of(self, position: int) -> CharSpan:
        """The clause around a position; pauses and punctuation bound it."""
        return _piece(self.clause_starts, position, len(self.text))

    def sentence_of(self, position: int) -> CharSpan:
        """The sentence around a position; where nothing is punctuated, the whole turn."""
        return _piece(self.sentence_starts, position, len(self.text))


def _piece(starts: Sequence[int], position: int, length: int) -> CharSpan:
    after = bisect_right(starts, position)
    return CharSpan(starts[after - 1] if after else 0, starts[after] if after < len(starts) else length)


# Words with 不, 没 or 别 that negate nothing. They come first, so that they use up their characters.
_NO_NEGATION = (
    r"(?P<asked>.)不(?P=asked)|差不多|要不是|要不然|要不|不然|不仅|不但|不光|不只|不过|不管|不论|不得不|不得了|不愧|不如|不少|不久|不停|不断|再不|又不|"
    r"信不信|不信|不怕|不客气|不讲|不好意思|不还|不处理|不接|不给|不拿|不来|不走|不听|不交|不打款|不到账|不就|不都|"
    r"不好使|不管用|经不住|经不起|禁不住|禁不起|扛不住|受不住|受不了|可别|不听话|不露面|不出来|不出面|不开门|不吭声|不配合|不见了|不想要|不想让你|不想让您|不想看到|不希望看到|没准|没完|说不定|保不准|保不齐|指不定|没事|没钱|没还|没人(?=管|知道|帮|救|接|性|看着|要你|理你|敢要|敢用)|没用|没法|没多久|没多长|没想到|"
    r"别怪|别以为|别逼|别想|别跟我|别给|别说|别人|别的|别看|特别|区别|分别|级别|性别|识别|告别|个别|差别|类别|别墅|离别|"
    r"不要逼|不要怪|不要以为|不要跟我|不要给|不要脸"
)
# 不能不, 不会不 … affirm.
_DOUBLE = r"不能不|不会不|不可能不|没有不|不是不|不敢不|并非不|不得不|没少"
# Reach to the end of the sentence, through commas: what is forbidden comes in lists.
_FORBID = r"禁止|严禁|不得|不允许|不准|不许|杜绝|禁语|红线|不可以|严格避免|避免"
# Reach to the end of the clause.
_DENY = (
    r"绝不会|绝对不会|绝不能|绝不|决不|从来不会|从来没有|从来没|从来不|从不|从没|从未|不可能|不会|不能|不应该|不应当|不该|不应|不需要|不用|不必|"
    r"不打算|不至于|不愿意|不愿|不希望|不想|不敢|不要|不是说|不是要|不是让|不是来|不是在|不是|并不是|并不|并非|没有权力|没有权利|没有资格|无权|"
    r"没人|哪有人|哪个(?:要|会)|谁(?:要|会)(?:去)?|谁说(?:要|会|我们要|我们会)|哪里会|怎么会|怎么可能|没说过|没讲过|没听说|冇人|冇讲|唔会|唔使惊|甭怕|没有|没权|未曾|未经|不存在|不涉及|不属于|不构成|拒绝|不去|甭|莫要|切勿|请勿|勿"
)
# Negate only what follows at once.
_CLOSE = r"不|没|别|未|莫"
_NEGATION = re.compile(
    f"(?P<none>{_NO_NEGATION})|(?P<double>{_DOUBLE})|(?P<forbid>{_FORBID})|(?P<deny>{_DENY})|(?P<close>{_CLOSE})"
)
# What ends a negation's reach inside an unpunctuated clause: the consequence or the other side of the sentence begins.
_REARM = re.compile(
    r"否则|不然|要不|再不|信不信|但|可是|可你|只是|不过|反正|而是|那我|那就|就|我可|我让|我叫|我找|我直接|我马上|我现在|我明天|我今天|你等着|等着|到时候|早晚|迟早|后果"
)
# 不会因为欠款就抓人: here 就 belongs to the negated reason and re-arms nothing.
_BECAUSE = re.compile(r"(?:仅|只|光|单)?(?:因为|因|由于|凭|为了|说)")
_CLOSE_REACH = 2
_DENY_REACH = 16
# Rhetorical frames turn a denial into a threat: 你以为我不敢, 别以为我不会.
_RHETORICAL = re.compile(r"(以为|难道|谁说|怎么|凭什么)[^,，。!?]{0,6}$|(谁|哪个|哪有)$")
_RHETORICAL_TAIL = re.compile(r"^[^,，。!?;]{0,20}?(吗|嘛|么|呢吗)")


def is_negated(utterance: Utterance, starts: Sequence[int], ends: Sequence[int]) -> str | None:
    """A negation or prohibition that reaches one of the words of the match (RULES.md section 4, rules 2 and 3).

    It is bound to its clause (a prohibition to its sentence), re-armed by 否则, 再不, 就 …, void in 你以为我不敢 and in 不是…吗.

    >>> from audit.text.normalise import normalise
    >>> u = Utterance(normalise("我们不会联系您的单位"))
    >>> is_negated(u, [4], [6])
    '不会'
    """
    text = utterance.text
    for cue in _NEGATION.finditer(text, 0, ends[-1]):
        if (
            cue["none"]
            or cue["double"]
            or any(s < cue.end() and cue.start() < e for s, e in zip(starts, ends, strict=True))
        ):
            continue
        target = next((start for start in starts if start >= cue.end()), None)
        if target is None:
            continue
        between = text[cue.end() : target]
        if cue["close"] and len(between) > _CLOSE_REACH:
            continue
        if not cue["forbid"] and (len(between) > _DENY_REACH or utterance.clause_of(target).start > cue.start()):
            continue
        if cue["forbid"] and utterance.sentence_of(target).start > cue.start():
            continue
        if (_REARM.search(between) and not _BECAUSE.match(between)) or _RHETORICAL.search(text[: cue.start()]):
            continue
        if cue.group() == "不是" and _RHETORICAL_TAIL.match(text[cue.end() :]):
            continue
        return cue.group()
    return None


_REPORT = re.compile(
    r"(?:(?:您|你)(?:是|的意思是|意思是)说|(?:您|你)的?意思是|"
    r"(?:您|你|您们)(?:刚才|刚刚|刚|之前|上次|昨天|前天|前面|以前|当时|那天|方才|适才|反映|投诉)[^,，。!?]{0,4}?(?:说|讲|反映|投诉|提到|骂|喊|提)|"
    r"(?:他|她|他们|客户|对方|债务人|有人|别人|上次那个人?|之前那个人?|前面那个人?|网上|新闻上?|电视上?|录音里|投诉里|工单里)"
    r"(?:也|还|又|老|总|刚才|刚刚|之前|上次|昨天|一直|当时|跟我|跟我们|和我|对我|向我|打电话|在电话里)*(?:说|讲|反映|投诉|提到|骂|喊|威胁|写|称|声称|扬言)|"
    r"您(?:反映|投诉|提到|说)的|(?:您|你)(?:说|讲|反映)(?:是)?(?:有人|对方|他们|他|她|之前|上次|前面|我们的人|我们有|那个|那位|另一|别的))"
)
_REPORT_ENDS = re.compile(r"但我|可我|不过我|我告诉你|我跟你说|我说")
_OPENING_QUOTES, _CLOSING_QUOTES = "“「『\"'‘", "”」』\"'’"


def is_quoted(utterance: Utterance, starts: Sequence[int], ends: Sequence[int]) -> str | None:
    """Somebody else's words, repeated or reported (RULES.md section 4, rule 4).

    >>> from audit.text.normalise import normalise
    >>> is_quoted(Utterance(normalise("您刚才说要砍死我,请冷静")), [5], [8])
    '您刚才说'
    """
    text = utterance.text
    sentence = utterance.sentence_of(starts[0])
    for cue in _REPORT.finditer(text, sentence.start, starts[0]):
        if not _REPORT_ENDS.search(text, cue.end(), starts[0]):
            return cue.group()
    opened = max((text.rfind(mark, 0, starts[0] + 1) for mark in _OPENING_QUOTES), default=-1)
    if opened >= 0 and any(text.find(mark, ends[-1] - 1) >= 0 for mark in _CLOSING_QUOTES):
        closed = any(mark in text[opened + 1 : starts[0]] for mark in _CLOSING_QUOTES)
        if not closed and re.search(r"(说|讲|叫|写|喊|骂|类似|比如|例如|这种|什么|等)[:：,，]?$", text[:opened]):
            return text[max(0, opened - 2) : opened + 1]
    return None


_ASKED = re.compile(
    r"有没有人?|有无|是否有?|是不是有人|是不是我们|是不是(?:之前|上次|前面)|有人(?:对您|跟您|给您)?|您说的是|您指的是"
)
_ASKED_TAIL = re.compile(r"[?？]|过您|过你|吗|是吧|对吧|呢")


def is_asked(utterance: Utterance, starts: Sequence[int], ends: Sequence[int]) -> str | None:
    """A question about what happened (rule 5). A question that offers the threat (要不要我…, 信不信) is none of these."""
    text = utterance.text
    sentence = utterance.sentence_of(starts[0])
    cue = _ASKED.search(text, sentence.start, starts[0])
    if cue and _ASKED_TAIL.search(text, starts[0], min(len(text), sentence.end)):
        return cue.group()
    return None


_COLLEAGUE = re.compile(
    r"同事|上一位|上一个(?:人|坐席|客服)|之前(?:那位|的那位|那个|的|联系您的)|前面(?:那位|那个)|我们的人|催收员|那位(?:坐席|客服|员工)|外包(?:公司|人员)|新来的|个别(?:人|员工)|这种(?:话|行为|情况)|此类"
)
_REGRET = re.compile(
    r"道歉|抱歉|对不起|不好意思|不对|不应该|不该|违规|违反|处分|处罚|批评|开除|调查|核查|核实|反馈|上报|投诉|培训|绝不允许|不允许"
)


def is_apologised(utterance: Utterance, starts: Sequence[int], ends: Sequence[int]) -> str | None:
    """An apology for, or a report of, what a colleague did."""
    who = _COLLEAGUE.search(utterance.text)
    if who and _REGRET.search(utterance.text):
        return who.group()
    return None


_LAWFUL = re.compile(
    r"可能|依法|依照|按照法律|法律规定|经法院|由法院|法院(?:会|将|如果|如)(?:判|裁)|法院判决(?:后|认定|支持|为准)|法院判(?:了|完)(?:以后|之后|再)|(?:由|经|待|等|看)法院(?:判|裁)|判决(?:后|生效)|生效后|胜诉后|保留[^,，。]{0,8}权利|按(?:照)?合同|合同约定|"
    r"司法机关|如果[^,，。]{0,12}(?:判决|起诉|立案)|考虑(?:通过)?(?:法律|诉讼)|或将|不排除|有权|"
    r"只有(?:法院|公安|司法)|须经|须由|需要?(?:经过)?法院|要经过|(?:要|得|是)由(?:法院|公安|司法)|由(?:公安|司法)|取决于|上诉|案号|民初|解封|解冻|依职权|才会|才能|一般(?:的)?逾期|普通(?:的)?逾期|是否|咨询|哪家银行|哪个银行|不服|异议|"
    r"法院(?:说了算|决定|认定)|轮不到(?:我们|我)|我们(?:说了不算|决定不了|没有权|没这个权|没权)"
)


def is_lawful(utterance: Utterance, starts: Sequence[int], ends: Sequence[int]) -> str | None:
    """A legal consequence put as a possibility, under a condition, or as the law's own course (rule 6)."""
    sentence = utterance.sentence_of(starts[0])
    cue = _LAWFUL.search(utterance.text, sentence.start, min(sentence.end, ends[-1] + 12))
    return cue.group() if cue else None


_SELF = re.compile(
    r"(?:我|咱|我们|俺)(?:自己|也|都|真|真的|真是|可|就|快|要|差点|今天|这|这人|这个人|这脑子|嘴|记性)*$"
)


def is_about_oneself(utterance: Utterance, starts: Sequence[int], ends: Sequence[int]) -> str | None:
    """The speaker speaks of himself: 我真该死, 我脑子进水了."""
    cue = _SELF.search(utterance.text[: starts[0]])
    return cue.group() if cue else None


_CITED_RULE = re.compile(
    r"(?:规定|要求|制度|纪律|守则|规范|条例|指引|标准|培训|话术|禁语|红线|考核|公司|监管|银监会|行业)[^。!?]{0,16}?(?:不得|禁止|严禁|不允许|不能|不准|不可以|不许|属于违规|算违规|要扣分|会被处罚)"
)


def is_rule_read_aloud(utterance: Utterance, starts: Sequence[int], ends: Sequence[int]) -> str | None:
    """A rule or list of forbidden words that is read out (rule 13)."""
    sentence = utterance.sentence_of(starts[0])
    cue = _CITED_RULE.search(utterance.text, sentence.start, sentence.end)
    return cue.group() if cue else None


_DISOWNED = re.compile(
    r"(?:绝不|绝对不|不|从不|从来不|绝对唔|唔)(?:会|允许|可能)?(?:这样|这么|那样|那么)(?:做|干|说)|(?:是|属于|属|系)(?:违法|犯法|违规|犯罪)(?:行为|的|嘅)|没有这种(?:做法|事|说法|规定)|(?:不是|并非)我们(?:公司)?(?:弄|干|做|的人|发|打)|"
    r"谁[^,，。!?]{1,3}(?:您|你)(?:啦|呀|啊|了)|(?:跟|和|与)(?:我们|咱|这|本案|这笔账)?(?:没关系|无关|没有关系)|太恶劣|这种(?:话|行为|做法)(?:犯法|违法|违规|不对|是不|我们)|是假的|瞎说|谣言|别信|都是骗|不搭界|骗人的|"
    r"(?:您|你|建议|请)(?:先|赶紧|立刻|立即|马上|第一时间|可以|尽快|直接|最好|就|去|您)*(?:报警|报案)|(?:先|赶紧|第一时间)(?:报警|报案)|报警了?(?:没|吗)|报咗警|(?:保留|留好|留存|保存)(?:好)?(?:证据|录音|截图)|拍照留证|调(?:一下)?监控|截图发(?:给)?我们|录音发(?:给)?我们|"
    r"(?:我们|公司)(?:会|马上|立刻|立即|一定)?(?:严肃)?(?:核查|调查|核实|追查|处理这)"
)


def is_disowned(utterance: Utterance, starts: Sequence[int], ends: Sequence[int]) -> str | None:
    """The speaker condemns it, has no part in it, or tells the victim what to do: 泼漆是违法行为, 请您先报警, 不是我们弄的."""
    cue = _DISOWNED.search(utterance.text)
    return cue.group() if cue else None


_HELPFUL = re.compile(
    r"帮您|帮你(?:申请|查|问|办|登记|备注|记|看看|协调|争取)|给您(?:申请|登记|备注|办理|查|记|延)|为您(?:申请|登记|办理|查)|可以(?:申请|协商|分期|延期|投诉|报警|拨打|登录|查询|理解)|申请(?:减免|延期|分期|停催)|"
    r"抱歉|对不起|对不住|不好意思|谢谢|感谢|请放心|您放心|你放心(?:吧|咧|哈)|放心吧|别担心|不用担心|别害怕|甭怕|莫慌|理解您|能理解|可以理解|祝您|祝你|恭喜|没关系您|麻烦您(?:提供|转告|核对|确认|稍等)|方便的话|您方便|随时联系|再联系您|"
    r"不挂钩|不相干|没(?:那|这)回事|别听|别信|传言|误传|谁跟您说|不挨着|不碍事|好好考|加油|(?<!不)要紧|为重|先忙|考完|道喜|不耽误|不牵连|牵连不|连累不|影响不|"
    r"不影响(?!我)|不会影响|没有影响|没影响|不受影响|跟(?:这|您|孩子|咱).{0,6}(?:没关系|无关)|(?:提供|提交|准备|补)[^,，。]{0,4}(?:材料|证明)|(?:收入|失业|住院|困难|结清)证明|发票|保险|理赔|快递|取件|会议|报名|预约|订单|配送|检修|维修"
)


def is_helpful(utterance: Utterance, starts: Sequence[int], ends: Sequence[int]) -> str | None:
    """The turn offers help, apologises, reassures, or is about everyday business: it lifts weak combinations only."""
    cue = _HELPFUL.search(utterance.text)
    return cue.group() if cue else None


def is_courteous(utterance: Utterance, starts: Sequence[int], ends: Sequence[int]) -> str | None:
    """The listener is addressed politely (您): lifts combinations that are only telling in a rough tone."""
    return "您" if "您" in utterance.text else None


_CARE = re.compile(
    r"注意安全|注意身体|保重|下雨|下雪|雨天|雪天|路滑|天冷|天凉|天气|降温|台风|雾霾|高温|结冰|大雨|暴雨|早点休息|早日康复|祝您|祝你|慢走|慢点开|路上慢|辛苦|不容易|理解您|体谅|"
    r"平安到|一路平安|平平安安|节日|新年|疫情|路况|谨防|防骗|防诈|诈骗分子|骗子|陌生链接|照顾好|不用担心|别担心|请放心|您放心"
)


def is_caring(utterance: Utterance, starts: Sequence[int], ends: Sequence[int]) -> str | None:
    """Courtesy, care or a warning against third parties: 下雨路滑,出门小心点 is no threat, 走夜路小心点 is."""
    sentence = utterance.sentence_of(starts[0])
    cue = _CARE.search(utterance.text, sentence.start, max(sentence.end, ends[-1]))
    return cue.group() if cue else None


_DISCLAIMED = re.compile(
    r"(?:没有?人?|从没|从未|从来不|从来没|不会|不可能|不能|不许|不准|不得|不该|不应该?|不允许|绝不|不敢|无权|哪会|哪能|怎么会|怎么能|怎么可能|谁说|"
    r"别|不要|不用|不必|莫|勿|禁止|严禁|杜绝|不是|并没有?|不认为|不觉得|没必要|没让|没说|没骂)"
    r"[^,，。!?;]{0,6}?(?:说|骂|讲|叫|喊|称|认为|觉得|评价|看成|提|写|贴|出现|因为)"
    r"(?:过|了|出|着|成|呼|到|您|你|他|她|自己|别人|客户|任何人|全家|是|做|一句|个|什么|这种|之类|[“「\"'])*$"
)
_IS_NONE = re.compile(
    r"(?:(?:您|他|她|我|我们|咱们?)(?:可|绝对|当然|本来|也|都)?(?:不是|并不是|并非|不算|哪是|怎么会是|怎么是))(?:什么|个|一个|那种)?$"
)
_IS_NONE_TAIL = re.compile(r"^[^,，。!?;]{0,12}?(吗|嘛|么|谁是|是什么|是啥|又是)")


def is_disclaimed(utterance: Utterance, starts: Sequence[int], ends: Sequence[int]) -> str | None:
    """Abuse that the speaker denies, forbids or contradicts: 我没说过您是…, 您不是….

    `is_negated` would let a mere 不会 or 没有 earlier in the clause lift an insult (不会写字吗你个…); here the negation
    has to govern the saying or the being.
    """
    for start, end in zip(starts, ends, strict=True):
        before = utterance.text[utterance.clause_of(start).start : start]
        denied = _DISCLAIMED.search(before)
        if denied:
            return denied.group()
        none = _IS_NONE.search(before)
        if none and not _IS_NONE_TAIL.match(utterance.text[end:]):
            return none.group()
    return None


_ABUSE_TOLD = re.compile(
    r"(?:您|你|恁|侬|他|她|对方|客户|有人|同事|家人|家里人|别人|那人|谁)[^,，。!?;]{0,8}?(?:骂|咒|鬧|闹|屌)(?:过|了)?(?:我们|我|俺|阿拉|咱|您|他|她|那句|的那|孩子)"
    r"|(?:骂|咒|说|喊|叫)(?:您|我们|我)(?:是|个|们|“)*$|(?<!我)骂(?:了|过|小孩|孩子|人)?$|[您你][^,，。!?;]{0,4}那句|被[^,，。!?;]{0,4}骂|叫[您你我][^,，。!?;]{0,8}(?:那位|那个人|的人)|[您你]叫我"
)
_ABUSE_HANDLED = re.compile(
    r"质检(?:案例|通报|组|复核)|您投诉|禁用语|反面(?:例子|案例)|培训(?:录音|手册|里)|截图里|短信里|微信里|字样|引以为戒|"
    r"赔不是|致歉|这(?:句|种|样的|类)?话(?:您?别|太|我|就|有点|不|确实|属于|绝|谁说|是谁|是哪|一定)|[”」』\"]一句|那段我们|那句我们|的那位|您转述|您提到|您反映|扣(?:五百|分|钱)|不是说您|不是对您|跟您没关系|撤回"
)

# What follows for the one who said it. By itself it excuses nothing: 废物,活该被开除 is an insult.
_ABUSE_FOLLOWED = re.compile(r"原话|工单|投诉单|停职|处罚|下岗培训|被开除|辞退")
_ABUSER = re.compile(r"坐席|员工|客服|专员|质检|核实|调查|录音|您(?:反映|投诉|提到|转述)")


def is_abuse_reported(utterance: Utterance, starts: Sequence[int], ends: Sequence[int]) -> str | None:
    """Abuse by somebody else that the agent repeats or deals with: 你骂我…我不怪你, 您投诉的…, 质检案例."""
    clause = utterance.clause_of(starts[0])
    told = _ABUSE_TOLD.search(utterance.text[clause.start : starts[0]])
    handled = told or _ABUSE_HANDLED.search(utterance.text)
    if not handled and (_ABUSER.search(utterance.text) or _COLLEAGUE.search(utterance.text)):
        handled = _ABUSE_FOLLOWED.search(utterance.text)
    return handled.group() if handled else None


_FRAUD = re.compile(r"(?:骗子|诈骗分子|诈骗团伙|诈骗电话|诈骗短信|冒充|钓鱼链接|假客服|套路贷)")
_FRAUD_ADVICE = re.compile(
    r"小心|警惕|谨防|防止|报警|别信|不要信|别点|不要点|别转|不要转|假的|别理|当心|注意|举报|避免上当|上当|太多|冒充|钓鱼|被骗"
)


def is_fraud_warning(utterance: Utterance, starts: Sequence[int], ends: Sequence[int]) -> str | None:
    """Hard words for fraudsters of whom the agent warns."""
    cue = _FRAUD.search(utterance.text)
    return cue.group() if cue and _FRAUD_ADVICE.search(utterance.text) else None


_NAMED = re.compile(
    r"店名|店叫|昵称|网名|书名|片名|歌名|品牌|用户名|密码|车牌|牌子|外号|绰号|店铺|抬头|商户|门店|加盟|电影|小说|电视剧|脱口秀|这个词|那个词|《|姓名|叫做"
)

_QUOTATIONS = (("《", "》"), ("“", "”"), ("「", "」"), ("『", "』"))


def is_a_name(utterance: Utterance, starts: Sequence[int], ends: Sequence[int]) -> str | None:
    """The words are the name of a shop, a user, a book, or are spoken of as a word: all in quotation marks is."""
    for opening, closing in _QUOTATIONS:
        opened = utterance.text.rfind(opening, 0, starts[0] + 1)
        closed = closing in utterance.text[opened + 1 : starts[0]] or utterance.text.find(closing, ends[-1] - 1) < 0
        if opened >= 0 and not closed:
            return opening
    sentence = utterance.sentence_of(starts[0])
    cue = _NAMED.search(utterance.text, sentence.start, sentence.end)
    return cue.group() if cue else None


_COURT_FIRST = re.compile(
    r"法院判决(?:后|生效|以后)|判决(?:生效)?后|生效判决|列为失信|被列为失信|失信被执行人(?:以后|后|的子女|子女|会|可能)|经法院|拒不(?:执行|履行)|法律规定|没有(?:这个|这条)规定|高收费"
)


def is_under_a_judgment(utterance: Utterance, starts: Sequence[int], ends: Sequence[int]) -> str | None:
    """A consequence that the law knows, put under the condition of a court's judgment (rule 6)."""
    sentence = utterance.sentence_of(starts[0])
    cue = _COURT_FIRST.search(utterance.text, sentence.start, max(sentence.end, ends[-1]))
    return cue.group() if cue else None


_SCAM = re.compile(
    r"诈骗(?:电话|短信|分子|团伙|案例|手段|套路)|防诈|反诈|骗子|假冒|冒充|自称|被骗|上当|不要相信|别相信|不要轻信|民事(?:纠纷|案件|债务)|不属于刑事|不涉及刑事|不会坐牢|新闻|电视剧|电影|小说"
)


def is_scam_warning(utterance: Utterance, starts: Sequence[int], ends: Sequence[int]) -> str | None:
    """A warning against swindlers, news, or the assurance that the debt is a civil matter: arrest is only spoken of."""
    cue = _SCAM.search(utterance.text)
    return cue.group() if cue else None


_OWNED = re.compile(
    r"(?:那个|这个|那张|这张|那部|那套|那笔|新|旧|老)?(?:电话|号码|手机|名字|身份|身体|病|工作|医药|住院|意思|情况|地址|卡|微信|事情|药|腿|退休|养老|话|生日|照片|房|账户|"
    r"同事|单位|眼|快递|车|花镜|手艺|菜|饭|衣|鞋|包|店|医保|社保|嗓|脾气|钥匙|拐|轮椅|手术|血压|病历|检查|户口|后事|遗|坟|葬|声音|名下|朋友|同学|老家|娘家|姐|妹|哥|弟|铺|摊|厂|公司|年纪|心|手|头发|牙|背|"
    r"东西(?!我|还|你)|行李|学历|文凭|婚|丈夫|老公|邻居)"
)


def is_owned(utterance: Utterance, starts: Sequence[int], ends: Sequence[int]) -> str | None:
    """What reads like an oath is a possessive: 他妈的电话 is his mother's number."""
    cue = _OWNED.match(utterance.text, ends[-1]) if utterance.text[ends[-1] - 1] == "的" else None
    return cue.group() if cue else None


_THING = re.compile(
    r"系统|电脑|打印机|网速|网络|程序|裁判|主角|反派|剧情|剧里|电视剧|演员|电影|队友|叼|拖鞋|小猫|猫咪|狗子|鱼干|尾巴|沙发|机器|轴承|闹钟|天气|门将|球队|角色|猫|狗粮|宠物|兽医|菜市场|炖|进球|球赛|比赛|游戏|副本|剧本|台词|小说|导演|主演|爪子|浇水|花盆|鱼塘"
)


def is_about_a_thing(utterance: Utterance, starts: Sequence[int], ends: Sequence[int]) -> str | None:
    """Hard words for a machine, an animal or a character: 这破系统, 这狗东西又把拖鞋叼走了."""
    sentence = utterance.sentence_of(starts[0])
    cue = _THING.search(utterance.text, sentence.start, sentence.end)
    return cue.group() if cue else None


_SERVICE = re.compile(
    r"登记|备注|核对|退款|退了|签收|网点|工单|营业执照|押金|流水|发票|抬头|绑定|短信发|材料|我帮您|帮您|您放心|注意安全|门店|店铺|店名|分店|驿站|加盟|"
    r"商户|开户|户名|预留|扫码|保单|理赔|补贴|柜台|积分|年费|隧道|困难证明|收入证明|结清证明|代扣|批扣|宽限期|减掉|停催|节哀|早日康复|不方便透露|转告"
)


def is_service(utterance: Utterance, starts: Sequence[int], ends: Sequence[int]) -> str | None:
    """Ordinary service in the same sentence (登记, 核对, 我帮您 …): there hard words are names, goods, or homographs."""
    sentence = utterance.sentence_of(starts[0])
    cue = _SERVICE.search(utterance.text, sentence.start, sentence.end)
    return cue.group() if cue else None


def is_service_in_clause(utterance: Utterance, starts: Sequence[int], ends: Sequence[int]) -> str | None:
    """The same in the words' own clause, for oaths: 傻逼,我给你记个工单 is one all the same."""
    start, end = utterance.clause_of(starts[0]).start, utterance.clause_of(ends[-1] - 1).end
    cue = _SERVICE.search(utterance.text, start, end)
    return cue.group() if cue else None


Predicate = Callable[[Utterance, Sequence[int], Sequence[int]], str | None]

PREDICATES: dict[str, Predicate] = {
    "negated": is_negated,
    "quoted": is_quoted,
    "asked": is_asked,
    "apologised": is_apologised,
    "rule_read_aloud": is_rule_read_aloud,
    "lawful": is_lawful,
    "about_oneself": is_about_oneself,
    "disclaimed": is_disclaimed,
    "abuse_reported": is_abuse_reported,
    "fraud_warning": is_fraud_warning,
    "a_name": is_a_name,
    "owned": is_owned,
    "about_a_thing": is_about_a_thing,
    "service": is_service,
    "service_in_clause": is_service_in_clause,
    "caring": is_caring,
    "helpful": is_helpful,
    "courteous": is_courteous,
    "disowned": is_disowned,
    "court_condition": is_under_a_judgment,
    "legal_news": is_scam_warning,
}
