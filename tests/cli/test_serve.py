"""The desk as a process: where it listens, what it refuses, how it ends."""

import re
import signal
import socket
import ssl
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from audit.cli.main import main
from audit.i18n import set_language
from audit.model.review import UserRole
from audit.store import tables as t
from audit.store.database import Store, create
from audit.store.users import add_user
from tests.cli.command import environment, start
from tests.store.runs import rows

TLS = Path(__file__).parent / "tls"
CERTIFICATE, KEY = str(TLS / "cert.pem"), str(TLS / "key.pem")
Refused = Callable[..., str]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "store.sqlite"
    create(str(path))
    return path


@pytest.fixture
def refused(store: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Refused]:
    """What `callaudit serve` says when it does not begin to serve."""

    def run(*arguments: str, url: Path | str = store) -> str:
        # Were it to serve after all, the test would wait for ever.
        monkeypatch.setattr("audit.cli.serve._serve", lambda *_: pytest.fail("it serves"))
        assert main(["serve", "--store", str(url), "--port", "0", *arguments]) == 2
        told = capsys.readouterr()
        assert told.out == "" and told.err.count("\n") == 1
        return told.err

    before = signal.getsignal(signal.SIGTERM)
    yield run
    signal.signal(signal.SIGTERM, before)
    set_language("zh")


def first_line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def address(line: str) -> str:
    found = re.search(r"https?://[^ （]+", line)
    assert found, line
    return found[0]


def get(url: str, host: str | None = None, context: ssl.SSLContext | None = None) -> tuple[int, dict[str, str]]:
    request = urllib.request.Request(url, headers={"Host": host} if host else {})
    try:
        with urllib.request.urlopen(request, timeout=60, context=context) as answer:
            return answer.status, _lower(answer.headers.items())
    except urllib.error.HTTPError as error:
        return error.code, _lower(error.headers.items())


def _lower(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers}


@pytest.mark.parametrize(("ends", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_it_serves_this_machine_until_it_is_stopped(
    store: Path, tmp_path: Path, ends: signal.Signals, status: int
) -> None:
    process = start("serve", "--store", store, "--port", "0")
    url = address(first_line(process))
    assert url.startswith("http://127.0.0.1:")
    assert "还没有能登录的用户" in first_line(process)
    code, headers = get(f"{url}sign-in")
    assert code == 200 and "server" not in headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert get(f"{url}sign-in", host="evil.example")[0] == 400
    assert get(f"{url}static/..%2f..%2fapp.py")[0] == 404
    process.send_signal(ends)
    _, told = process.communicate(timeout=60)
    assert process.returncode == status
    assert "Traceback" not in told


def test_what_it_made_of_recordings_is_gone_when_it_ends(store: Path, tmp_path: Path) -> None:
    folder = tmp_path / "tmp"
    folder.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-c", "import sys; from audit.cli.main import main; sys.exit(main())", "serve", "--port", "0"],
        env=environment(CALLAUDIT_STORE=str(store), TMPDIR=str(folder)),
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    first_line(process)
    made = list(folder.glob("callaudit-desk-*"))
    assert len(made) == 1 and made[0].stat().st_mode & 0o077 == 0
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    assert list(folder.glob("callaudit-desk-*")) == []


def test_with_tls_it_serves_others_and_says_nothing_about_users_that_are_there(store: Path) -> None:
    with Store(str(store)) as opened:
        add_user(opened, "王", UserRole.ADMIN, "test", "hash")
    process = start(
        "--lang", "en", "serve", "--store", store, "--port", "0", "--host", "0.0.0.0",
        "--allow-host", "audit.example", "--tls-cert", CERTIFICATE, "--tls-key", KEY,
    )  # fmt: skip
    url = address(first_line(process)).replace("0.0.0.0", "localhost")
    assert url.startswith("https://")
    trusting = ssl.create_default_context(cafile=CERTIFICATE)
    code, headers = get(f"{url}sign-in", context=trusting)
    assert code == 200 and "max-age" in headers["strict-transport-security"]
    assert headers["set-cookie"].startswith("__Host-callaudit-form=") and "Secure" in headers["set-cookie"]
    assert get(f"{url}sign-in", host="audit.example", context=trusting)[0] == 200
    assert get(f"{url}sign-in", host="0.0.0.0", context=trusting)[0] == 400
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0 and output == ""


@pytest.mark.parametrize(
    ("arguments", "logged"),
    [((), "127.0.0.1"), (("--proxy-headers", "127.0.0.1"), "203.0.113.9")],
    ids=["alone", "proxy"],
)
def test_only_a_proxy_that_is_named_may_say_where_somebody_comes_from(
    store: Path, arguments: tuple[str, ...], logged: str
) -> None:
    process = start("serve", "--store", store, "--port", "0", *arguments)
    url = address(first_line(process))
    _, headers = get(f"{url}sign-in")
    cookie = headers["set-cookie"].partition(";")[0]
    assert cookie.startswith("__Host-") is bool(arguments)
    form = urllib.parse.urlencode({"form": cookie.partition("=")[2], "name": "nobody", "password": "x"}).encode()
    request = urllib.request.Request(
        f"{url}sign-in", form, {"Cookie": cookie, "X-Forwarded-For": "198.51.100.1, 203.0.113.9"}
    )
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(request, timeout=60)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    with Store(str(store)) as opened:
        assert f'"address":"{logged}"' in str(rows(opened, t.log)[-1]["facts"])


def test_others_may_listen_in_only_when_told_so(refused: Refused) -> None:
    for host in ("0.0.0.0", "::"):
        assert refused("--host", host).startswith("[CA809]")
    assert refused("--host", "0.0.0.0", "--insecure-http").startswith("[CA814]")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--tls-cert", CERTIFICATE), "CA812"),
        (("--tls-key", KEY), "CA812"),
        (("--tls-cert", KEY, "--tls-key", KEY), "CA811"),
        (("--tls-cert", CERTIFICATE, "--tls-key", str(TLS / "other.pem")), "CA811"),
        (("--tls-cert", CERTIFICATE, "--tls-key", str(TLS / "locked.pem")), "CA811"),
        (("--tls-cert", CERTIFICATE, "--tls-key", str(TLS / "none.pem")), "CA903"),
        (("--allow-host", "*"), "CA903"),
        (("--allow-host", "a b"), "CA903"),
        (("--proxy-headers", "*"), "CA903"),
        (("--proxy-headers", "proxy.example"), "CA903"),
        (("--host", "nowhere.invalid"), "CA810"),
        (("--port", "65536"), "CA903"),
        (("--policy", "no-such-policy"), "CA2"),
    ],
)
def test_what_cannot_be_served_is_one_coded_line(refused: Refused, arguments: tuple[str, ...], code: str) -> None:
    assert refused(*arguments).startswith(f"[{code}")


def test_a_port_in_use_is_told(refused: Refused) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert refused("--port", str(taken.getsockname()[1])).startswith("[CA810]")


def test_only_a_store_of_this_version_is_served(refused: Refused, tmp_path: Path) -> None:
    assert refused(url=tmp_path / "none.sqlite").startswith("[CA603]")
    assert not (tmp_path / "none.sqlite").exists()
    old = tmp_path / "old.sqlite"
    create(str(old))
    with Store(str(old)) as opened, opened.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    assert refused(url=old).startswith("[CA605]")
    assert "callaudit store migrate" in refused(url=old)
