"""Labelled turns with their neighbourhood, in blocks that are never parted by cross-validation."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

from audit.learned.opinion import Talk
from audit.model.call import Role

FOLDS = 5
# Neighbouring lines of a corpus file are related: they stay in one fold.
_BLOCK = 50
_SPEAKERS = {role.value: role for role in Role}


@dataclass(frozen=True, slots=True)
class Example:
    """One turn as the model sees it. `fold` is the part of cross-validation in which it is measured; None: it is never trained on.

    `place` is (file, line from 1, turn) and says which call it is from when `in_call`.
    """

    role: Role
    text: str
    previous: str
    to_third_party: bool
    labels: frozenset[str]
    fold: int | None
    place: tuple[str, int, int]
    in_call: bool = False
    ordinary: bool = False


def corpus(folder: Path) -> list[Example]:
    """All turns of a folder's files: of single labelled turns a line, and of labelled calls a line."""
    return [example for path in sorted(folder.glob("*.jsonl")) for example in read(path)]


def read(path: Path) -> Iterator[Example]:
    """The turns of one file."""
    shift = crc32(path.stem.encode())
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
        entry = json.loads(line)
        if "turns" in entry:
            yield from _of_call(path, number, entry["turns"], (number + shift) % FOLDS)
        else:
            yield Example(
                _SPEAKERS[entry["role"]],
                entry["text"],
                entry["prev"],
                entry["listener"] == "third_party",
                frozenset(label["label"] for label in entry["labels"]),
                (number // _BLOCK + shift) % FOLDS,
                (path.name, number + 1, 0),
            )


def _of_call(path: Path, number: int, turns: Sequence[dict[str, object]], fold: int) -> Iterator[Example]:
    roles = [_SPEAKERS[str(turn["role"])] for turn in turns]
    heard = third_parties(roles)
    before = Talk("", roles, heard).previous()
    for index, turn in enumerate(turns):
        labels = turn["labels"]
        assert isinstance(labels, list)
        yield Example(
            roles[index],
            str(turn["text"]),
            str(turns[before[index]]["text"]) if before[index] >= 0 else "",
            heard[index],
            frozenset(label["label"] for label in labels),
            fold,
            (path.name, number + 1, index),
            in_call=True,
        )


def third_parties(roles: Sequence[Role]) -> list[bool]:
    """For each turn whether the other side, as far as it has spoken (or will first), is a third party."""
    others = [role for role in roles if role is not Role.AGENT]
    current = others[0] if others else Role.UNKNOWN
    found = []
    for role in roles:
        current = current if role is Role.AGENT else role
        found.append(current is Role.THIRD_PARTY)
    return found


def ordinary(path: Path) -> list[Example]:
    """Everyday dialogue, each turn taken as the agent's and clean, without what was said before. Every second dialogue is only measured."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
        turn = json.loads(line)
        kept = crc32(turn["dialogue_id"].encode())
        fold = kept // 2 % FOLDS if kept % 2 else None
        place = (path.name, number + 1, 0)
        found.append(Example(Role.AGENT, turn["text"], "", False, frozenset(), fold, place, ordinary=True))
    return found
