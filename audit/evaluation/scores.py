"""Precision, recall and F1 with intervals, calibration, and rules by their false findings."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from audit.evaluation.labelled import LabelledCall
from audit.model.finding import Finding
from audit.model.labels import FURTHER

_ROUNDS = 1000
_SEED = 20260302
_INTERVAL = (2.5, 97.5)
BINS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)

# A share with its 95 % interval; None where there is nothing to divide by.
Interval = tuple[float, float] | None
Name = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of one name: agreed, missed, and found although not labelled."""

    agreed: int
    missed: int
    extra: int

    @property
    def gold(self) -> int:
        """How many are labelled."""
        return self.agreed + self.missed

    @property
    def found(self) -> int:
        """How many are found."""
        return self.agreed + self.extra

    @property
    def precision(self) -> float | None:
        """Share of what was found that is labelled; None when nothing was found."""
        return self.agreed / self.found if self.found else None

    @property
    def recall(self) -> float | None:
        """Share of the labels that were found; None when there is none."""
        return self.agreed / self.gold if self.gold else None

    @property
    def f1(self) -> float | None:
        """Harmonic mean of the two; None when there is neither a label nor a finding."""
        whole = 2 * self.agreed + self.missed + self.extra
        return 2 * self.agreed / whole if whole else None


@dataclass(frozen=True, slots=True)
class Row:
    """The score of one name with the 95 % intervals of precision, recall and F1 over calls."""

    name: str
    score: Score
    precision: Interval
    recall: Interval
    f1: Interval


@dataclass(frozen=True, slots=True)
class Bin:
    """Findings with a confidence from `low` up to `high`: how many are shown, how many right."""

    low: float
    high: float
    shown: int
    right: int

    @property
    def share(self) -> float | None:
        """The share that is right."""
        return self.right / self.shown if self.shown else None


@dataclass(frozen=True, slots=True)
class RuleScore:
    """What one rule found: how much is labelled so, how much with another label of the family, how much is false."""

    rule: str
    right: int
    near: int
    false: int

    @property
    def found(self) -> int:
        """All its findings."""
        return self.right + self.near + self.false


@dataclass(frozen=True, slots=True)
class Difference:
    """A label nobody found, or a finding nobody labelled (then `finding` is set)."""

    call: LabelledCall
    turn: int | None
    label: str
    finding: Finding | None = None


def family(label: str) -> str:
    """The part of the label before the dot."""
    return label.partition(".")[0]


def is_signal(label: str) -> bool:
    """Whether the label, or family, is a signal."""
    return family(label) == "signal"


def unscored(calls: Iterable[LabelledCall]) -> frozenset[str]:
    """Further labels of the label guide that occur nowhere among the labels: whoever labelled did not look for them."""
    return FURTHER - {label for call in calls for _, label in call.gold}


def counting(call: LabelledCall, left_out: frozenset[str], accusations_only: bool = False) -> list[Finding]:
    """The findings of a call that are scored."""
    return [
        finding
        for finding in call.findings
        if finding.label not in left_out and not (accusations_only and finding.why.review)
    ]


def rows(calls: Sequence[LabelledCall], found: Sequence[Sequence[Finding]], name: Name) -> list[Row]:
    """The scores by `name` of a label (as a turn or call has it once), those with most labels first."""
    tables = [_table(call, findings, name) for call, findings in zip(calls, found, strict=True)]
    names = sorted({key for table in tables for key in table})
    made = [_row(key, [table.get(key, Score(0, 0, 0)) for table in tables]) for key in names]
    return sorted(made, key=lambda row: (is_signal(row.name), -row.score.gold, row.name))


def micro(calls: Sequence[LabelledCall], found: Sequence[Sequence[Finding]], name: Name, signals: bool) -> Row:
    """The score over all names together: signals, or all but signals."""
    scores = []
    for call, findings in zip(calls, found, strict=True):
        table = _table(call, findings, name)
        scores.append(_sum(score for key, score in table.items() if is_signal(key) == signals))
    return _row("signal" if signals else "violation", scores)


def of_calls(calls: Sequence[LabelledCall], found: Sequence[Sequence[Finding]]) -> Row:
    """The score of telling calls with a breach from calls without."""
    scores = []
    for call, findings in zip(calls, found, strict=True):
        labelled = any(not is_signal(label) for _, label in call.gold)
        flagged = any(not finding.is_signal for finding in findings)
        scores.append(Score(labelled and flagged, labelled and not flagged, flagged and not labelled))
    return _row("call", scores)


def false_turns(calls: Sequence[LabelledCall], found: Sequence[Sequence[Finding]]) -> tuple[int, int, Interval]:
    """How many turns without a label carry a finding that is no signal, how many such turns there are, and the interval of the share."""
    flagged, clean = [], []
    for call, findings in zip(calls, found, strict=True):
        turns = call.clean_turns
        clean.append(len(turns))
        flagged.append(len({finding.turn for finding in findings if not finding.is_signal} & turns))
    return sum(flagged), sum(clean), _interval(np.array(flagged), np.array(clean))


def calibration(calls: Sequence[LabelledCall], found: Sequence[Sequence[Finding]], waiting: bool) -> list[Bin]:
    """Findings by confidence: those that accuse (and signals that stand), or those that wait for a listener."""
    shown, right = [0] * (len(BINS) - 1), [0] * (len(BINS) - 1)
    for call, findings in zip(calls, found, strict=True):
        for finding in findings:
            if bool(finding.why.review) == waiting:
                index = max(i for i, low in enumerate(BINS[:-1]) if finding.confidence >= low)
                shown[index] += 1
                right[index] += (finding.turn, finding.label) in call.gold
    return [Bin(*bounds) for bounds in zip(BINS, BINS[1:], shown, right, strict=False)]


def rule_scores(calls: Sequence[LabelledCall], found: Sequence[Sequence[Finding]]) -> list[RuleScore]:
    """All rules that found something, those with most false findings first."""
    counts: dict[str, Counter[str]] = {}
    for call, findings in zip(calls, found, strict=True):
        families = {(turn, family(label)) for turn, label in call.gold}
        for finding in findings:
            exact, near = (finding.turn, finding.label) in call.gold, (finding.turn, finding.family) in families
            counts.setdefault(finding.rule, Counter())["right" if exact else "near" if near else "false"] += 1
    made = [RuleScore(rule, c["right"], c["near"], c["false"]) for rule, c in counts.items()]
    return sorted(made, key=lambda rule: (-rule.false, -rule.near, rule.rule))


def missed(calls: Sequence[LabelledCall], found: Sequence[Sequence[Finding]]) -> list[Difference]:
    """Labels that nothing found."""
    made = []
    for call, findings in zip(calls, found, strict=True):
        places = call.gold - {(finding.turn, finding.label) for finding in findings}
        made += [Difference(call, turn, label) for turn, label in sorted(places, key=str)]
    return sorted(made, key=lambda one: (one.label, one.call.name))


def false_findings(calls: Sequence[LabelledCall], found: Sequence[Sequence[Finding]]) -> list[Difference]:
    """Findings that nobody labelled so."""
    made = [
        Difference(call, finding.turn, finding.label, finding)
        for call, findings in zip(calls, found, strict=True)
        for finding in findings
        if (finding.turn, finding.label) not in call.gold
    ]
    return sorted(made, key=lambda one: (one.label, one.call.name))


def _table(call: LabelledCall, findings: Iterable[Finding], name: Name) -> dict[str, Score]:
    gold = {(turn, name(label)) for turn, label in call.gold}
    found = {(finding.turn, name(finding.label)) for finding in findings}
    counts: dict[str, list[int]] = {}
    for key in gold | found:
        kind = 0 if key in gold and key in found else 1 if key in gold else 2
        counts.setdefault(key[1], [0, 0, 0])[kind] += 1
    return {key: Score(*three) for key, three in counts.items()}


def _sum(scores: Iterable[Score]) -> Score:
    total = [0, 0, 0]
    for score in scores:
        for i, count in enumerate((score.agreed, score.missed, score.extra)):
            total[i] += count
    return Score(*total)


def _row(name: str, by_call: Sequence[Score]) -> Row:
    agreed, lost, extra = np.array([(s.agreed, s.missed, s.extra) for s in by_call], dtype=int).reshape(-1, 3).T
    return Row(
        name,
        _sum(by_call),
        _interval(agreed, agreed + extra),
        _interval(agreed, agreed + lost),
        _interval(2 * agreed, 2 * agreed + lost + extra),
    )


def _interval(parts: "np.typing.NDArray[np.int_]", wholes: "np.typing.NDArray[np.int_]") -> Interval:
    """The 95 % interval of the share sum(parts) / sum(wholes) where calls are drawn with replacement, always the same draws."""
    if not wholes.sum():
        return None
    draws = _draws(len(wholes))
    drawn = draws @ wholes
    shares = (draws @ parts)[drawn > 0] / drawn[drawn > 0]
    low, high = np.percentile(shares, _INTERVAL)
    return float(low), float(high)


@cache
def _draws(calls: int) -> "np.typing.NDArray[np.int_]":
    """How often each call is drawn in each round."""
    return np.random.default_rng(_SEED).multinomial(calls, np.full(calls, 1 / calls), size=_ROUNDS)
