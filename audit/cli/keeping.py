"""How results of runs come into a store: what `callaudit run --store` and `callaudit store import` share."""

import getpass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from audit.batch.output import reports
from audit.errors import ConfigError
from audit.i18n import tr

if TYPE_CHECKING:
    from audit.pipeline import Options
    from audit.store.calls import Imported
    from audit.store.database import Store

IN_THE_FOLDER = "sqlite"


class Keeping:
    """The store of a run. It is opened before the run, so that a wrong address is one error now and not one in the morning.

    Raises ConfigError as `audit.store.database.Store` does. `url` `sqlite` is `store.sqlite` in the run's folder, made when missing;
    any other store must have been made by `callaudit store init`.
    """

    def __init__(self, url: str, folder: Path) -> None:
        need_extra()
        from audit.store.database import FILE, Store

        self._folder, self._own = folder, url == IN_THE_FOLDER
        self._url = str(folder / FILE) if self._own else url
        if not self._own or Path(self._url).exists():
            Store(self._url).close()

    def take_in(self, options: "Options | None" = None) -> bool:
        """Take the run in, and say so; whether a report could not be read.

        Calls whose words people had corrected are audited again as corrected, where it is known with what `options` the run was made.
        """
        from audit.store.calls import import_run
        from audit.store.database import Store, create

        found = reports(self._folder)
        if self._own:
            create(self._url)
        with Store(self._url) as store:
            imported = import_run(store, self._folder, found, actor())
            _say(imported, store)
            _apply_corrections(store, options)
        return bool(imported.failures)


def _apply_corrections(store: "Store", options: "Options | None") -> None:
    from audit.store.reaudit import reaudit, waiting_calls

    with store.reading() as connection:
        waiting = waiting_calls(connection)
    if not waiting:
        return
    count = len(waiting)
    if options is None:
        click.echo(
            tr(
                f"{count} 通电话有人工更正，而这次结果是未经更正的原话；请在复核台的更正页重新审核。",
                f"{count} calls have corrections that this run does not know: audit them again on their page of corrections.",
            ),
            err=True,
        )
        return
    from audit.pipeline import Auditor

    auditor = Auditor(options, proved=True)
    for call in waiting:
        reaudit(store, call, auditor, actor())
    click.echo(tr(f"按人工更正重新审核：{count} 通", f"Audited again as corrected by people: {count} calls"))


def need_extra() -> None:
    """Raise ConfigError CA600 when the extra `store` is not installed."""
    for package in ("sqlalchemy", "alembic", "psycopg"):
        if find_spec(package) is None:
            raise ConfigError("CA600", package=package)


def need_desk() -> None:
    """Raise ConfigError CA600 or CA813 when the extra `web` is not installed."""
    need_extra()
    for package, module in (
        ("fastapi", "fastapi"),
        ("uvicorn", "uvicorn"),
        ("argon2-cffi", "argon2"),
        ("python-multipart", "python_multipart"),
    ):
        if find_spec(module) is None:
            raise ConfigError("CA813", package=package)


def actor() -> str:
    """Who does what the command line does, for the log: the name signed in at this machine."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError, ImportError):  # no name for the user's number, as in containers
        return "cli"


def _say(imported: "Imported", store: "Store") -> None:
    from audit.store.calls import Taken

    for problem in imported.failures:
        click.echo(problem.line(), err=True)
    new, again, same, older, expired = (imported.counts[kind] for kind in Taken)
    click.echo(
        tr(
            f"存储库 {store.place}：新通话 {new}，重新审核 {again}，未变 {same}，旧于现有审核 {older}，已过保存期限 {expired}",
            f"Store {store.place}: {new} new calls, {again} audited again, {same} unchanged, {older} older than what is there, "
            f"{expired} past their time of keeping",
        )
    )
