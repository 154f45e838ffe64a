"""`callaudit users`: who may sign in at the desk, and as what."""

import sys
from collections.abc import Callable
from typing import Any

import click

from audit.cli.keeping import actor, need_desk
from audit.cli.store import store_option
from audit.errors import InputError
from audit.i18n import tr
from audit.model.review import UserRole

_ROLES = click.Choice([role.value for role in UserRole])


def _password_option(command: Callable[..., None]) -> Callable[..., None]:
    return click.option(
        "--password-stdin",
        "from_stdin",
        is_flag=True,
        help=tr("从标准输入读密码（一行），不提示", "read the password from standard input, one line, without asking"),
    )(command)


@click.group(
    help=tr(
        "复核台的用户。角色：officer 合规专员，lead 主管，trainer 培训（只听遮盖过的声音），viewer 只读，admin 管理员。",
        "Users of the desk. Roles: officer; lead (last word, sampling); trainer (hears redacted sound only); viewer (reads); admin (accounts).",
    )
)
def users() -> None:
    """Hold the subcommands."""
    need_desk()


@users.command(help=tr("新增用户；密码在提示下输入两次。", "Add a user; the password is asked for twice."))
@click.argument("name", metavar="NAME")
@click.option("--role", required=True, type=_ROLES, help=tr("角色", "the role"))
@_password_option
@store_option(required=True)
def add(name: str, role: str, from_stdin: bool, url: str) -> None:
    """Add a user."""
    from audit.store.database import Store
    from audit.store.users import add_user
    from audit.web.passwords import hashed

    with Store(url) as store:
        add_user(store, name, UserRole(role), actor(), hashed(_password(from_stdin), name))
    click.echo(tr(f"已新增 {name}（{role}）。", f"Added {name} ({role})."))


@users.command("list", help=tr("列出用户。", "List the users."))
@store_option(required=True)
def list_users(url: str) -> None:
    """Print a line per user: number, role, state, name."""
    from audit.store.database import Store
    from audit.store.users import all_users

    with Store(url) as store:
        for account in all_users(store):
            state = (
                tr("停用", "disabled")
                if account.disabled_at
                else tr("可用", "active")
                if account.password
                else tr("没有密码", "no password")
            )
            click.echo(f"{account.number}\t{account.role.value}\t{state}\t{account.name}")


@users.command(help=tr("更改角色，立即生效。", "Change a role, at once."))
@click.argument("name", metavar="NAME")
@click.argument("new", metavar="ROLE", type=_ROLES)
@store_option(required=True)
def role(name: str, new: str, url: str) -> None:
    """Change a role."""
    from audit.store.users import change_role

    _on(url, name, lambda store, number: change_role(store, number, UserRole(new), actor()))


@users.command(
    help=tr("设置新密码，并退出该用户的所有登录。", "Set another password and end the sessions of the user.")
)
@click.argument("name", metavar="NAME")
@_password_option
@store_option(required=True)
def password(name: str, from_stdin: bool, url: str) -> None:
    """Set a password."""
    from audit.store.users import change_password
    from audit.web.passwords import hashed

    def change(store: Any, number: int) -> None:
        change_password(store, number, hashed(_password(from_stdin), name), actor())

    _on(url, name, change)


@users.command(
    help=tr(
        "停用账号：退出登录，令牌失效；做过的决定保留。", "Lock an account: sessions and tokens end, decisions stay."
    )
)
@click.argument("name", metavar="NAME")
@store_option(required=True)
def disable(name: str, url: str) -> None:
    """Lock an account."""
    from audit.store.users import disable

    _on(url, name, lambda store, number: disable(store, number, actor()))


@users.command(help=tr("重新启用账号。", "Unlock an account."))
@click.argument("name", metavar="NAME")
@store_option(required=True)
def enable(name: str, url: str) -> None:
    """Unlock an account."""
    from audit.store.users import enable

    _on(url, name, lambda store, number: enable(store, number, actor()))


@users.command(
    help=tr(
        "列出接口令牌：编号、用户、状态（有效、闲置 30 天、已到期、已吊销）、到期日、最近使用、用途。",
        "List the tokens of the API: number, user, state (active, idle for 30 days, expired, revoked), last day, last use, what uses it.",
    )
)
@store_option(required=True)
def tokens(url: str) -> None:
    """Print a line per token, the newest first."""
    from audit.store.database import Store
    from audit.store.tokens import TokenState, all_tokens

    states = {
        TokenState.ACTIVE: tr("有效", "active"),
        TokenState.IDLE: tr("闲置", "idle"),
        TokenState.EXPIRED: tr("已到期", "expired"),
        TokenState.REVOKED: tr("已吊销", "revoked"),
    }
    with Store(url) as store:
        for made in all_tokens(store):
            ends = made.expires_at.astimezone().date()
            used = made.used_at.astimezone().date() if made.used_at else tr("从未使用", "never used")
            click.echo(f"{made.id}\t{made.owner}\t{states[made.state]}\t{ends}\t{used}\t{made.name}")


@users.command(
    "revoke-token", help=tr("吊销编号为 NUMBER 的接口令牌，立即失效。", "Revoke the token with this number, at once.")
)
@click.argument("number", metavar="NUMBER", type=click.IntRange(1, 2**31 - 1))
@store_option(required=True)
def revoke_token(number: int, url: str) -> None:
    """Revoke somebody's token."""
    from audit.store.database import Store
    from audit.store.tokens import take_away

    with Store(url) as store:
        take_away(store, number, actor())
    click.echo(tr("已吊销。", "Revoked."))


def _on(url: str, name: str, change: Callable[[Any, int], None]) -> None:
    from audit.store.database import Store
    from audit.store.users import named

    with Store(url) as store:
        change(store, named(store, name).number)
    click.echo(tr("已更改。", "Done."))


def _password(from_stdin: bool) -> str:
    """The password, from a prompt or from standard input; never from the command line, which others can read."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    first: str = click.prompt(tr("密码", "Password"), hide_input=True)
    if click.prompt(tr("再输入一次", "The same again"), hide_input=True) != first:
        raise InputError("CA807")
    return first
