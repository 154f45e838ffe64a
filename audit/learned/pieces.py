"""Text to numbered pieces: the unigram tokenizer of multilingual-e5-small, over the pieces that are kept of it.

Pure Python: a trained model needs no tokenizer library at run time. The algorithm is SentencePiece's (Kudo 2018): of all ways
to cut a text into known pieces, the one whose scores add up highest; a character no piece covers is the unknown piece.
"""

from collections.abc import Sequence

from audit.text.normalise import normalise

START, PAD, END, UNKNOWN = range(4)
_SPACE = "▁"
_UNKNOWN_PENALTY = 10.0


class Pieces:
    """The pieces with their scores; a piece's number is its place. The first four are `<s>`, `<pad>`, `</s>` and `<unk>`."""

    def __init__(self, pieces: Sequence[str], scores: Sequence[float]) -> None:
        self._numbers = {piece: number for number, piece in enumerate(pieces) if number > UNKNOWN}
        self._pieces = pieces
        self._scores = scores
        self._longest = max(map(len, self._numbers))
        self._unknown_score = min(scores) - _UNKNOWN_PENALTY

    def numbers(self, text: str) -> list[int]:
        """The numbers of the pieces of a turn, as matching sees it: simplified, narrow, lower case, without pauses."""
        return self.cut(_SPACE + normalise(text).text)

    def words(self, text: str) -> list[str]:
        """The same pieces, to be read; what is unknown stands as `<unk>`."""
        return [self._pieces[number] for number in self.numbers(text)]

    def cut(self, text: str) -> list[int]:
        """The numbers of the best cut of exactly these characters."""
        best = [0.0] + [float("-inf")] * len(text)
        last: list[tuple[int, int]] = [(0, UNKNOWN)] * (len(text) + 1)  # where the last piece began, and which it was
        for start in range(len(text)):
            for end in range(start + 1, min(len(text), start + self._longest) + 1):
                number = self._numbers.get(text[start:end], UNKNOWN)
                if number == UNKNOWN and end > start + 1:
                    continue
                score = best[start] + (self._unknown_score if number == UNKNOWN else self._scores[number])
                if score > best[end]:
                    best[end], last[end] = score, (start, number)
        numbers: list[int] = []
        end = len(text)
        while end:
            end, number = last[end]
            numbers.append(number)
        return numbers[::-1]


SPEAKERS = ("agent", "debtor", "third_party", "unknown")
LISTENERS = ("debtor", "third_party", "unknown", "agent")
MARKERS = len(SPEAKERS) + len(LISTENERS)
LONGEST = 96  # pieces of one input: five marks, the end of the previous turn, the turn or a window of it
_PREVIOUS = 32
WHOLE = LONGEST - _PREVIOUS - 5
# A clause that breaches drowns in a long turn: it is heard in windows as long as the turns that were learnt from. They overlap,
# so that what is said stands whole in one of them.
WINDOW = 30
_STEP = 18


def windows(
    pieces: Pieces, kept: int, text: str, previous: str, speaker: str, listener: str, width: int = WINDOW
) -> list[list[int]]:
    """The inputs of one turn: `<s> [listener] previous </s> [speaker] turn </s>`; a long turn gives several.

    `kept` is the number of pieces; the markers' numbers come after them. `width` pieces of the turn are in an input, at most WHOLE.
    """
    before = [START, kept + len(SPEAKERS) + LISTENERS.index(listener)]
    before += (pieces.numbers(previous)[-_PREVIOUS:] if previous else []) + [END, kept + SPEAKERS.index(speaker)]
    turn = pieces.numbers(text)
    starts = range(0, max(1, len(turn) - width + _STEP), _STEP)
    return [[*before, *turn[start : start + width], END] for start in starts]
