"""Settings in script templates: call windows and counts, in fields of their own and in sentences."""

import re
from collections.abc import Iterable, Sequence

from audit.ingest.scripts.assembly import Assembly, named_voice
from audit.ingest.scripts.marks import PREFIX, is_utterance
from audit.ingest.scripts.piece import Kind, Piece
from audit.ingest.scripts.words import Words, strip
from audit.model.script import Passage, Setting, Voice

_CLOCK = r"(?:[01]?\d|2[0-4])[:：][0-5]\d"
_NUMBER = re.compile(
    r"\s*[≤<]?=?\s*(?:\d{1,4}|[一二两三四五六七八九十]{1,3})\s*(?:次|通|遍|回|条|个|calls|times)?[^\s\d:：.]{0,6}\s*"
)
_WINDOW = re.compile(rf"{_CLOCK}\s*(?:起|开始)?[,，、]?\s*(?:[-–—~～至到]|to)+\s*(?:次日|翌日|凌晨|第二天)?\s*{_CLOCK}")
_COUNT = re.compile(
    r"(?:每人)?(?:每[天日晚]|[一单当]日|当天|一天|一晚上?|一个晚上|per day|daily)[^，。；;,\d]{0,14}?(?:\d{1,3}|[一二两三四五六七八九十]{1,3})\s*(?:次|通|遍|回|个电话)"
)
_NIGHT = re.compile(
    r"(?:半夜|深夜|午夜|凌晨|零点|夜里|夜间|大半夜|后半夜|三更|晚上?(?:十点|十一点|十二点|22点|23点|24点|22:|23:|24:)|晚(?:十点|十一点|十二点))[^，。；;！!？?]{0,16}(?:打|拨|呼|致电|外呼|补一轮|再来一轮|跑一轮)"
)
_DIALLED = re.compile(
    r"外呼|拨打|呼叫|致电|联系|触达|接通|接听|没人接|未接|号码|派发|拨|打电话|电话|call|dial", re.IGNORECASE
)
# A figure by itself is a setting of its own, and what its name says is said of nothing beside it.
_FIGURES = re.compile(r"[\d\s:：.,，、~～至到–—-]+[次通]?")
# What a name speaks of that counts the calls of one person: `connected_cap_per_debtor`, 单客日触达上限.
_COUNTED = ("calls", "caps", "whom")
# Between texts that stand beside each other: words must not be found across them.
_BESIDE = "；"
# So many characters are looked at for what stands beside a setting: each of a long list is asked about.
_MOST_BESIDE = 2_000


def neighbours(pieces: Sequence[Piece]) -> dict[tuple[str, ...], str]:
    """What stands together: for each row, mapping or list the names and texts in it and in those right below."""
    rows: dict[tuple[str, ...], str] = {}
    for piece in pieces:
        # All of a file stands below its top; beside what stands there is only what does so too.
        for end in range(max(min(1, len(piece.path)), len(piece.path) - 1), len(piece.path) + 1):
            before = rows.get(piece.path[:end], "")
            if _FIGURES.fullmatch(piece.words.text):
                continue
            if len(before) < _MOST_BESIDE and (piece.name or piece.kind is Kind.HEADING):
                rows[piece.path[:end]] = _BESIDE.join((before, *piece.names, piece.name, piece.words.text))
    return rows


def add_setting(
    piece: Piece, assembly: Assembly, beside: dict[tuple[str, ...], str], known: dict[Passage, str]
) -> bool:
    """Whether the piece is a call window or a count; if so it is kept as one."""
    name, words = piece.name, piece.words
    if not name and (prefix := PREFIX.match(words.text)):
        name, words = prefix["name"], words.part(prefix.end(), len(words.text))
    kind = known.get(words) or (_kind(name, assembly.words) if name else None)
    has_clock, has_number = re.search(_CLOCK, words.text), _NUMBER.fullmatch(words.text)
    if kind == "window" and not _WINDOW.search(words.text):
        kind = None
    if kind in ("from", "to") and not has_clock:
        kind = None
    if kind == "count" and not has_number:
        kind = None
    voice = named_voice(piece, assembly.words) or assembly.voice(piece.path)
    if (
        kind is None
        and not assembly.document
        and voice in (None, Voice.NOTE)
        and (not piece.name or not is_utterance(words.text))
    ):
        kind, words = _in_prose(piece, assembly.words)
        name = piece.name
    if kind is None or voice is Voice.FORBIDDEN:
        return False
    audience = assembly.audience(piece.path, piece.names)
    around = _BESIDE.join(
        (*piece.names, piece.name, piece.words.text, beside.get(piece.path, "") if piece.name else "")
    )
    assembly.settings.append(Setting(kind, name, words, audience, around))
    # A sentence that holds a limit may hold other things as well.
    return not is_utterance(piece.words.text)


def edges(pieces: Iterable[Piece], words: Words) -> dict[Passage, str]:
    """The clocks that stand in twos in a list of a window's name, `call_window: ["08:00", "20:00"]`, each with which edge it is."""
    found: dict[Passage, str] = {}
    first: Piece | None = None
    for piece in pieces:
        if first and (first.path, first.name) == (piece.path, piece.name) and _is_clock(piece):
            found |= {first.words: "from", piece.words: "to"}
            first = None
        else:
            first = piece if _is_clock(piece) and words.settings.of(piece.name) == "window" else None
    return found


def _is_clock(piece: Piece) -> bool:
    return bool(piece.name) and re.fullmatch(rf"\s*{_CLOCK}\s*", piece.words.text) is not None


def _kind(name: str, words: Words) -> str | None:
    """What setting a name says that something is: by the word it ends with, or, for counts, by all of its words."""
    kind = words.settings.of(name)
    if kind in (None, "count") and words.exempt.inside(name, "uncounted"):
        return None
    if kind is None and all(words.exempt.inside(name, some) for some in _COUNTED):
        return "count"
    return kind


def _in_prose(piece: Piece, words: Words) -> tuple[str | None, Passage]:
    """A limit in a sentence that tells collectors what to do; one that speaks to somebody is judged as speech."""
    text = piece.words.text
    prefix = PREFIX.match(text)
    told = prefix and (
        words.voice(prefix["name"]) in (Voice.OTHER, Voice.FORBIDDEN) or words.asks(strip(prefix["name"]))
    )
    if told or not _DIALLED.search(text) or re.search("[您你]", text):
        return None, piece.words
    for kind, pattern in (("window", _WINDOW), ("count", _COUNT)):
        if found := pattern.search(text):
            return kind, piece.words.part(found.start(), found.end())
    if found := _NIGHT.search(text):
        begins = max(text.rfind(mark, 0, found.start()) for mark in "，,。；;！？!?") + 1
        return "night", piece.words.part(begins, found.end())
    return None, piece.words
