"""Pieces become a script: who speaks each of them, who listens, where a conversation begins, what is a setting."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from audit.ingest.scripts.assembly import Assembly, is_row, scope
from audit.ingest.scripts.inferred import speakers
from audit.ingest.scripts.limits import add_setting, edges, neighbours
from audit.ingest.scripts.marks import BRACKETED, LONGEST, PREFIX, is_utterance
from audit.ingest.scripts.piece import Kind, Parsed, Piece
from audit.ingest.scripts.speech import add_text
from audit.ingest.scripts.told import told
from audit.ingest.scripts.words import LONGEST_NAME, Names, Words, strip
from audit.model.script import Audience, Directive, Script, Voice

DIRECTIVE_NAMES = frozenset({"callaudit", "审核豁免", "豁免"})
# A file says whose it is where its first texts begin; 我是某某律师事务所的 is what somebody claims.
_FIRST = 3
_OWNER = re.compile(r"\s*(?P<name>(?:(?![我您你这])[一-龥]){2,8}?(?:律师事务所|律所|调解委员会|调解中心|调解室))")
_PART = re.compile(
    r"(?<![A-Za-z一-龥])(?:(?P<title>讲师|学员|同学|老师|演员|角色)\s*+)?(?P<letter>[A-Da-d甲乙丙丁])\s*+(?:[方角]\s*+)?(?:(?P<plays>扮演|扮成|扮|饰演|饰|演)|代表|表示|为|是|[=＝:：(（【\[])\s*+(?P<who>[一-龥]{2,4})(?![一-龥])"
)


def assemble(parsed: Parsed, path: str, format_name: str, words: Words, audience: Audience | None = None) -> Script:
    """The script in the pieces of a file. `audience` is who listens where the file itself does not say so."""
    assembly = Assembly(words)
    assembly.context(()).audience = audience
    assembly.directives.extend(parsed.directives)
    pieces = told(_unwrapped(parsed.pieces))
    tables = _tables(pieces, words)
    _read_fields(pieces, assembly)
    assembly.parts.update(speakers(pieces, words))
    _read_parts(pieces, assembly)
    beside, clocks = neighbours(pieces), edges(pieces, words)
    records = _records(pieces)
    for piece in pieces:
        if piece.kind is Kind.HEADING:
            assembly.title(piece.words.text, piece.path)
        elif strip(piece.name) in DIRECTIVE_NAMES:
            assembly.directives.append(Directive(piece.words, alone=False, record=records[_record(piece)]))
        elif not add_setting(piece, assembly, beside, clocks):
            add_text(piece, assembly, tables)
    return Script(
        path=path,
        format=format_name,
        lines=tuple(assembly.lines),
        settings=tuple(assembly.settings),
        directives=tuple(assembly.directives),
        blocks=parsed.blocks,
        owners=_owners(parsed.pieces),
    )


def _owners(pieces: Sequence[Piece]) -> frozenset[str]:
    """Law firms and mediators that the first words of a file name: whose script it is, calls itself so."""
    named = (_OWNER.match(piece.words.text) for piece in pieces[:_FIRST])
    return frozenset(found["name"] for found in named if found)


def _record(piece: Piece) -> tuple[str, ...]:
    """Where the row or mapping stands that a directive is a column or key of; several of them may be in a list under the key."""
    in_list = piece.path and strip(piece.path[-1]) in DIRECTIVE_NAMES
    return piece.path[:-1] if in_list else piece.path


def _records(pieces: Iterable[Piece]) -> dict[tuple[str, ...], tuple[int, int]]:
    """The first and last lines of the rows and mappings with directives, by where they stand."""
    texts = [piece for piece in pieces if piece.kind is Kind.TEXT]
    wanted = {_record(piece) for piece in texts if strip(piece.name) in DIRECTIVE_NAMES}
    records: dict[tuple[str, ...], tuple[int, int]] = {}
    for piece in texts if wanted else ():
        first, last = piece.words.place(0).line, piece.words.place(max(0, len(piece.words.text) - 1)).line
        for end in range(len(piece.path) + 1):
            if (path := piece.path[:end]) in wanted:
                before = records.get(path, (first, last))
                records[path] = min(first, before[0]), max(last, before[1])
    return records


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
    if len(before.words.text) > LONGEST or PREFIX.match(piece.words.text) or BRACKETED.match(piece.words.text):
        return False
    return (
        piece.kind is Kind.TEXT and piece.words.place(0).line == before.words.place(len(before.words.text) - 1).line + 1
    )


def _tables(pieces: Iterable[Piece], words: Words) -> dict[tuple[str, ...], set[str]]:
    """What the columns of each table and the keys of each mapping hold: voices, `setting`, `checklist`."""
    tables: dict[tuple[str, ...], set[str]] = {}
    for piece in pieces:
        if piece.name:
            known = tables.setdefault(piece.path[:-1] if is_row(piece) else scope(piece), set())
            if voice := words.voice(piece.name):
                known.add(voice)
            if words.settings.of(piece.name):
                known.add("setting")
            if words.is_checklist(piece.name):
                known.add("checklist")
    return tables


def _read_fields(pieces: Iterable[Piece], assembly: Assembly) -> None:
    """Fields that say who listens hold for all that stands beside them, before and after."""
    words = assembly.words
    for piece in pieces:
        if piece.kind is Kind.HEADING:
            continue
        name, value = piece.name, piece.words.text
        if not name and (prefix := PREFIX.match(value)) and _ends_with(words.audience_names, prefix["name"]):
            name, value = prefix["name"], value[prefix.end() :]
        if name and _ends_with(words.audience_names, name) and not is_utterance(value):
            found = words.audience(value)
            context = assembly.context(scope(piece))
            if found and context.audience is not Audience.THIRD_PARTY:
                context.audience = found
        if name and words.speakers.of(name) == "speaker" and not is_utterance(value):
            context = assembly.context(scope(piece))
            context.voice = words.speaker(value) or context.voice
            context.audience = context.audience or (words.audience(value) if context.voice is None else None)


def _read_parts(pieces: Iterable[Piece], assembly: Assembly) -> None:
    """Who speaks under a letter, where the file says so: `A 扮客户，B 扮坐席`."""
    for piece in pieces:
        for part in _PART.finditer(piece.words.text):
            # Who is played is somebody; what a letter stands for may be anything.
            voice = assembly.words.voice(part["who"]) or (Voice.OTHER if part["plays"] else None)
            if voice:
                letter = part["letter"].lower()
                assembly.parts |= {letter: voice, f"{part['title'] or ''}{letter}": voice}


def _ends_with(names: Names, name: str) -> bool:
    found = names.last(name)
    return found is not None and strip(name).replace("-", "_").endswith(found[1])
