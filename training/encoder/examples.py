"""Labelled turns as the encoder learns from them, from single turns, whole calls and ordinary dialogues; and their variants."""

import json
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from zlib import crc32

from audit.text.pinyin import syllables

_BLOCK = 50
_FILLERS = ("那个", "就是说", "啊", "这个", "然后呢", "对吧", "哎", "我跟你说")
_PUNCTUATION = re.compile(r"[,.;:!?，。；：！？、…—“”\"'‘’《》()（）]+")
_HAN = re.compile("[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Example:
    """One turn: what is said, after what, by whom, to whom, and the labels it earns. `held` turns only measure."""

    text: str
    previous: str
    speaker: str
    listener: str
    labels: frozenset[str]
    held: bool = False


def of_turns(path: Path, hold: bool) -> Iterator[Example]:
    """Single labelled turns, one a line. With `hold`, every third block of fifty lines is kept from training."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
        turn = json.loads(line)
        speaker = turn["role"]
        listener = turn["listener"] if speaker in ("agent", "unknown") else "agent"
        labels = frozenset(entry["label"] for entry in turn["labels"])
        held = hold and number // _BLOCK % 3 == 2
        yield Example(turn["text"], turn["prev"], speaker, listener, labels, held)


def of_calls(path: Path) -> Iterator[Example]:
    """The turns of labelled calls, one call a line; the listener is whoever else spoke last, or speaks next."""
    for line in path.read_text(encoding="utf-8").splitlines():
        turns = json.loads(line)["turns"]
        for place, turn in enumerate(turns):
            before = [other for other in turns[place::-1] if other["role"] != turn["role"]]
            after = [other for other in turns[place:] if other["role"] != turn["role"]]
            listener = (before + after)[0]["role"] if before or after else "unknown"
            labels = frozenset(entry["label"] for entry in turn["labels"])
            yield Example(turn["text"], before[0]["text"] if before else "", turn["role"], listener, labels)


def of_ordinary(path: Path) -> Iterator[Example]:
    """Everyday dialogue, every turn taken as the agent's and clean. Every second dialogue only measures."""
    dialogue, previous = "", ""
    for line in path.read_text(encoding="utf-8").splitlines():
        turn = json.loads(line)
        if turn["dialogue_id"] != dialogue:
            dialogue, previous = turn["dialogue_id"], ""
        yield Example(turn["text"], previous, "agent", "unknown", frozenset(), bool(crc32(dialogue.encode()) % 2))
        previous = turn["text"]


class Variants:
    """Other forms of a turn that mean the same: as recognisers write it, or with less known about it."""

    def __init__(self, examples: Iterable[Example]) -> None:
        seen = Counter(char for example in examples for char in _HAN.findall(example.text))
        self._alike: dict[str, list[str]] = {}
        for char, _ in seen.most_common(3000):
            self._alike.setdefault(syllables(char), []).append(char)

    def of(self, example: Example, chance: random.Random) -> Example:
        """One variant, often the turn as it is."""
        text, previous = example.text, example.previous
        if chance.random() < 0.33:
            text, previous = _PUNCTUATION.sub("", text) or text, _PUNCTUATION.sub("", previous)
        if chance.random() < 0.25:
            text = self._misheard(text, chance)
        if chance.random() < 0.2:
            place = chance.randint(0, len(text))
            text = text[:place] + chance.choice(_FILLERS) + text[place:]
        if chance.random() < 0.2:
            previous = ""
        listener = example.listener
        if listener == "unknown" and chance.random() < 0.5:
            listener = "debtor"  # as who does not say otherwise is taken
        elif listener != "agent" and chance.random() < 0.1:
            listener = "unknown"
        return replace(example, text=text, previous=previous, listener=listener)

    def _misheard(self, text: str, chance: random.Random) -> str:
        """One or two characters as others that sound alike."""
        chars = list(text)
        for place in chance.sample(range(len(chars)), min(len(chars), chance.randint(1, 2))):
            chars[place] = chance.choice(self._alike.get(syllables(chars[place]), [chars[place]]))
        return "".join(chars)
