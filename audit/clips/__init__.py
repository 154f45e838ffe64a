"""What leaves the compliance desk: training packs cut from audited calls, and redacted reports, transcripts and recordings."""

from importlib.util import find_spec

from audit.errors import ConfigError


def need_sound() -> None:
    """Raise ConfigError (CA321) where sound cannot be read or written: the extra `speech` brings PyAV. Texts need nothing of it."""
    if find_spec("av") is None:
        raise ConfigError("CA321", what="callaudit examples, redact", module="av", extra="speech")
