"""Setups for executors: importable, because worker processes import them."""

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from audit.errors import CallauditError, ConfigError, InputError
from audit.ingest.items import CallInput


def item(call_id: str, payload: str = "") -> CallInput:
    return CallInput(call_id, f"{call_id}.jsonl", "callaudit-jsonl", f"sha of {call_id}", line=1, payload=payload)


def work(call: CallInput) -> str:
    """Do what the payload says, or give the payload back in capitals."""
    match call.payload:
        case "die":
            os.kill(os.getpid(), signal.SIGSEGV)
        case "leave":
            os._exit(7)
        case "bad input":
            raise InputError("CA440", call.path)
        case "bug":
            raise KeyError("13800138000")
        case "disk full":
            raise CallauditError("CA400", reason="No space left on device")
    return (call.payload or "").upper()


def setup() -> Callable[[CallInput], str]:
    return work


def setup_that_finds_no_rules() -> Callable[[CallInput], str]:
    raise ConfigError("CA435", hint="")


def setup_that_dies() -> Callable[[CallInput], str]:
    os._exit(9)


def process_id(call: CallInput) -> str:
    return str(os.getpid())


def setup_process_id() -> Callable[[CallInput], str]:
    return process_id


@dataclass(frozen=True, slots=True)
class Sleeper:
    """Writes its process id to `folder`, then works for a minute."""

    folder: Path

    def __call__(self) -> Callable[[CallInput], str]:
        return self.sleep

    def sleep(self, call: CallInput) -> str:
        (self.folder / "part").write_text(str(os.getpid()))
        (self.folder / "part").rename(self.folder / "pid")
        time.sleep(60)
        return "rested"
