"""Which turns go into a training pack: examples of the labels asked for, and look-alikes in which nothing was found.

Only what is chosen is held in memory: a year of calls is read a file at a time.
"""

import hashlib
import heapq
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import log, sqrt
from pathlib import Path

from audit.errors import InputError, Problem
from audit.model.call import Role, Turn
from audit.model.finding import Finding
from audit.model.report import CallReport
from audit.model.span import TimeSpan
from audit.report.call_json import EXTENSION, load_report
from audit.rules.lexicon import Lexicon
from audit.rules.loader import load_pack
from audit.text.normalise import normalise
from audit.text.pinyin import syllables

CALLS = "calls"
CONTEXT_S = 5.0
# Where turns have no times, so many before and after stand for the context.
CONTEXT_TURNS = 2
# Two quotes that share this part of their pairs of characters are the same example to a learner.
SAME = 0.7
_LIKE_FROM = 0.08
_LEAST_CHARACTERS = 6
_SURE_ROLE = 0.75
_SHARED = 3

# What may be asked for with --state: which findings count.
STATES: dict[str, Callable[[Finding], bool]] = {
    "standing": lambda finding: not finding.why.review,
    "review": lambda finding: bool(finding.why.review),
    "any": lambda finding: True,
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One turn for the pack, and the file its call is in.

    `quote` are the words that make it one: those found, or of a look-alike all of the turn. `like` is, for a look-alike, the
    example it resembles, as its place in `Selection.examples` (None for an example), and `shared` the words that make it so.
    """

    path: Path
    call_id: str
    turn: int
    quote: str
    label: str
    like: int | None = None
    shared: tuple[str, ...] = ()


@dataclass(slots=True)
class Selection:
    """What was chosen, what could not be read, and what was there to choose from."""

    examples: list[Choice] = field(default_factory=list)
    look_alikes: list[Choice] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    repeated: int = 0
    without_words: int = 0
    seen: Counter[str] = field(default_factory=Counter)


def select(runs: Sequence[Path], labels: Sequence[str], state: str, limit: int, look_alikes: int | None) -> Selection:
    """At most `limit` examples of `labels` (a label, or a family such as `threat`; all but signals where none is named) from
    the run folders, and as many look-alikes (half as many as examples when None). The same runs give the same selection.

    Raises InputError (CA701) for a folder without call reports.
    """
    selection, found, likeness = (
        Selection(),
        defaultdict[str, list[tuple[Finding, Choice]]](list),
        Likeness(load_pack().lexicon),
    )
    for path, report in _reports(runs, selection.problems):
        for turn in report.call.turns:
            if turn.role is Role.AGENT:
                likeness.add(turn.text)
        for finding in report.findings:
            selection.seen[finding.label] += 1
        for finding, choice in _candidates(path, report, labels, STATES[state], selection):
            found[choice.label].append((finding, choice))
    selection.examples = list(_in_turns(found, limit, selection))
    count = -(-len(selection.examples) // 2) if look_alikes is None else look_alikes
    if count and selection.examples:
        selection.look_alikes = _look_alikes(runs, selection.examples, likeness, count)
    return selection


def shuffled(choices: Iterable[Choice]) -> list[Choice]:
    """The choices in an order that says nothing of what they are and is always the same."""
    return sorted(choices, key=lambda choice: hashlib.sha256(f"{choice.call_id}\0{choice.turn}".encode()).digest())


def wanted(label: str, labels: Sequence[str]) -> bool:
    """Whether `label` is asked for: by its name or its family's; every breach where no label is named. Signals never are: they are
    what the other side says, and no example of what must not be said.

    >>> wanted("threat.family", ["threat"]), wanted("signal.paid", ["signal.paid"])
    (True, False)
    """
    family = label.partition(".")[0]
    return family != "signal" and (not labels or label in labels or family in labels)


def window(report: CallReport, turn: Turn, focus: TimeSpan | None) -> tuple[TimeSpan | None, list[Turn]]:
    """The stretch of the recording around `focus` (5 s before and after) and the turns that are heard in it; of a call without
    times None and the turns next to it."""
    turns = report.call.turns
    if focus is None:
        place = turns.index(turn)
        return None, list(turns[max(0, place - CONTEXT_TURNS) : place + CONTEXT_TURNS + 1])
    end = focus.end_s + CONTEXT_S
    span = TimeSpan(max(0.0, focus.start_s - CONTEXT_S), min(end, report.call.recording_s or end))
    heard = [t for t in turns if t is turn or (t.time and t.time.start_s < span.end_s and span.start_s < t.time.end_s)]
    return span, heard


def focus_of(turn: Turn, findings: Iterable[Finding]) -> TimeSpan | None:
    """When the words of the findings are said; all of the turn where there are none."""
    times = [finding.time for finding in findings if finding.time]
    if not times:
        return turn.time
    return TimeSpan(min(time.start_s for time in times), max(time.end_s for time in times))


class Likeness:
    """How near two texts are: by the pairs of characters and the concepts of the lexicon (家人 and 亲戚 are one) that they share,
    where what stands in few turns says more (inverse document frequency)."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon, self._turns, self._with = lexicon, 0, Counter[str]()

    def features(self, text: str) -> frozenset[str]:
        """What of a text is compared. Concepts have longer names than pairs have characters, and stand in brackets."""
        plain = normalise(text).text
        return pairs(text) | {
            f"<{name}>" for name in self._lexicon.concepts(self._lexicon.spot(plain, syllables(plain)))
        }

    def add(self, text: str) -> None:
        """Count one turn."""
        self._turns += 1
        self._with.update(self.features(text))

    def of(self, one: frozenset[str], other: frozenset[str]) -> float:
        """From 0 (nothing in common) to 1: the cosine of the two sets of features, each weighed by its rarity."""
        shared = self._weight(one & other)
        return shared and shared / sqrt(self._weight(one) * self._weight(other))

    def shared_words(self, text: str, other: str) -> list[str]:
        """The words of `text` for what both texts speak of, the rarest concept first; none that is a part of another."""
        common = self.features(text) & self.features(other)
        hits = self._lexicon.find(normalise(text).text)
        concepts = sorted(
            (name for name in hits if f"<{name}>" in common), key=lambda name: (self._with[f"<{name}>"], name)
        )
        words: list[str] = []
        for word in (hit.word for name in concepts for hit in hits[name]):
            if len(word) > 1 and not any(word in known or known in word for known in words):
                words.append(word)
        return words

    def _weight(self, some: Iterable[str]) -> float:
        # Summed in order: the same sets give the same number to the last bit.
        return sum(log((1 + self._turns) / (1 + self._with[feature])) ** 2 for feature in sorted(some))


def pairs(text: str) -> frozenset[str]:
    """The pairs of neighbouring characters of a text, without punctuation, every digit the same.

    >>> sorted(pairs("找你3次"))
    ['0次', '你0', '找你']
    """
    plain = ["0" if char.isdigit() else char for char in normalise(text).text if char.isalnum()]
    return frozenset(map("".join, pairwise(plain)))


def same_words(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two texts share so many of their pairs that a learner would hear the same thing twice."""
    return bool(one) and len(one & other) >= SAME * len(one | other)


def _reports(runs: Sequence[Path], problems: list[Problem] | None = None) -> Iterator[tuple[Path, CallReport]]:
    """The reports of the runs in order; what cannot be read goes to `problems`."""
    for run in runs:
        paths = sorted((run / CALLS).glob(f"[!.]*{EXTENSION}"))
        if not paths:
            raise InputError("CA701", str(run))
        for path in paths:
            try:
                yield path, load_report(path)
            except InputError as error:
                if problems is not None:
                    problems.append(error.problem)


def _candidates(
    path: Path, report: CallReport, labels: Sequence[str], counts: Callable[[Finding], bool], selection: Selection
) -> Iterator[tuple[Finding, Choice]]:
    """The turns of a call with a finding that is asked for, each once, under its gravest."""
    best: dict[int, Finding] = {}
    for finding in report.findings:
        if not wanted(finding.label, labels) or not counts(finding):
            continue
        if finding.turn is None or not finding.quote:
            selection.without_words += 1
        elif finding.turn not in best or _gravest_first(finding) < _gravest_first(best[finding.turn]):
            best[finding.turn] = finding
    for turn, finding in best.items():
        yield finding, Choice(path, report.call.call_id, turn, finding.quote, finding.label)


def _gravest_first(finding: Finding) -> tuple[int, float, str]:
    return -finding.severity.rank, -finding.confidence, finding.label


def _in_turns(found: dict[str, list[tuple[Finding, Choice]]], limit: int, selection: Selection) -> Iterator[Choice]:
    """One of each label after the other until there are enough; within a label from as many calls as possible, gravest first."""
    queues = [iter(_spread(found[label])) for label in sorted(found)]
    taken: list[frozenset[str]] = []
    while queues:
        for queue in list(queues):
            for choice in queue:
                words = pairs(choice.quote)
                if any(same_words(words, other) for other in taken):
                    selection.repeated += 1
                    continue
                if len(taken) == limit:
                    return
                taken.append(words)
                yield choice
                break
            else:
                queues.remove(queue)


def _spread(found: Sequence[tuple[Finding, Choice]]) -> list[Choice]:
    """The first of every call, then the second of every call and so on."""
    seen = Counter[str]()
    ranked: list[tuple[int, int, Choice]] = []
    for _, choice in sorted(found, key=lambda one: (*_gravest_first(one[0]), one[1].call_id, one[1].turn)):
        ranked.append((seen[choice.call_id], len(ranked), choice))
        seen[choice.call_id] += 1
    return [choice for *_, choice in sorted(ranked, key=lambda one: one[:2])]


def _look_alikes(runs: Sequence[Path], examples: Sequence[Choice], likeness: Likeness, count: int) -> list[Choice]:
    """The agents' turns that are nearest in words to an example, where nothing was found in all that is heard around them."""
    quotes = [likeness.features(example.quote) for example in examples]
    # Twice as many as asked for and some: repetitions fall away.
    ranked = heapq.nsmallest(
        2 * count + 20,
        (
            (-near, choice.call_id, choice.turn, str(choice.path), choice)
            for path, report in _reports(runs)
            for turn in _quiet_turns(report)
            for near, choice in _nearest(path, report, turn, quotes, likeness)
        ),
    )
    taken: list[tuple[frozenset[str], Choice]] = []
    for *_, choice in ranked:
        words = pairs(choice.quote)
        if len(taken) < count and not any(same_words(words, other) for other, _ in taken):
            taken.append((words, choice))
    return [_with_shared_words(choice, examples, likeness) for _, choice in taken]


def _nearest(
    path: Path, report: CallReport, turn: Turn, quotes: Sequence[frozenset[str]], likeness: Likeness
) -> Iterator[tuple[float, Choice]]:
    words = likeness.features(turn.text)
    near, place = max((likeness.of(words, quote), -place) for place, quote in enumerate(quotes))
    if near >= _LIKE_FROM:
        yield near, Choice(path, report.call.call_id, turn.index, turn.text, "", -place)


def _with_shared_words(choice: Choice, examples: Sequence[Choice], likeness: Likeness) -> Choice:
    assert choice.like is not None
    return replace(choice, shared=tuple(likeness.shared_words(choice.quote, examples[choice.like].quote)[:_SHARED]))


def _quiet_turns(report: CallReport) -> Iterator[Turn]:
    """Turns surely the agent's with enough words, where no breach was found in any turn of the clip."""
    accused = {finding.turn for finding in report.findings if not finding.is_signal}
    for turn in report.call.turns:
        sure = turn.role is Role.AGENT and turn.role_confidence >= _SURE_ROLE and not turn.doubts
        if sure and len(turn.text) >= _LEAST_CHARACTERS:
            _, heard = window(report, turn, turn.time)
            if not accused & {other.index for other in heard}:
                yield turn
