import pytest

from audit.i18n import LANGUAGES, set_language
from audit.model.call import Direction, Role
from audit.model.finding import Severity
from audit.model.labels import LABELS, Names
from audit.model.report import Verdict
from audit.report.labels import (
    CUES,
    DIRECTIONS,
    DOUBTS,
    FACT_VALUES,
    FACTS,
    FAMILIES,
    FIELDS,
    LISTENERS,
    REVIEWS,
    ROLES,
    SEVERITIES,
    STATES,
    VARIANTS,
    VERDICTS,
    confidence_name,
    cue_name,
    name,
)
from audit.rules.dialogue import Listener
from audit.rules.loader import load_pack


@pytest.mark.parametrize(
    ("table", "keys"),
    [(SEVERITIES, Severity), (ROLES, Role), (VERDICTS, Verdict), (DIRECTIONS, Direction), (LISTENERS, Listener)],
)
def test_every_value_has_a_name(table: Names, keys: type) -> None:
    assert set(table) == {str(key) for key in keys}  # type: ignore[attr-defined]


def test_every_label_of_the_shipped_rules_has_a_name() -> None:
    labels = {rule.label for rule in load_pack().rules}
    assert labels
    assert labels <= set(LABELS)


@pytest.mark.parametrize(
    "table",
    [
        LABELS,
        FAMILIES,
        LISTENERS,
        FIELDS,
        SEVERITIES,
        ROLES,
        VERDICTS,
        DIRECTIONS,
        REVIEWS,
        STATES,
        VARIANTS,
        DOUBTS,
        CUES,
        FACTS,
        FACT_VALUES,
    ],
)
def test_names_are_there_in_both_languages_and_differ_within_a_language(table: Names) -> None:
    for i in range(len(LANGUAGES)):
        names = [entry[i] for entry in table.values()]
        assert all(names)
        assert len(set(names)) == len(names)


def test_a_key_without_a_name_is_shown_as_it_is() -> None:
    assert name(LABELS, "house.own_label") == "house.own_label"
    assert cue_name("own_cue 3") == "own_cue 3"


def test_names_follow_the_language() -> None:
    set_language("en")
    assert name(LABELS, "threat.violence") == "Threat of violence"
    assert cue_name("recogniser 0.43") == "Recogniser's confidence 0.43"


@pytest.mark.parametrize(
    ("value", "words"), [(1.0, "高"), (0.8, "高"), (0.79, "中"), (0.5, "中"), (0.49, "低"), (0.0, "低")]
)
def test_confidence_in_words(value: float, words: str) -> None:
    assert confidence_name(value) == words
