"""Text formats: lines as an editor counts them, and words taken out of them with their places."""

import re
from bisect import bisect_right
from collections.abc import Iterable

from audit.ingest.text import clean
from audit.model.script import Mark, Passage, Place

# Stands for a character of a comment: white space to every pattern, never words. No text has this control character of its own.
HIDDEN = "\x1f"
_BREAK = re.compile("\r\n|\r|\n")
SHOWN = re.compile(f"[^{HIDDEN}]+")


class Source:
    """The lines of a text, broken at `\\n`, `\\r\\n` and `\\r` only.

    >>> Source("您好\\r\\n再见").lines
    ['您好', '再见']
    """

    def __init__(self, text: str) -> None:
        self.text = text
        breaks = [(m.start(), m.end()) for m in _BREAK.finditer(text)]
        self.starts = [0, *(end for _, end in breaks)]
        self.lines = [text[a:b] for a, b in zip(self.starts, [*(start for start, _ in breaks), len(text)], strict=True)]

    def place(self, offset: int) -> Place:
        """Where the character at `offset` of the whole text is."""
        line = bisect_right(self.starts, offset)
        return Place(line, offset - self.starts[line - 1] + 1)

    def words(self, line: int, start: int = 0, end: int | None = None) -> Passage:
        """What is written in a line (from 1) between two offsets, without what is hidden and without white space around it.

        Control characters are replaced one for one: no output could show them.
        """
        text = self.lines[line - 1][start:end]
        words = Passage.at(text, line, start + 1)
        if HIDDEN in text:
            words = kept(words, (found.span() for found in SHOWN.finditer(text)))
        words = stripped(words)
        return Passage(clean(words.text), words.marks)

    def passage(self, start: int, end: int) -> Passage:
        """The words from offset `start` to `end` without the white space around them; a line break within is a space.

        Nothing but white space gives an empty passage at `start`.
        """
        words = self.text[start:end]
        if not words.strip():
            return Passage.at("", *self.place(start))
        end = start + len(words.rstrip())
        start += len(words) - len(words.lstrip())
        parts = []
        at = start
        for found in _BREAK.finditer(self.text, start, end):
            parts += [Passage.at(self.text[at : found.start()], *self.place(at))]
            parts += [Passage.at(" ", *self.place(found.start()))]
            at = found.end()
        return joined([*parts, Passage.at(self.text[at:end], *self.place(at))])


def joined(parts: Iterable[Passage]) -> Passage:
    """One passage of several, in their order. Raises ValueError when there is none."""
    parts = list(parts)
    if not parts:
        raise ValueError("no passage to join")
    filled = [part for part in parts if part.text] or parts[:1]
    marks: list[Mark] = []
    offset = 0
    for part in filled:
        for at, line, column in part.marks:
            before = marks[-1] if marks else None
            if before and before.line == line and before.column + at + offset - before.offset == column:
                continue
            marks.append(Mark(at + offset, line, column))
        offset += len(part.text)
    return Passage("".join(part.text for part in filled), tuple(marks), filled[0].cell)


def kept(words: Passage, spans: Iterable[tuple[int, int]]) -> Passage:
    """What of `words` lies in `spans` (rising, apart), in time linear in the spans and the marks between them."""
    spans = [(start, end) for start, end in spans if start < end]
    if not spans:
        return words.part(0, 0)
    texts: list[str] = []
    marks: list[Mark] = []
    offset = 0
    index = bisect_right(words.marks, spans[0][0], key=lambda mark: mark.offset) - 1
    for start, end in spans:
        while index + 1 < len(words.marks) and words.marks[index + 1].offset <= start:
            index += 1
        while True:
            mark = words.marks[index]
            at = max(start, mark.offset)
            marks.append(Mark(offset + at - start, mark.line, mark.column + at - mark.offset))
            if index + 1 == len(words.marks) or words.marks[index + 1].offset >= end:
                break
            index += 1
        texts.append(words.text[start:end])
        offset += end - start
    return Passage("".join(texts), tuple(marks), words.cell)


def stripped(words: Passage) -> Passage:
    """`words` without the white space around them."""
    start = len(words.text) - len(words.text.lstrip())
    end = len(words.text.rstrip())
    return words if (start, end) == (0, len(words.text)) else words.part(start, max(start, end))
