"""`callaudit serve`: the desk in a browser. It listens to this machine only, unless told otherwise and with TLS."""

import ipaddress
import re
import signal
import socket
import ssl
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from audit.cli.keeping import need_desk
from audit.cli.options import RULES
from audit.cli.store import store_option
from audit.errors import ConfigError
from audit.i18n import tr

if TYPE_CHECKING:
    from audit.store.database import Store

_PORT = 8765
_BACKLOG = 128
# How long an answer that is being sent may still take when the server is stopped.
_LAST_ANSWERS_S = 5
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|[0-9a-fA-F:]*:[0-9a-fA-F:.]*")


def _host_name(_: click.Context, __: click.Parameter, names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if not _NAME.fullmatch(name):
            raise click.BadParameter(tr(f"'{name}' 不是主机名", f"'{name}' is no name of a host"))
    return names


def _address(_: click.Context, __: click.Parameter, given: str | None) -> str | None:
    try:
        return given and str(ipaddress.ip_network(given))
    except ValueError as error:
        raise click.BadParameter(tr(f"'{given}' 不是 IP 地址", f"'{given}' is no IP address")) from error


@click.command(
    help=tr(
        "在浏览器里复核：打开复核台。默认只有本机能访问；首次使用前用 callaudit users add 新增用户。安全说明见 docs/desk-security.zh-CN.md。",
        "Review in a browser. By default only this machine can reach the desk; add the first user with `callaudit users add`. "
        "docs/desk-security.md says what protects it.",
    )
)
@store_option(required=True)
@click.option(
    "--host", metavar="ADDRESS", default="127.0.0.1", show_default=True, help=tr("监听的地址", "address to listen on")
)
@click.option(
    "--port",
    metavar="N",
    type=click.IntRange(min=0, max=65535),
    default=_PORT,
    show_default=True,
    help=tr("端口；0 由系统选", "port; 0 for any that is free"),
)
@click.option(
    "--allow-host",
    "names",
    metavar="NAME",
    multiple=True,
    callback=_host_name,
    help=tr("浏览器访问本机所用的名字，可重复", "a name by which browsers reach this machine; may be repeated"),
)
@click.option(
    "--tls-cert",
    "certificate",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False),
    help=tr("证书（PEM，含中间证书）", "certificate (PEM, with intermediates)"),
)
@click.option(
    "--tls-key",
    "key",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False),
    help=tr("证书的私钥（PEM，无密码）", "its key (PEM, without a password)"),
)
@click.option(
    "--insecure-http",
    is_flag=True,
    help=tr("不加密也在本机以外的地址上监听", "listen beyond this machine without TLS"),
)
@click.option(
    "--proxy-headers",
    "proxy",
    metavar="ADDRESS",
    callback=_address,
    help=tr(
        "前面有加密的反向代理：相信来自此地址的 X-Forwarded-For、X-Forwarded-Proto，cookie 只经 https 发送",
        "a proxy with TLS stands in front: believe X-Forwarded-For and -Proto from this address, send cookies by https only",
    ),
)
@click.option(
    "--policy",
    metavar="NAME|FILE",
    default="default",
    show_default=True,
    help=tr("重新审核时的策略", "the policy to audit again with"),
)
@RULES
def serve(
    url: str,
    host: str,
    port: int,
    names: tuple[str, ...],
    certificate: str | None,
    key: str | None,
    insecure_http: bool,
    proxy: str | None,
    policy: str,
    rules: tuple[str, ...],
) -> None:
    """Serve until stopped: Ctrl-C ends with 130, SIGTERM with 0."""
    need_desk()
    from audit.pipeline import Options
    from audit.store.database import Store

    for given, missing, option, other in (
        (certificate, key, "--tls-cert", "--tls-key"),
        (key, certificate, "--tls-key", "--tls-cert"),
    ):
        if given and not missing:
            raise ConfigError("CA812", option=option, other=other)
    if certificate and key:
        _check_certificate(certificate, key)
    signal.signal(signal.SIGTERM, _leave)
    with (
        _listener(host, port, encrypted=certificate is not None, insecure=insecure_http) as listener,
        Store(url) as store,
        # What is made of recordings is as private as they are, and is gone when the desk closes.
        TemporaryDirectory(prefix="callaudit-desk-") as cache,
    ):
        from audit.web.app import create_app
        from audit.web.desk import LOOPBACK, Desk

        hosts = (*LOOPBACK, *names, *_own_names(host, names))
        secure = certificate is not None or proxy is not None
        desk = Desk(store, Options(policy, rules), Path(cache), secure=secure, hosts=hosts)
        # Rules that cannot be used are told now, and not to the first officer who needs them.
        with desk.auditing():
            _say_where(listener, certificate is not None, store)
        _serve(create_app(desk), listener, certificate, key, proxy)


def _leave(*_: object) -> None:
    raise click.exceptions.Exit(0)


def _listener(host: str, port: int, *, encrypted: bool, insecure: bool) -> socket.socket:
    """A socket that listens on `host`.

    Raises ConfigError: CA809 when others could listen in, CA810 when it cannot be had.
    """
    try:
        # IPv4 first: that is what people type.
        found = sorted(
            socket.getaddrinfo(host, port, type=socket.SOCK_STREAM), key=lambda one: one[0] != socket.AF_INET
        )
    except (OSError, UnicodeError) as error:
        raise ConfigError("CA810", host=host, port=port, reason=str(error)) from error
    family, kind, protocol, _, address = found[0]
    if not ipaddress.ip_address(str(address[0]).partition("%")[0]).is_loopback and not encrypted and not insecure:
        raise ConfigError("CA809", host=host)
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise ConfigError("CA810", host=host, port=port, reason=error.strerror or str(error)) from error
    return listener


def _own_names(host: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """What browsers may call `host`; raises ConfigError CA814 where it is no name and none is given."""
    if host not in ("0.0.0.0", "::", ""):
        return (host,)
    if not names:
        raise ConfigError("CA814", host=host)
    return ()


def _check_certificate(certificate: str, key: str) -> None:
    """Raise ConfigError CA811 when certificate or key cannot be used, or do not belong together."""
    try:
        # A password would be asked for at the terminal, at every start.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password=lambda: "")
    except (ssl.SSLError, OSError) as error:
        raise ConfigError("CA811", certificate, reason=error.strerror or str(error)) from error


def _say_where(listener: socket.socket, encrypted: bool, store: "Store") -> None:
    from audit.store.users import all_users

    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    scheme = "https" if encrypted else "http"
    click.echo(
        tr("复核台：", "The desk: ") + f"{scheme}://{shown}:{port}/" + tr("（Ctrl-C 停止）", " (Ctrl-C stops it)")
    )
    if not any(account.password and not account.disabled_at for account in all_users(store)):
        click.echo(
            tr(
                f"还没有能登录的用户。新增第一个：callaudit users add 名字 --role admin --store {store.place}",
                f"Nobody can sign in yet. Add the first user: callaudit users add NAME --role admin --store {store.place}",
            )
        )


def _serve(app: Any, listener: socket.socket, certificate: str | None, key: str | None, proxy: str | None) -> None:
    import uvicorn

    config = uvicorn.Config(
        app,
        ssl_certfile=certificate,
        ssl_keyfile=key,
        # Whoever may say from where a request comes could try passwords from any number of addresses.
        proxy_headers=proxy is not None,
        forwarded_allow_ips=proxy,
        # Addresses hold what officers search for: names.
        access_log=False,
        log_config=None,
        log_level="warning",
        server_header=False,
        ws="none",
        timeout_graceful_shutdown=_LAST_ANSWERS_S,
    )
    uvicorn.Server(config).run(sockets=[listener])
