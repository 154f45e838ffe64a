"""Where callaudit keeps what it makes for itself on a user's machine."""

import os
from pathlib import Path


def cache_folder() -> Path:
    """`$CALLAUDIT_CACHE`, else `$XDG_CACHE_HOME/callaudit`, else `~/.cache/callaudit`."""
    if own := os.environ.get("CALLAUDIT_CACHE"):
        return Path(own)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "callaudit"
