"""Containers for a manifest of a million rows: what they hold lies in a temporary file as soon as it is much.

SQLite's private temporary database keeps some pages in memory and gives its file back with the last reference.
"""

import sqlite3


def _database(schema: str) -> sqlite3.Connection:
    database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    database.execute("PRAGMA journal_mode = OFF")
    database.execute(schema)
    database.execute("BEGIN")  # for good: nobody else reads it
    return database


class Sequence:
    """Bytes by their place, from 0."""

    def __init__(self) -> None:
        self._db = _database("CREATE TABLE entries (place INTEGER PRIMARY KEY, number INTEGER, value BLOB)")
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def append(self, number: int, value: bytes) -> None:
        """Add a value and a number that goes with it."""
        self._db.execute("INSERT INTO entries VALUES (?, ?, ?)", (self._length, number, value))
        self._length += 1

    def __getitem__(self, place: int) -> tuple[int, bytes]:
        found = self._db.execute("SELECT number, value FROM entries WHERE place = ?", (place,)).fetchone()
        if found is None:
            raise IndexError(place)
        return int(found[0]), bytes(found[1])


class FirstCome:
    """Texts, each with the value that came with it first."""

    def __init__(self) -> None:
        self._db = _database("CREATE TABLE entries (key BLOB PRIMARY KEY, value BLOB) WITHOUT ROWID")

    def put(self, key: str, value: str) -> str | None:
        """Keep the value unless the text has one; the one it had."""
        found = self.get(key)
        if found is None:
            self._db.execute("INSERT INTO entries VALUES (?, ?)", (_bytes(key), _bytes(value)))
        return found

    def get(self, key: str) -> str | None:
        """The value of the text, None when it has none."""
        found = self._db.execute("SELECT value FROM entries WHERE key = ?", (_bytes(key),)).fetchone()
        return None if found is None else bytes(found[0]).decode("utf-8", "surrogatepass")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
