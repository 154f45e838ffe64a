"""Fitting the n-gram model: a matrix from examples, one logistic regression a unit, calibration from scores out of fold."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from audit.learned.features import BUCKETS, rows
from audit.learned.ngrams import PREVIOUS_WEIGHT, THIRD_PARTY_WEIGHT, judged_by
from audit.learned.opinion import BREACH, SIGNAL
from audit.model.call import Role
from audit.text.normalise import normalise
from training.ngrams.examples import FOLDS, Example

# A label with fewer examples is left to the rules.
FEWEST = 25
_FEWEST_TURNS = 4
_C = 60.0
_CALIBRATION_C = 1.0

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Design:
    """The matrix [examples, buckets kept + 1] (the last column is the listener), which buckets were kept, and their idf."""

    matrix: Any
    buckets: NDArray[np.int64]
    idf: Floats


@dataclass(frozen=True, slots=True)
class Fitted:
    """Weights [buckets + 1, units] and biases."""

    weights: Floats
    biases: Floats


def design(examples: Sequence[Example]) -> Design:
    """The features of all examples, made by the code that makes them when a call is audited."""
    lines = [line for example in examples for line in (_plain(example.previous), _plain(example.text))]
    previous = [place - 1 if place % 2 and lines[place - 1] else -1 for place in range(len(lines))]
    made = rows("\n".join(lines), previous)
    sides = []
    for turns, buckets in ((made.own_turns, made.own), (made.previous_turns, made.previous)):
        ours = turns % 2 == 1
        at = (turns[ours] // 2, buckets[ours].astype(np.int64))
        sides.append(sparse.csr_matrix((np.ones(len(at[0]), np.float32), at), shape=(len(examples), BUCKETS)))
    trained = np.array([example.fold is not None for example in examples])
    spread = np.sum([np.asarray((side[trained] > 0).sum(0)).ravel() for side in sides], axis=0)
    kept = np.flatnonzero(spread >= _FEWEST_TURNS)
    idf = (np.log((1 + trained.sum()) / (1 + spread[kept])) + 1).astype(np.float16).astype(np.float32)
    weighed = [_normed(side[:, kept], idf) for side in sides]
    listener = sparse.csr_matrix(np.array([[THIRD_PARTY_WEIGHT * e.to_third_party] for e in examples], np.float32))
    matrix = sparse.hstack([weighed[0] + PREVIOUS_WEIGHT * weighed[1], listener]).tocsr()
    return Design(matrix, kept, idf)


def _plain(text: str) -> str:
    return normalise(text).text


def _normed(side: Any, idf: Floats) -> Any:
    weighed = side.multiply(idf[None, :]).tocsr()
    norms = np.sqrt(np.asarray(weighed.multiply(weighed).sum(1)).ravel())
    return sparse.diags(1 / np.where(norms > 0, norms, 1)) @ weighed


def units_of(examples: Sequence[Example]) -> list[str]:
    """The columns of the model: whether anything is there, the families, the labels with enough examples."""
    counts = Counter(label for example in examples for label in example.labels)
    labels = sorted(label for label, count in counts.items() if count >= FEWEST)
    families = sorted({label.partition(".")[0] for label in labels} - {SIGNAL})
    return [BREACH, SIGNAL, *families, *labels]


def concerns(unit: str, example: Example) -> bool:
    """Whether an example teaches a unit: breaches are the agent's, signals the others'. Ordinary talk may be anyone's."""
    if unit == SIGNAL or unit.startswith("signal."):
        return example.role is not Role.AGENT or example.ordinary
    return example.role is Role.AGENT


def carries(unit: str, example: Example) -> bool:
    """Whether the example is positive for a unit."""
    if unit == BREACH:
        return any(judged_by(label) == BREACH for label in example.labels)
    if "." in unit:
        return unit in example.labels
    return any(label.startswith(f"{unit}.") for label in example.labels)


def fit(matrix: Any, examples: Sequence[Example], units: Sequence[str], without: int | None) -> Fitted:
    """The model from all examples but those of one fold, and of none (fold None)."""
    weights = np.zeros((matrix.shape[1], len(units)), np.float32)
    biases = np.zeros(len(units), np.float32)
    for column, unit in enumerate(units):
        taught = [i for i, e in enumerate(examples) if e.fold is not None and e.fold != without and concerns(unit, e)]
        answers = np.array([carries(unit, examples[i]) for i in taught])
        model = LogisticRegression(C=_C, solver="liblinear", tol=1e-2, random_state=0)
        model.fit(matrix[taught], answers)
        weights[:, column], biases[column] = model.coef_[0], model.intercept_[0]
    return Fitted(weights, biases)


def out_of_fold(matrix: Any, examples: Sequence[Example], units: Sequence[str]) -> Floats:
    """Scores [examples, units], each by a model that has not seen the example's block. Examples without a fold get those of fold 0."""
    scores = np.zeros((len(examples), len(units)), np.float32)
    for fold in range(FOLDS):
        left = [i for i, e in enumerate(examples) if e.fold == fold or (fold == 0 and e.fold is None)]
        fitted = fit(matrix, examples, units, fold)
        scores[left] = matrix[left] @ fitted.weights + fitted.biases
    return scores


def inputs(unit: str, units: Sequence[str]) -> list[int]:
    """The columns whose scores make the probability of a unit."""
    if "." not in unit:
        return [units.index(unit)]
    return [units.index(unit), units.index(unit.partition(".")[0]), units.index(judged_by(unit))]


def calibrate(scores: Floats, examples: Sequence[Example], units: Sequence[str]) -> dict[str, list[float]]:
    """Platt's slopes and bias by unit, from scores out of fold."""
    found = {}
    for unit in units:
        told = [i for i, e in enumerate(examples) if e.fold is not None and concerns(unit, e)]
        answers = np.array([carries(unit, examples[i]) for i in told])
        model = LogisticRegression(C=_CALIBRATION_C, max_iter=1000)
        model.fit(scores[np.ix_(told, inputs(unit, units))], answers)
        found[unit] = [round(float(value), 4) for value in (*model.coef_[0], model.intercept_[0])]
    return found


def probabilities(scores: Floats, units: Sequence[str], calibration: dict[str, list[float]]) -> Floats:
    """Calibrated probabilities [examples, units]."""
    columns = []
    for unit in units:
        *slopes, bias = calibration[unit]
        columns.append(1 / (1 + np.exp(-(scores[:, inputs(unit, units)] @ np.array(slopes) + bias))))
    return np.stack(columns, 1).astype(np.float32)
