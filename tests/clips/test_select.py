"""Which turns become examples and look-alikes."""

import shutil
from pathlib import Path

import pytest

from audit.cli.examples import STATES as OFFERED
from audit.clips.select import STATES, Selection, focus_of, pairs, same_words, select, shuffled, window
from audit.clips.sources import MACHINE_STATES, Runs
from audit.errors import InputError
from audit.model.call import Role
from audit.report.call_json import load_report


def words(selection: Selection) -> list[str]:
    return [choice.quote for choice in selection.examples]


def test_the_command_offers_the_states_that_there_are() -> None:
    assert tuple(STATES) == OFFERED


def test_only_the_label_or_family_asked_for_is_taken(run_folder: Path) -> None:
    exposure = select(Runs([run_folder]), ["threat.exposure"], "standing", 20, 0)
    threats = select(Runs([run_folder]), ["threat"], "standing", 20, 0)
    assert {choice.label for choice in exposure.examples} == {"threat.exposure"}
    assert len({choice.label for choice in threats.examples}) > 3
    assert {choice.label.partition(".")[0] for choice in threats.examples} == {"threat"}


def test_signals_are_no_examples_even_when_asked_for(run_folder: Path) -> None:
    source = Runs([run_folder])
    selection = select(source, ["signal", "signal.complaint"], "any", 20, 5)
    assert source.seen()["signal.complaint"] > 0
    assert (selection.examples, selection.counter_examples) == ([], [])


def test_without_a_label_breaches_of_many_kinds_are_taken_and_no_signals(run_folder: Path) -> None:
    labels = [choice.label for choice in select(Runs([run_folder]), [], "any", 12, 0).examples]
    assert len(labels) == len(set(labels)) == 12
    assert not any(label.startswith("signal.") for label in labels)


@pytest.mark.parametrize("state", MACHINE_STATES)
def test_the_state_asked_for_is_that_of_every_example(run_folder: Path, state: str) -> None:
    for choice in select(Runs([run_folder]), [], state, 50, 0).examples:
        findings = load_report(Path(choice.call)).findings
        assert any(f.turn == choice.turn and f.label == choice.label and MACHINE_STATES[state](f) for f in findings)


def test_what_sounds_the_same_is_taken_once(run_folder: Path, tmp_path: Path) -> None:
    again = shutil.copytree(run_folder, tmp_path / "again")
    once, twice = (
        select(Runs(folders), ["threat"], "standing", 50, 0) for folders in ([run_folder], [run_folder, again])
    )
    assert words(once) == words(twice)
    assert twice.repeated == once.repeated + len(once.examples) + once.repeated


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("我就把你的照片发到村里的群里", "我就把你的照片，发到村里的群里！", True),
        ("欠了3200元今天必须还上", "欠了4800元今天必须还上", True),
        ("我就把你的照片发到村里的群里", "打断你的两条腿", False),
        ("", "", False),
    ],
)
def test_sameness_is_about_the_words_not_about_punctuation_and_amounts(one: str, other: str, same: bool) -> None:
    assert same_words(pairs(one), pairs(other)) is same


def test_counter_examples_speak_of_the_same_things_and_nothing_was_found_near_them(run_folder: Path) -> None:
    selection = select(Runs([run_folder]), ["threat"], "standing", 20, 4)
    assert len(selection.counter_examples) == 4
    for choice in selection.counter_examples:
        report = load_report(Path(choice.call))
        turn = next(turn for turn in report.call.turns if turn.index == choice.turn)
        heard = {other.index for other in window(report, turn, focus_of(turn, ()))[1]}
        assert turn.role is Role.AGENT
        assert not any(f.turn in heard and not f.is_signal for f in report.findings)
        assert choice.like is not None and 0 <= choice.like < len(selection.examples)
    assert "我们不会上门堵门" in "".join(choice.quote for choice in selection.counter_examples)
    assert all(word in choice.quote for choice in selection.counter_examples for word in choice.shared)


def test_half_as_many_counter_examples_as_examples_are_wanted_unless_told(run_folder: Path) -> None:
    assert len(select(Runs([run_folder]), [], "standing", 8, None).counter_examples) == 4
    assert select(Runs([run_folder]), ["threat"], "standing", 5, 0).counter_examples == []


def test_the_order_of_the_pack_tells_nothing_and_is_always_the_same(run_folder: Path) -> None:
    selection = select(Runs([run_folder]), [], "standing", 20, None)
    chosen = [*selection.examples, *selection.counter_examples]
    order = shuffled(chosen)
    assert order == shuffled(reversed(chosen)) != chosen
    assert select(Runs([run_folder]), [], "standing", 20, None).counter_examples == selection.counter_examples


def test_a_damaged_report_is_told_and_the_others_are_read(run_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "calls").mkdir()
    for path in (run_folder / "calls").iterdir():
        (tmp_path / "calls" / path.name).write_bytes(path.read_bytes())
    (tmp_path / "calls" / "sample-04.json").write_text("{")
    selection = select(Runs([tmp_path]), ["threat"], "standing", 20, 0)
    assert [problem.code for problem in selection.problems] == ["CA401"]
    assert selection.examples


def test_a_folder_without_reports_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as raised:
        select(Runs([tmp_path]), [], "standing", 20, None)
    assert raised.value.problem.code == "CA701"
