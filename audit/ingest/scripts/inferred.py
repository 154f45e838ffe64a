"""Whose words they are where no known name says so: told from how they speak and from what stands beside them."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from itertools import pairwise

from audit.ingest.scripts.marks import ADDRESSES, BRACKETED, PREFIX, QUOTED_ALONE, QUOTED_BEFORE, is_utterance
from audit.ingest.scripts.piece import Kind, Piece
from audit.ingest.scripts.words import Words, strip
from audit.model.script import Voice

# Who speaks of 客户 or 坐席 and addresses nobody tells collectors what to do.
_OF_COLLECTORS = re.compile(
    r"客户|用户|借款人|持卡人|债务人|对方|坐席|座席|催收员|班长|组长|组员|学员|员工|新人|大家|各位|任何人"
    r"|本(?:组|课|讲|节|稿|文|表|页|册|话术|脚本)|例句|[以如]下|下列|上述"
)
# `去年某公司……，被判赔礼道歉`, `“……”——辱骂，扣 50`: what others said, and what came of it.
_STORY = re.compile(
    r"(?:某(?:公司|机构|平台|银行|同行|同事|坐席|员工)|同行|有(?:位|个|一位)?(?:同事|坐席|员工|人)|前同事|前员工|去年|前年|上个?月|曾经?有).*(?:被(?:判|罚|投诉|处罚|起诉|抓|拘|开除|辞退|通报|约谈|停岗|曝光)|引以为戒|教训|不能学)"
)
_JUDGED = re.compile(
    r"[”\"」』]\s*(?:——*|--+|→|[:：])\s*[^，。\"“”]{0,4}(?:辱骂|威胁|恐吓|骚扰|泄露|泄密|诱导|欺骗|冒充|误导|扣\s?\d|停岗|移交|红线|开除|处罚|违规|不合规|零分)"
)
# How what is told collectors begins.
_BIDS = re.compile(r"\s*(?:不得?|别|勿|严禁|禁止|绝不|务必|必须|应当?|须|要|先|遇到?|碰到|如遇|凡)")
# `客户哭穷的，就说“……”`: what stands in quotes then is to be said.
_TO_SAY = re.compile(
    r"(?<![不别勿])(?:可以?|就|应该?|要|统一|直接|请|都|一律|建议|改)(?:这样|这么|成)?(?:说|讲|答|回|回复|答复|回答|告诉[他她])[：:，,]?\s*[\"“「『]"
)
_QUOTES = re.compile(r"[\"“「『‘][^\"”」』’]*[\"”」』’]")
_NO_FIELD = re.compile("[您你我。！？!?，,；;{【]")
# Behind 同事追问 stands what is asked, or what is answered to it.
_ASKS = re.compile(
    r"[?？]|[吗呢么嘛]|什么|啥|怎|咋|谁|哪|几|多少|为何|凭|干嘛|([是能会有要可行])不\1|可不可以|有没有|请问|想知道|想问"
)
# 学员甲 and 学员乙 are two speakers, 方案A and 方案B two ways to say it.
_PEOPLE = re.compile("(?:学员|同学|演员|讲师|员工|角色?|方|人)?")
_VARIANT = re.compile(r"[\da-z一二三四五六七八九十甲乙丙丁正反上下左右新旧背\s]")
_NAME_LENGTH = 8
# A name that stands so often before words that go to and fro with another's is a speaker's.
_OFTEN = 2
# So much oftener says 您 who collects.
_POLITER = 0.4


def speakers(pieces: Iterable[Piece], words: Words) -> Mapping[str, Voice]:
    """Who speaks under the names that stand before words in prose, where the words say so: `李经理：` and `张女士：` take turns, and one
    of them is known, or says 您 to the other."""
    said: dict[str, list[str]] = defaultdict(list)
    turns: Counter[frozenset[str]] = Counter()
    spoken = [one for piece in pieces if (one := _named(piece))]
    for name, text in spoken:
        said[name].append(text)
    for (before, _), (after, _) in pairwise(spoken):
        turns[frozenset((before, after))] += before != after
    found: dict[str, Voice] = {}
    for pair, times in turns.items():
        if times < _OFTEN or _are_variants(pair):
            continue
        voices = {name: words.voice(name) for name in pair}
        if unknown := [name for name, voice in voices.items() if voice is None]:
            found |= _voices(pair, unknown, voices, said)
    return found


def _are_variants(pair: Iterable[str]) -> bool:
    (same, *others) = {_VARIANT.sub("", name) for name in pair}
    return not others and not _PEOPLE.fullmatch(same)


def _voices(
    pair: Iterable[str], unknown: list[str], voices: Mapping[str, Voice | None], said: Mapping[str, list[str]]
) -> dict[str, Voice]:
    if len(unknown) == 1:
        (known,) = (voice for voice in voices.values() if voice)
        opposite = {Voice.AGENT: Voice.OTHER, Voice.OTHER: Voice.AGENT}.get(known)
        return {unknown[0]: opposite} if opposite else {}
    polite = {name: sum("您" in text for text in said[name]) / len(said[name]) for name in pair}
    ruder, politer = sorted(pair, key=polite.__getitem__)
    if polite[politer] - polite[ruder] < _POLITER:
        return {}
    return {politer: Voice.AGENT, ruder: Voice.OTHER}


def _named(piece: Piece) -> tuple[str, str] | None:
    if piece.kind is not Kind.TEXT or piece.name or not (prefix := PREFIX.match(piece.words.text)):
        return None
    name = strip(prefix["name"])
    text = piece.words.text[prefix.end() :]
    return (name, text) if name and len(name) <= _NAME_LENGTH and is_utterance(text) else None


def is_answered(name: str, text: str) -> bool:
    """Whether words behind a name like 同事追问 are no question, but what is answered to one: they are polite, or speak of the debtor."""
    return len(name) > 1 and name.endswith("问") and not _ASKS.search(text) and bool(re.search("[您他她]", text))


def in_mapping(text: str, *, answered: bool) -> Voice:
    """Whose words a key holds that does not say so. What stands before an answer is what it answers, unless it speaks politely."""
    if not is_utterance(text):
        return Voice.NOTE
    return Voice.AGENT if answered or "您" in text or "{" in text else Voice.OTHER


def is_told_collectors(text: str, words: Words, parts: Collection[str], *, third_party: bool) -> bool:
    """Whether prose tells collectors something and is not to be said: `客户情绪激动的，转班长`, or is a field of the paper: `讲师：老胡`, unless
    the name is one of `parts`, who speak. Nobody who owes is called 客户 to their face, but to a `third_party` they are."""
    if _JUDGED.search(text) or (_STORY.search(text) and not ADDRESSES.search(_QUOTES.sub("", text))):
        return True
    prefix = PREFIX.match(text)
    if prefix and words.voice(strip(prefix["name"])) is None:
        return strip(prefix["name"]) not in parts and not _NO_FIELD.search(text)
    if prefix or any(marks.match(text) for marks in (BRACKETED, QUOTED_BEFORE, QUOTED_ALONE)) or _TO_SAY.search(text):
        return False
    told = _QUOTES.sub("", text)
    if third_party and not _BIDS.match(told):
        return False
    return bool(_OF_COLLECTORS.search(told)) and not ADDRESSES.search(told)
