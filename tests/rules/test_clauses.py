import re
from datetime import date

import pytest

from audit.rules.clauses import effective_day
from audit.rules.loader import load_pack

BOOK = load_pack().clauses
HOURS = ("gbt45251.hours", "cba2026.hours", "nifa2024.hours")


@pytest.mark.parametrize(
    ("day", "cited"),
    [
        (date(2024, 6, 1), ["nifa2024.hours"]),
        (date(2025, 3, 5), ["gbt45251.hours"]),
        (date(2026, 3, 2), ["gbt45251.hours", "cba2026.hours"]),
        (date(2020, 1, 1), []),
    ],
)
def test_only_clauses_in_force_on_the_day_of_the_call_are_cited(day: date, cited: list[str]) -> None:
    assert [citation.key for citation in BOOK.cite(HOURS, day, None)] == cited


def test_renumbered_public_security_law_changes_with_the_year() -> None:
    keys = ("psl2012.42-5", "psl2025.50-5")
    assert [c.key for c in BOOK.cite(keys, date(2025, 12, 31), None)] == ["psl2012.42-5"]
    assert [c.key for c in BOOK.cite(keys, date(2026, 1, 1), None)] == ["psl2025.50-5"]


def test_unverified_clauses_are_never_cited() -> None:
    assert BOOK.cite(["bcp2022.collection", "gbt45251.personal-information"], date(2026, 3, 2), None) == ()


def test_quotation_marks_stand_only_around_verbatim_words() -> None:
    for citation in BOOK.cite(BOOK.keys(), None, None):
        quoted = re.search(r"(?<!（大意，非原文）)：“.*”$", citation.zh) is not None
        assert quoted == (citation.state == "verbatim"), citation.key
        assert ("（大意，非原文）：" in citation.zh) == (citation.state == "paraphrase"), citation.key


def test_laws_are_said_to_be_touched_at_most_and_never_broken() -> None:
    law = BOOK.cite(["crim.293"], date(2026, 3, 2), None)[0]
    assert law.zh.startswith("可能涉及")
    assert all("构成犯罪" not in citation.zh.split("：“")[0] for citation in BOOK.cite(BOOK.keys(), None, None))


def test_standards_and_guidelines_are_called_what_they_are() -> None:
    standard, guideline = BOOK.cite(["gbt45251.hours", "cba2026.hours"], date(2026, 3, 2), None)
    assert "推荐性国家标准" in standard.zh and "行业指引" in guideline.zh


def test_a_clause_that_does_not_bind_the_lender_is_left_out() -> None:
    keys = ("cfc2024.conduct", "crim.293")
    assert [c.key for c in BOOK.cite(keys, date(2026, 3, 2), frozenset({"everyone"}))] == ["crim.293"]


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2011-01", date(2011, 2, 1)),
        ("2022-12", date(2023, 1, 1)),
        ("2018", date(2019, 1, 1)),
        ("2025-02-28", date(2025, 2, 28)),
    ],
)
def test_a_clause_of_unknown_day_counts_from_the_day_after_its_month_or_year(written: str, day: date) -> None:
    assert effective_day(written) == day
