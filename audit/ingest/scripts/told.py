"""Prose in which nobody's name stands before what the other side says, or before what must not be said.

`他问会不会坐牢`, `"我没收到货" → "我帮您查"`, `“判决书下来了” 答案：不能说`: told from the lines around, and from more than one such line,
because collectors also tell debtors and contacts what somebody said.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from audit.ingest.scripts.piece import Kind, Piece

# What a piece without a name is called from then on (lexicons/scripts.toml knows whose words these are).
SAID, ANSWERED, WRONG, SITUATION = "对方说", "坐席答", "错误示范", "情形"
_ARROW = r"(?:→|➜|➔|⇒|▶|►|=+>|-+>|—+>)"
_BULLET = r"[\s?？>＞·•*○●◦◇-]*"
_ANSWER = re.compile(rf"\s*{_ARROW}\s*(?=\S)")
_IN_ONE = re.compile(rf"(?P<said>[^→➜➔⇒▶►您]{{2,40}}?)\s*(?:{_ARROW}|——+|--+)\s*(?=\S)")
_TELLS = re.compile(
    rf"{_BULLET}(?:他|她|ta|对方|客户|客人|当事人|人家|那头|那边|用户|借款人|持卡人|车主)(?:要是|如果|若|一|又|再|还|就|老|气冲冲|哭着|笑着|反过来|可能|会){{0,2}}"
    r"(?:说|问|讲|喊|骂|嚷|哭|吼|回|答|反问|追问|质问|抱怨|质疑|嘀咕|求|推脱|推说)(?!过|好|明|清|法|了算)",
    re.IGNORECASE,
)
# `对方承认 → “谢谢您……”`: when, and what is said then.
_WHEN = re.compile(
    rf"(?P<when>[^→➜➔⇒▶►您]{{2,24}}?)\s*{_ARROW}\s*(?=[“\"「『]|[^，。,]{{0,12}}[您你]|[^→]{{2,}}[，,][^→]{{2,}}[。！!])"
)
# `「是不是欠钱了？」——他的事我不便说。`
_QUOTED_IN_ONE = re.compile(
    rf"\s*[①-⑳\d.、）)\s·•-]*[「“\"『](?P<said>[^」”\"』您]{{2,40}})[」”\"』]\s*(?:——+|--+|{_ARROW})\s*(?=[^”」]{{0,40}}[您你我咱])"
)
# `说：……` above `答：……`
_SAYS = re.compile(r"\s*(?:[说讲]|(?:第?[一二三四五六七八九十百]{1,3}|\d{1,3})问)\s*[:：\s]\s*(?=\S)")
_REPLIES = re.compile(r"\s*(?:答|回|回答|应)\s*[:：\s]")
# `改：……` below what it is put for.
_MENDS = re.compile(r"\s*(?:改|改为|改成|应改为|可改为|修改为|换成|正解|应说|应当说|正确说法)\s*[:：]\s*(?=\S)")
_ADDRESSES = re.compile(r"您|我们这边|咱们这")
_VERDICT = re.compile(
    r"\s*(?:(?:参考)?答案|判定|判断|结论|评析|点评|解析|答)\s*[:：]?\s*(?:[(（【]?\s*)?(?:不能|不可|不得|不行|不合规|违规|错|×|✗|✘|❌)"
)
_MARKED_WRONG = re.compile(
    r"\s*(?:✗|✘|❌|🚫|⛔|[×Xx](?=\s*[“\"「『]))|.*[(（【]\s*(?:×|✗|✘|❌|错|错误|违规|不能说|不可说|不得说|不合规)\s*[)）】]\s*$",
    re.DOTALL,
)
# `“……”——不说`
_NEVER_SAID = re.compile(
    rf".*[”\"」』]\s*(?:——+|--+|[:：]|{_ARROW})\s*(?:不说|不讲|别说|禁用?|不可以?说?|不能说|不得说|违规|错误?|×|✗|❌)[。！!]?\s*$",
    re.DOTALL,
)
# `A ✗：……`, `✓：……`
_JUDGED = re.compile(r"\s*[^：:，。]{0,8}?(?:(?P<wrong>[✗✘×❌])|[✓✔√✅])\s*[:：]\s*(?=\S)")
# `你们会不会找我单位？` above its answer: somebody asks for themselves, and nobody is addressed.
_ASKS = re.compile(
    r"(?=.*(?:我(?!们|司|这边)|你们))(?:[^您你]|你们(?!家|村|单位|公司|厂|学校|老|一|全|小区))*[?？][\s”\"」』]*",
    re.DOTALL,
)
_LISTED = 3
# What is said of texts that were turned down, in a column that judges them.
_JUDGES = re.compile(
    r"(?<!客户)(?<!用户)(?<!对方)(?<!账户)(?<!案件)(?:状态|备注|标注|标记|意见|审核|审批|结论)|status|review|verdict",
    re.IGNORECASE,
)
_TURNED_DOWN = re.compile(
    r"\s*(?:退(?![订款还出])|驳回|打回|作废|(?:审核)?(?:未|不)通过|不采用|未发|废弃|reject|void|denied|turned down"
    r"|(?:严禁|禁用|禁止|禁|勿用|反面|反例|错误示范|不可用|不能用)(?:使用|说|话术|示范|例子)?\s*$)",
    re.IGNORECASE,
)
_OFTEN = 2


def told(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces, those with a name that say or hold what the other side says, its answer, or what must not be said."""
    often = sum(map(_tells, pieces)) >= _OFTEN
    listed = sum(_asks(piece, behind) for piece, behind in pairwise(pieces)) >= _LISTED
    down = {piece.path for piece in pieces if _is_turned_down(piece)}
    named: list[Piece] = []
    for piece, behind in pairwise((*pieces, None)):
        if piece is None:
            continue
        if piece.path in down and piece.name:
            named.append(piece if _is_turned_down(piece) else replace(piece, name=WRONG))
        elif listed and behind and _asks(piece, behind):
            named.append(replace(piece, name=SAID))
        else:
            named.extend(_named(piece, behind, often=often))
    return named


def _asks(piece: Piece, behind: Piece) -> bool:
    """Whether a question of somebody's stands right above what answers it."""
    return (
        _is_prose(piece)
        and _is_prose(behind)
        and bool(_ASKS.fullmatch(piece.words.text))
        and not _ASKS.fullmatch(behind.words.text)
    )


def _is_judged(behind: str) -> bool:
    """Whether the line below calls wrong what stands above it, or puts other words for it."""
    return bool(_VERDICT.match(behind) or _MENDS.match(behind))


def _is_turned_down(piece: Piece) -> bool:
    """Whether a cell of a row, or a value beside others, says that they were turned down."""
    return bool(piece.name and _JUDGES.search(piece.name) and _TURNED_DOWN.match(piece.words.text))


def _named(piece: Piece, behind: Piece | None, *, often: bool) -> Iterable[Piece]:
    if not _is_prose(piece):
        return (piece,)
    if answer := _ANSWER.match(piece.words.text):
        return (_part(piece, answer.end(), len(piece.words.text), ANSWERED),)
    if judged := _JUDGED.match(piece.words.text):
        return (_part(piece, judged.end(), len(piece.words.text), WRONG if judged["wrong"] else ANSWERED),)
    if _NEVER_SAID.match(piece.words.text):
        return (replace(piece, name=WRONG),)
    if mended := _MENDS.match(piece.words.text):
        return (_part(piece, mended.end(), len(piece.words.text), ANSWERED),)
    if _MARKED_WRONG.match(piece.words.text) or (behind and _is_prose(behind) and _is_judged(behind.words.text)):
        return (replace(piece, name=WRONG),)
    if quoted := _QUOTED_IN_ONE.match(piece.words.text):
        return (
            _part(piece, *quoted.span("said"), SAID),
            _part(piece, quoted.end(), len(piece.words.text), ANSWERED),
        )
    if often and _tells(piece):
        return _parted(piece)
    if when := _WHEN.match(piece.words.text):
        return (
            _part(piece, *when.span("when"), SITUATION),
            _part(piece, when.end(), len(piece.words.text), ANSWERED),
        )
    says = _SAYS.match(piece.words.text)
    if says and behind and _is_prose(behind) and _REPLIES.match(behind.words.text):
        return (_part(piece, says.end(), len(piece.words.text), SAID),)
    if behind and _is_prose(behind) and _ANSWER.match(behind.words.text) and not _ADDRESSES.search(piece.words.text):
        return (replace(piece, name=SAID),)
    return (piece,)


def _parted(piece: Piece) -> Iterator[Piece]:
    text = piece.words.text
    if parts := _IN_ONE.match(text):
        yield _part(piece, *parts.span("said"), SAID)
        yield _part(piece, parts.end(), len(text), ANSWERED)
    else:
        yield replace(piece, name=SAID)


def _part(piece: Piece, start: int, end: int, name: str) -> Piece:
    return replace(piece, words=piece.words.part(start, end), name=name)


def _is_prose(piece: Piece) -> bool:
    return piece.kind is Kind.TEXT and not piece.name and not piece.names


def _tells(piece: Piece) -> bool:
    text = piece.words.text
    if not _is_prose(piece) or not _TELLS.match(text):
        return False
    parts = _IN_ONE.match(text)
    return not _ADDRESSES.search(parts["said"] if parts else text)
