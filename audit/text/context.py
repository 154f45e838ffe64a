"""What the words around a match do to it: negation, report, question, apology, lawful condition.

Each predicate is a small named function. It gets the utterance and where the words of a match start and end (normalised
text), and answers with the cue that it rests on, or None. Rules name the predicates that lift their finding.
"""

import re
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
    before = [start for start in starts if start <= position]
    after = [start for start in starts if start > position]
    return CharSpan(before[-1] if before else 0, after[0] if after else length)


# Words with 不, 没 or 别 that negate nothing. They come first, so that they use up their characters.
_NO_NEGATION = (
    r"(?P<asked>.)不(?P=asked)|差不多|要不是|要不然|要不|不然|不仅|不但|不光|不只|不过|不管|不论|不得不|不得了|不愧|不如|不少|不久|不停|不断|再不|又不|"
    r"信不信|不信|不怕|不客气|不讲|不好意思|不还|不处理|不接|不给|不拿|不来|不走|不听|不交|不打款|不到账|不就|不都|"
    r"没准|没完|说不定|保不准|保不齐|指不定|没事|没钱|没还|没人|没用|没法|没多久|没多长|没想到|"
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
    r"没有|没权|未曾|未经|不存在|不涉及|不属于|不构成|拒绝|不去|甭|莫要|切勿|请勿|勿"
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
        if _REARM.search(between) or _RHETORICAL.search(text[: cue.start()]):
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
    r"您(?:反映|投诉|提到|说)的)"
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
    r"可能|依法|依照|按照法律|法律规定|经法院|由法院|法院(?:会|将)?(?:判|裁)|判决(?:后|生效)|生效后|胜诉后|保留[^,，。]{0,8}权利|按(?:照)?合同|合同约定|"
    r"司法机关|如果[^,，。]{0,12}(?:判决|起诉|立案)|考虑(?:通过)?(?:法律|诉讼)|或将|不排除|有权"
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


Predicate = Callable[[Utterance, Sequence[int], Sequence[int]], str | None]

PREDICATES: dict[str, Predicate] = {
    "negated": is_negated,
    "quoted": is_quoted,
    "asked": is_asked,
    "apologised": is_apologised,
    "rule_read_aloud": is_rule_read_aloud,
    "lawful": is_lawful,
    "about_oneself": is_about_oneself,
}
