"""Tokens: a private jieba behind a spaCy tokenizer.

Default jieba cuts 我们会上门找你家人 into 会上|门|找|你家|人, so nothing is *found* by tokens: they only tell whether a match is part of a
longer word. `jieba.add_word` is global to the process and leaks; the tokenizer here is our own, with its own cache file.
"""

import logging
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any

from audit.folders import cache_folder
from audit.model.span import CharSpan

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

TOKENIZER = "callaudit.jieba.v1"


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


class JiebaTokenizer:
    """spaCy tokenizer over the private jieba; whitespace becomes tokens of its own, so characters stay where they are."""

    def __init__(self, vocab: Any) -> None:
        self.vocab = vocab

    def __call__(self, text: str) -> "Doc":
        """The text as a spaCy Doc whose tokens joined are the text."""
        from spacy.tokens import Doc

        words = _jieba().lcut(text, HMM=False) if text else []
        return Doc(self.vocab, words=words, spaces=[False] * len(words))


@cache
def pipeline() -> "Language":
    """spaCy's blank Chinese with our tokenizer; no model is needed."""
    import spacy

    spacy.registry.tokenizers.register(TOKENIZER, func=lambda: lambda nlp: JiebaTokenizer(nlp.vocab))
    return spacy.blank("zh", config={"nlp": {"tokenizer": {"@tokenizers": TOKENIZER}}})


def analyse(text: str) -> "Doc":
    """The analysed text, for candidate turns only: it costs a hundred times what finding the candidate did."""
    return pipeline()(text)


def on_token_boundary(doc: "Doc", span: CharSpan) -> bool:
    """Whether the characters are whole tokens: 操 in 操作 is not.

    >>> on_token_boundary(analyse("操作一下"), CharSpan(0, 1))
    False
    """
    return doc.char_span(span.start, span.end) is not None


def is_misspelt(doc: "Doc", span: CharSpan) -> bool:
    """Whether the characters make no sense as written: whole tokens, and every one a single character.

    >>> is_misspelt(analyse("你个臭表子"), CharSpan(2, 5)), is_misspelt(analyse("去博物馆"), CharSpan(1, 4))
    (True, False)
    """
    tokens = doc.char_span(span.start, span.end)
    return tokens is not None and all(len(token) == 1 for token in tokens)
