"""Lawful consequences, and warnings of fraud and scams (rule 6)."""

from collections.abc import Sequence

from audit.text.context.utterance import Utterance
from audit.text.regex import lazily

_LAWFUL = lazily(
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


_FRAUD = lazily(r"(?:骗子|诈骗分子|诈骗团伙|诈骗电话|诈骗短信|冒充|钓鱼链接|假客服|套路贷)")

_FRAUD_ADVICE = lazily(
    r"小心|警惕|谨防|防止|报警|别信|不要信|别点|不要点|别转|不要转|假的|别理|当心|注意|举报|避免上当|上当|太多|冒充|钓鱼|被骗"
)


def is_fraud_warning(utterance: Utterance, starts: Sequence[int], ends: Sequence[int]) -> str | None:
    """Hard words for fraudsters of whom the agent warns."""
    cue = _FRAUD.search(utterance.text)
    return cue.group() if cue and _FRAUD_ADVICE.search(utterance.text) else None


_COURT_FIRST = lazily(
    r"法院判决(?:后|生效|以后)|判决(?:生效)?后|生效判决|列为失信|被列为失信|失信被执行人(?:以后|后|的子女|子女|会|可能)|经法院|拒不(?:执行|履行)|法律规定|没有(?:这个|这条)规定|高收费"
)


def is_under_a_judgment(utterance: Utterance, starts: Sequence[int], ends: Sequence[int]) -> str | None:
    """A consequence that the law knows, put under the condition of a court's judgment (rule 6)."""
    sentence = utterance.sentence_of(starts[0])
    cue = _COURT_FIRST.search(utterance.text, sentence.start, max(sentence.end, ends[-1]))
    return cue.group() if cue else None


_SCAM = lazily(
    r"诈骗(?:电话|短信|分子|团伙|案例|手段|套路)|防诈|反诈|骗子|假冒|冒充|自称|被骗|上当|不要相信|别相信|不要轻信|民事(?:纠纷|案件|债务)|不属于刑事|不涉及刑事|不会坐牢|新闻|电视剧|电影|小说"
)


def is_scam_warning(utterance: Utterance, starts: Sequence[int], ends: Sequence[int]) -> str | None:
    """A warning against swindlers, news, or the assurance that the debt is a civil matter: arrest is only spoken of."""
    cue = _SCAM.search(utterance.text)
    return cue.group() if cue else None
