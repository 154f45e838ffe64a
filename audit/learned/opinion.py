"""What a model is asked, and what it answers: the same for every model, so that several can be heard."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log
from typing import Protocol

from audit.model.call import Role

BREACH = "breach"
SIGNAL = "signal"
# Nothing is surer than this, so that no single source decides alone.
SUREST = 0.99


@dataclass(frozen=True, slots=True)
class Talk:
    """The turns of one call, as a model sees them. `text` holds their normalised texts, parted by line breaks; `roles` the speakers;
    `to_third_party` whether somebody other than the debtor listens."""

    text: str
    roles: Sequence[Role]
    to_third_party: Sequence[bool]

    def previous(self) -> list[int]:
        """For each turn the last one before it that somebody else spoke, or -1."""
        before: list[int] = []
        for index, role in enumerate(self.roles):
            other = index - 1
            if other >= 0 and self.roles[other] is role:
                other = before[other]
            before.append(other)
        return before


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one model thinks of one turn, as probabilities: that it breaches at all (of the other side: that it is a signal at all), and by each label
    that the model was taught."""

    any: float
    labels: Mapping[str, float]


def mean(opinions: Sequence[Opinion]) -> Opinion:
    """The opinion of several models together, by mean log odds; a label counts by those that were taught it.

    Raises ValueError when there is none.
    """
    if not opinions:
        raise ValueError("no opinion to take the mean of")
    if len(opinions) == 1:
        return opinions[0]
    labels = dict.fromkeys(label for opinion in opinions for label in opinion.labels)
    return Opinion(
        _mean([opinion.any for opinion in opinions]),
        {label: _mean([given.labels[label] for given in opinions if label in given.labels]) for label in labels},
    )


def log_odds(probability: float) -> float:
    """Of a probability, which nobody is surer of than `SUREST`."""
    bounded = min(SUREST, max(1 - SUREST, probability))
    return log(bounded / (1 - bounded))


def _mean(probabilities: Sequence[float]) -> float:
    return 1 / (1 + exp(-sum(map(log_odds, probabilities)) / len(probabilities)))


class Model(Protocol):
    """A model that can be asked about a call."""

    @property
    def sha256(self) -> str:
        """Of the weights; a report is tied to it."""
        ...

    def opinions(self, talk: Talk, turns: Iterable[int]) -> Mapping[int, Opinion]:
        """Its opinion of each of `turns`; turns of which it thinks nothing may be left out."""
        ...
