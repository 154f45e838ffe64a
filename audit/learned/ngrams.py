"""The n-gram model: one-vs-rest logistic regression over character n-grams of the turn and of the one before (see NGRAMS.md)."""

import hashlib
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import exp

import numpy as np
from numpy.typing import NDArray

from audit.errors import ConfigError
from audit.learned.features import BUCKETS, Places, Rows, grams, rows
from audit.learned.opinion import BREACH, SIGNAL, Opinion, Talk
from audit.model.call import Role
from audit.model.span import CharSpan

WEIGHTS, CARD = "ngrams.npz", "ngrams.json"
# What the turn before and the listener weigh beside the turn's own words.
PREVIOUS_WEIGHT = 0.5
THIRD_PARTY_WEIGHT = 0.5

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Reason:
    """An n-gram that speaks for a label, where it stands in the turn's normalised text, and how much it adds to the score."""

    span: CharSpan
    weight: float


@dataclass(frozen=True, slots=True)
class _Side:
    """The known features of all turns, from the turns' own words or from those before: each once a turn, in the order of turns."""

    turns: Places
    features: Places
    norms: Floats

    def sums(self, weights: Floats) -> Floats:
        """Of one unit, for every turn."""
        total = np.bincount(self.turns, weights[self.features], len(self.norms))
        return (total / self.norms).astype(np.float32)

    def of_turn(self, turn: int) -> Places:
        """The features of one turn."""
        begin, end = np.searchsorted(self.turns, (turn, turn + 1))
        return self.features[begin:end]


@dataclass(frozen=True, slots=True)
class _Judging:
    """How scores become the probabilities of all labels of one kind: columns and slopes [labels, 3], biases [labels]."""

    labels: list[str]
    columns: Places
    slopes: Floats
    biases: Floats

    def probabilities(self, scores: Floats) -> dict[str, float]:
        """By label, from the scores of all units."""
        logits = (scores[self.columns] * self.slopes).sum(1) + self.biases
        likely: list[float] = (1 / (1 + np.exp(-logits))).tolist()
        return dict(zip(self.labels, likely, strict=True))


class Ngrams:
    """The model in memory. `units` are its columns: breach and signal, families, labels."""

    def __init__(self, weights: bytes, card: str) -> None:
        """Read `ngrams.npz` with its card. ConfigError CA231 when they do not belong together."""
        facts = json.loads(card)
        self._sha256 = hashlib.sha256(weights).hexdigest()
        if self._sha256 != facts["sha256"]:
            raise ConfigError("CA231", WEIGHTS, expected=facts["sha256"], found=self._sha256)
        arrays = np.load(io.BytesIO(weights))
        self.units: tuple[str, ...] = tuple(facts["units"])
        buckets = np.cumsum(arrays["gaps"], dtype=np.int64)
        self._index = np.zeros(BUCKETS, np.uint16)
        self._index[buckets] = np.arange(1, len(buckets) + 1)
        self._squared_idf: Floats = np.concatenate(([0], arrays["idf"].astype(np.float32) ** 2))
        self._weights = np.vstack((np.zeros((1, len(self.units)), np.int8), arrays["weights"]))
        self._scale: Floats = arrays["scale"]
        self._third_party: Floats = arrays["third_party"]
        self._bias: Floats = arrays["bias"]
        self._columns = {unit: column for column, unit in enumerate(self.units)}
        self._first: dict[str, Floats] = {
            unit: self._weights[:, self._columns[unit]] * self._scale[self._columns[unit]] for unit in (BREACH, SIGNAL)
        }
        self._calibration: Mapping[str, Sequence[float]] = facts["calibration"]
        self._floor: Mapping[str, float] = facts["floor"]
        self._judged = {unit: self._judging(unit) for unit in self._first}
        self._nothing = {unit: dict.fromkeys(judging.labels, 0.0) for unit, judging in self._judged.items()}

    @property
    def sha256(self) -> str:
        """Of the weights."""
        return self._sha256

    def _judging(self, first: str) -> _Judging:
        labels = [label for label in self._calibration if "." in label and judged_by(label) == first]
        columns = [[self._columns[unit] for unit in _heard(label)] for label in labels]
        slopes = np.array([self._calibration[label] for label in labels], np.float32)
        return _Judging(labels, np.array(columns), slopes[:, :-1], slopes[:, -1])

    def opinions(self, talk: Talk, turns: Iterable[int]) -> Mapping[int, Opinion]:
        """Of every one of `turns`; labels are worked out only where the turn may breach (or signal) at all, and 0 elsewhere."""
        wanted = sorted(turns)
        if not wanted:
            return {}
        made = rows(talk.text, talk.previous())
        own = self._side(made.own_turns, made.own, made)
        before = self._side(made.previous_turns, made.previous, made)
        listeners = np.array(talk.to_third_party, np.float32) * THIRD_PARTY_WEIGHT
        first = {}
        for unit, weights in self._first.items():
            column = self._columns[unit]
            scores = own.sums(weights) + before.sums(weights) * PREVIOUS_WEIGHT
            first[unit] = scores + listeners * self._third_party[column] + self._bias[column]
        found = {}
        for index in wanted:
            labels: dict[str, float] = {}
            highest = 0.0
            for unit in judged_as(talk.roles[index]):
                slope, bias = self._calibration[unit]
                likely = 1 / (1 + exp(-(slope * float(first[unit][index]) + bias)))
                highest = max(highest, likely)
                if likely < self._floor[unit]:
                    labels |= self._nothing[unit]
                    continue
                scores = self._row(own, before, index) + listeners[index] * self._third_party + self._bias
                labels |= self._judged[unit].probabilities(scores)
            found[index] = Opinion(highest, labels)
        return found

    def _side(self, turns: Places, buckets: NDArray[np.uint32], made: Rows) -> _Side:
        features = self._index[buckets]
        known = np.flatnonzero(features)
        turns, places = turns[known], features[known].astype(np.int64)
        squares = np.bincount(turns, self._squared_idf[places], made.count)
        return _Side(turns, places, np.sqrt(np.where(squares > 0, squares, 1)).astype(np.float32))

    def _row(self, own: _Side, before: _Side, turn: int) -> Floats:
        """The scores of one turn in every unit, without listener and bias."""
        total = np.zeros(len(self.units), np.float32)
        for side, weight in ((own, 1.0), (before, PREVIOUS_WEIGHT)):
            total += self._weights[side.of_turn(turn)].sum(0, dtype=np.int32) * (weight / side.norms[turn])
        return total * self._scale

    def reasons(self, text: str, label: str) -> list[Reason]:
        """The n-grams of one normalised turn that speak for or against a label, in the order of their places."""
        found = grams(text)
        features = self._index[found.buckets].astype(np.int64)
        norm = float(np.sqrt(max(1e-9, self._squared_idf[features].sum())))
        columns = [self._columns[unit] for unit in _heard(label)]
        slopes = np.array(self._calibration[label][:-1], np.float32) * self._scale[columns] / norm
        weights = self._weights[features][:, columns] @ slopes
        places = zip(found.starts.tolist(), found.ends.tolist(), weights.tolist(), strict=True)
        return [Reason(CharSpan(start, end), weight) for start, end, weight in places if weight]


def _heard(label: str) -> tuple[str, str, str]:
    """The units whose scores make a label's probability."""
    return label, label.partition(".")[0], judged_by(label)


def judged_by(label: str) -> str:
    """The unit that says whether a label of this kind is there at all."""
    return SIGNAL if label.startswith("signal.") else BREACH


def judged_as(role: Role) -> tuple[str, ...]:
    """What a speaker's words are judged as: only agents breach, only others signal, and an unknown speaker may do either."""
    if role is Role.UNKNOWN:
        return BREACH, SIGNAL
    return (BREACH,) if role is Role.AGENT else (SIGNAL,)


@cache
def shipped() -> Ngrams:
    """The model in the package, loaded when first asked for."""
    assets = files("audit.learned") / "assets"
    return Ngrams((assets / WEIGHTS).read_bytes(), (assets / CARD).read_text(encoding="utf-8"))
