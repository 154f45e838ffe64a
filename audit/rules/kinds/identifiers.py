"""Rules about identifiers that are read out in full: numbers and addresses, written or spoken."""

import re
from collections.abc import Iterator, Sequence

from audit.model.call import Role
from audit.model.span import CharSpan
from audit.pii import identifiers
from audit.pii.identifier import Identifier
from audit.rules.analysed import AnalysedCall
from audit.rules.kinds.say import quotation
from audit.rules.match import Match
from audit.rules.pack import Rule, RulePack
from audit.rules.policy import Policy
from audit.text.context import Utterance

# Six digits in a row, or a numeral with a house's unit: without either there is nothing to recognise.
_WORTH_LOOKING = re.compile(
    r"[0-9零〇一二三四五六七八九十百幺两](?:.{0,2}[0-9零〇一二三四五六七八九幺拐洞]){6}|[0-9零一二三四五六七八九十百](?:号|栋|幢|座|单元|室|组|弄)"
)
# The speaker's own institution: hotlines, corporate accounts, branches; and numbers of papers.
_OWN = re.compile(
    r"对公|公司(?:的)?(?:账户|账号|帐户|帐号|地址|电话|全称)|我司|我公司|我们(?:公司|单位|机构|银行|中心|总部|办公)|我的(?:电话|手机|号码|工作|座机|联系)|我叫|联系人是我|我(?:这边|这里)(?:的)?(?:电话|号码|座机)|"
    r"客服|热线|官方|总机|回拨|打(?:我|这个|回)|法院|派出所|网点|营业厅|支行|分行|柜台|(?:收|还)款(?:账户|账号|户)|监管|"
    r"单号|案号|编号|工号|订单|流水|合同号|合同编号|快递|验证码|备案|信用代码|查询码"
)
_OWN_REACH = 16
# An address is somebody's home only if the words say so: shops, offices and sights have addresses too.
_HOME = re.compile(
    r"[你您](?:现在|目前|还是|是不是|平时|一直|不是)?(?:还)?(?:的|们)?(?:家|住|户籍|户口|老家|地址|登记|预留|填|留|门牌|房子|租|屋|身份证|现居|收货|快递|单元|楼下|门口)|"
    r"(?:家住|住在|住址|户籍|户口|老家|现居|常住|居住地|家庭地址|家庭住址|登记的?地址|预留的?地址|身份证上|身份证地址|收货地址|租的|租住|娘家|婆家|门牌|搬到|嫁到|对门|寄到[你您他她])|"
    r"(?:爸妈?|妈|父母|老婆|老公|哥|姐|弟|妹|儿子|女儿)(?:现在|还)?(?:家|住)"
)
_DWELLING = re.compile(r"单元|[栋幢].{0,6}(?:室|\d{3})|号楼.{0,6}(?:室|\d{3})|组.{1,4}号")
_PUBLIC_PLACE = re.compile(
    r"公司|酒店|宾馆|餐|大厦|前台|网点|营业|银行|支行|景点|地铁|公交|车站|法院(?!路)|律所|事务所|欢迎|注册地|推荐|评分|位于|我们|我司|商场|超市|医院|学校|中心|派出所|办公"
)


class IdentifierFinder:
    """Full identifiers in the agent's speech. The last four digits, and the institution's own numbers, are allowed."""

    def __init__(self, rules: Sequence[Rule], pack: RulePack, policy: Policy) -> None:
        self._rules = rules

    def find(self, call: AnalysedCall) -> Iterator[Match]:
        """One match for each identifier that is somebody's own."""
        candidates = {call.texts.at(match.start()) for match in _WORTH_LOOKING.finditer(call.texts.joined)}
        for index in sorted(candidates):
            role = call.turns[index].role
            rules = [rule for rule in self._rules if role in rule.roles or role is Role.UNKNOWN]
            if not rules:
                continue
            utterance = call.utterance(index)
            for identifier in identifiers(utterance.normalised):
                for rule in rules:
                    if identifier.kind in _kinds(rule) and _is_personal(utterance, identifier):
                        yield _match(rule, index, utterance, identifier)

    def skipped(self, call: AnalysedCall) -> Iterator[str]:
        """Words need nothing but turns."""
        return iter(())


def _kinds(rule: Rule) -> Sequence[str]:
    kinds = rule.parameters["identifiers"]
    assert isinstance(kinds, list)
    return kinds


def _is_personal(utterance: Utterance, identifier: Identifier) -> bool:
    """Whether it is somebody's own: no hotline, corporate account, paper's number, shop or office."""
    sentence = utterance.sentence_of(identifier.span.start)
    before = utterance.text[max(sentence.start, identifier.span.start - _OWN_REACH) : identifier.span.start]
    if identifier.kind != "address":
        return not _OWN.search(before)
    around = utterance.text[max(0, identifier.span.start - 2 * _OWN_REACH) : identifier.span.end + _OWN_REACH]
    if _HOME.search(around):
        return True
    return bool(_DWELLING.search(identifier.span.of(utterance.text))) and not _PUBLIC_PLACE.search(around)


def _match(rule: Rule, turn: int, utterance: Utterance, identifier: Identifier) -> Match:
    words = utterance.normalised.to_original(identifier.span).of(utterance.normalised.original)
    quoted = quotation(utterance, identifier.span.start, identifier.span.end)
    return Match(
        rule=rule,
        turn=turn,
        span=utterance.normalised.to_original(CharSpan(quoted.start, quoted.end)),
        confidence=identifier.confidence,
        variant="digits" if identifier.kind != "address" else "pattern",
        matched=(words,),
        facts={"identifier": identifier.kind, "spoken": str(identifier.spoken).lower()},
    )
