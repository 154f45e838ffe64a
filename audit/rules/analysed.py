"""A call with its text normalised and the lexicon's words found: what rule kinds look at."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

from audit.learned.opinion import Model, Opinion, Talk
from audit.model.call import Call, Role, Turn
from audit.model.span import CharSpan
from audit.rules.dialogue import Cue, Dialogue, Listener
from audit.rules.lexicon import Hit, Lexicon, Spotted
from audit.rules.opinion import opinions
from audit.rules.pattern import Found, Pattern
from audit.rules.uninterrupted import uninterrupted
from audit.text.context import Utterance
from audit.text.normalise import Turns
from audit.text.pinyin import syllables
from audit.text.segment import Tokens, is_misspelt, on_token_boundary, tokens

_OTHERS = frozenset({Listener.THIRD_PARTY, Listener.MINOR})


class AnalysedCall:
    """A call's turns, each with its normalised text and what was found in it. Positions are those of the normalised text.

    A speaker's uninterrupted speech is one turn here, even if it was given in pieces: see `speech`. `told` are the turns of which a rule
    told something that stays: learned rules have nothing to add there (beside a rule theirs is more often a wrong name for the same words
    than a second breach).
    """

    def __init__(
        self,
        call: Call,
        lexicon: Lexicon,
        cues: Mapping[str, Cue],
        models: Sequence[Model] = (),
        tokens: Callable[[str], Tokens] = tokens,
    ) -> None:
        self.speech = uninterrupted(call)
        self.call = call = self.speech.call
        self.texts = Turns([turn.text for turn in call.turns])
        self._lexicon = lexicon
        self._tokens = tokens
        self._found: dict[int, Found] = {}
        self._utterances: dict[int, Utterance] = {}
        self.dialogue = Dialogue(call, self.texts, cues)
        self._models = models
        self.told: set[int] = set()

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The call's turns."""
        return self.call.turns

    @cached_property
    def opinions(self) -> Mapping[int, Opinion]:
        """What the learned models think of each turn; empty when none is asked."""
        return opinions(self._models, self._talk()) if self._models else {}

    def _talk(self) -> Talk:
        roles = [turn.role for turn in self.turns]
        hears = [self.dialogue.listener(index) in _OTHERS for index in range(len(roles))]
        return Talk(self.texts.joined, roles, hears)

    @cached_property
    def concepts(self) -> list[set[str]]:
        """For each turn the concepts that may be in it."""
        return [self._lexicon.concepts(spotted) for spotted in self._spotted]

    @cached_property
    def _spotted(self) -> list[Spotted]:
        sounds, part = syllables(self.texts.joined), self.texts.part
        return [self._lexicon.spot(self.texts.text(index), part(sounds, index)) for index in range(len(self.turns))]

    def utterance(self, index: int) -> Utterance:
        """The turn's text with its clauses; made for turns that are asked for."""
        if index not in self._utterances:
            self._utterances[index] = Utterance(self.texts[index])
        return self._utterances[index]

    def found(self, index: int) -> Found:
        """What was found in the turn, ready for patterns; made for turns that are asked for."""
        if index not in self._found:
            text = self.texts.text(index)
            hits = self._by_tokens(text, self._lexicon.hits(text, self._spotted[index]))
            self._found[index] = Found(text, hits, self.texts[index].breaths)
        return self._found[index]

    def _by_tokens(self, text: str, found: dict[str, list[Hit]]) -> dict[str, list[Hit]]:
        """Without the hits that the turn's tokens speak against. Tokens are made only if there is such a hit."""
        doubtful = self._lexicon.doubtful(found)
        if not doubtful:
            return found
        cut = self._tokens(text)
        refused = {(name, hit) for name, hit in doubtful if not self._allowed(cut, name, hit)}
        kept = {name: [hit for hit in hits if (name, hit) not in refused] for name, hits in found.items()}
        return {name: hits for name, hits in kept.items() if hits}

    def _allowed(self, cut: Tokens, concept: str, hit: Hit) -> bool:
        asked = is_misspelt if self._lexicon.must_be_misspelt(concept, hit) else on_token_boundary
        return asked(cut, CharSpan(hit.start, hit.end))

    def said_near(self, index: int, roles: frozenset[Role], offsets: range, patterns: Sequence[Pattern]) -> bool:
        """Whether a turn at one of `offsets` from `index`, spoken by one of `roles` (anyone when empty), holds one of `patterns`."""
        for offset in offsets:
            other = index + offset
            if not 0 <= other < len(self.turns) or (roles and self.turns[other].role not in roles):
                continue
            may_match = [pattern for pattern in patterns if pattern.may_match(self.concepts[other])]
            if any(True for pattern in may_match for _ in self.found(other).matches(pattern)):
                return True
        return False
