"""What the desk works with: the store, the rules in force, and a private folder for what is derived from recordings."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from audit.pipeline import Auditor, Options
from audit.store.database import Store
from audit.web.trial import Trial

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


@dataclass
class Desk:
    """One desk: what all requests share.

    `hosts`: names that browsers may ask for (others point here to get at what a browser on this machine may see). `secure`: browsers reach
    it by TLS. `cache`: a folder that only this user can read. `trial`: where edited rules are tried.
    """

    store: Store
    options: Options
    cache: Path
    secure: bool = False
    hosts: tuple[str, ...] = LOOPBACK
    trial: Trial = field(default_factory=Trial)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def auditing(self) -> Iterator[Auditor]:
        """The auditor, for one request at a time; rules are loaded at first use.

        Raises ConfigError when rules or policy cannot be loaded.
        """
        with self._turn:
            yield self._auditor

    @cached_property
    def _auditor(self) -> Auditor:
        return Auditor(self.options)
