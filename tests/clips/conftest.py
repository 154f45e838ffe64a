from collections.abc import Iterator
from pathlib import Path

import pytest

from audit.i18n import set_language
from tests.clips.calls import sample_run


@pytest.fixture(autouse=True)
def chinese() -> Iterator[None]:
    """Every test starts and ends in the default language."""
    set_language("zh")
    yield
    set_language("zh")


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Reports of the sample calls: true words, turns with times, words without."""
    return sample_run(tmp_path_factory.mktemp("run") / "reports")
