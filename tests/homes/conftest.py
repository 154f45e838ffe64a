"""What the tests of the homes share."""

import pytest


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder for $CALLAUDIT_CACHE: compiling the rules takes longer than all that is linted here."""
    return str(tmp_path_factory.mktemp("cache"))
