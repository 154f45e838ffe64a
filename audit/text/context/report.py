"""Somebody else's words: quoted, asked about, apologised for, read aloud (rules 4, 5 and 13)."""

import re
from collections.abc import Sequence

from audit.text.context.utterance import Utterance
from audit.text.regex import lazily

_REPORT = lazily(
    r"(?:(?:您|你)(?:是|的意思是|意思是)说|(?:您|你)的?意思是|"
    r"(?:您|你|您们)(?:刚才|刚刚|刚|之前|上次|昨天|前天|前面|以前|当时|那天|方才|适才|反映|投诉)[^,，。!?]{0,4}?(?:说|讲|反映|投诉|提到|骂|喊|提)|"
    r"(?:他|她|他们|客户|对方|债务人|有人|别人|上次那个人?|之前那个人?|前面那个人?|网上|新闻上?|电视上?|录音里|投诉里|工单里)"
    r"(?:也|还|又|老|总|刚才|刚刚|之前|上次|昨天|一直|当时|跟我|跟我们|和我|对我|向我|打电话|在电话里)*(?:说|讲|反映|投诉|提到|骂|喊|威胁|写|称|声称|扬言)|"
    r"您(?:反映|投诉|提到|说)的|(?:您|你)(?:说|讲|反映)(?:是)?(?:有人|对方|他们|他|她|之前|上次|前面|我们的人|我们有|那个|那位|另一|别的))"
)

_REPORT_ENDS = lazily(
    r"但我|可我|不过我|我告诉你|我跟你说|我说|(?<=[^说讲])[,，。](?:我(?!们?(?:公司|的人|这边|同事|有人))|老子|信不信|再不|那我|那行|那好|行[,，]|好[,，])"
)

_OPENING_QUOTES, _CLOSING_QUOTES = "“「『\"'‘", "”」』\"'’"


def is_quoted(utterance: Utterance, starts: Sequence[int], ends: Sequence[int]) -> str | None:
    """Somebody else's words, repeated or reported (RULES.md section 4, rule 4).

    >>> from audit.text.normalise import normalise
    >>> is_quoted(Utterance(normalise("您刚才说要砍死我,请冷静")), [5], [8])
    '您刚才说'
    """
    text = utterance.text
    sentence = utterance.sentence_of(starts[0])
    for cue in _REPORT.finditer(text, sentence.start, ends[-1]):
        # 您刚才说“让你坐牢”: the 您 of the report may be a word of the match and is none of what was said.
        said = [start for start in starts if not cue.start() <= start < cue.end()]
        if said and said[0] >= cue.end() and not _REPORT_ENDS.search(text, cue.end(), said[0]):
            return cue.group()
    opened = max((text.rfind(mark, 0, starts[0] + 1) for mark in _OPENING_QUOTES), default=-1)
    if opened >= 0 and any(text.find(mark, ends[-1] - 1) >= 0 for mark in _CLOSING_QUOTES):
        closed = any(mark in text[opened + 1 : starts[0]] for mark in _CLOSING_QUOTES)
        if not closed and re.search(r"(说|讲|叫|写|喊|骂|类似|比如|例如|这种|什么|等)[:：,，]?$", text[:opened]):
            return text[max(0, opened - 2) : opened + 1]
    return None


_ASKED = lazily(
    r"有没有人?|有无|是否有?|是不是有人|是不是我们|是不是(?:之前|上次|前面)|有人(?:对您|跟您|给您)?|您说的是|您指的是"
    r"|(?:他们?|她们?|对方|那个?人|那边|来电的?人|那位)(?:是不是|是否|有没有|有无)"
)

_ASKED_TAIL = lazily(r"[?？]|过您|过你|吗|是吧|对吧|呢")


def is_asked(utterance: Utterance, starts: Sequence[int], ends: Sequence[int]) -> str | None:
    """A question about what happened (rule 5). A question that offers the threat (要不要我…, 信不信) is none of these."""
    text = utterance.text
    sentence = utterance.sentence_of(starts[0])
    cue = _ASKED.search(text, sentence.start, starts[0])
    if cue and _ASKED_TAIL.search(text, starts[0], min(len(text), sentence.end)):
        return cue.group()
    return None


_COLLEAGUE = lazily(
    r"同事|上一位|上一个(?:人|坐席|客服)|之前(?:那位|的那位|那个|的|联系您的)|前面(?:那位|那个)|我们的人|催收员|那位(?:坐席|客服|员工)|外包(?:公司|人员)|新来的|个别(?:人|员工)|这种(?:话|行为|情况)|此类"
)

_REGRET = lazily(
    r"道歉|抱歉|对不起|不好意思|不对|不应该|不该|违规|违反|处分|处罚|批评|开除|调查|核查|核实|反馈|上报|投诉|培训|绝不允许|不允许"
)


def is_apologised(utterance: Utterance, starts: Sequence[int], ends: Sequence[int]) -> str | None:
    """An apology for, or a report of, what a colleague did."""
    who = _COLLEAGUE.search(utterance.text)
    if who and _REGRET.search(utterance.text):
        return who.group()
    return None


_CITED_RULE = lazily(
    r"(?:规定|要求|制度|纪律|守则|规范|条例|指引|标准|培训|话术|禁语|红线|考核|公司|监管|银监会|行业)[^。!?]{0,16}?(?:不得|禁止|严禁|不允许|不能|不准|不可以|不许|属于违规|算违规|要扣分|会被处罚)"
)


def is_rule_read_aloud(utterance: Utterance, starts: Sequence[int], ends: Sequence[int]) -> str | None:
    """A rule or list of forbidden words that is read out (rule 13)."""
    sentence = utterance.sentence_of(starts[0])
    cue = _CITED_RULE.search(utterance.text, sentence.start, sentence.end)
    return cue.group() if cue else None


_ABUSE_TOLD = lazily(
    r"(?:您|你|恁|侬|他|她|对方|客户|有人|同事|家人|家里人|别人|那人|谁)[^,，。!?;]{0,8}?(?:骂|咒|鬧|闹|屌)(?:过|了)?(?:我们|我|俺|阿拉|咱|您|他|她|那句|的那|孩子)"
    r"|(?:骂|咒|说|喊|叫)(?:您|我们|我)(?:是|个|们|“)*$|(?<!我)骂(?:了|过|小孩|孩子|人)?$|[您你][^,，。!?;]{0,4}那句|被[^,，。!?;]{0,4}骂|叫[您你我][^,，。!?;]{0,8}(?:那位|那个人|的人)|[您你]叫我"
)

_ABUSE_HANDLED = lazily(
    r"质检(?:案例|通报|组|复核)|您投诉|禁用语|反面(?:例子|案例)|培训(?:录音|手册|里)|截图里|短信里|微信里|字样|引以为戒|"
    r"赔不是|致歉|这(?:句|种|样的|类)?话(?:您?别|太|我|就|有点|不|确实|属于|绝|谁说|是谁|是哪|一定)|[”」』\"]一句|那段我们|那句我们|的那位|您转述|您提到|您反映|扣(?:五百|分|钱)|不是说您|不是对您|跟您没关系|撤回"
)

# What follows for the one who said it. By itself it excuses nothing: 废物,活该被开除 is an insult.
_ABUSE_FOLLOWED = lazily(r"原话|工单|投诉单|停职|处罚|下岗培训|被开除|辞退")

_ABUSER = lazily(r"坐席|员工|客服|专员|质检|核实|调查|录音|您(?:反映|投诉|提到|转述)")


def is_abuse_reported(utterance: Utterance, starts: Sequence[int], ends: Sequence[int]) -> str | None:
    """Abuse by somebody else that the agent repeats or deals with: 你骂我…我不怪你, 您投诉的…, 质检案例."""
    clause = utterance.clause_of(starts[0])
    told = _ABUSE_TOLD.search(utterance.text[clause.start : starts[0]])
    handled = told or _ABUSE_HANDLED.search(utterance.text)
    if not handled and (_ABUSER.search(utterance.text) or _COLLEAGUE.search(utterance.text)):
        handled = _ABUSE_FOLLOWED.search(utterance.text)
    return handled.group() if handled else None
