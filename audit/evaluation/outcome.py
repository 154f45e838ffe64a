"""Everything `callaudit evaluate` shows, worked out once: for the terminal, the page and the machine."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from audit.evaluation import scores
from audit.evaluation.labelled import LabelledCall
from audit.evaluation.scores import Bin, Difference, Interval, Row, RuleScore, Score
from audit.pii.redact import mask


@dataclass(frozen=True, slots=True)
class Overall:
    """The scores of all breaches, all signals and whole calls, and turns that are clean and flagged (with the interval of the share)."""

    violations: Row
    signals: Row
    calls: Row
    flagged: int
    clean: int
    share: Interval


@dataclass(frozen=True, slots=True)
class Outcome:
    """`accusing` counts what stands by itself, `all_found` also what waits for a listener; the tables count as asked for."""

    calls: int
    turns: int
    accusing: Overall
    all_found: Overall
    families: list[Row]
    labels: list[Row]
    standing: list[Bin]
    waiting: list[Bin]
    rules: list[RuleScore]
    missed: list[Difference]
    false: list[Difference]
    left_out: tuple[str, ...]


def evaluate(calls: Sequence[LabelledCall], accusations_only: bool) -> Outcome:
    """Measure; with `accusations_only` the tables leave out what waits for a listener."""
    left_out = scores.unscored(calls)
    every = [scores.counting(call, left_out) for call in calls]
    accusing = [scores.counting(call, left_out, accusations_only=True) for call in calls]
    found = accusing if accusations_only else every
    return Outcome(
        calls=len(calls),
        turns=sum(len(call.texts) for call in calls),
        accusing=_overall(calls, accusing),
        all_found=_overall(calls, every),
        families=scores.rows(calls, found, scores.family),
        labels=scores.rows(calls, found, str),
        standing=scores.calibration(calls, every, waiting=False),
        waiting=scores.calibration(calls, every, waiting=True),
        rules=scores.rule_scores(calls, found),
        missed=scores.missed(calls, found),
        false=scores.false_findings(calls, found),
        left_out=tuple(sorted({f.label for call in calls for f in call.findings} & left_out)),
    )


def _overall(calls: Sequence[LabelledCall], found: Sequence[Any]) -> Overall:
    return Overall(
        scores.micro(calls, found, scores.family, signals=False),
        scores.micro(calls, found, scores.family, signals=True),
        scores.of_calls(calls, found),
        *scores.false_turns(calls, found),
    )


def record(outcome: Outcome) -> dict[str, Any]:
    """The outcome as what JSON can hold; words are masked."""
    return {
        "calls": outcome.calls,
        "turns": outcome.turns,
        "accusations": _overall_record(outcome.accusing),
        "with_waiting": _overall_record(outcome.all_found),
        "families": [_row_record(row) for row in outcome.families],
        "labels": [_row_record(row) for row in outcome.labels],
        "calibration": {
            "accusations": [asdict(entry) | {"share": entry.share} for entry in outcome.standing],
            "waiting": [asdict(entry) | {"share": entry.share} for entry in outcome.waiting],
        },
        "rules": [asdict(rule) for rule in outcome.rules],
        "missed": [difference(one) for one in outcome.missed],
        "false": [difference(one) for one in outcome.false],
        "left_out": list(outcome.left_out),
    }


def difference(one: Difference) -> dict[str, Any]:
    """A miss or false finding, its words masked, and for a finding why the rules found it."""
    made: dict[str, Any] = {
        "call": one.call.name,
        "turn": one.turn,
        "label": one.label,
        "text": mask(one.call.texts.get(one.turn, "")) if one.turn is not None else "",
    }
    if one.finding:
        why = one.finding.why
        made |= {
            "rule": one.finding.rule,
            "confidence": one.finding.confidence,
            "waits": bool(why.review),
            "matched": [mask(words) for words in why.matched],
            "variant": why.variant,
        }
    return made


def _overall_record(overall: Overall) -> dict[str, Any]:
    return {
        "violations": _row_record(overall.violations),
        "signals": _row_record(overall.signals),
        "calls": _row_record(overall.calls),
        "clean_turns": {"flagged": overall.flagged, "clean": overall.clean, "interval": overall.share},
    }


def _row_record(row: Row) -> dict[str, Any]:
    return {"name": row.name, **_score_record(row.score)} | {
        "intervals": {"precision": row.precision, "recall": row.recall, "f1": row.f1}
    }


def _score_record(score: Score) -> dict[str, Any]:
    return asdict(score) | {"precision": score.precision, "recall": score.recall, "f1": score.f1}
