"""Of whom or what is spoken: the speaker, a thing, a name, a possession (rule 12)."""

from collections.abc import Sequence

from audit.text.context.utterance import Utterance
from audit.text.regex import lazily

_SELF = lazily(r"(?:我|咱|我们|俺)(?:自己|也|都|真|真的|真是|可|就|快|要|差点|今天|这|这人|这个人|这脑子|嘴|记性)*$")


def is_about_oneself(utterance: Utterance, starts: Sequence[int], ends: Sequence[int]) -> str | None:
    """The speaker speaks of himself: 我真该死, 我脑子进水了."""
    cue = _SELF.search(utterance.text[: starts[0]])
    return cue.group() if cue else None


_NAMED = lazily(
    r"店名|店叫|昵称|网名|书名|片名|歌名|品牌|用户名|密码|车牌|牌子|外号|绰号|店铺|抬头|商户|门店|加盟|电影|小说|电视剧|脱口秀|这个词|那个词|《|姓名|叫做"
)

_QUOTATIONS = (("《", "》"), ("“", "”"), ("「", "」"), ("『", "』"))


def is_a_name(utterance: Utterance, starts: Sequence[int], ends: Sequence[int]) -> str | None:
    """The words are the name of a shop, a user, a book, or are spoken of as a word: all in quotation marks is."""
    for opening, closing in _QUOTATIONS:
        opened = utterance.text.rfind(opening, 0, starts[0] + 1)
        closed = closing in utterance.text[opened + 1 : starts[0]] or utterance.text.find(closing, ends[-1] - 1) < 0
        if opened >= 0 and not closed:
            return opening
    sentence = utterance.sentence_of(starts[0])
    cue = _NAMED.search(utterance.text, sentence.start, sentence.end)
    return cue.group() if cue else None


_OWNED = lazily(
    r"(?:那个|这个|那张|这张|那部|那套|那笔|新|旧|老)?(?:电话|号码|手机|名字|身份|身体|病|工作|医药|住院|意思|情况|地址|卡|微信|事情|药|腿|退休|养老|话|生日|照片|房|账户|"
    r"同事|单位|眼|快递|车|花镜|手艺|菜|饭|衣|鞋|包|店|医保|社保|嗓|脾气|钥匙|拐|轮椅|手术|血压|病历|检查|户口|后事|遗|坟|葬|声音|名下|朋友|同学|老家|娘家|姐|妹|哥|弟|铺|摊|厂|公司|年纪|心|手|头发|牙|背|"
    r"东西(?!我|还|你)|行李|学历|文凭|婚|丈夫|老公|邻居)"
)


def is_owned(utterance: Utterance, starts: Sequence[int], ends: Sequence[int]) -> str | None:
    """What reads like an oath is a possessive: 他妈的电话 is his mother's number."""
    cue = _OWNED.match(utterance.text, ends[-1]) if utterance.text[ends[-1] - 1] == "的" else None
    return cue.group() if cue else None


_THING = lazily(
    r"系统|电脑|打印机|网速|网络|程序|裁判|主角|反派|剧情|剧里|电视剧|演员|电影|队友|叼|拖鞋|小猫|猫咪|狗子|鱼干|尾巴|沙发|机器|轴承|闹钟|天气|门将|球队|角色|猫|狗粮|宠物|兽医|菜市场|炖|进球|球赛|比赛|游戏|副本|剧本|台词|小说|导演|主演|爪子|浇水|花盆|鱼塘"
)


def is_about_a_thing(utterance: Utterance, starts: Sequence[int], ends: Sequence[int]) -> str | None:
    """Hard words for a machine, an animal or a character: 这破系统, 这狗东西又把拖鞋叼走了."""
    sentence = utterance.sentence_of(starts[0])
    cue = _THING.search(utterance.text, sentence.start, sentence.end)
    return cue.group() if cue else None
