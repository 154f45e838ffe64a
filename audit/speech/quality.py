"""Doubts about what was recognised. Doubtful words are marked and kept: a person may listen, an accusation needs more.

Whisper invents text where nobody speaks: credits of films it learned from, its own prompt, the same words without end.
"""

import unicodedata
import zlib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from ruamel.yaml import YAML

PROMPT = "以下是普通话的句子。"
# OpenAI's own thresholds (whisper/transcribe.py).
_NO_SPEECH = 0.6
_LOW_LOGPROB = -1.0
_LOOP_RATIO = 2.4
_LONGEST_PERIOD = 12
_LOOP_TIMES = 5
_LOOP_CHARACTERS = 10


@dataclass(frozen=True, slots=True)
class Scores:
    """What the recogniser thinks of one window: mean log probability of its tokens, probability that nobody speaks."""

    avg_logprob: float
    no_speech: float


def doubts(text: str, scores: Scores) -> tuple[str, ...]:
    """Why `text` may not have been spoken: some of `phantom`, `loop`, `no_speech`, `prompt_echo`, in this order."""
    bare = _bare(text)
    found = {
        "phantom": _is_phantom(bare),
        "loop": _is_loop(bare),
        "no_speech": scores.no_speech > _NO_SPEECH and scores.avg_logprob < _LOW_LOGPROB,
        "prompt_echo": _is_prompt(bare),
    }
    return tuple(doubt for doubt, holds in found.items() if holds)


def _bare(text: str) -> str:
    """Letters, digits and Han characters only, in compatibility form and lower case."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).lower() if c.isalnum())


@lru_cache(maxsize=1)
def phantom_phrases() -> tuple[frozenset[str], tuple[str, ...]]:
    """The phrases of lexicons/phantom_phrases.yaml, bare: phantoms as a whole, and phantoms wherever they stand."""
    lists = YAML(typ="safe", pure=True).load((files("audit.lexicons") / "phantom_phrases.yaml").read_text("utf-8"))
    return frozenset(map(_bare, lists["whole"])), tuple(map(_bare, lists["anywhere"]))


def _is_phantom(bare: str) -> bool:
    whole, anywhere = phantom_phrases()
    return bare in whole or any(phrase in bare for phrase in anywhere)


def _is_prompt(bare: str) -> bool:
    prompt = _bare(PROMPT)
    return prompt in bare or (len(bare) >= 4 and bare in prompt)


def _is_loop(bare: str) -> bool:
    """Whether one group of characters repeats without end: "好的好的" is speech, ten times 谢谢 in a row is not."""
    return any(_longest_repeat(bare, period) for period in range(1, _LONGEST_PERIOD + 1)) or (
        len(bare) >= 2 * _LOOP_CHARACTERS and _compression(bare) > _LOOP_RATIO
    )


def _longest_repeat(bare: str, period: int) -> bool:
    needed = max(_LOOP_TIMES * period, _LOOP_CHARACTERS) - period
    run = 0
    for at in range(period, len(bare)):
        run = run + 1 if bare[at] == bare[at - period] else 0
        if run >= needed:
            return True
    return False


def _compression(bare: str) -> float:
    coded = bare.encode()
    return len(coded) / len(zlib.compress(coded))
