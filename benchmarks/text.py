"""Characters a second of the text audit beside its peers, its growth with the lexicon, and its growth with the calls.

    pip install -e ".[bench]"
    python benchmarks/text.py [CALLS.jsonl ...] [--rounds 5] [--characters 100000] [--calls 1,10,100,1000,10000]

Peers on the same text in the same run: pyahocorasick with all words of the lexicon, jieba.lcut, spaCy with jieba, and Presidio
with ten patterns. Without arguments the sample calls are used, repeated under new call ids until there are enough
characters. One core; medians of the rounds, and ratios to jieba.lcut. The lexicon is made ten times as large by words that occur
nowhere. Each number of calls is audited in a process of its own, whose peak memory is printed.
"""

import argparse
import dataclasses
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from audit.ingest.find import find_inputs
from audit.ingest.items import CallInput
from audit.ingest.read import read_call
from audit.model.call import Call
from audit.pipeline import Auditor, Options
from audit.report.record import finding_record, to_json
from audit.text.segment import analyse, pipeline

SAMPLES = Path(__file__).parents[1] / "sample_calls" / "transcripts"
PATTERNS = (
    r"1[3-9]\d{9}",
    r"\d{17}[\dXx]",
    r"\d{16,19}",
    r"[打砍杀]断?你",
    r"爆.{0,2}通讯录",
    r"(坐牢|拘留|逮捕)",
    r"(老赖|骗子|废物)",
    r"(欠款|逾期).{0,6}\d+",
    r"上门.{0,8}(泼|堵|砸)",
    r"(公安|法院).{0,4}(抓|立案)",
)


def calls_of(paths: list[str]) -> list[Call]:
    """The calls of the files. Exits when there is no text in them."""
    read = [read_call(item) for item in find_inputs(paths) if isinstance(item, CallInput)]
    if not any(turn.text for call in read for turn in call.turns):
        raise SystemExit("no text in " + ", ".join(paths))
    return read


def repeated(calls: list[Call]) -> Iterator[Call]:
    """The calls for ever, each time under a new call id."""
    for number, call in enumerate(cycle(calls)):
        yield dataclasses.replace(call, call_id=f"{call.call_id}-{number}")


def enough(calls: list[Call], characters: int) -> list[Call]:
    """Calls repeated until they hold so many characters."""
    found: list[Call] = []
    count = 0
    for call in repeated(calls):
        if count >= characters:
            break
        found.append(call)
        count += sum(len(turn.text) for turn in call.turns)
    return found


def rate(work: Callable[[], object], characters: int, rounds: int) -> float:
    """Median characters a second over the rounds, after one round to warm up."""
    work()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return characters / statistics.median(times)


def audit(auditor: Auditor, calls: list[Call]) -> int:
    """Call in, findings as JSON out."""
    return sum(len(to_json(finding_record(found))) for call in calls for found in auditor.report(call).findings)


def all_words(auditor: Auditor) -> list[str]:
    """Every word of the lexicon."""
    return sorted({word for words in auditor.engine.pack.concepts.values() for word in words})


def presidio() -> Callable[[str], object]:
    """Presidio's analyzer with ten patterns over a blank Chinese pipeline."""
    from presidio_analyzer import AnalyzerEngine, Pattern, PatternRecognizer, RecognizerRegistry
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    blank: Any = SpacyNlpEngine()
    blank.nlp = {"zh": pipeline()}
    registry = RecognizerRegistry(supported_languages=["zh"])
    for number, source in enumerate(PATTERNS):
        registry.add_recognizer(
            PatternRecognizer(f"P{number}", supported_language="zh", patterns=[Pattern(f"p{number}", source, 0.5)])
        )
    engine = AnalyzerEngine(registry=registry, nlp_engine=blank, supported_languages=["zh"])
    return lambda text: engine.analyze(text, "zh")


def peers(auditor: Auditor, texts: list[str]) -> dict[str, Callable[[], object]]:
    """The others on the same text, ready to run."""
    import ahocorasick
    import jieba

    own = jieba.Tokenizer()
    own.initialize()
    automaton = ahocorasick.Automaton()
    for word in all_words(auditor):
        automaton.add_word(word, word)
    automaton.make_automaton()
    recognise = presidio()
    return {
        "pyahocorasick, lexicon": lambda: [list(automaton.iter(text)) for text in texts],
        "jieba.lcut": lambda: [own.lcut(text) for text in texts],
        "spaCy + jieba": lambda: [analyse(text) for text in texts],
        "Presidio, 10 patterns": lambda: [recognise(text) for text in texts],
    }


def larger_lexicon(auditor: Auditor, folder: Path, times: int) -> Options:
    """Options with a rule folder that makes the lexicon `times` as large: words of four rare characters that nobody says."""
    words = all_words(auditor)
    rare = [chr(code) for code in range(0x4E00, 0x9FA5, 7)]
    invented = (
        "".join(rare[number // len(rare) ** place % len(rare)] for place in range(2)) + "龘龘"
        for number in range(len(words) * (times - 1))
    )
    (folder / "words").mkdir(parents=True)
    block = " ".join(invented)
    (folder / "words" / "invented.yaml").write_text(f"concepts:\n  invented:\n    words: {block}\n", encoding="utf-8")
    return Options(rules=(str(folder),))


def in_own_process(paths: list[str], count: int) -> tuple[float, float]:
    """Seconds and peak MiB of a process that audits `count` calls one after another."""
    command = [sys.executable, __file__, *paths, "--only-calls", str(count)]
    seconds, peak = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(seconds), float(peak)


def only_calls(paths: list[str], count: int) -> None:
    """What `in_own_process` runs."""
    auditor, calls = Auditor(Options(), proved=True), calls_of(paths)
    start = time.perf_counter()
    for call in islice(repeated(calls), count):
        audit(auditor, [call])
    seconds = time.perf_counter() - start
    print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", default=[str(SAMPLES)])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--characters", type=int, default=100_000)
    parser.add_argument("--calls", default="1,10,100,1000,10000")
    parser.add_argument("--only-calls", type=int, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.only_calls is not None:
        only_calls(args.paths, args.only_calls)
        return
    import tempfile

    calls = enough(calls_of(args.paths), args.characters)
    texts = [turn.text for call in calls for turn in call.turns]
    characters = sum(map(len, texts))
    auditor = Auditor(Options())
    with tempfile.TemporaryDirectory() as folder:
        large = Auditor(larger_lexicon(auditor, Path(folder), 10), proved=True)
    work = peers(auditor, texts)
    work["callaudit, text audit"] = lambda: audit(auditor, calls)
    work["callaudit, 10x lexicon"] = lambda: audit(large, calls)
    rates = {name: rate(run, characters, args.rounds) for name, run in work.items()}

    flagged = sum(bool(auditor.report(call).findings) for call in calls)
    print(f"{len(calls)} calls ({flagged} with findings), {len(texts)} turns, {characters} characters, one core")
    print(f"{len(all_words(auditor))} words, 10x: {len(all_words(large))}; median of {args.rounds} rounds")
    for name, value in rates.items():
        print(f"{name:24}{value:14,.0f} characters/s {value / rates['jieba.lcut']:8.2f} x jieba.lcut")
    print(
        f"10x lexicon: {rates['callaudit, text audit'] / rates['callaudit, 10x lexicon']:.2f} x the time of the lexicon as it is"
    )
    print("calls     seconds   per call ms   peak MiB")
    for count in map(int, args.calls.split(",")):
        seconds, peak = in_own_process(args.paths, count)
        print(f"{count:6}{seconds:12.2f}{1000 * seconds / count:14.2f}{peak:11.0f}")


if __name__ == "__main__":
    main()
