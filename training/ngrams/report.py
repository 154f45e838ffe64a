"""What is measured of the model, on scores out of fold."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.metrics import average_precision_score

from audit.learned.opinion import BREACH, SIGNAL
from training.ngrams.examples import Example
from training.ngrams.fit import Floats, carries, concerns


def measured(examples: Sequence[Example], units: Sequence[str], likely: Floats) -> dict[str, Any]:
    """The numbers of the model card, all on the labelled corpus unless they say ordinary."""
    facts: dict[str, Any] = {"turns": sum(not e.ordinary for e in examples), "labels": {}, "families": {}}
    told = {unit: [i for i, e in enumerate(examples) if concerns(unit, e) and not e.ordinary] for unit in units}
    answers = {unit: np.array([carries(unit, examples[i]) for i in told[unit]]) for unit in units}
    for unit in units:
        score = round(float(average_precision_score(answers[unit], likely[told[unit], units.index(unit)])), 3)
        kind = "labels" if "." in unit else "families"
        facts[kind][unit] = {"turns": int(answers[unit].sum()), "average_precision": score}
    families = [unit for unit in units if "." not in unit and unit not in (BREACH, SIGNAL)]
    facts["family_mean_average_precision"] = _mean([facts["families"][f]["average_precision"] for f in families])
    facts["label_mean_average_precision"] = _mean([row["average_precision"] for row in facts["labels"].values()])
    threshold, f1 = _best_f1(
        np.concatenate([likely[told[f], units.index(f)] for f in families]),
        np.concatenate([answers[f] for f in families]),
    )
    facts["family_micro_f1"] = {"f1": f1, "threshold": threshold}
    breach = likely[told[BREACH], units.index(BREACH)]
    threshold, f1 = _best_f1(breach, answers[BREACH])
    facts["breach_f1"] = {"f1": f1, "threshold": threshold}
    clean = np.sort(breach[~answers[BREACH]])[::-1]
    limit = clean[int(0.02 * len(clean))]
    facts["breach_recall_at_20_false_per_1000"] = round(float((breach[answers[BREACH]] > limit).mean()), 3)
    facts["reliability"] = reliability(breach, answers[BREACH])
    ordinary = [i for i, e in enumerate(examples) if e.ordinary and e.fold is None]
    if ordinary:
        highest = likely[ordinary, units.index(BREACH)]
        facts["ordinary_per_1000"] = {
            str(t): round(float(1000 * (highest > t).mean()), 2) for t in (0.2, 0.3, 0.5, 0.7)
        }
    return facts


def reliability(predicted: Any, observed: Any) -> list[dict[str, float]]:
    """Predicted against observed, in ten bins."""
    bins = np.minimum((predicted * 10).astype(int), 9)
    return [
        {
            "predicted": round(float(predicted[bins == b].mean()), 3),
            "observed": round(float(observed[bins == b].mean()), 3),
            "turns": int((bins == b).sum()),
        }
        for b in range(10)
        if (bins == b).any()
    ]


def show(facts: dict[str, Any]) -> None:
    """Print the numbers."""
    for kind in ("labels", "families"):
        for name, row in facts[kind].items():
            print(f"  {name:34} {row['turns']:5}  AP {row['average_precision']:.3f}")
    for name, value in facts.items():
        if name not in ("labels", "families", "reliability"):
            print(f"{name}: {value}")
    for row in facts["reliability"]:
        print(f"  breach predicted {row['predicted']:.3f} observed {row['observed']:.3f} ({row['turns']})")


def _mean(values: Sequence[float]) -> float:
    return round(sum(values) / len(values), 3)


def _best_f1(predicted: Any, observed: Any) -> tuple[float, float]:
    best = (0.0, 0.0)
    for threshold in np.arange(0.05, 0.95, 0.01):
        found = predicted > threshold
        f1 = 2 * (found & observed).sum() / (found.sum() + observed.sum())
        best = max(best, (round(float(f1), 3), round(float(threshold), 2)))
    return best[1], best[0]
