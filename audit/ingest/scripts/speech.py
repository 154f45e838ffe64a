"""What is to be said in script templates, and by whom: one text without its prefix, stage directions and quotation marks."""

import re
from collections.abc import Iterator

from audit.ingest.scripts.assembly import (
    IDENTIFIED,
    INTRODUCED,
    NOTIFIED,
    UNIDENTIFIED,
    Assembly,
    is_row,
    named_voice,
    scope,
)
from audit.ingest.scripts.inferred import in_mapping, is_answered, is_told_collectors
from audit.ingest.scripts.marks import (
    ADDRESSES,
    BRACKETED,
    DIRECTION,
    INNER_DIRECTION,
    INSTRUCTS,
    LONGEST,
    NUMBERED,
    PREFIX,
    QUOTED_ALONE,
    QUOTED_BEFORE,
    STAMP,
    is_utterance,
    without_quotes,
)
from audit.ingest.scripts.piece import Piece
from audit.ingest.scripts.words import Words, strip
from audit.model.script import Audience, Line, Passage, Voice

# What the agent says when the answers were right.
_RIGHT = re.compile(
    r"\s*(?:好的?[，,]?|谢谢您?[，,。]?)?(?:身份)?(?:验证|核对|核实|核验|信息)(?:成功|通过|无误|一致)"
    r"|.{0,24}(?:刚才|刚刚|前面|之前|已经|一线|同事)[^，。,]{0,8}(?:核对|核实|核验|核|验证|确认|对)(?:过|完)(?:了)?[^，。,]{0,4}(?:身份|信息|本人|证件)"
)
# 客户1：, Q3:, 话术2： are who they are without their numbers.
_ORDINAL = re.compile(r"(?<=[^\d\s])\s*(?:\d{1,3}|[①-⑳])$")
# 我是他爸: who answers says so.
_RELATED = re.compile("我(?:就)?是[他她]|[他她](?:不在|没在|出去|上班)")
# What stands in round brackets before words says when they are said: nobody begins to speak in brackets.
_IN_ROUND = re.compile(r"\s*[（(][^（）()您你{}【】\d]{1,20}[)）]\s*[：:，,]?\s*\S")
_AGENT_PLACEHOLDER = re.compile(
    r"[{【][^{}【】]*(?:机构|公司|工号|金额|坐席|银行|company|agent|amount)[^{}【】]*[}】]", re.IGNORECASE
)
# The steps of an opening, by their names.
_STEPS = {
    IDENTIFIED: re.compile(r"核身|身份|核验|核实|是本人"),
    NOTIFIED: re.compile(r"录音|录制"),
    INTRODUCED: re.compile(r"工号|自报|自我介绍|表明机构|报机构"),
}
_TO_SOMEBODY = re.compile(r"[您你我咱喂?？]|请问|本通|本次通话|此次通话|正在")
_YES = frozenset(
    [
        "是",
        "是的",
        "对",
        "对的",
        "通过",
        "确认",
        "本人",
        "是本人",
        "已确认",
        "答是",
        "认了",
        "核上",
        "核上了",
        "对上",
        "对上了",
        "对得上",
        "核对上",
        "匹配",
        "相符",
        "一致",
        "无误",
        "没错",
    ]
)


def add_text(piece: Piece, assembly: Assembly, tables: dict[tuple[str, ...], set[str]]) -> None:
    """Add what is said in a piece; `tables` has for each table what its columns hold."""
    words, passage = assembly.words, piece.words
    voice = named_voice(piece, words)
    if voice is not Voice.FORBIDDEN and piece.name and _is_title(piece, words):
        assembly.title(passage.text, scope(piece))
        return
    for name in (*piece.names, piece.name):
        if name and words.opens(name):
            assembly.awaited.add(piece.path)
    voice = _of_section(assembly.voice(piece.path), passage.text) or voice
    if voice is None and piece.name and not assembly.document:
        if is_row(piece):
            voice = _in_table(tables[piece.path[:-1]], passage.text)
        else:
            beside = scope(piece)
            answers = Voice.AGENT in tables.get(beside, ()) and beside not in assembly.answered
            voice = in_mapping(passage.text, answered=not answers)
    if voice is Voice.AGENT:
        assembly.answered.add(scope(piece))
    third_party = assembly.audience(piece.path, ()) is Audience.THIRD_PARTY
    if (
        voice is None
        and not piece.name
        and is_told_collectors(passage.text, words, assembly.parts, third_party=third_party)
    ):
        voice = Voice.NOTE
    if voice is None and INSTRUCTS.match(passage.text) and "您" not in passage.text:
        voice = Voice.NOTE
    _speech(passage, piece, voice, assembly)


def _done(text: str) -> set[str]:
    """What a line takes as done that names two steps of an opening and speaks to nobody: `核身、录音、工号按标准流程`."""
    done = {state for state, step in _STEPS.items() if step.search(text)}
    return done if len(done) > 1 and not _TO_SOMEBODY.search(text) else set()


def _of_section(voice: Voice | None, text: str) -> Voice | None:
    """Whose words a title says they are. Under 说明 and the like stands also what is to be said: it speaks to somebody."""
    return None if voice is Voice.NOTE and ADDRESSES.search(text) else voice


def _in_table(known: set[str], text: str) -> Voice:
    """Whose words a column holds that does not say so: notes beside a column of speech; else whatever reads as speech is."""
    if known & {Voice.AGENT, Voice.FORBIDDEN, "checklist"}:
        return Voice.NOTE
    said = ADDRESSES.search(text) if "setting" in known else is_utterance(text)
    return Voice.AGENT if said else Voice.NOTE


def _is_title(piece: Piece, words: Words) -> bool:
    return words.headings.of(piece.name) == "titles" and not is_utterance(strip(piece.words.text))


def _speech(
    passage: Passage, piece: Piece, voice: Voice | None, assembly: Assembly, audience: Audience | None = None
) -> Voice | None:
    """One utterance, without its prefix, stage directions and quotation marks. Gives whose it is: the next may go on with it."""
    alone = QUOTED_ALONE.fullmatch(passage.text) if voice in (None, Voice.AGENT) else None
    if alone and _is_other(alone["who"], assembly.words):
        return _speech(passage.part(*alone.span("words")), piece, Voice.OTHER, assembly, audience)
    if voice in (None, Voice.AGENT) and (quoted := QUOTED_BEFORE.match(passage.text)):
        audience = _who_asks(passage.text[: quoted.start("words")], quoted["words"], assembly.words)
        _speech(passage.part(*quoted.span("words")), piece, Voice.OTHER, assembly, audience)
        passage = passage.part(quoted.end(), len(passage.text))
    if voice in (None, Voice.AGENT, Voice.OTHER):
        passage, found, listens = _without_prefix(passage, voice, assembly)
        audience = listens or audience
        voice = found or voice or (Voice.NOTE if assembly.document else Voice.AGENT)
        passage = _without_directions(passage, assembly)
    if voice is Voice.AGENT and (done := _done(passage.text)):
        voice = Voice.NOTE
        assembly.known.update(done)
    if voice is Voice.NOTE:
        assembly.learn(passage.text, scope(piece) if piece.name else None)
    inner = [one for one in INNER_DIRECTION.finditer(passage.text) if _is_direction(one["words"], assembly.words)]
    if inner and voice is Voice.AGENT:
        behind = 0
        for direction in inner:
            voice = _speech(passage.part(behind, direction.start()), piece, voice, assembly)
            assembly.learn(direction["words"])
            behind = direction.end()
        return _speech(passage.part(behind, len(passage.text)), piece, voice, assembly)
    passage = without_quotes(passage)
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
        assembly.add(Line(part, voice, audience, 0, known), piece.path)
    return voice


def _in_parts(passage: Passage) -> Iterator[Passage]:
    """An utterance, in parts where it is longer than anybody speaks; sentences stay whole if they can."""
    text, start = passage.text, 0
    while len(text) - start > LONGEST:
        end = start + LONGEST
        cut = max(text.rfind(mark, start, end) for mark in "。！？!?；;\n") + 1
        end = cut if cut > start else end
        yield passage.part(start, end)
        start = end
    yield passage.part(start, len(text)) if start else passage


def _without_prefix(
    passage: Passage, voice: Voice | None, assembly: Assembly
) -> tuple[Passage, Voice | None, Audience | None]:
    """The words behind `坐席：` and the like, whose they are, and who listens, as far as the prefix says so."""
    words = assembly.words
    if stamp := STAMP.match(passage.text):
        passage = passage.part(stamp.end(), len(passage.text))
    text = passage.text
    found = BRACKETED.match(text) or PREFIX.match(text) or NUMBERED.match(text)
    if not found or (assembly.document and found.re is NUMBERED):  # A. and B. of an exam are nobody
        return passage, None, None
    name, rest = _ORDINAL.sub("", strip(found["name"])), passage.part(found.end(), len(text))
    if part := assembly.parts.get(name):
        return rest, part, None
    last = words.voices.last(name)
    speaker = words.voice(name) if last and name.endswith(last[1]) else None
    if words.asks(name):
        speaker = None if is_answered(name, rest.text) else Voice.OTHER
    happens = any(word in name for word in ("后", "时", "转", "接通")) and not name.endswith(("说", "问", "答"))
    if speaker is Voice.FORBIDDEN or (speaker is not None and not happens):
        if speaker is Voice.NOTE and (voice is Voice.AGENT or found.re is BRACKETED):
            return passage, None, None  # a column of speech: 温馨说明 is said
        if found.re is BRACKETED and words.placeholders.of(name) and not last:
            return passage, None, None
        if speaker is Voice.OTHER and _AGENT_PLACEHOLDER.search(rest.text):
            return rest, Voice.AGENT, words.titled(name) or words.audience(name)
        assembly.learn(name)
        return rest, speaker, None
    if not happens and (found.re is BRACKETED or not _is_situation(name, words)):
        return passage, None, None
    assembly.learn(name)
    return rest, None, words.titled(name)


def _is_other(who: str, words: Words) -> bool:
    """Whether somebody is on the other side: what he is called ends with a word for it."""
    last = words.voices.last(who)
    return last is not None and last[0] == Voice.OTHER and strip(who).endswith(last[1])


def _who_asks(before: str, said: str, words: Words) -> Audience | None:
    """Who listens to the answer to what is quoted: who says it, or calls themselves somebody's father."""
    return Audience.THIRD_PARTY if _RELATED.search(said) else words.titled(before)


def _is_situation(name: str, words: Words) -> bool:
    return words.headings.inside(name, "situations")


def _without_directions(passage: Passage, assembly: Assembly) -> Passage:
    """The words without a stage direction before or behind them."""
    behind = 0
    while (found := DIRECTION.match(passage.text, behind)) and (
        _is_direction(found["words"], assembly.words)
        or _is_heard(found["words"], assembly.words)
        or (not behind and _IN_ROUND.match(passage.text))
    ):
        assembly.learn(found["words"])
        if found["words"].strip() in _YES:
            assembly.known.add(IDENTIFIED)
        behind = found.end()
    return passage.part(behind, len(passage.text)) if behind else passage


def _is_heard(text: str, words: Words) -> bool:
    """`（当事人：要交钱吗）`: what the other side says, in brackets."""
    prefix = PREFIX.match(text)
    return prefix is not None and words.voice(strip(prefix["name"])) is Voice.OTHER


def _is_direction(text: str, words: Words) -> bool:
    return text.strip() in _YES or any(word in text.lower() for word in words.directions)
