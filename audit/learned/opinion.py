"""What a model is asked, and what it answers: the same for every model, so that several can be heard."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Protocol

from audit.model.call import Role

BREACH = "breach"
SIGNAL = "signal"


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

    def family(self, name: str) -> float:
        """The probability of any label of a family, as if they were independent."""
        return 1 - prod(1 - likely for label, likely in self.labels.items() if label.startswith(f"{name}."))


def mean(opinions: Sequence[Opinion]) -> Opinion:
    """The opinion of several models together. Raises ValueError when there is none."""
    if not opinions:
        raise ValueError("no opinion to take the mean of")
    labels = dict.fromkeys(label for opinion in opinions for label in opinion.labels)
    return Opinion(
        sum(opinion.any for opinion in opinions) / len(opinions),
        {label: sum(opinion.labels.get(label, 0.0) for opinion in opinions) / len(opinions) for label in labels},
    )


class Model(Protocol):
    """A model that can be asked about a call."""

    @property
    def sha256(self) -> str:
        """Of the weights; a report is tied to it."""
        ...

    @property
    def labels(self) -> tuple[str, ...]:
        """What it was taught."""
        ...

    def opinions(self, talk: Talk, turns: Iterable[int]) -> Mapping[int, Opinion]:
        """Its opinion of each of `turns`; turns of which it thinks nothing may be left out."""
        ...
