"""What all tests share."""

import os

import pytest
from hypothesis import HealthCheck, settings

from audit.pii import names

# Neither the language nor the store of whoever runs the tests.
for variable in ("CALLAUDIT_LANG", "CALLAUDIT_STORE"):
    os.environ.pop(variable, None)

# Servers of the tests are on this machine, whatever proxy leads out of it; their commands inherit this.
os.environ["no_proxy"] = ",".join(filter(None, (os.environ.get("no_proxy"), "127.0.0.1", "localhost")))

# Of each property the same examples at each run: what fails, fails for everybody. To search for more is what `thorough` is for. Neither
# minds how busy the machine is.
_UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("normal", _UNHURRIED, max_examples=200, derandomize=True)
settings.register_profile("thorough", _UNHURRIED, max_examples=10_000, derandomize=False)
settings.load_profile(os.environ.get("CALLAUDIT_HYPOTHESIS", "normal"))


@pytest.fixture(autouse=True)
def without_the_recogniser_of_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports look the same whether or not the extra `names` is installed; the tests of names put it back."""
    monkeypatch.setattr(names, "installed", lambda: False)
