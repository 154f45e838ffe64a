"""Pieces become a script: who speaks each of them, who listens, where a conversation begins, what is a setting."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from audit.ingest.scripts.piece import Kind, Parsed, Piece
from audit.ingest.scripts.words import LONGEST_NAME, Names, Words, strip
from audit.model.script import Audience, Directive, Line, Passage, Script, Setting, Voice

DIRECTIVE_NAMES = frozenset({"callaudit", "审核豁免", "豁免"})
IDENTIFIED, NOTIFIED, INTRODUCED, UNIDENTIFIED = "identified", "notified", "introduced", "unidentified"
_PREFIX = re.compile(r"\s*(?P<name>[^：:，。？！,?!；;“”\"『「]{1,20}?)\s*[：:]\s*(?=\S)")
# `客户问"会抓人吗"：不会。`: what the other side says, quoted, before what is answered.
_QUOTED_BEFORE = re.compile(
    r"\s*[^：:，。？！\"“”「」『』]{0,14}[\"“「『][^\"“”」』]{1,60}[\"”」』][^：:，。\"“”]{0,6}[：:]\s*(?=\S)"
)
# `仅限已立案的账户`, `严禁说"……"`: told to collectors, not to be said.
_INSTRUCTS = re.compile(
    r"\s*[（(【]?\s*(?:仅限|仅用于|仅供|只用于|仅适用|适用于|用于|本话术|本模板|本脚本|本页|本表|不得|切勿|请勿|(?:严禁|禁止|不准|不许|绝不|不得|切勿)(?:说|讲|使用|出现|向|以|在|对|用|提|要求|透露|承诺|暗示))"
)
# `Q3 还清以后……`, `答1：……`: a question or an answer by its number.
_NUMBERED = re.compile(r"\s*(?P<name>[QqAa]|问|答)\s*(?:\d{1,3}\s*[.、：:)）]?|[.、]|(?=\s))\s*(?=\S)")
# What the agent says when the answers were right.
_RIGHT = re.compile(r"\s*(?:好的?[，,]?|谢谢您?[，,。]?)?(?:身份)?(?:验证|核对|核实|核验|信息)(?:成功|通过|无误|一致)")
# 「[00-05s] 坐席：」: when, in brackets before who.
_STAMP = re.compile(r"\s*[\[【〔（(]\s*\d[\d:：.~\-–—\s]*(?:s|秒|分钟?|min)?\s*[\]】〕）)]\s*(?=\S)", re.IGNORECASE)
_BRACKETED = re.compile(r"\s*【(?P<name>[^】]{1,8})】[：:]?\s*(?=\S)")
_DIRECTION = re.compile(r"\s*[（(\[〔](?P<words>[^（）()\[\]〔〕]{1,60})[)）\]〕]\s*[：:，,]?\s*")
_INNER_DIRECTION = re.compile(r"(?<=[。！？!?；;，,])\s*[（(](?P<words>[^（）()]{1,40})[)）]\s*")
_QUOTED = re.compile(r"\s*[\"“”「『‘'](?P<words>.+)[\"“”」』’'][。.]?\s*", re.DOTALL)
_INNER_QUOTE = re.compile(r"[\"“”「」『』]")
_UTTERANCE = re.compile(r"[，。？！?!；]|[您你我]|[{【]")
_ADDRESSES = re.compile(r"[您你]|[{【]")
_HAN = re.compile(r"[一-龥]")
_AGENT_PLACEHOLDER = re.compile(
    r"[{【][^{}【】]*(?:机构|公司|工号|金额|坐席|银行|company|agent|amount)[^{}【】]*[}】]", re.IGNORECASE
)
_ROW = re.compile(r"r\d+")
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
# A stage direction that says by itself that whoever was asked is the debtor.
_ASKS = re.compile(r"[？?]|^\s*(?:\*\*)?(?:问|Q)\d*[：:\s]", re.IGNORECASE)
_YES = frozenset({"是", "是的", "通过", "确认", "本人", "是本人", "已确认"})
# Between texts that stand beside each other: words must not be found across them.
_BESIDE = "；"
_MEANT_FOR_SPEECH = 4
# Characters of one utterance; what is longer is read in parts.
_LONGEST = 600
# So many characters are looked at for what stands beside a setting: each of a long list is asked about.
_MOST_BESIDE = 2_000


@dataclass(slots=True)
class _Context:
    """What titles and fields say of everything under a path."""

    audience: Audience | None = None
    voice: Voice | None = None
    unidentified: bool = False


@dataclass(slots=True)
class _Assembly:
    words: Words
    contexts: dict[tuple[str, ...], _Context] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    settings: list[Setting] = field(default_factory=list)
    directives: list[Directive] = field(default_factory=list)
    known: set[str] = field(default_factory=set)
    awaited: set[tuple[str, ...]] = field(default_factory=set)
    exchange: int = 0
    titles: int = 0
    # About scripts, and none itself: only what is marked as the agent's is said.
    document: bool = False
    spoken: tuple[tuple[tuple[str, ...], Audience | None], Voice] | None = None

    def context(self, path: tuple[str, ...]) -> _Context:
        return self.contexts.setdefault(path, _Context())

    def audience(self, path: tuple[str, ...], names: Iterable[str]) -> Audience | None:
        """By the nearest field or title above, else by the nearest key."""
        for end in range(len(path), -1, -1):
            context = self.contexts.get(path[:end])
            if context and context.audience:
                return context.audience
        return next((found for name in reversed(list(names)) if (found := self.words.titled(name))), None)

    def voice(self, path: tuple[str, ...]) -> Voice | None:
        for end in range(len(path), -1, -1):
            context = self.contexts.get(path[:end])
            if context and context.voice:
                return context.voice
        return None


def assemble(parsed: Parsed, path: str, format_name: str, words: Words, audience: Audience | None = None) -> Script:
    """The script in the pieces of a file. `audience` is who listens where the file itself does not say so."""
    assembly = _Assembly(words)
    assembly.context(()).audience = audience
    assembly.directives.extend(parsed.directives)
    pieces = _unwrapped(parsed.pieces)
    tables = _tables(pieces, words)
    _read_fields(pieces, assembly)
    beside = _rows(pieces)
    for piece in pieces:
        if piece.kind is Kind.HEADING:
            _heading(piece, assembly)
        elif strip(piece.name) in DIRECTIVE_NAMES:
            assembly.directives.append(Directive(piece.words, alone=False))
        elif not _setting(piece, assembly, beside):
            _text(piece, assembly, tables)
    return Script(
        path=path,
        format=format_name,
        lines=tuple(assembly.lines),
        settings=tuple(assembly.settings),
        directives=tuple(assembly.directives),
    )


def _unwrapped(pieces: Iterable[Piece]) -> list[Piece]:
    """Pieces that go on behind a comma on the next line are one."""
    whole: list[Piece] = []
    for piece in map(_short_named, pieces):
        before = whole[-1] if whole else None
        if before and _goes_on(before, piece):
            whole[-1] = replace(before, words=before.words.joined(piece.words))
        else:
            whole.append(piece)
    return whole


def _short_named(piece: Piece) -> Piece:
    """With names that are asked about for each text below them cut to what a name may be."""
    if all(len(name) <= LONGEST_NAME for name in (piece.name, *piece.names)):
        return piece
    return replace(piece, name=piece.name[-LONGEST_NAME:], names=tuple(name[-LONGEST_NAME:] for name in piece.names))


def _goes_on(before: Piece, piece: Piece) -> bool:
    same = (before.path, before.name, before.kind) == (piece.path, piece.name, Kind.TEXT)
    if not same or not before.words.text.rstrip().endswith(("，", ",", "、")) or before.words.cell != piece.words.cell:
        return False
    if len(before.words.text) > _LONGEST or _PREFIX.match(piece.words.text) or _BRACKETED.match(piece.words.text):
        return False
    return (
        piece.kind is Kind.TEXT and piece.words.place(0).line == before.words.place(len(before.words.text) - 1).line + 1
    )


def _in_parts(passage: Passage) -> Iterator[Passage]:
    """An utterance, in parts where it is longer than anybody speaks; sentences stay whole if they can."""
    text, start = passage.text, 0
    while len(text) - start > _LONGEST:
        end = start + _LONGEST
        cut = max(text.rfind(mark, start, end) for mark in "。！？!?；;\n") + 1
        end = cut if cut > start else end
        yield passage.part(start, end)
        start = end
    yield passage.part(start, len(text)) if start else passage


def _rows(pieces: Sequence[Piece]) -> dict[tuple[str, ...], str]:
    """What stands together: for each row, mapping or list the names and texts in it and in those right below."""
    rows: dict[tuple[str, ...], str] = {}
    for piece in pieces:
        # All of a file stands below its top; beside what stands there is only what does so too.
        for end in range(max(min(1, len(piece.path)), len(piece.path) - 1), len(piece.path) + 1):
            before = rows.get(piece.path[:end], "")
            if len(before) < _MOST_BESIDE and (piece.name or piece.kind is Kind.HEADING):
                rows[piece.path[:end]] = _BESIDE.join((before, *piece.names, piece.name, piece.words.text))
    return rows


def _is_row(piece: Piece) -> bool:
    return bool(piece.path) and bool(_ROW.fullmatch(piece.path[-1]))


def _tables(pieces: Iterable[Piece], words: Words) -> dict[tuple[str, ...], set[str]]:
    """What the columns of each table hold: voices, `setting`, `checklist`."""
    tables: dict[tuple[str, ...], set[str]] = {}
    for piece in pieces:
        if _is_row(piece) and piece.name:
            known = tables.setdefault(piece.path[:-1], set())
            if voice := words.voice(piece.name):
                known.add(voice)
            if words.settings.of(piece.name):
                known.add("setting")
            if words.is_checklist(piece.name):
                known.add("checklist")
    return tables


def _in_table(known: set[str], text: str) -> Voice:
    """Whose words a column holds that does not say so: notes beside a column of speech; else whatever reads as speech is."""
    if known & {Voice.AGENT, Voice.FORBIDDEN, "checklist"}:
        return Voice.NOTE
    said = _ADDRESSES.search(text) if "setting" in known else _is_utterance(text)
    return Voice.AGENT if said else Voice.NOTE


def _read_fields(pieces: Iterable[Piece], assembly: _Assembly) -> None:
    """Fields that say who listens hold for all that stands beside them, before and after."""
    words = assembly.words
    for piece in pieces:
        if piece.kind is Kind.HEADING:
            continue
        name, value = piece.name, piece.words.text
        if not name and (prefix := _PREFIX.match(value)) and _ends_with(words.audience_names, prefix["name"]):
            name, value = prefix["name"], value[prefix.end() :]
        if name and _ends_with(words.audience_names, name) and not _is_utterance(value):
            found = words.audience(value)
            context = assembly.context(_scope(piece))
            if found and context.audience is not Audience.THIRD_PARTY:
                context.audience = found
        if name and words.speakers.of(name) == "speaker" and not _is_utterance(value):
            context = assembly.context(_scope(piece))
            context.voice = words.speaker(value) or context.voice
            context.audience = context.audience or (words.audience(value) if context.voice is None else None)


def _ends_with(names: Names, name: str) -> bool:
    found = names.last(name)
    return found is not None and strip(name).replace("-", "_").endswith(found[1])


def _scope(piece: Piece) -> tuple[str, ...]:
    """What a field speaks of: everything in the mapping or row it is in. The items of a list speak of what the list is in."""
    if piece.name and piece.path and piece.path[-1] == piece.name:
        return piece.path[:-1]
    return piece.path


def _is_utterance(text: str) -> bool:
    """Whether a text reads as something to be said, not as a title."""
    return len(_HAN.findall(text)) >= _MEANT_FOR_SPEECH and bool(_UTTERANCE.search(text))


def _heading(piece: Piece, assembly: _Assembly) -> None:
    _title(piece.words.text, piece.path, assembly)


def _title(title: str, path: tuple[str, ...], assembly: _Assembly) -> None:
    words, context = assembly.words, assembly.context(path)
    context.voice = words.heading(title) or context.voice
    if not path or assembly.titles == 0:
        assembly.document = assembly.document or words.is_document(title)
    assembly.titles += 1
    if not _ASKS.search(title):  # 会不会影响我老婆？ is asked by whoever listens
        context.audience = context.audience or words.titled(title)
    if words.opens(title):
        assembly.awaited.add(path)
    _learn(title, assembly, path)


def _learn(text: str, assembly: _Assembly, path: tuple[str, ...] | None = None) -> None:
    """Remember what a title, note or stage direction says has happened by now; that somebody would not say who they are, of what
    stands under it only."""
    if assembly.words.openings.inside(text, UNIDENTIFIED):
        if path is not None:
            assembly.context(path).unidentified = True
        return
    for state in (IDENTIFIED, NOTIFIED, INTRODUCED):
        if assembly.words.openings.inside(text, state):
            assembly.known.add(state)


def _setting(piece: Piece, assembly: _Assembly, beside: dict[tuple[str, ...], str]) -> bool:
    """Whether the piece is a call window or a count; if so it is kept as one."""
    name, words = piece.name, piece.words
    if not name and (prefix := _PREFIX.match(words.text)):
        name, words = prefix["name"], words.part(prefix.end(), len(words.text))
    kind = assembly.words.settings.of(name) if name else None
    has_clock, has_number = re.search(_CLOCK, words.text), _NUMBER.fullmatch(words.text)
    if kind == "window" and not _WINDOW.search(words.text):
        kind = None
    if kind in ("from", "to") and not has_clock:
        kind = None
    if kind == "count" and not has_number:
        kind = None
    voice = _named_voice(piece, assembly.words) or assembly.voice(piece.path)
    if (
        kind is None
        and not assembly.document
        and voice in (None, Voice.NOTE)
        and (not piece.name or not _is_utterance(words.text))
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
    return not _is_utterance(piece.words.text)


def _in_prose(piece: Piece, words: Words) -> tuple[str | None, Passage]:
    """A limit in a sentence that tells collectors what to do; one that speaks to somebody is judged as speech."""
    text = piece.words.text
    prefix = _PREFIX.match(text)
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


def _text(piece: Piece, assembly: _Assembly, tables: dict[tuple[str, ...], set[str]]) -> None:
    words, passage = assembly.words, piece.words
    voice = _named_voice(piece, words)
    if voice is not Voice.FORBIDDEN and piece.name and _is_title(piece, words):
        _title(passage.text, _scope(piece), assembly)
        return
    for name in (*piece.names, piece.name):
        if name and words.opens(name):
            assembly.awaited.add(piece.path)
    voice = _of_section(assembly.voice(piece.path), passage.text) or voice
    if voice is None and piece.name and not assembly.document:
        if _is_row(piece):
            voice = _in_table(tables[piece.path[:-1]], passage.text)
        else:
            voice = Voice.AGENT if _is_utterance(passage.text) else Voice.NOTE
    if voice is None and _INSTRUCTS.match(passage.text) and "您" not in passage.text:
        voice = Voice.NOTE
    _speech(passage, piece, voice, assembly)


def _of_section(voice: Voice | None, text: str) -> Voice | None:
    """Whose words a title says they are. Under 说明 and the like stands also what is to be said: it speaks to somebody."""
    return None if voice is Voice.NOTE and _ADDRESSES.search(text) else voice


def _named_voice(piece: Piece, words: Words) -> Voice | None:
    """By the nearest name that says so; forbidden wording is so however deep."""
    names = [name for name in (piece.name, *reversed(piece.names)) if name]
    # What speaks to somebody is said, whatever general name stands over it (说明, 处理).
    said, addressed = "您" in piece.words.text, bool(_ADDRESSES.search(piece.words.text))
    voices = [
        voice
        for number, name in enumerate(names)
        if (voice := words.voice(name)) and not (voice is Voice.NOTE and (addressed if number else said))
    ]
    if Voice.FORBIDDEN in voices and words.voice(names[0]) is not Voice.AGENT:
        return Voice.FORBIDDEN
    return voices[0] if voices else None


def _is_title(piece: Piece, words: Words) -> bool:
    return words.headings.of(piece.name) == "titles" and not _is_utterance(strip(piece.words.text))


def _speech(passage: Passage, piece: Piece, voice: Voice | None, assembly: _Assembly) -> Voice | None:
    """One utterance, without its prefix, stage directions and quotation marks. Gives whose it is: the next may go on with it."""
    audience: Audience | None = None
    if voice in (None, Voice.AGENT, Voice.OTHER):
        passage, found, audience = _without_prefix(passage, voice, assembly)
        voice = found or voice or (Voice.NOTE if assembly.document else Voice.AGENT)
        passage = _without_directions(passage, assembly)
    if voice is Voice.NOTE:
        _learn(passage.text, assembly, _scope(piece) if piece.name else None)
    inner = [one for one in _INNER_DIRECTION.finditer(passage.text) if _is_direction(one["words"], assembly.words)]
    if inner and voice is Voice.AGENT:
        behind = 0
        for direction in inner:
            voice = _speech(passage.part(behind, direction.start()), piece, voice, assembly)
            _learn(direction["words"], assembly)
            behind = direction.end()
        return _speech(passage.part(behind, len(passage.text)), piece, voice, assembly)
    passage = _without_quotes(passage)
    if not passage.text.strip():
        return voice
    # 联系人话术 says to whom its words are said; a column 联系人说 whose they are.
    names = (*piece.names, piece.name) if voice is Voice.AGENT else piece.names
    audience = audience or assembly.audience(piece.path, names)
    known = frozenset(assembly.known)
    if assembly.context(piece.path).unidentified:
        known = known - {IDENTIFIED} | {UNIDENTIFIED}
    if voice is Voice.AGENT and _RIGHT.match(passage.text):
        assembly.known.add(IDENTIFIED)
        known |= {IDENTIFIED}
    for part in _in_parts(passage):
        _add(Line(part, voice, audience, 0, known), piece.path, assembly)
    return voice


def _without_prefix(
    passage: Passage, voice: Voice | None, assembly: _Assembly
) -> tuple[Passage, Voice | None, Audience | None]:
    """The words behind `坐席：` and the like, whose they are, and who listens, as far as the prefix says so."""
    words = assembly.words
    if stamp := _STAMP.match(passage.text):
        passage = passage.part(stamp.end(), len(passage.text))
    text = passage.text
    if quoted := _QUOTED_BEFORE.match(text):
        return passage.part(quoted.end(), len(text)), None, words.titled(text[: quoted.end()])
    found = _BRACKETED.match(text) or _PREFIX.match(text) or _NUMBERED.match(text)
    if not found:
        return passage, None, None
    name, rest = strip(found["name"]), passage.part(found.end(), len(text))
    last = words.voices.last(name)
    speaker = words.voice(name) if last and name.endswith(last[1]) else None
    speaker = Voice.OTHER if words.asks(name) else speaker
    happens = any(word in name for word in ("后", "时", "转", "接通")) and not name.endswith(("说", "问", "答"))
    if speaker is Voice.FORBIDDEN or (speaker is not None and not happens):
        if speaker is Voice.NOTE and (voice is Voice.AGENT or found.re is _BRACKETED):
            return passage, None, None  # a column of speech: 温馨说明 is said
        if found.re is _BRACKETED and words.placeholders.of(name) and not last:
            return passage, None, None
        if speaker is Voice.OTHER and _AGENT_PLACEHOLDER.search(rest.text):
            return rest, Voice.AGENT, words.titled(name) or words.audience(name)
        _learn(name, assembly)
        return rest, speaker, None
    if not happens and (found.re is _BRACKETED or not _is_situation(name, words)):
        return passage, None, None
    _learn(name, assembly)
    return rest, None, words.titled(name)


def _is_situation(name: str, words: Words) -> bool:
    return words.headings.inside(name, "situations")


def _without_directions(passage: Passage, assembly: _Assembly) -> Passage:
    """The words without a stage direction before or behind them."""
    behind = 0
    while (found := _DIRECTION.match(passage.text, behind)) and _is_direction(found["words"], assembly.words):
        _learn(found["words"], assembly)
        if found["words"].strip() in _YES:
            assembly.known.add(IDENTIFIED)
        behind = found.end()
    return passage.part(behind, len(passage.text)) if behind else passage


def _is_direction(text: str, words: Words) -> bool:
    return text.strip() in _YES or any(word in text.lower() for word in words.directions)


def _without_quotes(passage: Passage) -> Passage:
    found = _QUOTED.fullmatch(passage.text)
    if found and not _INNER_QUOTE.search(found["words"]):
        return passage.part(found.start("words"), found.end("words"))
    return passage


def _add(line: Line, path: tuple[str, ...], assembly: _Assembly) -> None:
    if line.voice in (Voice.AGENT, Voice.OTHER):
        before = assembly.spoken
        place = path, line.audience
        if before is None or before[0] != place or (before[1] is Voice.AGENT and line.voice is Voice.OTHER):
            assembly.exchange += 1
        assembly.spoken = place, line.voice
    opening = _awaited(path, assembly.awaited)
    assembly.lines.append(replace(line, exchange=assembly.exchange, opening=opening))


def _awaited(path: tuple[str, ...], scopes: set[tuple[str, ...]]) -> bool:
    return any(path[:end] in scopes for end in range(len(path) + 1))
