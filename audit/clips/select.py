"""Which turns go into a training pack: examples of the labels asked for, and counter-examples: turns that people cleared of what was
found in them, and look-alikes in which nothing was found."""

import hashlib
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import log, sqrt

from audit.clips.sources import MACHINE_STATES, Audited, Candidate, Source
from audit.errors import Problem
from audit.model.call import Role, Turn
from audit.model.finding import Finding
from audit.model.report import CallReport
from audit.model.review import ReviewState
from audit.model.span import TimeSpan
from audit.rules.lexicon import Lexicon
from audit.rules.loader import load_pack
from audit.text.normalise import normalise
from audit.text.pinyin import syllables

CONTEXT_S = 5.0
# Where turns have no times, so many before and after stand for the context.
CONTEXT_TURNS = 2
# Two quotes that share this part of their pairs of characters are the same example to a learner.
SAME = 0.7
_LIKE_FROM = 0.08
_LEAST_CHARACTERS = 6
_SURE_ROLE = 0.75
_SHARED = 3

# What may be asked for: what the audit itself says of a finding, or what reviewers say of it.
STATES: tuple[str, ...] = (*MACHINE_STATES, *ReviewState)


@dataclass(frozen=True, slots=True)
class Choice:
    """One turn for the pack, and the call it is in (see `Source.call`).

    `quote` are the words that make it one: those found, or of a look-alike all of the turn; `label` is empty where nothing was found.
    `like` is, for a counter-example, the example it resembles, as its place in `Selection.examples` (None for an example), and `shared` the
    words that make it so.
    """

    call: str
    call_id: str
    turn: int
    quote: str
    label: str
    like: int | None = None
    shared: tuple[str, ...] = ()


@dataclass(slots=True)
class Selection:
    """What was chosen, what could not be read, and what was left out. `asked_for` is how many counter-examples were wanted."""

    examples: list[Choice] = field(default_factory=list)
    counter_examples: list[Choice] = field(default_factory=list)
    asked_for: int = 0
    problems: list[Problem] = field(default_factory=list)
    repeated: int = 0
    without_words: int = 0


def select(
    source: Source, labels: Sequence[str], state: str, limit: int, counter_examples: int | None, *, search: bool = True
) -> Selection:
    """At most `limit` examples of `labels` (a label, or a family such as `threat`; all but signals where none is named) from `source`,
    and as many counter-examples (half as many as examples when None): first turns that people cleared, then look-alikes, which take
    seconds to look for (not looked for without `search`). The same source gives the same selection.

    What people dismissed has no counter-examples: it is one.
    """
    selection, taken = Selection(), _Once()
    found = _by_label(source.found(labels, state, selection.problems), selection)
    selection.examples = list(_in_turns(found, limit, selection, taken))
    if not selection.examples or state == ReviewState.DISMISSED:
        return selection
    count = -(-len(selection.examples) // 2) if counter_examples is None else counter_examples
    selection.asked_for = count
    if not count:
        return selection
    cleared = list(_in_turns(_by_label(source.cleared(labels), Selection()), count, Selection(), taken))
    selection.counter_examples = (
        _with_look_alikes(source, selection.examples, cleared, count, taken) if search else cleared
    )
    return selection


def shuffled(choices: Iterable[Choice]) -> list[Choice]:
    """The choices in an order that says nothing of what they are and is always the same."""
    return sorted(choices, key=lambda choice: hashlib.sha256(f"{choice.call_id}\0{choice.turn}".encode()).digest())


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
        self._weights: dict[frozenset[str], float] = {}

    def features(self, text: str) -> frozenset[str]:
        """What of a text is compared. Concepts have longer names than pairs have characters, and stand in brackets."""
        plain = normalise(text).text
        return pairs(text) | {
            f"<{name}>" for name in self._lexicon.concepts(self._lexicon.spot(plain, syllables(plain)))
        }

    def add(self, text: str) -> frozenset[str]:
        """Count one turn; its features."""
        features = self.features(text)
        self._turns += 1
        self._with.update(features)
        self._weights.clear()
        return features

    def of(self, one: frozenset[str], other: frozenset[str]) -> float:
        """From 0 (nothing in common) to 1: the cosine of the two sets of features, each weighed by its rarity."""
        shared = self._sum(one & other)
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

    def _weight(self, text: frozenset[str]) -> float:
        """Of a whole text, which is compared with many."""
        if text not in self._weights:
            self._weights[text] = self._sum(text)
        return self._weights[text]

    def _sum(self, some: Iterable[str]) -> float:
        # In order: the same sets give the same number to the last bit.
        return sum(log((1 + self._turns) / (1 + self._with[feature])) ** 2 for feature in sorted(some))


def pairs(text: str) -> frozenset[str]:
    """The pairs of neighbouring characters of a text, without punctuation, every digit the same.

    >>> sorted(pairs("找你3次"))
    ['0次', '你0', '找你']
    """
    plain = ["0" if char.isdigit() else char for char in normalise(text).text if char.isalnum()]
    # A pool of calls holds each pair many times.
    return frozenset(sys.intern("".join(two)) for two in pairwise(plain))


def same_words(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two texts share so many of their pairs that a learner would hear the same thing twice."""
    return bool(one) and len(one & other) >= SAME * len(one | other)


class _Once:
    """Takes quotes, each once: none that a learner would hear as the same again."""

    def __init__(self) -> None:
        self._quotes, self._pairs = set[str](), list[frozenset[str]]()

    def take(self, quote: str) -> bool:
        """Whether it is new."""
        words = pairs(quote)
        if quote in self._quotes or any(same_words(words, other) for other in self._pairs):
            return False
        self._quotes.add(quote)
        self._pairs.append(words)
        return True


def _by_label(candidates: Iterable[Candidate], selection: Selection) -> dict[str, list[Candidate]]:
    """The turns with a finding that is asked for, each once, under its gravest."""
    best: dict[tuple[str, int], Candidate] = {}
    for candidate in candidates:
        if candidate.turn is None or not candidate.quote:
            selection.without_words += 1
            continue
        turn = candidate.call, candidate.turn
        if turn not in best or _gravest_first(candidate) < _gravest_first(best[turn]):
            best[turn] = candidate
    found = defaultdict[str, list[Candidate]](list)
    for candidate in best.values():
        found[candidate.label].append(candidate)
    return found


def _gravest_first(candidate: Candidate) -> tuple[int, float, str]:
    return -candidate.rank, -candidate.confidence, candidate.label


def _in_turns(found: dict[str, list[Candidate]], limit: int, selection: Selection, taken: _Once) -> Iterator[Choice]:
    """One of each label after the other until there are enough; within a label from as many calls as possible, gravest first."""
    queues = [iter(_spread(found[label])) for label in sorted(found)]
    count = 0
    while queues:
        for queue in list(queues):
            for choice in queue:
                if count == limit:
                    return
                if not taken.take(choice.quote):
                    selection.repeated += 1
                    continue
                count += 1
                yield choice
                break
            else:
                queues.remove(queue)


def _spread(found: Sequence[Candidate]) -> list[Choice]:
    """The first of every call, then the second of every call and so on."""
    seen = Counter[str]()
    ranked: list[tuple[int, int, Choice]] = []
    for one in sorted(found, key=lambda one: (*_gravest_first(one), one.call_id, one.turn, one.call)):
        assert one.turn is not None
        choice = Choice(one.call, one.call_id, one.turn, one.quote, one.label)
        ranked.append((seen[one.call_id], len(ranked), choice))
        seen[one.call_id] += 1
    return [choice for *_, choice in sorted(ranked, key=lambda one: one[:2])]


def _with_look_alikes(
    source: Source, examples: Sequence[Choice], cleared: Sequence[Choice], count: int, taken: _Once
) -> list[Choice]:
    """The cleared turns, and as many look-alikes, the nearest first, as are missing to `count`; each with the example it resembles."""
    likeness = Likeness(load_pack().lexicon)
    quiet = _read_pool(source, likeness)
    quotes = [likeness.features(example.quote) for example in examples]
    chosen = [_resembling(choice, likeness.features(choice.quote), quotes, likeness)[1] for choice in cleared]
    ranked = sorted((_resembling(choice, words, quotes, likeness) for choice, words in quiet), key=lambda one: one[0])
    for (far, *_), choice in ranked:
        if -far >= _LIKE_FROM and len(chosen) < count and taken.take(choice.quote):
            chosen.append(choice)
    return [_with_shared_words(choice, examples, likeness) for choice in chosen]


def _read_pool(source: Source, likeness: Likeness) -> list[tuple[Choice, frozenset[str]]]:
    """The agents' turns in which nothing was found and what of each is compared; `likeness` counts what stands in all their turns."""
    quiet = []
    for audited in source.pool():
        report = audited.report
        words = {turn.index: likeness.add(turn.text) for turn in report.call.turns if turn.role is Role.AGENT}
        for turn in _quiet_turns(audited):
            choice = Choice(audited.key, report.call.call_id, turn.index, turn.text, "")
            quiet.append((choice, words[turn.index]))
    return quiet


def _quiet_turns(audited: Audited) -> Iterator[Turn]:
    """Turns surely the agent's with enough words, where nobody found a breach in any turn of the clip."""
    report = audited.report
    accused = audited.accused | {finding.turn for finding in report.findings if not finding.is_signal}
    for turn in report.call.turns:
        sure = turn.role is Role.AGENT and turn.role_confidence >= _SURE_ROLE and not turn.doubts
        if sure and len(turn.text) >= _LEAST_CHARACTERS:
            _, heard = window(report, turn, turn.time)
            if not accused & {other.index for other in heard}:
                yield turn


def _nearest(words: frozenset[str], quotes: Sequence[frozenset[str]], likeness: Likeness) -> tuple[float, int]:
    """How near the nearest of the quotes is, and its place."""
    near, place = max((likeness.of(words, quote), -place) for place, quote in enumerate(quotes))
    return near, -place


def _resembling(
    choice: Choice, words: frozenset[str], quotes: Sequence[frozenset[str]], likeness: Likeness
) -> tuple[tuple[float, str, int, str], Choice]:
    """The choice as a look-alike of the nearest example, behind what look-alikes are sorted by."""
    near, place = _nearest(words, quotes, likeness)
    return (-near, choice.call_id, choice.turn, choice.call), replace(choice, like=place)


def _with_shared_words(choice: Choice, examples: Sequence[Choice], likeness: Likeness) -> Choice:
    assert choice.like is not None
    return replace(choice, shared=tuple(likeness.shared_words(choice.quote, examples[choice.like].quote)[:_SHARED]))
