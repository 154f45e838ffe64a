"""How templates mark what is to be said: names before it, times, numbers, stage directions, quotation marks."""

import re

from audit.model.script import Passage

PREFIX = re.compile(r"\s*(?P<name>[^：:，。？！,?!；;“”\"『「]{1,20}?)\s*[：:]\s*(?=\S)")
# `客户问"会抓人吗"：不会。`: what the other side says, quoted, before what is answered.
QUOTED_BEFORE = re.compile(
    r"\s*[^：:，。？！\"“”「」『』]{0,14}[\"“「『](?P<words>[^\"“”」』]{1,60})[\"”」』][^：:，。\"“”]{0,6}[：:]\s*(?=\S)"
)
# `业主骂人"信不信我砸了你们店"`: what the other side says, quoted, and nothing behind it.
QUOTED_ALONE = re.compile(
    r"\s*(?P<who>[^：:，。？！\"“”「」『』]{1,12}?)(?:又|还|会|再|一直|开口|突然|直接)?(?:说|问|讲|骂人?|喊|吼|嚷|称|表示|扬言|威胁|反问|追问|质问|抱怨|发来?|甩来?|回)"
    r"(?:一句|道|了句)?\s*[：:]?\s*[\"“「『](?P<words>[^\"“”」』]{1,60})[\"”」』]\s*[。.]?\s*"
)
# `仅限已立案的账户`, `严禁说"……"`: told to collectors, not to be said.
INSTRUCTS = re.compile(
    r"\s*[（(【]?\s*(?:仅限|仅用于|仅供|只用于|仅适用|适用于|用于|本话术|本模板|本脚本|本页|本表|不得|切勿|请勿|(?:严禁|禁止|不准|不许|绝不|不得|切勿)(?:说|讲|使用|出现|向|以|在|对|用|提|要求|透露|承诺|暗示))"
)
# `Q3 还清以后……`, `答1：……`: a question or an answer by its number.
NUMBERED = re.compile(r"\s*(?P<name>[QqAa]|问|答)\s*(?:\d{1,3}\s*[.、：:)）]?|[.、]|(?=\s))\s*(?=\S)")
# 「[00-05s] 坐席：」: when, in brackets before who.
STAMP = re.compile(r"\s*[\[【〔（(]\s*\d[\d:：.~\-–—\s]*(?:s|秒|分钟?|min)?\s*[\]】〕）)]\s*(?=\S)", re.IGNORECASE)
BRACKETED = re.compile(r"\s*【(?P<name>[^】]{1,8})】[：:]?\s*(?=\S)")
DIRECTION = re.compile(r"\s*[（(\[〔](?P<words>[^（）()\[\]〔〕]{1,60})[)）\]〕]\s*[：:，,]?\s*")
INNER_DIRECTION = re.compile(r"(?<=[。！？!?；;，,])\s*[（(](?P<words>[^（）()]{1,40})[)）]\s*")
_QUOTED = re.compile(r"\s*[\"“”「『‘'](?P<words>.+)[\"“”」』’'][。.]?\s*", re.DOTALL)
_INNER_QUOTE = re.compile(r"[\"“”「」『』]")
_UTTERANCE = re.compile(r"[，。？！?!；]|[您你我]|[{【]")
ADDRESSES = re.compile(r"[您你]|[{【]")
_HAN = re.compile(r"[一-龥]")
_MEANT_FOR_SPEECH = 4
# Characters of one utterance; what is longer is read in parts.
LONGEST = 600


def is_utterance(text: str) -> bool:
    """Whether a text reads as something to be said, not as a title."""
    return len(_HAN.findall(text)) >= _MEANT_FOR_SPEECH and bool(_UTTERANCE.search(text))


def without_quotes(passage: Passage) -> Passage:
    """The words between quotation marks that stand around all of a text."""
    found = _QUOTED.fullmatch(passage.text)
    if found and not _INNER_QUOTE.search(found["words"]):
        return passage.part(found.start("words"), found.end("words"))
    return passage
