"""The command as a user's shell starts it: a process of its own; and sooner, where nothing hangs on that."""

import io
import os
import signal
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from unittest.mock import patch

from audit.cli.main import main
from audit.i18n import set_language

ROOT = Path(__file__).parents[2]
_CODE = "import sys; from audit.cli.main import main; sys.exit(main())"


def environment(**variables: str) -> dict[str, str]:
    """Ours, without what would change the output."""
    plain = {name: value for name, value in os.environ.items() if name not in ("CALLAUDIT_LANG", "COLUMNS")}
    return plain | {"COLUMNS": "80", "PYTHONPATH": str(ROOT)} | variables


def callaudit(*arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `callaudit` to its end."""
    return subprocess.run(
        [sys.executable, "-c", _CODE, *map(str, arguments)],
        env=environment(**variables),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def here(*arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `callaudit` to its end in this process: a new one takes a second to begin with, and longer to read rules and dictionaries."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    try:
        with redirect_stdout(out), redirect_stderr(err), patch.dict(os.environ, environment(**variables), clear=True):
            code = main([*map(str, arguments)])
    finally:
        set_language("zh")
    return subprocess.CompletedProcess([*map(str, arguments)], code, _written(out), _written(err))


def _written(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()


def start(*arguments: str | Path) -> subprocess.Popen[str]:
    """Start `callaudit` in a process group of its own, as a terminal does."""
    return subprocess.Popen(
        [sys.executable, "-c", _CODE, *map(str, arguments)],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
        # A shell that runs the tests in the background has its children ignore Ctrl-C; a terminal does not.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
