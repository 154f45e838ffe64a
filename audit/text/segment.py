"""Tokens: a private jieba, also as a spaCy tokenizer.

Default jieba cuts 我们会上门找你家人 into 会上|门|找|你家|人, so nothing is *found* by tokens: they only tell whether a match is part of a
longer word. `jieba.add_word` is global to the process and leaks; the tokenizer here is our own, with its own dictionary.

There is one way to cut, `words`, and two who ask. Whoever audits calls (`audit.pipeline`) asks by `analyse`, for spaCy's Doc, which other
parts of a spaCy pipeline can be put behind. A process that lives for one short text asks by `tokens`, which only knows where tokens end:
importing spaCy takes longer than all its other work. What is answered about a match is the same.
"""

import logging
import marshal
import sys
from collections.abc import Iterator, Sequence, Sized
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Protocol

from audit.kept import checksum, installed, keep, key_of, map_kept
from audit.model.span import CharSpan

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

TOKENIZER = "callaudit.jieba.v1"
_KEPT = "words"


class _Dictionary:
    """jieba's dictionary: words and their beginnings with frequencies, kept by their first character.

    A process that cuts a few sentences needs a thousandth of its half a million entries. The content is a list of places, its length
    before it, and the entries of one first character after the other; each part has a checksum.
    """

    def __init__(self, content: bytes | memoryview) -> None:
        """Raise ValueError for content that is damaged."""
        self._content = memoryview(content)
        length = int.from_bytes(self._content[:4], "big")
        self._begins = 4 + length
        self.total: int
        self._places: dict[str, tuple[int, int, bytes]]
        self.total, self._places = marshal.loads(_sound(self._content[8 : 4 + length], self._content[4:8]))

    def entries(self, first: str) -> dict[str, int]:
        """The entries that begin with the character. Raises ValueError when they are damaged."""
        if first not in self._places:
            return {}
        start, end, expected = self._places[first]
        found: dict[str, int] = marshal.loads(
            _sound(self._content[self._begins + start : self._begins + end], expected)
        )
        return found


def _sound(part: memoryview, expected: bytes | memoryview) -> memoryview:
    if checksum(part) != expected:
        raise ValueError("the dictionary is damaged")
    return part


def _packed(entries: dict[str, int], total: int) -> bytes:
    """The content of a `_Dictionary`."""
    by_first: dict[str, dict[str, int]] = {}
    for word, frequency in entries.items():
        by_first.setdefault(word[0], {})[word] = frequency
    parts = [marshal.dumps(found) for found in by_first.values()]
    ends = list(accumulate(map(len, parts)))
    places = {
        first: (end - len(part), end, checksum(part)) for first, part, end in zip(by_first, parts, ends, strict=True)
    }
    index = marshal.dumps((total, places))
    return b"".join(((len(index) + 4).to_bytes(4, "big"), checksum(index), index, *parts))


class _Jieba:
    """A jieba tokenizer of our own, whose dictionary grows by the first characters of the words it meets."""

    def __init__(self) -> None:
        self.tokenizer = _jieba_module().Tokenizer()
        self._key = key_of("1", installed("jieba"))
        self._dictionary = self._kept() or self._made()
        self._known: set[str] = set()
        self.tokenizer.FREQ, self.tokenizer.total, self.tokenizer.initialized = {}, self._dictionary.total, True

    def _kept(self) -> _Dictionary | None:
        content = map_kept(_KEPT, self._key)
        try:
            return _Dictionary(content) if content is not None else None
        except ValueError:
            return None

    def _made(self) -> _Dictionary:
        content = _packed(*self.tokenizer.gen_pfdict(self.tokenizer.get_dict_file()))
        keep(_KEPT, self._key, content)
        return _Dictionary(content)

    def cut(self, text: str) -> list[str]:
        """jieba's own cut, without guessing at unknown words."""
        for first in set(text) - self._known:
            self.tokenizer.FREQ.update(self._entries(first))
            self._known.add(first)
        found: list[str] = self.tokenizer.lcut(text, HMM=False)
        return found

    def _entries(self, first: str) -> dict[str, int]:
        try:
            return self._dictionary.entries(first)
        except ValueError:
            self._dictionary = self._made()
            return self._dictionary.entries(first)


def _jieba_module() -> Any:
    """jieba, without `pkg_resources`: it would be imported only to open a file, and takes longer than jieba."""
    name = "pkg_resources"
    hidden = name not in sys.modules
    if hidden:
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        import jieba
    finally:
        if hidden:
            del sys.modules[name]
    jieba.setLogLevel(logging.WARNING)
    return jieba


@cache
def _jieba() -> _Jieba:
    return _Jieba()


def words(text: str) -> list[str]:
    """The tokens of a text, which joined are the text."""
    return _jieba().cut(text) if text else []


class Tokens(Protocol):
    """Tokens that can be asked for those a span is made of."""

    def char_span(self, start: int, end: int, /) -> "Span | None":
        """The tokens from `start` to `end`, or None where that cuts one."""
        ...


class Span(Protocol):
    """Some tokens, of which each has a length in characters."""

    def __iter__(self) -> Iterator[Sized]: ...


class Words:
    """The tokens of a text and where they start: as much of a spaCy Doc as matches ask for."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = words
        self._numbers = {start: number for number, start in enumerate(accumulate(map(len, words), initial=0))}

    def char_span(self, start: int, end: int) -> Sequence[str] | None:
        """The tokens from `start` to `end`, or None where that cuts one."""
        first, after = self._numbers.get(start), self._numbers.get(end)
        return None if first is None or after is None else self._words[first:after]


def tokens(text: str) -> Words:
    """The tokens of a text, for candidate turns only: they cost a hundred times what finding the candidate did."""
    return Words(words(text))


class JiebaTokenizer:
    """spaCy tokenizer over the private jieba; whitespace becomes tokens of its own, so characters stay where they are."""

    def __init__(self, vocab: Any) -> None:
        self.vocab = vocab

    def __call__(self, text: str) -> "Doc":
        """The text as a spaCy Doc whose tokens joined are the text."""
        from spacy.tokens import Doc

        found = words(text)
        return Doc(self.vocab, words=found, spaces=[False] * len(found))


@cache
def pipeline() -> "Language":
    """spaCy's blank Chinese with our tokenizer; no model is needed."""
    import spacy

    spacy.registry.tokenizers.register(TOKENIZER, func=lambda: lambda nlp: JiebaTokenizer(nlp.vocab))
    return spacy.blank("zh", config={"nlp": {"tokenizer": {"@tokenizers": TOKENIZER}}})


def analyse(text: str) -> "Doc":
    """The text through the spaCy pipeline, for candidate turns only."""
    return pipeline()(text)


def on_token_boundary(tokens: Tokens, span: CharSpan) -> bool:
    """Whether the characters are whole tokens: 操 in 操作 is not.

    >>> on_token_boundary(tokens("操作一下"), CharSpan(0, 1))
    False
    """
    return tokens.char_span(span.start, span.end) is not None


def is_misspelt(tokens: Tokens, span: CharSpan) -> bool:
    """Whether the characters make no sense as written: whole tokens, and every one a single character.

    >>> is_misspelt(tokens("你个臭表子"), CharSpan(2, 5)), is_misspelt(tokens("去博物馆"), CharSpan(1, 4))
    (True, False)
    """
    found = tokens.char_span(span.start, span.end)
    return found is not None and all(len(token) == 1 for token in found)
