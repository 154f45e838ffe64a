from collections.abc import Iterator

import pytest

from audit.i18n import set_language
from tests.lint.output.golden import PLACES


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every test starts and ends in the default language, and on no build server."""
    for key in PLACES:
        monkeypatch.delenv(key, raising=False)
    set_language("zh")
    yield
    set_language("zh")
