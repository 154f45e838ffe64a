"""Fits how far rules and learned models are believed together, on turns that neither has seen.

    python -m training.agreement --scores OUT_OF_FOLD.npz [--corpus lexicons/corpus] [--out audit/learned/assets]

The scores are those that `python -m training.ngrams --scores` writes. Rules were written with two thirds of the first seven corpus files in view: those
blocks are left out.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from audit.learned.ngrams import judged_by
from audit.learned.opinion import BREACH, SIGNAL, Opinion
from audit.model.call import Call, CallMetadata, Role, Source, Turn
from audit.rules.engine import Engine
from audit.rules.loader import load_pack, load_policy
from audit.rules.match import Match
from audit.rules.opinion import evidence, speaks_of_words
from training.ngrams.examples import Example, corpus
from training.ngrams.report import reliability
from training.ngrams.store import FLOOR

_ROOT = Path(__file__).parents[1]
_BLOCK, _EVERY = 50, 3
_IN_VIEW = ("c1_", "c2_", "c3_", "c4_", "c5_", "c6_", "c7_")
_SOURCE = Source("corpus", "", "corpus")


@dataclass(frozen=True, slots=True)
class Found:
    """What a rule found in a turn, and what was thought of the turn."""

    example: Example
    match: Match
    opinion: Opinion


def held(example: Example) -> bool:
    """Whether the rules' authors did not work with this turn."""
    name, line, _ = example.place
    return not name.startswith(_IN_VIEW) or (line - 1) // _BLOCK % _EVERY == _EVERY - 1


def opinions(examples: Sequence[Example], path: Path) -> list[Opinion]:
    """The opinions out of fold, one an example."""
    stored = np.load(path)
    units, likely = list(stored["units"]), stored["likely"]
    found = []
    for example, row in zip(examples, likely[: len(examples)], strict=True):
        signals = example.role is not Role.AGENT
        first = SIGNAL if signals else BREACH
        likely_any = float(row[units.index(first)])
        labels = {u: float(p) for u, p in zip(units, row, strict=True) if "." in u and judged_by(u) == first}
        found.append(Opinion(likely_any, labels if likely_any >= FLOOR else dict.fromkeys(labels, 0.0)))
    return found


def calls(examples: Sequence[Example]) -> Iterator[tuple[Call, list[int | None]]]:
    """The examples as calls, with the number of the example that each turn is."""
    numbered = enumerate(examples)
    for place, group in groupby(numbered, key=lambda pair: pair[1].place[:2]):
        spoken: list[tuple[Role, str]] = []
        numbers: list[int | None] = []
        for number, example in group:
            if not example.in_call and example.previous:
                other = Role.THIRD_PARTY if example.to_third_party else Role.DEBTOR
                spoken.append((other if example.role is Role.AGENT else Role.AGENT, example.previous))
                numbers.append(None)
            spoken.append((example.role, example.text))
            numbers.append(number)
        turns = tuple(Turn(index, role, text) for index, (role, text) in enumerate(spoken))
        yield Call("/".join(map(str, place)), CallMetadata(), turns, _SOURCE), numbers


def found_by_rules(examples: Sequence[Example], thought: Sequence[Opinion]) -> Iterator[Found]:
    """What the word rules find in the examples, each label once a turn, by its surest match."""
    engine = Engine(load_pack(), replace(load_policy(), learned="off"))
    for call, numbers in calls(examples):
        best: dict[tuple[int, str], Match] = {}
        for match in engine.matches(call):
            number = numbers[match.turn] if match.turn is not None else None
            if number is None or not speaks_of_words(match.rule) or match.rule.label not in thought[number].labels:
                continue
            key = number, match.rule.label
            if key not in best or best[key].confidence < match.confidence:
                best[key] = match
        yield from (Found(examples[number], match, thought[number]) for (number, _), match in best.items())


def main() -> None:
    """Fit, print how reliable the result is, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scores", type=Path, required=True)
    parser.add_argument("--corpus", type=Path, default=_ROOT / "lexicons" / "corpus")
    parser.add_argument("--out", type=Path, default=_ROOT / "audit" / "learned" / "assets")
    args = parser.parse_args()

    everything = corpus(args.corpus)
    thought = opinions(everything, args.scores)
    kept = [number for number, example in enumerate(everything) if held(example)]
    found = list(found_by_rules([everything[n] for n in kept], [thought[n] for n in kept]))
    table = [evidence(f.match.confidence, f.match.rule.label, f.opinion) for f in found]
    names = list(table[0])
    inputs = np.array([[row[name] for name in names] for row in table])
    right = np.array([f.match.rule.label in f.example.labels for f in found])
    model = LogisticRegression(C=1.0, max_iter=1000).fit(inputs, right)
    weights = dict(
        zip([*names, "bias"], (round(float(w), 4) for w in (*model.coef_[0], model.intercept_[0])), strict=True)
    )
    before = np.array([f.match.confidence for f in found])
    table_of = {
        "rules_alone": reliability(before, right),
        "with_learned": reliability(model.predict_proba(inputs)[:, 1], right),
    }
    facts = {"weights": weights, "fitted_on": len(found), "right": int(right.sum()), "reliability": table_of}
    for name, rows in table_of.items():
        for row in rows:
            print(f"  {name:14} predicted {row['predicted']:.3f} observed {row['observed']:.3f} ({row['turns']})")
    print(weights, len(found), "found,", int(right.sum()), "right")
    (args.out / "agreement.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
