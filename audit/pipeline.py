"""The order of steps for one call; the only place that knows it."""

import hashlib
import json
import logging
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from audit import __version__
from audit.ingest.items import RECORDING, CallInput
from audit.ingest.read import read_call
from audit.model.call import Call, Source
from audit.model.report import SCHEMA_VERSION, AuditInfo, CallReport
from audit.rules.engine import Engine
from audit.rules.judged import judged_labels
from audit.rules.loader import builtin, check_policy, load_pack, load_policy
from audit.rules.localtime import debtor_zone
from audit.rules.testing import prove
from audit.text.segment import analyse

if TYPE_CHECKING:
    from audit.speech.recognise import Recogniser

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Options:
    """What an officer chose for a run; part of the ledger's key. Everything here is picklable.

    `policy` is the name of a policy (`default`) or a path; `rules` are extra rule folders; `engine`, `model`, `device` and `threads`
    are for speech (`threads` 0: every core this process may use).
    """

    policy: str = "default"
    rules: tuple[str, ...] = ()
    engine: str = "faster-whisper"
    model: str | None = None
    device: str = "cpu"
    threads: int = 0


class Auditor:
    """Audits one call after another in one process. Rules load and prove themselves at once, the recogniser with the first recording."""

    def __init__(self, options: Options, *, proved: bool = False) -> None:
        """Raise ConfigError when the rules or the policy cannot be loaded, or a rule fails its own examples.

        `proved`: the examples held in the process that started this one, and need not be tried again.
        """
        self.options = options
        policy = load_policy(options.policy)
        pack = load_pack(options.rules)
        check_policy(policy, pack)
        if not proved:
            prove(pack, load_policy())  # examples speak of the default limits, whatever the institution agreed
        self.engine = Engine(pack, policy, analyse)

    @cached_property
    def key(self) -> str:
        """Hash over options, rule pack, policy and version: the same key and the same content give the same report.

        The number of threads does not change a report and is left out.
        """
        options = {name: value for name, value in asdict(self.options).items() if name != "threads"}
        speech = [
            builtin().joinpath(name).read_text(encoding="utf-8") for name in ("role_cues.yaml", "phantom_phrases.yaml")
        ]
        engine = self.engine
        parts = [
            __version__,
            SCHEMA_VERSION,
            engine.pack.sha256,
            engine.policy.sha256,
            json.dumps(options, sort_keys=True),
            *speech,
            *(model.sha256 for model in engine.models),
        ]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def audit(self, item: CallInput) -> CallReport:
        """The report of one call, without findings that need other calls.

        Raises InputError when the input cannot be audited, ConfigError when speech is not installed or has no weights.
        """
        return self.report(heard(item, self._recogniser) if item.kind == RECORDING else read_call(item))

    def report(self, call: Call) -> CallReport:
        """The report of a call that has its turns already. Its time zone is written down, so that all readers count the same hours."""
        zone = debtor_zone(call.metadata, self.engine.policy)
        call = replace(call, metadata=replace(call.metadata, callee_timezone=zone))
        judged = self.engine.judge(call)
        labels = self._judged[bool(call.turns)]
        info = AuditInfo(__version__, self.engine.pack.sha256, self.engine.policy.id, judged.skipped, labels)
        return CallReport(call, judged.findings, info, judged.states)

    @cached_property
    def _judged(self) -> dict[bool, tuple[str, ...]]:
        """The labels that some rule looks for, in calls with words and without."""
        engine = self.engine
        return {words: judged_labels(engine.active, engine.policy, words=words) for words in (False, True)}

    @cached_property
    def _recogniser(self) -> "Recogniser":
        from audit.speech.recognise import Recogniser

        return Recogniser(self.options.engine, self.options.model, self.options.device, self.options.threads)


def heard(item: CallInput, recogniser: "Recogniser") -> Call:
    """The call in a recording: transcribed, and told who spoke.

    Raises InputError when the recording cannot be read, ConfigError when speech is not installed or has no weights.
    """
    from audit.speech.roles import assign_roles, uncertain_roles

    transcript = recogniser.transcribe(Path(item.path))
    turns = assign_roles(transcript, item.metadata)
    if doubt := uncertain_roles(turns, item.path):
        _log.warning(doubt.line())
    return Call(
        call_id=item.call_id,
        metadata=item.metadata,
        turns=turns,
        source=Source(item.path, _sha256_of(Path(item.path)), RECORDING),
        engine=transcript.engine,
        recording_s=transcript.duration_s,
    )


def _sha256_of(path: Path) -> str:
    """Of the file's bytes alone; the hash that ingest makes holds the call record as well."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
