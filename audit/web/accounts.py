"""What pages, API and command line share of accounts: who may come in, and passwords that one is told."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from audit.errors import InputError
from audit.model.review import UserRole
from audit.store import attempts, tokens, users
from audit.store.database import Store, now
from audit.store.users import Credentials
from audit.web import passwords

ONE_TIME_HOLDS = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Issued:
    """A one-time password: it only serves to choose one's own at the sign-in page, until `until`. It is shown once."""

    number: int
    password: str
    until: datetime


def identify(store: Store, name: str, password: str, address: str) -> Credentials:
    """Who it is that knows this password.

    Raises InputError: CA805 with the minutes to wait when name or address has failed too often, CA806 for everything else: whether the
    name is unknown, the password wrong or out of date, or the account disabled is not told.
    """
    attempt = attempts.begin(store, name, address)
    found = users.credentials(store, name)
    right = passwords.matches(found.password_hash if found else None, password)
    if found is None or not right or (found.until is not None and found.until < now()):
        attempts.failed(store, attempt)
        raise InputError("CA806")
    attempts.succeeded(store, attempt)
    if passwords.outdated(found.password_hash):
        users.rehash(store, found.number, found.password_hash, passwords.hashed(password, name))
    return found


def choose_password(
    store: Store, number: int, name: str, password: str, again: str, *, keep: int | None = None
) -> None:
    """Keep the password that the user chose; other sessions than `keep` end.

    Raises InputError: CA802 when it cannot be used, CA807 when it was not typed twice the same, CA816 when it is the one in use: whoever
    gave out a one-time password would know it for ever.
    """
    if password != again:
        raise InputError("CA807")
    found = users.credentials(store, name)
    if found is not None and passwords.matches(found.password_hash, password):
        raise InputError("CA816")
    users.change_password(store, number, passwords.hashed(password, name), name, keep=keep)


def add(store: Store, name: str, role: UserRole, actor: str) -> Issued:
    """Add a user with a one-time password; raises InputError as `users.add_user`."""
    password, until = passwords.one_time(), now() + ONE_TIME_HOLDS
    number = users.add_user(store, name, role, actor, passwords.hashed(password, name), until)
    return Issued(number, password, until)


def reset(store: Store, number: int, actor: str) -> Issued:
    """Give a user a one-time password in place of a forgotten one; sessions end and tokens open nothing any more.

    Raises InputError CA611 when there is none.
    """
    account = users.user(store, number)
    password, until = passwords.one_time(), now() + ONE_TIME_HOLDS
    users.change_password(store, number, passwords.hashed(password, account.name), actor, until=until)
    tokens.revoke_all(store, number, actor)
    return Issued(number, password, until)
