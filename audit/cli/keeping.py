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

    def take_in(self) -> bool:
        """Take the run in, and say so; whether a report could not be read."""
        from audit.store.calls import import_run
        from audit.store.database import Store, create

        found = reports(self._folder)
        if self._own:
            create(self._url)
        with Store(self._url) as store:
            imported = import_run(store, self._folder, found, actor())
        _say(imported, store)
        return bool(imported.failures)


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
