"""How often somebody tried to sign in and failed, by name and by address, so that passwords cannot be tried out."""

import hashlib
import ipaddress
import math
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from audit.errors import InputError
from audit.store import chain
from audit.store import tables as t
from audit.store.database import Store, now

WINDOW = timedelta(minutes=15)
# Who mistypes needs two or three; behind one address there may be a whole office.
PER_NAME, PER_ADDRESS = 5, 20
_NOBODY = "anonymous"


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that was let through to the password, and that counts as failed until it `succeeded`."""

    name: str
    address: str
    row: int


def begin(store: Store, name: str, address: str) -> Attempt:
    """Count an attempt before the password is looked at: attempts made at once do not slip past the limit together.

    Raises InputError CA805, with the minutes to wait, when the name or the address has failed too often. Unknown names count as known
    ones do, so that the answer tells nothing of who is there. An attempt that is refused does not make the wait longer.
    """
    of_name, of_address = _subject("name", name), _subject("address", _network(address))
    with store.writing() as connection:
        moment = now()
        connection.execute(t.attempts.delete().where(t.attempts.c.at <= moment - WINDOW))
        wait = max(_wait(connection, of_name, PER_NAME, moment), _wait(connection, of_address, PER_ADDRESS, moment))
        if wait:
            raise InputError("CA805", minutes=wait)
        rows = [
            connection.execute(t.attempts.insert().values(subject=subject, at=moment)).inserted_primary_key
            for subject in (of_name, of_address)
        ]
        assert rows[1] is not None
        return Attempt(name, address, int(rows[1][0]))


def succeeded(store: Store, attempt: Attempt) -> None:
    """The password was right: earlier failures of the name are forgotten, those of the address are not."""
    mine = sa.or_(t.attempts.c.subject == _subject("name", attempt.name), t.attempts.c.id == attempt.row)
    with store.writing() as connection:
        connection.execute(t.attempts.delete().where(mine))


def failed(store: Store, attempt: Attempt) -> None:
    """Write the failure into the log: from where, and a hash of the name, which may be a password in the wrong field."""
    with store.writing() as connection:
        known = connection.execute(sa.select(t.users.c.id).where(t.users.c.name == attempt.name)).scalar()
        subject = "user:unknown" if known is None else f"user:{known}"
        name = _subject("name", attempt.name)[:8]
        chain.append(connection, _NOBODY, "sign_in_failed", subject, name=name, address=attempt.address)


def _wait(connection: sa.Connection, subject: str, limit: int, moment: datetime) -> int:
    """Minutes until the subject may try again; 0 for at once."""
    latest = sa.select(t.attempts.c.at).where(t.attempts.c.subject == subject).order_by(t.attempts.c.at.desc())
    blocking = connection.execute(latest.offset(limit - 1).limit(1)).scalar()
    return 0 if blocking is None else max(1, math.ceil((blocking + WINDOW - moment) / timedelta(minutes=1)))


def _subject(kind: str, text: str) -> str:
    return hashlib.sha256(f"{kind}:{text}".encode(errors="surrogatepass")).hexdigest()


def _network(address: str) -> str:
    """What counts as one address: of IPv6 the network, of which everybody has 2^64 addresses."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is None:
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(getattr(found, "ipv4_mapped", None) or found)
