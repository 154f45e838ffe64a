"""Trains the n-gram model that the package ships, and says how good it is on what it has not seen.

    python -m training.ngrams [--corpus lexicons/corpus] [--ordinary turns.jsonl] [--out audit/learned/assets]

Cross-validation in five parts by blocks of fifty lines (calls whole); the same command gives the same numbers.
"""

import argparse
from pathlib import Path

import numpy as np

from training.ngrams import report, store
from training.ngrams.examples import corpus, ordinary
from training.ngrams.fit import calibrate, design, fit, out_of_fold, probabilities, units_of

_ROOT = Path(__file__).parents[2]


def main() -> None:
    """Cross-validate, print, fit on everything, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=_ROOT / "lexicons" / "corpus")
    parser.add_argument(
        "--ordinary", type=Path, help="public dialogues as negatives; every second one is only measured"
    )
    parser.add_argument("--out", type=Path, default=_ROOT / "audit" / "learned" / "assets")
    parser.add_argument(
        "--scores", type=Path, help="also write the probabilities out of fold (npz), for training.agreement"
    )
    args = parser.parse_args()

    examples = corpus(args.corpus) + (ordinary(args.ordinary) if args.ordinary else [])
    units = units_of(examples)
    made = design(examples)
    print(f"{len(examples)} turns, {len(made.buckets)} features, {len(units)} units")
    scores = out_of_fold(made.matrix, examples, units)
    calibration = calibrate(scores, examples, units)
    likely = probabilities(scores, units, calibration)
    fitted = fit(made.matrix, examples, units, None)
    unseen = [i for i, example in enumerate(examples) if example.fold is None]
    if unseen:
        final = made.matrix[unseen] @ fitted.weights + fitted.biases
        likely[unseen] = probabilities(final.astype(np.float32), units, calibration)
    facts = report.measured(examples, units, likely)
    report.show(facts)
    size = store.write(args.out, made, fitted, units, calibration, facts, args.corpus, args.ordinary)
    print(f"{args.out}: {size} bytes")
    if args.scores:
        np.savez(args.scores, units=np.array(units), likely=likely)


if __name__ == "__main__":
    main()
