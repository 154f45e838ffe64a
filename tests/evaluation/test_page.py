from collections.abc import Iterator
from pathlib import Path

import pytest

from audit.evaluation import page
from audit.evaluation.outcome import evaluate, record
from audit.i18n import set_language
from tests.evaluation.test_scores import CALLS, found, labelled
from tests.report.pages import assert_inert, read_page


@pytest.fixture(autouse=True)
def chinese() -> Iterator[None]:
    set_language("zh")
    yield
    set_language("zh")


HOSTILE = labelled("<b>x</b> 13800138000", {(0, "<i>.own")}, found(1, "threat.family"))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_is_inert_and_shows_scores_charts_and_differences(tmp_path: Path, lang: str) -> None:
    set_language(lang)
    page.write(evaluate([*CALLS, HOSTILE], accusations_only=False), ["标注.jsonl"], tmp_path / "e.html")
    shown = read_page(tmp_path / "e.html")
    assert_inert(shown)
    assert [len(list(shown.all("svg", css))) for css in ("intervals", "calibration")] == [2, 2]
    assert "13800138000" not in shown.text()
    for part in ("insult.curse", "threat.violence/example", "标注.jsonl"):
        assert part in shown.text()


def test_a_label_that_was_never_found_has_a_dash_for_its_precision(tmp_path: Path) -> None:
    page.write(evaluate(CALLS, accusations_only=False), ["a.jsonl"], tmp_path / "e.html")
    (row,) = [
        r
        for r in read_page(tmp_path / "e.html").all("tr")
        if "insult.curse" in r.text() and "诅咒" in r.text() and len(list(r.all("td"))) == 5
    ]
    assert [cell.text()[:1] for cell in row.all("td")][2] == "–"


def test_the_record_counts_accusations_and_what_waits() -> None:
    made = record(evaluate(CALLS, accusations_only=False))
    assert made["accusations"]["calls"]["agreed"] == 1
    assert made["with_waiting"]["calls"]["agreed"] == 2
    assert [(one["call"], one["rule"], one["waits"]) for one in made["false"]] == [
        ("a", "insult.demeaning/example", False),
        ("b", "threat.violence/example", True),
    ]
