"""What is known of a script while it is put together: what titles and fields have said, what has happened by now."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from audit.ingest.scripts.marks import ADDRESSES
from audit.ingest.scripts.piece import Piece
from audit.ingest.scripts.words import Words
from audit.model.script import Audience, Directive, Line, Setting, Voice

IDENTIFIED, NOTIFIED, INTRODUCED, UNIDENTIFIED = "identified", "notified", "introduced", "unidentified"
_ROW = re.compile(r"r\d+")
# Under forbidden wording what these names hold is said in its place.
_INSTEAD = re.compile(
    r"替|改|正|合规|建议|推荐|可以|可用|应|新|答|回|good|better|instead|correct|suggest|rewrite|fix|right|repl|respon|answer|allow"
)
# 核身与录音提示均已完成: what has been done, however it is put; and what only is to be done, or was not.
_PROVING = r"(?:核身|(?:身份|实名|本人|信息)(?:的)?(?:核验|核实|验证|确认|核对|认证)|(?:核验|核实|核对|验证|确认)过?(?:身份|本人|信息))"
_DONE = {
    state: re.compile(
        rf"(?:已经?|均|都|过)[^，,。；;]{{0,12}}{what}|{what}[^，,。；;]{{0,10}}(?:已|完成|做完|走完|通过|完毕|之后|以后|过了|播过|播完|无误)(?![之以]?前)"
    )
    for state, what in ((IDENTIFIED, _PROVING), (NOTIFIED, "录音(?!电话)"))
}
_TO_DO = re.compile("未|没|不(?!再)|拒|失败|前(?![序面述])|先|需|须|应|请|务必|照常|要(?!求)|待|才|方可|若|如|是否")
# A stage direction that says by itself that whoever was asked is the debtor.
_ASKS = re.compile(r"[？?]|^\s*(?:\*\*)?(?:问|Q)\d*[：:\s]", re.IGNORECASE)


@dataclass(slots=True)
class Context:
    """What titles and fields say of everything under a path."""

    audience: Audience | None = None
    voice: Voice | None = None
    unidentified: bool = False


@dataclass(slots=True)
class Assembly:
    """The script so far, in the file's order."""

    words: Words
    contexts: dict[tuple[str, ...], Context] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    settings: list[Setting] = field(default_factory=list)
    directives: list[Directive] = field(default_factory=list)
    known: set[str] = field(default_factory=set)
    # Who speaks under a letter.
    parts: dict[str, Voice] = field(default_factory=dict)
    awaited: set[tuple[str, ...]] = field(default_factory=set)
    # Where an answer stands by now.
    answered: set[tuple[str, ...]] = field(default_factory=set)
    exchange: int = 0
    titles: int = 0
    # About scripts, and none itself: only what is marked as the agent's is said.
    document: bool = False
    spoken: tuple[tuple[tuple[str, ...], Audience | None], Voice] | None = None

    def context(self, path: tuple[str, ...]) -> Context:
        """That of a path, made at first use."""
        return self.contexts.setdefault(path, Context())

    def audience(self, path: tuple[str, ...], names: Iterable[str]) -> Audience | None:
        """By the nearest field or title above, else by the nearest key."""
        for end in range(len(path), -1, -1):
            context = self.contexts.get(path[:end])
            if context and context.audience:
                return context.audience
        return next((found for name in reversed(list(names)) if (found := self.words.titled(name))), None)

    def voice(self, path: tuple[str, ...]) -> Voice | None:
        """By the nearest title above."""
        for end in range(len(path), -1, -1):
            context = self.contexts.get(path[:end])
            if context and context.voice:
                return context.voice
        return None

    def title(self, title: str, path: tuple[str, ...]) -> None:
        """What a title says of all that stands under `path`."""
        words, context = self.words, self.context(path)
        context.voice = words.heading(title) or context.voice
        if not path or self.titles == 0:
            self.document = self.document or words.is_document(title)
        self.titles += 1
        if not _ASKS.search(title):  # 会不会影响我老婆？ is asked by whoever listens
            context.audience = context.audience or words.titled(title)
        if words.opens(title):
            self.awaited.add(path)
        self.learn(title, path)

    def learn(self, text: str, path: tuple[str, ...] | None = None) -> None:
        """Remember what a title, note or stage direction says has happened by now; that somebody would not say who they are, of what
        stands under it only."""
        if self.words.openings.inside(text, UNIDENTIFIED):
            if path is not None:
                self.context(path).unidentified = True
            return
        for state in (IDENTIFIED, NOTIFIED, INTRODUCED):
            if self.words.openings.inside(text, state) or _has_been(state, text):
                self.known.add(state)

    def add(self, line: Line, path: tuple[str, ...]) -> None:
        """A line, as part of the exchange that it goes on with or begins."""
        if line.voice in (Voice.AGENT, Voice.OTHER):
            before = self.spoken
            place = path, line.audience
            if before is None or before[0] != place or (before[1] is Voice.AGENT and line.voice is Voice.OTHER):
                self.exchange += 1
            self.spoken = place, line.voice
        opening = _awaited(path, self.awaited)
        self.lines.append(replace(line, exchange=self.exchange, opening=opening))


def _has_been(state: str, text: str) -> bool:
    """Whether a text says that something has been done by now."""
    found = _DONE[state].search(text) if state in _DONE else None
    return found is not None and not _TO_DO.search(text, 0, found.end())


def _awaited(path: tuple[str, ...], scopes: set[tuple[str, ...]]) -> bool:
    return any(path[:end] in scopes for end in range(len(path) + 1))


def is_row(piece: Piece) -> bool:
    """Whether a piece is a cell of a table."""
    return bool(piece.path) and bool(_ROW.fullmatch(piece.path[-1]))


def scope(piece: Piece) -> tuple[str, ...]:
    """What a field speaks of: everything in the mapping or row it is in. The items of a list speak of what the list is in."""
    if piece.name and piece.path and piece.path[-1] == piece.name:
        return piece.path[:-1]
    return piece.path


def named_voice(piece: Piece, words: Words) -> Voice | None:
    """By the nearest name that says so; forbidden wording is so however deep."""
    names = [name for name in (piece.name, *reversed(piece.names)) if name]
    # What speaks to somebody is said, whatever general name stands over it (说明, 处理).
    said, addressed = "您" in piece.words.text, bool(ADDRESSES.search(piece.words.text))
    voices = [
        voice
        for number, name in enumerate(names)
        if (voice := words.voice(name)) and not (voice is Voice.NOTE and (addressed if number else said))
    ]
    if Voice.FORBIDDEN in voices and not (words.voice(names[0]) is Voice.AGENT and _INSTEAD.search(names[0].lower())):
        return Voice.FORBIDDEN
    return voices[0] if voices else None
