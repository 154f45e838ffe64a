"""Identifiers that are read out over several turns. All numbers are invented."""

import pytest

from audit.pii.readings import readings
from audit.pii.redact import mask_spans_across
from audit.text.normalise import normalise


def read(*turns: str) -> list[tuple[str, list[int]]]:
    """Kind and turns of what is read out in `A: …`, `D: …` lines."""
    spoken = [turn.partition(": ") for turn in turns]
    found = readings([who for who, _, _ in spoken], [normalise(text) for _, _, text in spoken])
    return [(reading.identifier.kind, [turn for turn, _ in reading.pieces]) for reading in found]


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        (("A: 身份证四二零一零六一九", "D: 嗯", "A: 八六一一零三二零四九"), [("id_number", [0, 2])]),
        (("A: 身份证420106", "D: 对", "A: 19861103，", "D: 是", "A: 2049对吧"), [("id_number", [0, 2, 4])]),
        (("A: 您的号码一三八零零，", "D: 好 然后呢", "A: 然后是零零一二三四"), [("mobile", [0, 2])]),
        (("D: 卡号6222 0802", "A: 嗯嗯", "D: 0001 2345 678"), [("bank_card", [0, 2])]),
        (("A: 一三八零零", "A: 零零一二三四"), [("mobile", [0, 1])]),
        (("A: 身份证四二零一零六一九", "D: 你问这个干嘛", "A: 八六一一零三二零四九"), []),
        (("A: 后四位一二三四", "D: 对", "A: 您先记一下"), []),
        (("A: 欠款三千二百", "D: 嗯", "A: 五千六百"), []),
        (("A: 一三八零零零零一二三四", "D: 嗯", "A: 一三九零零零零一二三四"), []),
        (("A: 一三八零零", "D: 零零一二三四"), []),
    ],
)
def test_digits_that_one_speaker_reads_on_make_one_identifier(
    turns: tuple[str, ...], expected: list[tuple[str, list[int]]]
) -> None:
    assert read(*turns) == expected


def test_all_pieces_but_the_last_four_digits_are_covered() -> None:
    texts = ["身份证四二零一零六一九", "嗯", "八六一一零三", "对", "二零四九，对吧"]
    hidden = mask_spans_across(["a", "d", "a", "d", "a"], texts)
    assert {turn: [span.of(texts[turn]) for span in spans] for turn, spans in hidden.items()} == {
        0: ["四二零一零六一九"],
        2: ["八六一一零三"],
    }
