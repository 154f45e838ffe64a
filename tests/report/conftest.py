from collections.abc import Iterator

import pytest

from audit.i18n import set_language
from audit.model.report import CallReport
from tests.report import calls


@pytest.fixture(autouse=True)
def chinese() -> Iterator[None]:
    """Every test starts and ends in the default language."""
    set_language("zh")
    yield
    set_language("zh")


@pytest.fixture
def threat_report() -> CallReport:
    return calls.threat_call()


@pytest.fixture
def clean_report() -> CallReport:
    return calls.clean_call()


@pytest.fixture
def off_hours_report() -> CallReport:
    return calls.off_hours_call()


@pytest.fixture
def review_report() -> CallReport:
    return calls.review_call()


@pytest.fixture
def hostile_report() -> CallReport:
    return calls.hostile_call()


@pytest.fixture
def all_reports(
    threat_report: CallReport,
    clean_report: CallReport,
    off_hours_report: CallReport,
    review_report: CallReport,
    hostile_report: CallReport,
) -> list[CallReport]:
    return [threat_report, clean_report, off_hours_report, review_report, hostile_report]
