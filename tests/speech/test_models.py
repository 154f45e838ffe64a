import hashlib
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context
from pathlib import Path

import pytest

from audit.errors import ConfigError
from audit.speech import models
from audit.speech.models import PUBLISHED, SOURCES, Published, Weights, fetch, find, find_whisper, verify

CONTENT = b"weights " * 5000
COMPANIONS = {"config.json": b"{}", "tokenizer.json": b"{}", "vocabulary.txt": b"a"}


@pytest.fixture(autouse=True)
def own_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with nothing but the weight package: caches elsewhere, no variables set."""
    monkeypatch.setenv("CALLAUDIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.delenv("CALLAUDIT_MODELS", raising=False)


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> str:
    """A published model of 40 kB."""
    published = Published(hashlib.sha256(CONTENT).hexdigest(), "hub/toy", "scope/toy")
    monkeypatch.setitem(PUBLISHED, "toy", published)
    return "toy"


def model_folder(path: Path, content: bytes = CONTENT, without: str = "") -> Path:
    path.mkdir(parents=True)
    for name, text in {**COMPANIONS, "model.bin": content}.items():
        if name != without:
            (path / name).write_bytes(text)
    return path


def code_of(model: str | None) -> str:
    with pytest.raises(ConfigError) as caught:
        find(model)
    return caught.value.problem.code


def assembled_in_own_process(_: int) -> tuple[str, str]:
    weights = find()
    return weights.sha256, str(weights.path)


def test_the_weight_package_is_joined_into_the_cache_and_is_the_published_model(tmp_path: Path) -> None:
    weights = find()
    assert weights == Weights("base", tmp_path / "cache/models/base", PUBLISHED["base"].sha256, "cache", True)
    assert find("base") == weights
    assert [path.name for path in (tmp_path / "cache/models").iterdir()] == ["base"]


def test_two_processes_may_join_it_at_once(tmp_path: Path) -> None:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        found = set(pool.map(assembled_in_own_process, range(2)))
    assert found == {(PUBLISHED["base"].sha256, str(tmp_path / "cache/models/base"))}
    assert [path.name for path in (tmp_path / "cache/models").iterdir()] == ["base"]


def test_joining_goes_on_where_a_fetch_left_its_small_files(tmp_path: Path) -> None:
    folder = tmp_path / "cache/models/base"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{")
    assert find().published
    assert (folder / "config.json").read_text("utf-8") != "{"


def test_a_damaged_package_is_refused_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "_PACKAGES", models._PACKAGES[:1])
    assert code_of(None) == "CA311"
    assert list((tmp_path / "cache/models").iterdir()) == []


def test_without_package_and_model_the_three_ways_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "_PACKAGES", ("no_such_package",))
    with pytest.raises(ConfigError) as caught:
        find()
    line = caught.value.problem.line("en")
    assert caught.value.problem.code == "CA310"
    assert all(way in line for way in ("pip install", "$CALLAUDIT_MODELS", "callaudit models fetch base"))


def test_a_folder_the_user_names_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, toy: str) -> None:
    monkeypatch.setenv("CALLAUDIT_MODELS", str(tmp_path / "models"))
    model_folder(tmp_path / "models" / toy)
    own = model_folder(tmp_path / "own", b"other weights")
    assert (find(str(own)).place, find(str(own)).published) == ("folder", False)


def test_named_models_are_looked_up_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, toy: str) -> None:
    model_folder(tmp_path / "hf/hub/models--hub--toy/snapshots/abc")
    assert find(toy).place == "huggingface"
    model_folder(tmp_path / "cache/models" / toy)
    assert find(toy).place == "cache"
    monkeypatch.setenv("CALLAUDIT_MODELS", str(tmp_path / "models"))
    model_folder(tmp_path / "models" / toy)
    assert find(toy).place == "models"


def test_the_variable_may_name_the_default_model_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PUBLISHED, "base", Published(hashlib.sha256(CONTENT).hexdigest(), "hub/base", "scope/base"))
    monkeypatch.setenv("CALLAUDIT_MODELS", str(model_folder(tmp_path / "models")))
    assert (find().path, find().place) == (tmp_path / "models", "models")


def test_a_published_name_promises_the_published_bytes(tmp_path: Path, toy: str) -> None:
    model_folder(tmp_path / "cache/models" / toy, b"something else")
    assert code_of(toy) == "CA311"


@pytest.mark.parametrize("without", ["config.json", "tokenizer.json", "vocabulary.txt", "model.bin"])
def test_an_incomplete_folder_names_what_is_missing(tmp_path: Path, without: str) -> None:
    folder = model_folder(tmp_path / "own", without=without)
    with pytest.raises(ConfigError) as caught:
        verify(folder)
    assert caught.value.problem.code == "CA313"
    assert without.partition(".")[0] in str(caught.value.problem.facts["missing"])


def test_an_unknown_name_lists_the_known(toy: str) -> None:
    with pytest.raises(ConfigError) as caught:
        find("bass")
    assert caught.value.problem.code == "CA312"
    assert toy in str(caught.value)


def test_openai_weights_are_found_by_file_folder_and_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError) as caught:
        find_whisper()
    assert caught.value.problem.code == "CA316"
    folder = tmp_path / "models" / "base"
    folder.mkdir(parents=True)
    (folder / "whisper.pt").write_bytes(CONTENT)
    monkeypatch.setenv("CALLAUDIT_MODELS", str(tmp_path / "models"))
    for model in (None, "base", str(folder), str(folder / "whisper.pt")):
        assert (find_whisper(model).path, find_whisper(model).name) == (folder / "whisper.pt", "base")


class Hub(BaseHTTPRequestHandler):
    """A hub that serves byte ranges and breaks off in the middle of the weights once."""

    content: bytes = CONTENT
    breaks = 0
    ranges: list[str | None]

    def do_GET(self) -> None:
        name = self.path.rpartition("/")[2]
        body = self.content if name == "model.bin" else COMPANIONS[name]
        asked = self.headers.get("Range")
        if name == "model.bin":
            self.ranges.append(asked)
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
        if asked and start >= len(body):
            self.send_error(416)
            return
        self.send_response(206 if asked else 200)
        self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        if name == "model.bin" and self.breaks:
            type(self).breaks -= 1
            self.wfile.write(body[start : start + 10_000])
            return
        self.wfile.write(body[start:])

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, toy: str) -> Iterator[type[Hub]]:
    class OwnHub(Hub):
        ranges: list[str | None] = []  # noqa: RUF012

    server = ThreadingHTTPServer(("127.0.0.1", 0), OwnHub)
    monkeypatch.setitem(SOURCES, "modelscope", partial(_local, server.server_port))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield OwnHub
    server.shutdown()
    server.server_close()


def _local(port: int, model: Published, file: str) -> str:
    return f"http://127.0.0.1:{port}/{model.modelscope}/{file}"


def quiet(file: str, done: int, total: int) -> None:
    assert 0 < done <= total


def test_fetched_weights_are_verified_and_found(hub: type[Hub], toy: str, tmp_path: Path) -> None:
    fetched = fetch(toy, "modelscope", quiet)
    assert fetched == find(toy)
    assert (fetched.place, fetched.published) == ("cache", True)
    assert {path.name for path in fetched.path.iterdir()} == {*COMPANIONS, "model.bin"}


def test_a_download_that_broke_off_resumes_where_it_stopped(hub: type[Hub], toy: str) -> None:
    hub.breaks = 1
    with pytest.raises(ConfigError) as caught:
        fetch(toy, "modelscope", quiet)
    assert caught.value.problem.code == "CA314"
    assert code_of(toy) == "CA310"
    assert fetch(toy, "modelscope", quiet).published
    assert hub.ranges == [None, "bytes=10000-"]


def test_a_download_that_had_all_but_the_name_is_finished(hub: type[Hub], toy: str, tmp_path: Path) -> None:
    folder = tmp_path / "cache/models" / toy
    folder.mkdir(parents=True)
    (folder / "model.bin.part").write_bytes(CONTENT)
    assert fetch(toy, "modelscope", quiet).published


def test_wrong_bytes_are_refused_and_removed(hub: type[Hub], toy: str, tmp_path: Path) -> None:
    hub.content = b"evil" * 10
    with pytest.raises(ConfigError) as caught:
        fetch(toy, "modelscope", quiet)
    assert caught.value.problem.code == "CA311"
    assert not list((tmp_path / "cache/models" / toy).glob("model.bin*"))


def test_no_network_is_an_error_with_a_remedy(monkeypatch: pytest.MonkeyPatch, toy: str) -> None:
    monkeypatch.setitem(SOURCES, "hf", lambda model, file: f"http://127.0.0.1:9/{file}")
    with pytest.raises(ConfigError) as caught:
        fetch(toy, "hf", quiet)
    assert caught.value.problem.code == "CA314"
    assert "hf-mirror" in caught.value.problem.remedy("en")


@pytest.mark.parametrize(("name", "source", "code"), [("bass", "hf", "CA312"), ("base", "mars", "CA315")])
def test_unknown_models_and_sources(name: str, source: str, code: str) -> None:
    with pytest.raises(ConfigError) as caught:
        fetch(name, source, quiet)
    assert caught.value.problem.code == code


def test_sources_speak_plain_https() -> None:
    assert {name: url(PUBLISHED["small"], "model.bin") for name, url in SOURCES.items()} == {
        "modelscope": "https://modelscope.cn/models/pengzhendong/faster-whisper-small/resolve/master/model.bin",
        "hf-mirror": "https://hf-mirror.com/Systran/faster-whisper-small/resolve/main/model.bin",
        "hf": "https://huggingface.co/Systran/faster-whisper-small/resolve/main/model.bin",
    }
