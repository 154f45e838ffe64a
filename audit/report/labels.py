"""What readers see for labels, severities, roles and states, in both languages. Source: the label guide.

A key without an entry is shown as it is: officers add labels and cues of their own.
"""

from audit.i18n import language
from audit.model.labels import Names

SEVERITIES: Names = {
    "critical": ("严重", "Critical"),
    "major": ("重大", "Major"),
    "minor": ("一般", "Minor"),
    "info": ("提示", "Info"),
}

ROLES: Names = {
    "agent": ("催收员", "Agent"),
    "debtor": ("债务人", "Debtor"),
    "third_party": ("第三人", "Third party"),
    "unknown": ("身份未定", "Speaker unknown"),
}

VERDICTS: Names = {
    "violation": ("违规", "Violation"),
    "review": ("待人工复核", "Needs review"),
    "clean": ("未发现违规", "No violation found"),
}

DIRECTIONS: Names = {
    "outbound": ("呼出", "Outbound"),
    "inbound": ("呼入", "Inbound"),
}

DIAL_RESULTS: Names = {
    "invalid_number": ("号码无效", "invalid number"),
    "lost_connection": ("掉线", "connection lost"),
}

ACCOUNT_STATUSES: Names = {
    "open": ("未结清", "open"),
    "settled": ("已结清", "settled"),
    "on_plan": ("分期履约中", "instalments being paid"),
    "deceased": ("债务人死亡", "debtor deceased"),
    "incapable": ("债务人无或限制民事行为能力", "debtor without full legal capacity"),
}

RELATIONS: Names = {
    "self": ("本人", "the debtor"),
    "relative": ("亲属", "relative"),
    "spouse": ("配偶", "spouse"),
    "parent": ("父母", "parent"),
    "child": ("子女", "child"),
    "sibling": ("兄弟姐妹", "sibling"),
    "colleague": ("同事", "colleague"),
    "friend": ("朋友", "friend"),
    "contact": ("联系人", "contact person"),
    "employer": ("单位", "employer"),
    "guarantor": ("担保人", "guarantor"),
}

REVIEWS: Names = {
    "needs_role_check": ("角色待核", "Check who speaks"),
    "needs_listener": ("需人工听音", "Needs a listener"),
    "unable_to_determine": ("无法判断", "Unable to determine"),
}

STATES: Names = {
    "verbatim": ("原文", "Verbatim"),
    "paraphrase": ("大意，非原文", "Gist, not verbatim"),
}

VARIANTS: Names = {
    "exact": ("字面一致", "Exact words"),
    "homophone": ("同音（识别可能写错）", "Same sound, other characters"),
    "pattern": ("句式", "Pattern of words"),
    "digits": ("号码", "Digits"),
    "metadata": ("通话记录", "Call record"),
}

DOUBTS: dict[str, tuple[str, str]] = {
    "phantom": ("疑似识别幻觉", "May be invented by the recogniser"),
    "loop": ("疑似识别循环", "Recogniser may have looped"),
    "no_speech": ("疑似无人声", "Perhaps no speech"),
    "echo": ("疑似另一声道串音", "Perhaps the other channel, leaked"),
    "prompt_echo": ("疑似提示词回声", "Perhaps an echo of the prompt"),
}

CUES: Names = DOUBTS | {
    "homophone": ("同音字，非原字", "Sounds alike, other characters"),
    "recogniser": ("识别置信度", "Recogniser's confidence"),
}

FACTS: Names = {
    "local_start": ("当地开始", "Local start"),
    "local_end": ("当地结束", "Local end"),
    "timezone": ("时区", "Time zone"),
    "quiet_hours": ("禁呼时段", "Quiet hours"),
    "seconds_inside": ("时段内秒数", "Seconds inside"),
    "agreed_hours": ("约定时段", "Agreed hours"),
    "day": ("日期", "Day"),
    "count": ("当日第几次", "Count of the day"),
    "limit": ("上限", "Limit"),
    "counts": ("计数口径", "What is counted"),
    "identifier": ("标识种类", "Identifier"),
    "spoken": ("口头念出", "Spoken"),
    "window": ("检查区间", "Window searched"),
}

FACT_VALUES: Names = {
    "conversations": ("有效通话（按债务人）", "conversations per debtor"),
    "true": ("是", "yes"),
    "false": ("否", "no"),
    "mobile": ("手机号", "mobile number"),
    "landline": ("座机号", "landline number"),
    "id_number": ("身份证号", "identity number"),
    "bank_card": ("银行卡号", "bank card number"),
    "address": ("住址", "home address"),
    "attempts": ("呼叫次数（按号码）", "attempts per number"),
}


def name(table: Names, key: str) -> str:
    """The name of `key` in the language in force; `key` itself when the table does not know it.

    >>> name(LABELS, "threat.violence")
    '暴力威胁'
    """
    entry = table.get(key)
    if entry is None:
        return key
    return entry[1] if language() == "en" else entry[0]


def confidence_name(confidence: float) -> str:
    """A confidence (0..1) in words.

    >>> confidence_name(0.92), confidence_name(0.3)
    ('高', '低')
    """
    zh, en = ("高", "High") if confidence >= 0.8 else ("中", "Medium") if confidence >= 0.5 else ("低", "Low")
    return en if language() == "en" else zh


def cue_name(cue: str) -> str:
    """A cue in words; what follows its name (`recogniser 0.43`) stays.

    >>> cue_name("recogniser 0.43")
    '识别置信度 0.43'
    """
    key, space, rest = cue.partition(" ")
    return name(CUES, key) + space + rest
