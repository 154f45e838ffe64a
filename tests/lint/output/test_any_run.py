import pytest
from hypothesis import given

from audit.lint.finding import LintRun
from audit.lint.output import EMITTERS, emit
from tests.lint.output.runs import runs


@pytest.mark.parametrize("name", EMITTERS)
@given(run=runs)
def test_any_run_can_be_written_and_twice_the_same(name: str, run: LintRun) -> None:
    text = emit(name, run, "en")
    text.encode()
    assert text == emit(name, run, "en")
    assert text == "" or text.endswith("\n")
