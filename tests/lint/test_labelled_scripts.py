"""The labelled script templates: breaching lines are found at their place under their label, and clean files stay clean."""

from functools import cache

import pytest

from benchmarks.labelled_scripts import SETS, Score, labels_of, score

# Labels, how many of them at least are found, and clean files. When this was written 32, 61, 57, 68, 55, 76, 74 and 75 were found.
FLOORS = {
    "dev": (32, 30, 10),
    "a": (73, 58, 20),
    "b": (76, 54, 20),
    "c": (77, 64, 20),
    "d": (69, 52, 29),
    "e": (85, 72, 35),
    "f": (86, 70, 35),
    "g": (77, 71, 30),
}


@cache
def scored(name: str) -> Score:
    return score(SETS / name)


@pytest.mark.parametrize("name", FLOORS)
def test_labelled_lines_are_found_with_their_label(name: str) -> None:
    labels, floor, _ = FLOORS[name]
    assert len(scored(name).found) + len(scored(name).missed) == labels
    assert len(scored(name).found) >= floor, "\n".join(map(str, scored(name).missed))


@pytest.mark.parametrize("name", FLOORS)
def test_clean_files_have_no_finding_above_info(name: str) -> None:
    assert len(scored(name).clean) == FLOORS[name][2]
    assert list(map(str, scored(name).in_clean)) == []


@pytest.mark.parametrize("name", FLOORS)
def test_every_label_is_of_a_file_in_its_set(name: str) -> None:
    assert {mark.file for mark in labels_of(SETS / name)} <= {path.name for path in (SETS / name).iterdir()}
