"""Tokens of a private jieba.

Default jieba cuts 我们会上门找你家人 into 会上|门|找|你家|人, so nothing is *found* by tokens: they only tell whether a match is part of a
longer word. `jieba.add_word` is global to the process and leaks; the tokenizer here is our own, with its own cache file.
"""

import logging
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import Any

from audit.folders import cache_folder
from audit.model.span import CharSpan


@cache
def _jieba() -> Any:
    import jieba

    jieba.setLogLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    folder = cache_folder()
    with suppress(OSError):  # jieba goes without a cache where it cannot write one
        folder.mkdir(parents=True, exist_ok=True)
    # Both are needed: jieba joins tmp_dir and cache_file, and would otherwise share a file in the common temp folder.
    tokenizer.tmp_dir = str(folder)
    tokenizer.cache_file = "jieba.cache"
    return tokenizer


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a text, which joined are the text, and which of them starts at a position (the text's end included)."""

    words: list[str]
    numbers: dict[int, int]

    def within(self, span: CharSpan) -> list[str] | None:
        """The tokens that the span is made of; None where it cuts one."""
        first, after = self.numbers.get(span.start), self.numbers.get(span.end)
        return None if first is None or after is None else self.words[first:after]


def analyse(text: str) -> Tokens:
    """The tokens of a text, for turns with a doubtful word only: they cost a hundred times what finding it did."""
    words: list[str] = _jieba().lcut(text, HMM=False) if text else []
    starts = accumulate(map(len, words), initial=0)
    return Tokens(words, {start: number for number, start in enumerate(starts)})


def on_token_boundary(tokens: Tokens, span: CharSpan) -> bool:
    """Whether the characters are whole tokens: 操 in 操作 is not.

    >>> on_token_boundary(analyse("操作一下"), CharSpan(0, 1))
    False
    """
    return tokens.within(span) is not None


def is_misspelt(tokens: Tokens, span: CharSpan) -> bool:
    """Whether the characters make no sense as written: whole tokens, and every one a single character.

    >>> is_misspelt(analyse("你个臭表子"), CharSpan(2, 5)), is_misspelt(analyse("去博物馆"), CharSpan(1, 4))
    (True, False)
    """
    words = tokens.within(span)
    return words is not None and all(len(word) == 1 for word in words)
