"""The output folder: only ever one that is ours, and no leftovers of a run that was killed."""

from collections.abc import Iterable
from pathlib import Path

from audit.batch import ledger
from audit.errors import ConfigError
from audit.report.atomic import PART
from audit.report.names import file_stem
from audit.report.registry import CALL_EMITTERS, call_emitter

CALLS = "calls"
# What systems put into a folder unasked.
_NOBODYS = frozenset((".DS_Store", "Thumbs.db", "desktop.ini"))


def claim(out: Path, inputs: Iterable[str]) -> None:
    """Make `out` when it is missing; refuse it when it is not ours to write to.

    Raises ConfigError: CA400 when it cannot be made, CA430 when somebody else's files are in it, CA433 when it lies in
    one of the folders of `inputs`.
    """
    place = out.resolve()
    for given in inputs:
        folder = Path(given).resolve()
        if folder.is_dir() and place.is_relative_to(folder):
            raise ConfigError("CA433", str(out), input=given)
    try:
        out.mkdir(parents=True, exist_ok=True)
        names = {entry.name for entry in out.iterdir()} - _NOBODYS
    except OSError as error:
        raise ConfigError("CA400", str(out), reason=error.strerror or str(error)) from error
    if names and ledger.NAME not in names:
        raise ConfigError("CA430", str(out), example=min(names))


def sweep(out: Path) -> None:
    """Remove the unfinished files that a killed run left behind. Only for who holds the ledger."""
    for folder in (out, out / CALLS):
        for part in folder.glob(PART):
            part.unlink(missing_ok=True)


def call_files(out: Path, call_id: str) -> list[Path]:
    """The files of a call's report, whether they are there or not."""
    stem = file_stem(call_id)
    return [out / CALLS / f"{stem}{call_emitter(name).EXTENSION}" for name in CALL_EMITTERS]


def reports(folder: Path) -> list[Path]:
    """The JSON reports of the last run into `folder`, by call id; raises as `ledger.reported_calls`."""
    found = (path for call_id in ledger.reported_calls(folder) for path in call_files(folder, call_id))
    return [path for path in found if path.suffix == ".json"]
