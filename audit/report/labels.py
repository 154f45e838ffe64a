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

FAMILIES: Names = {
    "threat": ("威胁", "Threats"),
    "insult": ("辱骂", "Insults"),
    "privacy": ("隐私", "Privacy"),
    "contact": ("联系", "Contact"),
    "identity": ("身份", "Identity"),
    "deception": ("欺骗", "Deception"),
    "money": ("资金", "Money"),
    "conduct": ("行为", "Conduct"),
    "process": ("流程", "Process"),
    "signal": ("信号", "Signals"),
}

ROLES: Names = {
    "agent": ("坐席", "Agent"),
    "debtor": ("债务人", "Debtor"),
    "third_party": ("第三人", "Third party"),
    "unknown": ("身份未定", "Speaker unknown"),
}

VERDICTS: Names = {
    "violation": ("违规", "Violation"),
    "review": ("待人工复核", "Needs review"),
    "clean": ("未发现违规", "No violation found"),
}

LISTENERS: Names = {
    "unknown": ("不明", "unknown"),
    "debtor": ("债务人", "debtor"),
    "guarantor": ("担保人或共同借款人", "guarantor or co-borrower"),
    "third_party": ("第三人", "third party"),
    "minor": ("未成年人", "child"),
    "voicemail": ("语音信箱", "voicemail"),
}

# Fields of the call record that rules need.
FIELDS: Names = {
    "started_at": ("呼叫时间", "start"),
    "duration_s": ("时长", "duration"),
    "direction": ("呼叫方向", "direction"),
    "connected": ("是否接通", "connected"),
    "debtor_id": ("债务人编号", "debtor id"),
    "callee_number": ("被叫号码", "number called"),
    "callee_relation": ("与债务人关系", "relation to the debtor"),
    "callee_role": ("接听人", "who answered"),
    "lender": ("出借人", "lender"),
    "agency": ("催收机构", "agency"),
    "case_no": ("案件编号", "case number"),
    "dial_result": ("拨打结果", "result of the dial"),
    "account_status": ("账户状态", "account status"),
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
    "omission": ("应说而未说", "Due and not said"),
    "learned": ("与标注样例相似", "Resembles labelled examples"),
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
    "learned": ("学习模型的第二意见", "Second opinion of the learned model"),
}

FACTS: Names = {
    "local_start": ("当地开始", "Local start"),
    "local_end": ("当地结束", "Local end"),
    "timezone": ("时区", "Time zone"),
    "quiet_hours": ("禁呼时段", "Quiet hours"),
    "seconds_inside": ("时段内秒数", "Seconds inside"),
    "agreed_hours": ("约定时段", "Agreed hours"),
    "day": ("日期", "Day"),
    "count": ("第几次", "Count"),
    "limit": ("上限", "Limit"),
    "counts": ("计数口径", "What is counted"),
    "identifier": ("标识种类", "Identifier"),
    "spoken": ("口头念出", "Spoken"),
    "began_in_turn": ("从第几轮开始念", "Begun in turn"),
    "probability": ("概率", "Probability"),
    "because_of": ("依据字词", "Because of"),
    "window": ("检查区间", "Window searched"),
    "missing": ("未听到", "Not heard"),
    "searched": ("搜索范围（话轮）", "Turns searched"),
    "said_in_turn": ("谈到债务的话轮", "Turn with the debt"),
    "duty": ("应尽义务", "Duty"),
    "answered_in_turn": ("回应的话轮", "Turn of the answer"),
    "replies": ("未回应的话轮", "Turns without an answer"),
    "raised_from": ("原级别", "Severity before"),
    "minutes": ("分钟内", "Within minutes"),
    "failures": ("连续未接通次数", "Failures in a row"),
    "earlier_call": ("此前的通话", "Earlier call"),
    "earlier_start": ("此前通话的时间", "Start of the earlier call"),
    "recording": ("录音", "Recording"),
    "recording_s": ("录音秒数", "Recording, seconds"),
    "duration_s": ("通话秒数", "Call, seconds"),
    "silence_s": ("最长无声秒数", "Longest silence, seconds"),
}

FACT_VALUES: Names = {
    "conversations": ("当日有效通话（按债务人）", "conversations per debtor and day"),
    "connected": ("当日接通（按债务人）", "connected calls per debtor and day"),
    "burst": ("短时连拨（按号码）", "dials of one number within minutes"),
    "seven_days": ("七日内拨打（按债务）", "attempts per debt in seven days"),
    "days_after": ("通话后间隔天数（按债务）", "days kept free after a conversation about the debt"),
    "week": ("当周有效通话（按债务人）", "conversations per debtor and week"),
    "month": ("当月有效通话（按债务人）", "conversations per debtor and month"),
    "none": ("没有录音", "none"),
    "answered": ("已回应", "met"),
    "ignored": ("未回应", "not met"),
    "missing": ("找不到录音文件", "file not found"),
    "short": ("远短于通话", "much shorter than the call"),
    "silent": ("长时间无声", "long silence"),
    "true": ("是", "yes"),
    "false": ("否", "no"),
    "mobile": ("手机号", "mobile number"),
    "landline": ("座机号", "landline number"),
    "id_number": ("身份证号", "identity number"),
    "plate": ("车牌号", "number plate"),
    "passport": ("护照号", "passport number"),
    "bank_card": ("银行卡号", "bank card number"),
    "address": ("住址", "home address"),
    "attempts": ("当日呼叫次数（按号码）", "attempts per number and day"),
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
