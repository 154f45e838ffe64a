"""Where a text stands among the headings above it."""

from collections import Counter
from typing import Generic, TypeVar

Path = tuple[str, ...]
Key = TypeVar("Key")
# Nobody nests deeper; a path as long as the file is would make it quadratic.
DEPTH = 32


class Sections(Generic[Key]):
    """The sections that are open, outermost first, each with a key that says what began it."""

    def __init__(self) -> None:
        self.keys: list[Key] = []
        self._paths: list[Path] = [()]
        self._counts: Counter[tuple[Path, str]] = Counter()

    @property
    def path(self) -> Path:
        """The path of what stands here."""
        return self._paths[-1]

    def close(self, depth: int) -> None:
        """Leave all sections but the outermost `depth`."""
        del self.keys[depth:], self._paths[depth + 1 :]

    def begin(self, key: Key, depth: int) -> Path:
        """Begin a section within the outermost `depth` of those open, and return its path."""
        self.close(min(depth, DEPTH))
        self._paths.append(self._numbered("s"))
        self.keys.append(key)
        return self.path

    def table(self) -> Path:
        """The path of a further table that stands here."""
        return self._numbered("t")

    def _numbered(self, letter: str) -> Path:
        self._counts[self.path, letter] += 1
        return (*self.path, f"{letter}{self._counts[self.path, letter]}")
