"""Characters a second of the text audit, beside jieba.lcut and spaCy with jieba on the same text in the same run.

    python benchmarks/text.py [CALLS.jsonl ...] [--rounds 5] [--characters 300000]

Without arguments the sample calls are used, repeated under new call ids until there are enough characters. One core; the
median of the rounds is printed, and ratios to jieba.lcut.
"""

import argparse
import dataclasses
import statistics
import time
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

from audit.ingest.find import find_inputs
from audit.ingest.items import CallInput
from audit.ingest.read import read_call
from audit.model.call import Call
from audit.pipeline import Auditor, Options
from audit.report.record import finding_record, to_json
from audit.text.segment import analyse, pipeline

SAMPLES = Path(__file__).parents[1] / "sample_calls" / "transcripts"


def calls_of(paths: list[str], characters: int) -> list[Call]:
    """The calls of the files, repeated until they hold so many characters."""
    read = [read_call(item) for item in find_inputs(paths) if isinstance(item, CallInput)]
    if not any(turn.text for call in read for turn in call.turns):
        raise SystemExit("no text in " + ", ".join(paths))
    found: list[Call] = []
    count = 0
    for number, call in enumerate(cycle(read)):
        if count >= characters:
            return found
        found.append(dataclasses.replace(call, call_id=f"{call.call_id}-{number}"))
        count += sum(len(turn.text) for turn in call.turns)
    raise AssertionError("cycle ended")


def rate(work: Callable[[], object], characters: int, rounds: int) -> float:
    """Median characters a second over the rounds, after one round to warm up."""
    work()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return characters / statistics.median(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", default=[str(SAMPLES)])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--characters", type=int, default=300_000)
    args = parser.parse_args()

    calls = calls_of(args.paths, args.characters)
    texts = [turn.text for call in calls for turn in call.turns]
    characters = sum(map(len, texts))
    auditor = Auditor(Options())
    import jieba

    own = jieba.Tokenizer()
    own.initialize()
    pipeline()

    def audit() -> int:
        return sum(len(to_json(finding_record(f))) for call in calls for f in auditor.report(call).findings)

    rates = {
        "jieba.lcut": rate(lambda: [own.lcut(text) for text in texts], characters, args.rounds),
        "spaCy + jieba": rate(lambda: [analyse(text) for text in texts], characters, args.rounds),
        "callaudit, text audit": rate(audit, characters, args.rounds),
    }
    flagged = sum(bool(auditor.report(call).findings) for call in calls)
    print(
        f"{len(calls)} calls ({flagged} with findings), {len(texts)} turns, {characters} characters, {args.rounds} rounds, one core"
    )
    for name, value in rates.items():
        print(f"{name:24}{value:14,.0f} characters/s {value / rates['jieba.lcut']:8.2f} x jieba.lcut")


if __name__ == "__main__":
    main()
