"""The process in which rules are tried: it can be stopped, run out of memory and die, and the next one gets a new one."""

import os
import time
from collections.abc import Iterator

import pytest

from audit.errors import ConfigError, InputError
from audit.i18n import speaking
from audit.rules.loader import load_policy
from audit.web.trial import Trial


@pytest.fixture
def trial() -> Iterator[Trial]:
    made = Trial(limit_s=120)
    yield made
    made.close()


def test_what_takes_too_long_is_stopped_and_the_next_is_answered() -> None:
    trial = Trial(limit_s=3)
    with pytest.raises(InputError) as stopped:
        trial.run(time.sleep, 600)
    assert stopped.value.problem.code == "CA820"
    trial.close()
    patient = Trial(limit_s=120)
    assert patient.run(abs, -3) == 3
    patient.close()


def test_what_wants_all_memory_is_refused(trial: Trial) -> None:
    with pytest.raises(InputError) as refused:
        trial.run(bytes, 64 << 30)
    assert refused.value.problem.code == "CA822"
    assert trial.run(abs, -3) == 3


def test_a_process_that_dies_is_told_and_replaced(trial: Trial) -> None:
    with pytest.raises(InputError) as died:
        trial.run(os._exit, 1)
    assert died.value.problem.code == "CA822"
    assert trial.run(abs, -3) == 3


def test_errors_come_back_as_they_were_raised(trial: Trial) -> None:
    with pytest.raises(ConfigError) as unknown, speaking("en"):
        trial.run(load_policy, "no-such-policy")
    assert unknown.value.problem.code.startswith("CA2")
