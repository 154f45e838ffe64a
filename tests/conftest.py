"""What all tests share."""

import pytest

from audit.pii import names


@pytest.fixture(autouse=True)
def without_the_recogniser_of_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports look the same whether or not the extra `names` is installed; the tests of names put it back."""
    monkeypatch.setattr(names, "installed", lambda: False)
