import pytest

from tests.lint.output.golden import FOLDER, outputs


@pytest.mark.parametrize("name", outputs())
def test_outputs_are_as_committed(name: str) -> None:
    assert outputs()[name] == (FOLDER / name).read_text("utf-8")


def test_every_golden_file_is_still_made() -> None:
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(outputs())
