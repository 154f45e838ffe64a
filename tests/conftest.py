"""What all tests share."""

import os

import pytest
from hypothesis import settings

from audit.pii import names

settings.register_profile("normal", max_examples=200, deadline=None)
settings.register_profile("thorough", max_examples=10_000, deadline=None)
settings.load_profile(os.environ.get("CALLAUDIT_HYPOTHESIS", "normal"))


@pytest.fixture(autouse=True)
def without_the_recogniser_of_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports look the same whether or not the extra `names` is installed; the tests of names put it back."""
    monkeypatch.setattr(names, "installed", lambda: False)
