"""The order of steps for one call; the only place that knows it."""

from dataclasses import dataclass

from audit.ingest.items import CallInput
from audit.model.report import CallReport


@dataclass(frozen=True, slots=True)
class Options:
    """What an officer chose for a run; part of the ledger's key. Everything here is picklable.

    `policy` is the name of a policy (`default`) or a path; `rules` are extra rule folders; `engine`, `model`, `threads` and `device`
    are for speech (None: decide by what is installed).
    """

    policy: str = "default"
    rules: tuple[str, ...] = ()
    engine: str = "faster-whisper"
    model: str | None = None
    device: str = "cpu"
    threads: int = 0


class Auditor:
    """Audits one call after another in one process. Rules load at once, the speech engine with the first recording."""

    def __init__(self, options: Options) -> None:
        """Raise ConfigError when the rules or the policy cannot be loaded."""
        self.options = options

    @property
    def key(self) -> str:
        """Hash over options, rule pack, policy and versions: same key and same content give the same report."""
        return ""

    def audit(self, item: CallInput) -> CallReport:
        """The report of one call, without findings that need other calls.

        Raises InputError when the input cannot be audited.
        """
        raise InputError("CA100", item.path)
