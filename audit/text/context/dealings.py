"""Identity, papers, promises and money: what makes a claim, a warning, a true statement or a proper channel of such words."""

from collections.abc import Sequence

from audit.text.context.utterance import Utterance
from audit.text.regex import lazily

_PRETENDER = lazily(
    r"自称|冒充|假冒|骗子|诈骗(?:分子|电话|短信|团伙)|(?:不要|别|请勿)(?:轻易)?(?:相)?信|是假的|谎称|(?:您|你)(?:要是|如果|若)?(?:接到|收到)|出示(?:证件|警官证)|核实(?:对方|真伪|身份)|一律(?:拒绝|不要?信|挂断)"
)


def is_told_of_pretenders(utterance: Utterance, starts: Sequence[int], ends: Sequence[int]) -> str | None:
    """Those who only pretend to be somebody are spoken of, or warned of: 自称法院的让他出示证件."""
    cue = _PRETENDER.search(utterance.text)
    return cue.group() if cue else None


_SOUGHT = lazily(
    r"[,，]|去|找|向|建议|问|帮|联系|报(?!名)|被|路|对面|旁边|隔壁|如果|想|陪|跟|和|给|请|转|劝|等|看|不|没|替您|替你|说(?!我)|您|你的|住|认识|在.{1,6}(?:上班|工作|实习)|需要|支持|通过|经过|根据|按|依"
)


def is_no_claim(utterance: Utterance, starts: Sequence[int], ends: Sequence[int]) -> str | None:
    """Between 我是 and the institution stands what makes it the aim, not the speaker: 我是建议您去派出所."""
    cue = _SOUGHT.search(utterance.text, ends[0], starts[-1]) if len(starts) > 1 else None
    return cue.group() if cue else None


_GREETING = lazily(
    r"喂|嗯|呃|啊|哦|哎|诶|那个|您好|你好|先生|女士|小姐|师傅|阿姨|伯父|对|是的|是|没错|真的|我们|我|俺|咱们|咱|这边|这里|免贵姓.|免贵|姓.|[^\w]"
)
_OPENING_REACH = 4
_ELSEWHERE = lazily(r"不|请|到|去|找|打|问|跟|联系")


def is_past_the_opening(utterance: Utterance, starts: Sequence[int], ends: Sequence[int]) -> str | None:
    """More than a greeting and a place's name stands before the words: they do not answer who is calling."""
    before = _GREETING.sub("", utterance.text[: starts[0]])
    return before if len(before) > _OPENING_REACH or _ELSEWHERE.search(before) else None


_PAPERS_REAL = lazily(
    r"单号|案号是|12368|一二三六八|可以查|可查|核实|真伪|伪造|是假的|多收|可能|或许|依法(?:向|提|起)|不排除|考虑|评估|届时|之后会|才会|会依法|由法院|法院会|法院才|只有法院|只能法院|有权|是否|有没有|没有?收到(?!是)|收到.{0,8}(?:了吗|吗|没有|了没)|您(?:说|提到|念|反映|刚|收到的)|没有?(?:寄|发|给)|没得|莫得|冇|立案.{0,2}没有|不会|没(?:有)?(?:判|立案|起诉)|我司未|假冒|您自己查|彩信|交通|供应商|投诉|工单|诉求|劳动|离婚|工伤|如果|若|万一|要是(?:您|你)收到|官方渠道|没发过|我司未|未曾|照常来|立案庭|立案大厅|申请书|EMS|ems"
)


def is_about_real_papers(utterance: Utterance, starts: Sequence[int], ends: Sequence[int]) -> str | None:
    """Papers that can be checked, are disowned, or belong to another matter: 律师函已寄出,单号您可以查."""
    cue = _PAPERS_REAL.search(utterance.text)
    return cue.group() if cue else None


_LIABLE = lazily(
    r"没有(?:还款)?(?:义务|责任)|无(?:还款)?义务|不(?:用|需要|必|该)(?:您|你|他|她)?(?:还|承担|负责)|除非|是否|要看|由法院|遗产范围|放弃继承|继承(?:了|的)?遗产|签(?:了|过|的).{0,6}(?:担保|保证)|担保合同|保证合同|保证责任|(?:您|你|爱人|他)是(?:连带)?(?:担保人|保证人|共同借款人)|作为(?:连带)?(?:担保人|保证人)|共借人|共同借款|主贷人|主借款人|没有这个说法|没有这一说|才算|一般不|不知道的话|不是担保人"
)


def is_truly_liable(utterance: Utterance, starts: Sequence[int], ends: Sequence[int]) -> str | None:
    """The listener did sign for the debt, or is told that nobody else owes it."""
    cue = _LIABLE.search(utterance.text)
    return cue.group() if cue else None


_NO_PROMISE = lazily(
    r"不(?:能|可以|敢|会|便|方便)(?:跟|给|向|对)?(?:您|你)?(?:保证|承诺|担保|答应|说|做主)|(?:保证|承诺|答应|做主|担保)不了|没(?:有)?(?:法|办法|权限|权)(?:给|跟|向)?(?:您|你)?(?:保证|承诺|免|减|改)?|改不了|没有.{0,10}(?:这回事|这码事|这种事|的方案|的政策|政策)|谁都.{0,2}不掉|不可能|骗子|诈骗|别(?:信|听)|说了就是违规|不会马上|不能马上|撤不掉|不代表|我要能|早去"
)


def is_no_promise(utterance: Utterance, starts: Sequence[int], ends: Sequence[int]) -> str | None:
    """What reads like a promise is refused or called a swindle. A mere 不 before 用还 or 会起诉 is the promise itself."""
    cue = _NO_PROMISE.search(utterance.text)
    return cue.group() if cue else None


_NO_BORROWING = lazily(
    r"禁用语|话术|系统不支持|不建议|不要再?(?:去)?(?:借|碰|贷|套)|别再?(?:去)?(?:借|碰|贷|整|套)|莫(?:去|拿)|千万(?:别|莫|不要)|别把|(?<!要)不要(?:把|为了|因为)|唔好|违法|违规|犯规|不得|不会(?:让|叫|要求)|没(?:有)?让|不是(?:让|要|叫)|不要求|(?:量力而行|慎重|谨慎)|不应|不支持|更还不上|雪球|曲解|不用(?:去|跟|向)|碰都别|(?:您|你)(?:昨天|之前|当时)|借到了?(?:是|吧|吗)|借过了是|不符合规定|是在.{0,4}借的|请联系|请您停止|没办法还别的|(?:您|你)提到|三思|(?:您|你)(?:刚|说|是说|自己|之前|上次)|到账了|是不是(?:有人|我们)|没必要借|犯不着|(?:借|凑|周转)(?:到|齐|够)?了?(?:吗|没有|了没|没呢)|自愿|由您|愿意帮|给别人"
)


def is_borrowing_discouraged(utterance: Utterance, starts: Sequence[int], ends: Sequence[int]) -> str | None:
    """The speaker advises against borrowing, or speaks of a loan the other side took: 不建议您借新还旧."""
    start, end = utterance.clause_of(starts[0]).start, utterance.clause_of(ends[-1] - 1).end
    cue = _NO_BORROWING.search(utterance.text, start, end)
    return cue.group() if cue else None


_CREDIT_ASKED = lazily(
    r"额度[^,。!?]{0,6}(?:有|剩|多少|几)[^,。!?]{0,4}(?:吧|吗|么|没|呢|[?])|有额度(?:吧|吗|么|没)|额度(?:还)?有没有"
)
_CREDIT_USED = lazily(
    r"套|提出来|取出来|借出来|刷出来|先用|拿来|拿去|先还|先借|借一|借点|垫上|填上|填进|转过来|还我|还上|用[它这那]"
)


def is_credit_asked(utterance: Utterance, starts: Sequence[int], ends: Sequence[int]) -> str | None:
    """The speaker asks whether credit is left and does not say to use it: 花呗额度还有吧 (LABELS.md, notes)."""
    cue = _CREDIT_ASKED.search(utterance.text)
    return cue.group() if cue and not _CREDIT_USED.search(utterance.text) else None


_OFFICIAL = lazily(
    r"(?<!不走)(?<!别走)(?:官方(?!渠道今天|渠道限)|公众号|小程序|企业微信|对公账户(?:尾号|户名|信息)|收款方(?:是|仍是|为)(?:公司|银行|汽车|某)|合同约定的|(?:您|你|恁|侬)自己的?(?:还款)?卡|自己的?(?:储蓄)?卡|本人(?:的)?卡上|绑定的|原路)|退款|退回|退到|冒充|报警|诈骗|骗子|提高警惕|"
    r"自称|假的|不(?:要|能|得|可以)(?:再)?(?:转|打|汇|付|给|加|扫|信|向|留|跟|收)|不会(?:收|加|让|要|打电话)|(?:我们|公司|从)不(?:收|加|会|留)|不收(?:您|你|个人|任何|取|微信)|不加(?:客户|微信|个人)|别转|莫转|千万别|不用(?:转|加)|甭加|从不|没有?(?:让|叫)|不是我们|收不了|登记追查|私人借款|核实"
)


def is_official_payment(utterance: Utterance, starts: Sequence[int], ends: Sequence[int]) -> str | None:
    """Payment through the lender's own channels, a refund, or a warning against private accounts."""
    for cue in _OFFICIAL.finditer(utterance.text):
        if not any(start <= cue.start() and cue.end() <= end for start, end in zip(starts, ends, strict=True)):
            return cue.group()
    return None


_SECRET_KEPT = lazily(
    r"都别|谁要|有人|让您|要您(?!念|报|发)|卸载|关掉|您(?:说|是说|提到|反映)|诈骗|骗子|不要(?:告诉|给|发|念|报|说|转)|别(?:告诉|给|发|念|报|让)|请勿|任何人|(?:您|你)自己(?:输|在|登|保管)|我(?:们|这边)?(?:也)?不(?:需要|要|会)|不用(?:报|告诉|给)|页面(?:上)?输入|忘(?:了|记)|重置|修改密码|改密码|(?:密码|码)不要|找回|输错|保管好|初始密码"
)


def is_secret_kept(utterance: Utterance, starts: Sequence[int], ends: Sequence[int]) -> str | None:
    """The speaker tells to keep the code, or helps with a forgotten password."""
    cue = _SECRET_KEPT.search(utterance.text)
    return cue.group() if cue else None


_CAUTION = lazily(
    r"骗局|骗子|诈骗|被骗|冒充|假冒|假的|谨防|警惕|别信|不要信|一律(?:拒绝|不要?信|挂断)|没有这|(?:我们|公司|从来?|一律)不(?:收|需要|会收)|不建议|不得|禁止|严禁|规定(?:不|催收)|违规|培训|禁用语|质检|投诉|举报|反映|"
    r"(?:您|你)(?:刚才|刚(?!收)|之前|上次|提到|是说|说的)|有人(?:让|叫|要|跟|给)|谁(?:让|叫|跟|要)|上次|之前(?:有|那)|道歉|抱歉|对不起|不好意思|(?:我们|我)(?:核实|查实)|谢谢您|感谢|恭喜|请您放心|您放心(?!还)|官方|官网|公告(?!登|送)|说明书"
)


def is_cautioned(utterance: Utterance, starts: Sequence[int], ends: Sequence[int]) -> str | None:
    """A warning, an apology, a complaint taken up, or talk of what others did: there the words are not the speaker's offer."""
    cue = _CAUTION.search(utterance.text)
    return cue.group() if cue else None
