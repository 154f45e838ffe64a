"""What is denied, forbidden or contradicted (RULES.md section 4, rules 2 and 3)."""

from collections.abc import Sequence

from audit.text.context.utterance import Utterance
from audit.text.regex import lazily

# Words with 不, 没 or 别 that negate nothing. They come first, so that they use up their characters.
_NO_NEGATION = (
    r"(?P<asked>.)不(?P=asked)|差不多|要不是|要不然|要不|不然|不仅|不但|不光|不只|不过|不管|不论|不得不|不得了|不愧|不如|不少|不久|不停|不断|再不|又不|"
    r"信不信|不信|不怕|不客气|不讲|不好意思|不还|不处理|不接|不给|不拿|不来|不走|不听|不交|不打款|不到账|不就|不都|"
    r"不好使|不管用|经不住|经不起|禁不住|禁不起|扛不住|受不住|受不了|可别|不听话|不露面|不出来|不出面|不开门|不吭声|不配合|不见了|不想要|不想让你|不想让您|不想看到|不希望看到|没准|没完|说不定|保不准|保不齐|指不定|没事|没钱|没还|没人(?=管|知道|帮|救|接|性|看着|要你|理你|敢要|敢用)|没用|没有用|没法|没多久|没多长|没想到|"
    r"别挂|别怪|别以为|别逼|别想|别跟我|别给|别说|别人|别的|别看|特别|区别|分别|级别|性别|识别|告别|个别|差别|类别|别墅|离别|"
    r"不要逼|不要怪|不要以为|不要跟我|不要给|不要脸"
)

# 不能不, 不会不 … affirm.
_DOUBLE = r"不能不|不会不|不可能不|没有不|不是不|不敢不|并非不|不得不|没少"

# Reach to the end of the sentence, through commas: what is forbidden comes in lists.
_FORBID = r"禁止|严禁|不得|不允许|不准|不许|杜绝|禁语|红线|不可以|严格避免|避免"

# Reach to the end of the clause.
_DENY = (
    r"绝不会|绝对不会|绝不能|绝不|决不|从来不会|从来没有|从来没|从来不|从不|从没|从未|不可能|不会|不能|不应该|不应当|不该|不应|不需要|不用|不必|"
    r"别把(?!我|话|自己|谁)|别去(?!想)|不打算|不至于|不愿意|不愿|不希望|不想|不敢|不要|不是说|不是要|不是让|不是来|不是在|不是|并不是|并不|并非|没有权力|没有权利|没有资格|无权|"
    r"没人|哪有人|哪个(?:要|会)|谁(?:要|会)(?:去)?|谁说(?:要|会|我们要|我们会)|哪里会|怎么会|怎么可能|没说过|没讲过|没听说|冇人|冇讲|唔会|唔使惊|甭怕|没有|没权|未曾|未经|不存在|不涉及|不属于|不构成|拒绝|不去|甭|莫要|切勿|请勿|勿"
)

# Negate only what follows at once.
_CLOSE = r"不|没|别|未|莫"

_NEGATION = lazily(
    f"(?P<none>{_NO_NEGATION})|(?P<double>{_DOUBLE})|(?P<forbid>{_FORBID})|(?P<deny>{_DENY})|(?P<close>{_CLOSE})"
)

# What ends a negation's reach inside an unpunctuated clause: the consequence or the other side of the sentence begins.
_REARM = lazily(
    r"否则|不然|要不|再不|信不信|但|可是|可你|只是|不过|反正|而是|那我|那就|就|我可|我让|我叫|我找|我直接|我马上|我现在|我明天|我今天|你等着|等着|到时候|早晚|迟早|后果|说了算|"
    # A new clause where nobody wrote the comma: 不是私事了我天天…, 不要多问你考虑好….
    r"[了啊吧吗呢嘛呀](?:[我你您他她咱那这]|先)|(?<![让叫逼给对跟找向请和把])你(?:考虑|想清|想好|自己想|掂量|听着|听好|看着|给我)"
)

# After an emphatic denial 就 only tells when: 我们绝对不会明天就上门.
_EMPHATIC = lazily(r"绝不会|绝对不会|绝不能|绝不|决不|从来不会|从来没有|从来没|从来不|从不|从没|从未|不可能")
_WHEN = lazily(r"^(?:我们?|你|您|今天|今晚|明天|现在|马上|下午|一|再|直接|随便|真的?|去|动不动)*就")
# 不会因为欠款就抓人: here 就 belongs to the negated reason and re-arms nothing.
_BECAUSE = lazily(r"(?:仅|只|光|单)?(?:因为|因|由于|凭|为了|说)")

_CLOSE_REACH = 2

_DENY_REACH = 16

# Rhetorical frames turn a denial into a threat: 你以为我不敢, 别以为我不会.
_RHETORICAL = lazily(r"(以为|难道|谁说|怎么|凭什么)[^,，。!?]{0,6}$|(谁|哪个|哪有)$")

_RHETORICAL_TAIL = lazily(r"^[^,，。!?;]{0,20}?(吗|嘛|么|呢吗)")


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
            or any(s <= cue.start() and cue.end() <= e for s, e in zip(starts, ends, strict=True))
        ):
            continue
        target = next((start for start in starts if start >= cue.end()), None)
        if target is None:
            continue
        between = text[cue.end() : target]
        if _EMPHATIC.fullmatch(cue.group()):
            between = _WHEN.sub("", between)
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


_DISCLAIMED = lazily(
    r"(?:没有?人?|从没|从未|从来不|从来没|不会|不可能|不能|不许|不准|不得|不该|不应该?|不允许|绝不|不敢|无权|哪会|哪能|怎么会|怎么能|怎么可能|谁说|"
    r"别|不要|不用|不必|莫|勿|禁止|严禁|杜绝|不是|并没有?|不认为|不觉得|没必要|没让|没说|没骂)"
    r"[^,，。!?;]{0,6}?(?:说|骂|讲|叫|喊|称|认为|觉得|评价|看成|提|写|贴|出现|因为)"
    r"(?:过|了|出|着|成|呼|到|您|你|他|她|自己|别人|客户|任何人|全家|是|做|一句|个|什么|这种|之类|[“「\"'])*$"
)

_IS_NONE = lazily(
    r"(?:(?:您|他|她|我|我们|咱们?)(?:可|绝对|当然|本来|也|都)?(?:不是|并不是|并非|不算|哪是|怎么会是|怎么是))(?:什么|个|一个|那种)?$"
)

_IS_NONE_TAIL = lazily(r"^[^,，。!?;]{0,12}?(吗|嘛|么|谁是|是什么|是啥|又是)")


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


# Directly before the words; 要不要, 是不是, 想不想 and 会不会 deny nothing.
_DECLINED = lazily(
    r"(?:没有?|(?<![要是想会能可])不是|(?<![要是想会能可信])不(?!在$)|冇|唔|未|莫|甭|谁)(?:说|想|要|会|用|去|来|再|真|在|打算|准备|必要?|过|得|什么|啥)*$"
)


def is_declined(utterance: Utterance, starts: Sequence[int], ends: Sequence[int]) -> str | None:
    """The speaker denies it in so many words: 我没投诉过你们, 我不想投诉.

    Debtors are full of 不 and 没 that deny nothing (你们不办我投诉, 我不是不还), so here only what stands directly before counts.
    """
    for start in starts:
        denied = _DECLINED.search(utterance.text[utterance.clause_of(start).start : start])
        if denied:
            return denied.group()
    return None
