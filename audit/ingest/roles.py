"""Speaker labels as transcripts write them, and the roles they mean."""

import re
import unicodedata

from audit.model.call import Role

_WORDS = {
    Role.AGENT: (
        "坐席 座席 坐席员 坐席人员 客服 客服人员 客服专员 催收 催收员 催收人员 催收专员 催收坐席 专员 业务员 工作人员 "
        "员工 话务员 接线员 我方 机器人 智能客服 agent collector operator staff representative rep csr bot"
    ),
    Role.DEBTOR: (
        "客户 债务人 借款人 欠款人 用户 持卡人 本人 借款人本人 客户本人 debtor borrower customer client user cardholder"
    ),
    Role.THIRD_PARTY: (
        "第三方 第三人 家属 亲属 家人 联系人 紧急联系人 父亲 母亲 爸爸 妈妈 配偶 妻子 丈夫 儿子 女儿 哥哥 姐姐 弟弟 "
        "妹妹 同事 朋友 领导 邻居 路人 third_party thirdparty relative contact family colleague friend"
    ),
    # Labels that tell speakers apart without saying who they are. Caller and callee change sides on inbound calls.
    Role.UNKNOWN: (
        "未知 其他 说话人 发言人 讲话人 讲者 角色 对方 主叫 被叫 担保人 声道 左声道 右声道 左 右 "
        "unknown speaker spk channel ch caller callee person guarantor other"
    ),
}
_ROLES = {word: role for role, words in _WORDS.items() for word in words.split()}
_ROLES |= dict.fromkeys("ab", Role.UNKNOWN)

_CLOCK = r"\d{1,3}:\d{2}(?::\d{2})?(?:[.,]\d{1,3})?"
_BRACKETS = "[]()【】<>《》"
_TAIL = re.compile(r"(?:[\s_\-#]*\d+|[\s_\-#]+[a-z]\d*|(?<=[^\x00-\x7f])[a-z]\d*)$")
_GAP = re.compile(r"[\s_\-]")
_ASIDE = re.compile(r"\(.*\)$")
SPEAKER_LINE = re.compile(
    rf"\s*(?:[\[(【（<]?(?P<start>{_CLOCK})(?:\s*(?:-->|-|–|~|至)\s*(?P<end>{_CLOCK}))?[\])】）>]?\s*)?"
    rf"(?P<label>[^:：\n]{{1,24}}?)\s*(?:[\[(【（]?(?P<later>{_CLOCK})[\])】）]?)?\s*[:：]\s*(?P<text>.*)",
    re.DOTALL,
)
SPEAKER_HEADING = re.compile(rf"\s*(?P<label>[^:：\n]{{1,24}}?)\s*[\[(【（]?(?P<start>{_CLOCK})[\])】）]?\s*")


def role_of(label: str) -> Role | None:
    """The role a speaker label means; `Role.UNKNOWN` for anonymous labels, None when it is no label known here.

    >>> role_of("坐席(A12)"), role_of("SPEAKER_00"), role_of("时间")
    (<Role.AGENT: 'agent'>, <Role.UNKNOWN: 'unknown'>, None)
    """
    key = unicodedata.normalize("NFKC", label).strip().lower()
    for candidate in (key, key.strip(_BRACKETS).strip(), _ASIDE.sub("", key).strip()):
        for word in (candidate, candidate.replace(" ", "_"), _TAIL.sub("", candidate), _GAP.split(candidate)[0]):
            if word in _ROLES:
                return _ROLES[word]
    return None


def split_speaker(text: str) -> tuple[str | None, str]:
    """The speaker label in front of a subtitle's text, when it is one known here, and the rest.

    >>> split_speaker("[SPEAKER_00]: 您好")
    ('SPEAKER_00', '您好')
    >>> split_speaker("时间：下午三点")
    (None, '时间：下午三点')
    """
    line = SPEAKER_LINE.fullmatch(text)
    if line is None or line["start"] or line["later"] or role_of(line["label"]) is None:
        return None, text
    return plain_label(line["label"]), line["text"]


def plain_label(label: str) -> str:
    """A label without the brackets around it: what tells two speakers apart."""
    return unicodedata.normalize("NFKC", label).strip().strip(_BRACKETS).strip()
