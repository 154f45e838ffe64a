"""What the speaker means by it: help, care, service, condemnation."""

from collections.abc import Sequence

from audit.text.context.utterance import Utterance
from audit.text.regex import lazily

_DISOWNED = lazily(
    r"(?:绝不|绝对不|不|从不|从来不|绝对唔|唔)(?:会|允许|可能)?(?:这样|这么|那样|那么)(?:做|干|说)|(?:是|属于|属|系)(?:违法|犯法|违规|犯罪)(?:行为|的|嘅)|没有这种(?:做法|事|说法|规定)|(?:不是|并非)我们(?:公司)?(?:弄|干|做|的人|发|打)|"
    r"谁[^,，。!?]{1,3}(?:您|你)(?:啦|呀|啊|了)|(?:跟|和|与)(?:我们|咱|这|本案|这笔账)?(?:没关系|无关|没有关系)|太恶劣|这种(?:话|行为|做法)(?:犯法|违法|违规|不对|是不|我们)|是假的|瞎说|谣言|别信|都是骗|不搭界|骗人的|"
    r"(?:您|你|建议|请)(?:先|赶紧|立刻|立即|马上|第一时间|可以|尽快|直接|最好|就|去|您)*(?:报警|报案)|(?:先|赶紧|第一时间)(?:报警|报案)|报警了?(?:没|吗)|报咗警|(?:保留|留好|留存|保存)(?:好)?(?:证据|录音|截图)|拍照留证|调(?:一下)?监控|截图发(?:给)?我们|录音发(?:给)?我们|"
    r"(?:我们|公司)(?:会|马上|立刻|立即|一定)?(?:严肃)?(?:核查|调查|核实|追查|处理这)"
)


def is_disowned(utterance: Utterance, starts: Sequence[int], ends: Sequence[int]) -> str | None:
    """The speaker condemns it, has no part in it, or tells the victim what to do: 泼漆是违法行为, 请您先报警, 不是我们弄的."""
    cue = _DISOWNED.search(utterance.text)
    return cue.group() if cue else None


_HELPFUL = lazily(
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


_CARE = lazily(
    r"注意安全|注意身体|保重|下雨|下雪|雨天|雪天|路滑|天冷|天凉|天气|降温|台风|雾霾|高温|结冰|大雨|暴雨|早点休息|早日康复|祝您|祝你|慢走|慢点开|路上慢|辛苦|不容易|理解您|体谅|"
    r"平安到|一路平安|平平安安|节日|新年|疫情|路况|谨防|防骗|防诈|诈骗分子|骗子|陌生链接|照顾好|不用担心|别担心|请放心|您放心"
)


def is_caring(utterance: Utterance, starts: Sequence[int], ends: Sequence[int]) -> str | None:
    """Courtesy, care or a warning against third parties: 下雨路滑,出门小心点 is no threat, 走夜路小心点 is."""
    sentence = utterance.sentence_of(starts[0])
    cue = _CARE.search(utterance.text, sentence.start, max(sentence.end, ends[-1]))
    return cue.group() if cue else None


_SERVICE = lazily(
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
