"""A training pack: clips, transcripts, an answer key and a page that plays and quizzes offline. Whole, or not there at all."""

import hashlib
import secrets
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from audit import __version__
from audit.clips import answers, need_sound
from audit.clips.mask import Private, Silence, silences_of, unplaced_in
from audit.clips.select import Choice, Selection, focus_of, select, shuffled, window
from audit.clips.sources import ADDED, Audited, Said, Source
from audit.errors import CallauditError, ConfigError, InputError, Problem
from audit.i18n import tr
from audit.model.call import Turn
from audit.model.finding import Finding
from audit.model.labels import LABELS
from audit.model.review import ReviewState
from audit.model.span import CharSpan, TimeSpan
from audit.pii import names
from audit.report.atomic import write_atomic
from audit.report.card import Card, cards
from audit.report.labels import FAMILIES, ROLES, name
from audit.report.page import clock, printable, write_page
from audit.speech.sound import SAMPLE_RATE, Samples

_EVERY = "*"
_DIGEST = 12


@dataclass(frozen=True, slots=True)
class Wish:
    """What the pack should hold; see `audit.clips.select.select`."""

    labels: tuple[str, ...] = ()
    state: str = "standing"
    limit: int = 20
    counter_examples: int | None = None
    disguise: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters of a turn; `found` says that they are words of a finding."""

    text: str
    found: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One turn as shown: masked, its times counted from the start of the clip. `asked`: the turn that the quiz asks about."""

    turn: Turn
    pieces: tuple[Piece, ...]
    start_s: float | None
    end_s: float | None
    asked: bool

    @property
    def text(self) -> str:
        """The masked words."""
        return "".join(piece.text for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Clip:
    """The sound of an example: its file within the pack. `whole_turns`: some turn had no word times and is silenced whole."""

    file: str
    sha256: str
    duration_s: float
    beeps: int
    whole_turns: bool


@dataclass(frozen=True, slots=True)
class Example:
    """One turn to learn from, as shown: everything masked.

    `verdict` is `violation`, `review` or `none`, `state` what people say of it (`OPEN`: nobody said anything). `cards` are what was found
    and not dismissed, `dismissed` what was, with the reasons. `like` is, of a counter-example, the number of the example that it resembles.
    """

    number: int
    verdict: str
    state: ReviewState
    call: str
    span: TimeSpan | None
    lines: tuple[Line, ...]
    cards: tuple[Card, ...]
    dismissed: tuple[Card, ...]
    reasons: tuple[str, ...]
    clip: Clip | None
    no_sound: str
    like: int | None
    shared: tuple[str, ...]

    @property
    def verdict_name(self) -> str:
        """The verdict, in words."""
        if self.verdict == "violation":
            return tr("违规", "Violation")
        if self.verdict == "review":
            return tr("疑似违规", "Suspected violation")
        if self.state is ReviewState.DISMISSED:
            return tr("不违规", "No violation")
        return tr("未发现违规", "No violation found")

    @property
    def word(self) -> str:
        """Whose verdict it is, in words."""
        if self.state is ReviewState.OPEN and self.verdict == "none":
            return tr("程序未发现违规，未经人工认定", "found clean by the program, not confirmed by a person")
        return {
            ReviewState.OPEN: tr("程序判定，未经人工认定", "the program's verdict, not confirmed by a person"),
            ReviewState.CONFIRMED: tr("复核人已确认", "confirmed by a reviewer"),
            ReviewState.DISMISSED: tr(
                "程序曾怀疑违规，复核人已排除", "suspected by the program, dismissed by a reviewer"
            ),
            ReviewState.DISPUTED: tr("复核人意见不一", "reviewers disagree"),
            ReviewState.UNSURE: tr("复核人不确定", "reviewers are unsure"),
        }[self.state]

    @property
    def stem(self) -> str:
        """The name of its files."""
        return f"{self.number:02}"

    @property
    def transcript(self) -> str:
        """Its transcript's file within the pack."""
        return f"transcripts/{self.stem}.txt"

    @property
    def asked(self) -> Line:
        """The turn it is about."""
        return next(line for line in self.lines if line.asked)


@dataclass(frozen=True, slots=True)
class Made:
    """What came of a wish: the examples, counter-examples among them, in the order of the pack, and what went wrong on the way.

    `digest`, the beginning of the SHA-256 of its answers.json, is how logs name the pack: who finds one can look up who made it.
    """

    digest: str
    examples: tuple[Example, ...]
    selection: Selection
    problems: tuple[Problem, ...]

    def counts(self) -> dict[str, int]:
        """How many examples and counter-examples, how many with sound, how many beeps."""
        clips = [example.clip for example in self.examples if example.clip]
        return {
            "examples": len(self.selection.examples),
            "counter_examples": len(self.selection.counter_examples),
            "with_sound": len(clips),
            "beeps": sum(clip.beeps for clip in clips),
        }


def _say_nothing(done: int, total: int) -> None:
    pass


def make(source: Source, wish: Wish, out: Path, progress: Callable[[int, int], None] = _say_nothing) -> Made:
    """Write the pack to the folder `out`, in the language in force. The same source and wish give the same files. `progress` is told
    how many examples of how many are done.

    Recordings that are gone or changed give examples without sound and a problem each.

    Raises ConfigError CA702 when `out` is not empty, CA703 when there is no example, CA321 when there are recordings and no PyAV,
    CallauditError CA400 when the system refuses to write, and what `source` raises.
    """
    _refuse_what_is_there(out)
    selection = choose(source, wish)
    problems = [*selection.problems]
    if not names.installed():
        problems.append(Problem("CA705"))
    with _new_folder(out) as part:
        examples = _examples(source, wish, selection, part, problems, progress)
        for example in examples:
            write_atomic(part / example.transcript, _transcript(example))
        answers.write(part, examples, wish)
        _write_index(part / "index.html", wish, examples)
        digest = hashlib.sha256((part / answers.JSON).read_bytes()).hexdigest()[:_DIGEST]
    return Made(digest, tuple(examples), selection, tuple(problems))


def choose(source: Source, wish: Wish, *, search: bool = True) -> Selection:
    """What `make` would take, without look-alikes unless they are searched for.

    Raises ConfigError CA703 when there is no example, and what `source` raises.
    """
    selection = select(source, wish.labels, wish.state, wish.limit, wish.counter_examples, search=search)
    if not selection.examples:
        raise ConfigError(
            "CA703",
            labels=", ".join(wish.labels) or _EVERY,
            state=wish.state,
            seen=", ".join(f"{label} ({count})" for label, count in sorted(source.seen().items())) or "0",
        )
    return selection


def _refuse_what_is_there(out: Path) -> None:
    try:
        names_there = sorted(entry.name for entry in out.iterdir()) if out.exists() else []
    except OSError as error:
        raise ConfigError("CA400", str(out), reason=error.strerror or str(error)) from error
    if names_there:
        raise ConfigError("CA702", str(out), example=names_there[0])


@contextmanager
def _new_folder(out: Path) -> Iterator[Path]:
    """A folder beside `out` to write to; it becomes `out` when the block ends without an error, and is gone otherwise."""
    part = out.with_name(f".{secrets.token_hex(8)}.part")
    try:
        part.mkdir(parents=True)
        try:
            yield part
            if out.exists():
                out.rmdir()
            part.rename(out)
        finally:
            shutil.rmtree(part, ignore_errors=True)
    except OSError as error:
        raise CallauditError("CA400", str(out), reason=error.strerror or str(error)) from error


def _examples(
    source: Source,
    wish: Wish,
    selection: Selection,
    folder: Path,
    problems: list[Problem],
    progress: Callable[[int, int], None],
) -> list[Example]:
    """The examples by number, their clips written; one call after the other, so that one recording is in memory at a time."""
    order = shuffled([*selection.examples, *selection.counter_examples])
    numbers = {(choice.call, choice.turn): number for number, choice in enumerate(order, start=1)}
    by_call: dict[str, list[Choice]] = defaultdict(list)
    for choice in order:
        by_call[choice.call].append(choice)
    made: list[Example] = []
    for key, choices in sorted(by_call.items()):
        audited = source.call(key)
        private = Private(audited.report.call)
        sound = _Sound(audited, private, wish.disguise, problems)
        for choice in choices:
            progress(len(made), len(order))
            like = selection.examples[choice.like] if choice.like is not None else None
            number = numbers[choice.call, choice.turn]
            resembles = numbers[like.call, like.turn] if like else None
            made.append(_example(number, choice, audited, private, sound, folder, resembles))
    return sorted(made, key=lambda example: example.number)


def _example(
    number: int, choice: Choice, audited: Audited, private: Private, sound: "_Sound", folder: Path, like: int | None
) -> Example:
    call = audited.report.call
    turn = next(turn for turn in call.turns if turn.index == choice.turn)
    of_turn = [
        (_as_told(finding, private), said)
        for finding, said in audited.judged
        if finding.turn == turn.index and not finding.is_signal
    ]
    held = [finding for finding, said in of_turn if said.state is not ReviewState.DISMISSED]
    dismissed = [finding for finding, said in of_turn if said.state is ReviewState.DISMISSED]
    asked_for = [finding for finding, _ in of_turn if finding.label == choice.label]
    span, heard = window(audited.report, turn, focus_of(turn, asked_for))
    clip, no_sound = sound.clip(span, folder, number) if span else (None, _text_only())
    found = [finding.span for finding in held or dismissed if finding.span]
    verdict, state = _verdict(of_turn)
    return Example(
        number=number,
        verdict=verdict,
        state=state,
        call=private.identifier(call.call_id),
        span=span,
        lines=tuple(_line(one, private, span, found if one is turn else [], one is turn) for one in heard),
        cards=tuple(cards(held, call.turns, private)),
        dismissed=tuple(cards(dismissed, call.turns, private)),
        # People write what they like into a reason.
        reasons=tuple(dict.fromkeys(private.words(reason) for _, said in of_turn for reason in said.reasons)),
        clip=clip,
        no_sound=no_sound,
        like=like,
        shared=tuple(word for word in choice.shared if private.words(word) == word),
    )


def _as_told(finding: Finding, private: Private) -> Finding:
    """The finding with what a person wrote into its reason covered like spoken words: people write what they like."""
    if finding.rule != ADDED:
        return finding
    reason = {lang: private.words(words) for lang, words in finding.why.reason.items()}
    return replace(finding, why=replace(finding.why, reason=reason))


def _verdict(of_turn: Sequence[tuple[Finding, Said]]) -> tuple[str, ReviewState]:
    """The verdict on a turn by what was found in it and what people said of that: theirs outweighs the program's."""
    states = {said.state for _, said in of_turn}
    if ReviewState.CONFIRMED in states:
        return "violation", ReviewState.CONFIRMED
    for doubt in (ReviewState.DISPUTED, ReviewState.UNSURE):
        if doubt in states:
            return "review", doubt
    undecided = [finding for finding, said in of_turn if said.state is ReviewState.OPEN]
    if undecided:
        return "review" if all(finding.why.review for finding in undecided) else "violation", ReviewState.OPEN
    return "none", ReviewState.DISMISSED if states else ReviewState.OPEN


def _text_only() -> str:
    return tr("这通电话只有转写文本，没有声音。", "Of this call there is a transcript only, no sound.")


def _line(turn: Turn, private: Private, span: TimeSpan | None, found: Sequence[CharSpan], asked: bool) -> Line:
    begin = span.start_s if span else 0.0
    start, end = (max(0.0, turn.time.start_s - begin), turn.time.end_s - begin) if turn.time else (None, None)
    return Line(turn, tuple(_pieces(private.turn(turn.index), found)), start, end, asked)


def _pieces(text: str, found: Sequence[CharSpan]) -> Iterator[Piece]:
    """The text cut where words of findings begin and end."""
    begin = 0
    inside = [any(span.start <= at < span.end for span in found) for at in range(len(text))]
    for at in range(1, len(text) + 1):
        if at == len(text) or inside[at] != inside[begin]:
            yield Piece(text[begin:at], inside[begin])
            begin = at


class _Sound:
    """The sound of one call, read when its first clip is cut."""

    def __init__(self, audited: Audited, private: Private, disguise: bool, problems: list[Problem]) -> None:
        self._source, self._recording, self._private = audited.report.call.source, audited.recording, private
        self._versions = audited.versions
        self._disguise, self._problems = disguise, problems
        self._samples: Samples | None = None
        self._silences: list[Silence] = []
        self._why_not: str | None = None

    def clip(self, span: TimeSpan, folder: Path, number: int) -> tuple[Clip | None, str]:
        """The clip, written into `folder`, or None and why there is no sound."""
        if self._samples is None and self._why_not is None:
            self._why_not = self._load()
        if self._samples is None:
            return None, self._why_not or ""
        from audit.clips.sound import cut, write_mp3

        file = f"clips/{number:02}.mp3"
        path = folder / file
        path.parent.mkdir(exist_ok=True)
        samples = cut(self._samples, span)
        write_mp3(path, samples)
        inside = [s for s in self._silences if s.time.start_s < span.end_s and span.start_s < s.time.end_s]
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        whole = any(silence.whole_turn for silence in inside)
        return Clip(file, digest, round(len(samples) / SAMPLE_RATE, 2), len(inside), whole), ""

    def _load(self) -> str | None:
        """Read and cover the recording; the reason when there is no sound to give."""
        if self._recording is None:
            return _text_only()
        shown = self._private.identifier(self._source.path)
        versions = [Private(call) for call in self._versions]
        if turns := unplaced_in(versions):
            problem = Problem("CA706", shown, {"turns": ", ".join(str(turn + 1) for turn in turns)})
            self._problems.append(problem)
            return problem.text()
        need_sound()
        from audit.clips.sound import channels_of, covered, mixed

        try:
            channels = channels_of(self._recording, self._source.sha256, shown)
        except InputError as error:
            self._problems.append(error.problem)
            return error.problem.text()
        self._silences = silences_of(versions)
        spans = [silence.time for silence in self._silences]
        self._samples = covered(mixed(channels), spans, disguise=self._disguise)
        return None


def _transcript(example: Example) -> str:
    """The dialogue as text, the turn asked about marked."""
    lines = []
    for line in example.lines:
        at = f"[{clock(line.start_s)}] " if line.start_s is not None else ""
        mark = "▶ " if line.asked else "  "
        lines.append(f"{mark}{at}{name(ROLES, line.turn.role.value)}{tr('：', ': ')}{printable(line.text)}\n")
    return "".join(lines)


def title_of(labels: Sequence[str]) -> str:
    """The labels asked for, in words."""
    known = {**LABELS, **FAMILIES}
    return tr("、", ", ").join(name(known, label) for label in labels) or tr("各类违规", "All kinds of breaches")


def _write_index(path: Path, wish: Wish, examples: Sequence[Example]) -> None:
    write_page(
        path,
        "pack.html.j2",
        "pack.js",
        "pack.css",
        title=title_of(wish.labels),
        examples=examples,
        disguise=wish.disguise,
        names_known=names.installed(),
        version=__version__,
    )
