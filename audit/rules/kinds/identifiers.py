"""Rules about identifiers that are read out in full: numbers and addresses, written or spoken."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from audit.model.call import Role
from audit.model.span import CharSpan
from audit.pii import identifiers
from audit.pii.digits import DIGIT
from audit.pii.identifier import Identifier
from audit.pii.readings import BREAKS_OFF, readings
from audit.rules.analysed import AnalysedCall
from audit.rules.kinds.say import quotation
from audit.rules.match import Match
from audit.rules.pack import Rule, RulePack
from audit.rules.policy import Policy
from audit.text.regex import lazily

# Six digits in a row, or a numeral with a house's unit: without either there is nothing to recognise.
_WORTH_LOOKING = lazily(
    r"[0-9零〇一二三四五六七八九十百幺两](?:.{0,2}[0-9零〇一二三四五六七八九幺拐洞]){6}|[0-9零一二三四五六七八九十百](?:号|栋|幢|座|单元|室|组|弄)"
)
# The speaker's own institution: hotlines, corporate accounts, branches; and numbers of papers.
OWN = lazily(
    r"对公|公司(?:的)?(?:账户|账号|帐户|帐号|地址|电话|全称)|我司|我公司|我们(?:公司|单位|机构|银行|中心|总部|办公)|我的(?:电话|手机|号码|工作|座机|联系)|我叫|联系人是我|我(?:这边|这里)(?:的)?(?:电话|号码|座机)|"
    r"致电(?!您|你)|客服|热线|官方|总机|回拨|打(?:我|这个|回)|法院|派出所|网点|营业厅|支行|分行|柜台|(?:收|还)款(?:账户|账号|户)|监管|"
    r"单号|案号|编号|工号|订单|流水|合同号|合同编号|快递|验证码|备案|信用代码|查询码"
)
OWN_REACH = 16
# An address is somebody's home only if the words say so: shops, offices and sights have addresses too.
_HOME = lazily(
    r"[你您](?:现在|目前|还是|是不是|是|平时|一直|不是)?(?:还)?(?:的|们)?(?:家|住|户籍|户口|老家|地址|登记|预留|填|留|门牌|房子|租|屋|身份证|现居|收货|快递|单元|楼下|门口)|"
    r"(?:家住|住在|住址|户籍|户口|老家|现居|常住|居住地|家庭地址|家庭住址|登记的?地址|预留的?地址|身份证上|身份证地址|收货地址|租的|租住|娘家|婆家|门牌|搬到|嫁到|对门|寄到[你您他她])|"
    r"(?:爸妈?|妈|父母|老婆|老公|哥|姐|弟|妹|儿子|女儿)(?:现在|还)?(?:家|住)"
)
_DWELLING = lazily(rf"单元|(?:[栋幢座期]|号楼).{{0,6}}(?:室|{DIGIT}{{3}})|组.{{1,4}}号|[楼层].{{0,4}}{DIGIT}{{3}}")
# Everybody's numbers and addresses are said without a word of whom they are, in answer to nobody: of a sight, a shop, oneself.
_SOMEBODYS = lazily(
    r"[你您他她恁侬佢妳我]|客户|本人|先生|女士|家里|老家|户籍|户口|登记|预留|名下|绑定|紧急联系|父|母|爸|妈|老婆|老公|爱人|儿子|女儿|亲戚|朋友|同事|查得到|显示"
)
# What may be public. An identity number or a card never is.
_OPEN = frozenset({"mobile", "landline", "address"})
# The speaker's own, or given to be written down.
_MINE = lazily(r"我的(?:名字|姓名|地址|住址)|我家|我(?:女儿|儿子)|它的|记一下|记下来")
# Orders and bookings are confirmed with the customer's address and number.
_TRADE = lazily(r"订单(?:已|将|信息)|送餐|配送|用餐|外卖|预约(?:信息|已|成功|编号)|预订信息|游玩|开放时间|门票|商铺")
_PUBLIC_PLACE = lazily(
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
            normalised = call.texts[index]
            for identifier in identifiers(normalised):
                for rule in rules:
                    if identifier.kind in _kinds(rule) and _is_personal(call, index, identifier):
                        words = normalised.to_original(identifier.span).of(normalised.original)
                        yield _match(call, rule, index, identifier, words)
        if BREAKS_OFF.search(call.texts.joined):
            yield from self._over_turns(call)

    def _over_turns(self, call: AnalysedCall) -> Iterator[Match]:
        """Identifiers that go on after the listener's 嗯: one match each, in the turn that completes it."""
        texts = [call.texts[index] for index in range(len(call.turns))]
        for reading in readings([turn.role for turn in call.turns], texts):
            (first, began), (last, ended) = reading.pieces[0], reading.pieces[-1]
            role = call.turns[first].role
            for rule in self._rules:
                if role not in rule.roles and role is not Role.UNKNOWN:
                    continue
                if reading.identifier.kind in _kinds(rule) and _is_personal(
                    call, first, replace(reading.identifier, span=began)
                ):
                    words = " ".join(
                        texts[turn].to_original(span).of(texts[turn].original) for turn, span in reading.pieces
                    )
                    yield _match(
                        call, rule, last, replace(reading.identifier, span=ended), words, call.speech.last(first)
                    )

    def skipped(self, call: AnalysedCall) -> Iterator[str]:
        """Words need nothing but turns."""
        return iter(())


def _kinds(rule: Rule) -> Sequence[str]:
    kinds = rule.parameters["identifiers"]
    assert isinstance(kinds, list)
    return kinds


def _is_personal(call: AnalysedCall, index: int, identifier: Identifier) -> bool:
    """Whether it is somebody's own: no hotline, corporate account, paper's number, shop or office."""
    utterance = call.utterance(index)
    sentence = utterance.sentence_of(identifier.span.start)
    before = utterance.text[max(sentence.start, identifier.span.start - OWN_REACH) : identifier.span.start]
    if identifier.kind in _OPEN and not _of_somebody(call, index, before + identifier.span.of(utterance.text)):
        return False
    if identifier.kind != "address":
        return not OWN.search(before)
    around = utterance.text[max(0, identifier.span.start - 2 * OWN_REACH) : identifier.span.end + OWN_REACH]
    if _HOME.search(around):
        return True
    return bool(_DWELLING.search(identifier.span.of(utterance.text))) and not _PUBLIC_PLACE.search(around)


def _of_somebody(call: AnalysedCall, index: int, words: str) -> bool:
    """Whether the turn, or what was said before it, names anybody whose number or address it might be; `words` are those that lead up
    to it and its own."""
    text = call.texts.text(index)
    if _TRADE.search(text) or _MINE.search(words):
        return False
    asked = call.texts.text(index - 1) if index else ""
    return bool(_SOMEBODYS.search(text) or _SOMEBODYS.search(asked))


def _match(
    call: AnalysedCall, rule: Rule, index: int, identifier: Identifier, words: str, began: int | None = None
) -> Match:
    """The match for an identifier, or the end of one, that stands in the turn; `words` are all of it, `began` the given turn in which it
    began if that is another."""
    utterance = call.utterance(index)
    to_original = utterance.normalised.to_original
    quoted = quotation(utterance, identifier.span.start, identifier.span.end)
    quote = to_original(CharSpan(quoted.start, quoted.end))
    parts = call.speech.parts(index, to_original(identifier.span))
    if len(parts) > 1:  # the turn that completes it
        began = parts[0][0] if began is None else began
        quote = call.speech.parts(index, quote)[-1][1]
    facts = {"identifier": identifier.kind, "spoken": str(identifier.spoken).lower()}
    return Match(
        rule=rule,
        turn=index,
        span=quote,
        confidence=identifier.confidence,
        variant="digits" if identifier.kind != "address" else "pattern",
        matched=(words,),
        facts=facts if began is None else {**facts, "began_in_turn": str(began)},
    )
