"""Calls, people and files that attack: script and HTML in every text, formulas for spreadsheets, bodies too large, other people's things.

docs/desk-security.md says what was tried.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from zlib import crc32

import openpyxl
import pytest
from fastapi import FastAPI
from httpx2 import Response
from lxml import etree
from lxml import html as lxml_html

from audit.model.call import Call, CallMetadata, Direction, Role, Source, Turn
from audit.model.report import CallReport
from audit.model.review import Opinion, Ruling, UserRole, Verdict
from audit.model.span import CharSpan
from audit.pipeline import Options
from audit.report import run_json
from audit.report.registry import write_call
from audit.report.run import Run
from audit.report.summary import RunInfo
from audit.store import sessions, tokens
from audit.store import tables as t
from audit.store.appeals import file_appeal
from audit.store.calls import import_run
from audit.store.database import Store, create
from audit.store.queue import Filters
from audit.store.retention import purge
from audit.store.review import Correction, add_missed, correct, decide
from audit.store.sampling import Draw, create_plan, give_opinion, next_sample
from audit.store.soundness import check, verify
from audit.store.users import add_user
from audit.store.views import add_view
from audit.web.app import create_app
from audit.web.desk import Desk
from audit.web.frame import BODY_LIMIT
from tests.store.runs import BAD, NUMBER, RULES, finding, numbers, rows
from tests.web.attack import API, LETTERS, TABLE, UNSAFE, bound, contents, filled
from tests.web.conftest import ADDRESS, Browser

# What somebody says, writes or is called. The mark before it says which field it came from.
MARKUP = """'"></td><script>alert(1)</script><img src=x onerror=alert(1)>"""


@dataclass(frozen=True)
class World:
    """A store in which every text attacks. `people` are the numbers of users by role."""

    store: Store
    people: dict[UserRole, int]
    folder: Path

    @cached_property
    def app(self) -> FastAPI:
        """The desk for it."""
        cache = self.folder / "cache"
        cache.mkdir(mode=0o700)
        return create_app(Desk(self.store, Options(), cache))

    def browser(self, role: UserRole | None = UserRole.ADMIN) -> Browser:
        """Somebody of a role, signed in; nobody for None."""
        made = Browser(self.app, ADDRESS, follow_redirects=False, raise_server_exceptions=False)
        if role is not None:
            token, session = sessions.open_session(self.store, self.people[role])
            made.cookies.set("callaudit", token)
            made.csrf = session.csrf
        return made


@contextmanager
def world(folder: Path, payload: Callable[[str], str]) -> Iterator[World]:
    folder.mkdir()
    _write_run(folder / "run", payload)
    create(str(folder / "store.sqlite"))
    with Store(str(folder / "store.sqlite")) as store:
        assert not import_run(store, folder / "run", sorted((folder / "run" / "calls").glob("*.json")), "test").failures
        names = {role: f"{payload(role.value)[:58]}{number}" for number, role in enumerate(UserRole)}
        people = {role: add_user(store, name, role, "test", "hash") for role, name in names.items()}
        _review(store, names, people, payload)
        assert check(store) == [] and verify(store)[0] == []
        yield World(store, people, folder)


def _write_run(folder: Path, payload: Callable[[str], str]) -> None:
    """Two calls, the first with findings, as `callaudit run` writes them."""
    metadata = CallMetadata(
        datetime(2026, 3, 2, 9, tzinfo=UTC),
        60.0,
        Direction.OUTBOUND,
        agent_id=payload("agent"),
        team=payload("team"),
        debtor_id=payload("debtor_id") + NUMBER,
        debtor_name=payload("debtor_name"),
        callee_number=payload("callee_number") + NUMBER,
        callee_relation=payload("relation"),
        lender=payload("lender"),
        agency=payload("agency"),
        case_no=payload("case_no") + NUMBER,
        extra={payload("extra_key"): payload("extra_value")},
    )
    said = (BAD + payload("words"), NUMBER + payload("answer"), BAD + payload("last"))
    turns = tuple(Turn(i, Role.DEBTOR if i == 1 else Role.AGENT, text) for i, text in enumerate(said))
    made = []
    for number in range(2):
        source = Source(payload("path"), "0" * 64, "callaudit-jsonl", number + 1)
        call = Call(f"{payload('call_id')}-{NUMBER}-{number}", metadata, turns[: 3 - number * 2], source)
        found = (
            (finding(call.call_id, 0, 0), finding(call.call_id, 2, 0))
            if number == 0
            else (finding(call.call_id, 0, 0),)
        )
        made.append(CallReport(call, found, RULES))
    for report in made:
        write_call(report, folder, ("json",))
    moment = datetime(2026, 3, 20, 12, tzinfo=UTC)
    with closing(Run([], [], RunInfo(moment, moment.replace(minute=30)))) as run:
        run_json.write(run, folder / "run.json")


def _review(
    store: Store, names: dict[UserRole, str], people: dict[UserRole, int], payload: Callable[[str], str]
) -> None:
    """All that people can add to calls."""
    officer, lead, admin = (names[role] for role in (UserRole.OFFICER, UserRole.LEAD, UserRole.ADMIN))
    first, second, third = numbers(store)
    decide(store, first, officer, Verdict.DISMISS, reason=payload("reason"), comment=payload("comment"))
    decide(store, first, lead, Verdict.CONFIRM, comment=payload("comment"))
    decide(store, second, officer, Verdict.CONFIRM, comment=payload("comment"))
    file_appeal(store, second, officer, payload("statement"))
    add_missed(store, 1, officer, "threat.vague", turn=0, span=CharSpan(0, 3), comment=payload("missed"))
    correct(store, 2, officer, Correction.TEXT, turn=0, value=BAD + payload("correction"))
    for number in people.values():
        add_view(store, number, payload("view")[:40], Filters(team=payload("team")))
        tokens.make(store, number, payload("token"))
    plan, _ = create_plan(store, payload("plan")[:60], Draw(findings=1.0), 2, False, lead)
    for name in (officer, admin):
        sample = next_sample(store, plan, name)
        while sample is not None:
            give_opinion(store, sample.number, name, Opinion.CONFIRM, comment=payload("opinion"))
            sample = next_sample(store, plan, name)
    assert third


def plain_markup(field: str) -> str:
    return f"M{field}{MARKUP}"


@pytest.fixture(scope="module")
def markup(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("markup") / "desk", plain_markup) as made:
        yield made


@contextmanager
def copied(world: World, folder: Path) -> Iterator[World]:
    path = folder / "store.sqlite"
    with closing(world.store.engine.raw_connection()) as connection:
        connection.cursor().execute("VACUUM INTO ?", (str(path),))
    with Store(str(path)) as store:
        yield World(store, world.people, folder)


@pytest.fixture
def fresh(markup: World, tmp_path: Path) -> Iterator[World]:
    """A copy that a test may change."""
    with copied(markup, tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def scratch(markup: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A copy that tests may change that do not mind what is in it."""
    with copied(markup, tmp_path_factory.mktemp("scratch")) as made:
        yield made


KEYS = ("labels", "teams", "agents", "weeks", "rules", "work", "nothing")
NUMBERS = (1, 2)


def every_get(letter: str) -> list[str]:
    """The address of everything that a role may look at, with numbers and names of what is there."""
    return sorted(
        {
            filled(route, number, key)[1]
            for route, who in TABLE.items()
            if route.startswith("GET ") and (letter in who or who == "*") and "/static" not in route
            for number in NUMBERS
            for key in (KEYS if "{key}" in route else ("nothing",))
        }
    )


def is_page(answer: Response) -> bool:
    return "text/html" in answer.headers.get("Content-Type", "")


def strangers(page: str) -> list[str]:
    """What in a page no template of ours put there."""
    if not page.strip():
        return []
    found = []
    for element in lxml_html.fromstring(page).iter():
        if not isinstance(element.tag, str):
            continue  # a comment
        address = element.get("src") or element.get("href") or element.get("action") or element.get("formaction") or "/"
        if element.tag in ("iframe", "object", "embed", "base", "applet", "frame", "portal"):
            found.append(element.tag)
        if element.tag == "script" and not ((element.get("src") or "").startswith("/static/") and not element.text):
            found.append(f"script {element.text}")
        if element.tag == "style" and not element.get("nonce"):
            found.append("style")
        if element.tag == "img" and not (element.get("src") or "").startswith("/"):
            found.append(f"img {element.get('src')}")
        if element.tag == "meta" and element.get("http-equiv"):
            found.append("meta")
        if re.match(r"(?![/#?])", address) or address.startswith("//") or ":" in address.split("?")[0]:
            found.append(f"{element.tag} {address}")
        for name, value in element.attrib.items():
            if name.startswith(("on", "hx-on", "data-hx-on")) or name in ("style", "srcdoc", "ping"):
                found.append(f"{element.tag} {name}")
            if "javascript:" in value.lower() or (
                name in ("hx-get", "hx-post", "hx-delete") and not value.startswith("/")
            ):
                found.append(f"{element.tag} {name}={value}")
    return found


@pytest.mark.parametrize("letter", "OTA")
def test_script_and_html_in_any_text_reach_no_page_but_as_text(markup: World, letter: str) -> None:
    browser = markup.browser(LETTERS[letter])
    shown = ""
    for path in every_get(letter):
        ways: tuple[dict[str, str], ...] = ({},) if API in path else ({}, {"HX-Request": "true"})
        for headers in ways:
            answer = browser.get(path, headers=headers)
            assert answer.status_code < 500, (path, answer.text)
            assert bound(answer), path
            if is_page(answer):
                assert "<script>alert" not in answer.text and "<img src=x" not in answer.text, path
                assert strangers(answer.text) == [], path
                shown += answer.text
            elif "svg" in answer.headers.get("Content-Type", ""):
                tags = {etree.QName(element).localname for element in etree.fromstring(answer.content).iter("*")}
                assert not tags & {"script", "foreignObject", "a", "image"}, path
            elif answer.text:
                # Not to be taken for a page: `nosniff` is part of `bound`.
                assert answer.headers["Content-Type"].startswith(("application/", "text/csv", "audio/")), path
    # The attack did arrive: these texts are meant to be read.
    wanted = {"words", "answer", "team", "agent", "view"}
    # What reviewers write is for reviewers.
    wanted |= {"comment", "reason", "missed"} if letter in "OLA" else set()
    missing = {field for field in wanted if f"M{field}&#39;&#34;&gt;&lt;/td&gt;&lt;script&gt;" not in shown}
    assert missing == set()
    if letter in "OLA":
        for field in ("statement", "plan"):
            assert f"M{field}&#39;&#34;&gt;" in shown, field


@pytest.mark.parametrize("letter", "TA")
def test_what_identifies_the_debtor_is_on_no_page_in_clear(markup: World, letter: str) -> None:
    browser = markup.browser(LETTERS[letter])
    for path in every_get(letter):
        text = browser.get(path).text
        assert not any(secret in text for secret in (NUMBER, "Mdebtor_name")), path


def test_answers_to_changes_show_hostile_text_as_text_too(scratch: World) -> None:
    browser = scratch.browser(UserRole.OFFICER)
    hostile = {
        "name": MARKUP,
        "query": MARKUP,
        "statement": MARKUP,
        "comment": MARKUP,
        "reason": MARKUP,
        "value": MARKUP,
    }
    hostile |= {"words": MARKUP, "label": MARKUP, "labels": MARKUP, "state": MARKUP, "queue": MARKUP, "common": MARKUP}
    for route in UNSAFE:
        if API in route or route == "POST /sign-out":
            continue
        for verdict in ("confirm", MARKUP):
            for headers in ({}, {"HX-Request": "true"}):
                data = hostile | {"verdict": verdict, "kind": MARKUP, "role": MARKUP}
                answer = browser.post_form(filled(route, 1)[1], data, headers=headers)
                assert answer.status_code < 500 and bound(answer), (route, answer.text)
                assert "<script>alert" not in answer.text and "<img src=x" not in answer.text, route
                assert not is_page(answer) or strangers(answer.text) == [], route
                location = answer.headers.get("Location", "/") + answer.headers.get("HX-Redirect", "/")
                assert location.startswith("/") and "<" not in location, route


STARTS = ("=", "+", "-", "@", "\t=", "\r=", "\n=", "＝", "＋", "－", "＠")
# Names cannot begin or end with blanks, nor hold what cannot be seen.
NAMED = {role.value for role in UserRole} | {"view", "plan", "token"}


@pytest.mark.parametrize("turn", range(0, len(STARTS), 3))
def test_no_text_becomes_a_formula_in_an_export(tmp_path: Path, turn: int) -> None:
    def payload(field: str) -> str:
        start = STARTS[(crc32(field.encode()) + turn) % len(STARTS)]
        return f"{start.strip()[:1] if field in NAMED else start}{field}|cmd"

    cells = 0
    with world(tmp_path / "desk", payload) as made:
        browser = made.browser()
        for path in (path for path in every_get("A") if path.endswith((".csv", ".xlsx"))):
            answer = browser.get(path)
            kind = answer.headers.get("Content-Type", "")
            if "csv" in kind:
                for row in csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))):
                    for cell in row:
                        cells += "|cmd" in cell
                        assert not re.match(r"\s*[=+\-@\t\r＝＋－＠]\D*\|cmd", cell), (path, cell)
            elif "spreadsheetml" in kind:
                book = openpyxl.load_workbook(io.BytesIO(answer.content))
                for value in (cell for sheet in book for line in sheet.iter_rows() for cell in line):
                    assert value.data_type != "f" and value.hyperlink is None, (path, value.value)
                    cells += "|cmd" in str(value.value)
    assert cells > 5


def test_names_of_files_to_download_are_ours(markup: World) -> None:
    browser = markup.browser()
    for path in every_get("A"):
        disposition = browser.get(path).headers.get("Content-Disposition", "")
        assert re.fullmatch(r"(inline)?|attachment; filename\*=UTF-8''callaudit-[\w.-]+", disposition), (
            path,
            disposition,
        )
        assert "script" not in disposition and "%3C" not in disposition, path


def test_a_purged_call_is_nowhere_not_even_by_its_number(fresh: World) -> None:
    gone = (
        "words",
        "answer",
        "last",
        "agent",
        "debtor",
        "relation",
        "call_id",
        "comment",
        "reason",
        "statement",
        "missed",
    )
    purge(fresh.store, date(2100, 1, 1), "test")
    for letter in "TA":
        browser = fresh.browser(LETTERS[letter])
        for path in every_get(letter):
            answer = browser.get(path)
            assert answer.status_code < 500, (path, answer.text)
            if re.search(r"/(calls|findings|appeals)/[123]\b", path):
                assert answer.status_code == 404, (path, answer.status_code)
            assert not any(f"M{field}" in answer.text for field in gone), path
    lead = fresh.browser(UserRole.LEAD)
    before = contents(fresh.store)
    for route, data in (
        ("/findings/1/decisions", {"verdict": "confirm"}),
        ("/calls/1/missed", {"label": "threat.vague"}),
        ("/calls/1/corrections", {"kind": "swap_roles"}),
        ("/calls/1/reveal", {"field": "debtor_name"}),
        ("/findings/1/appeal", {"statement": "x"}),
        ("/appeals/1/ruling", {"verdict": Ruling.UPHELD.value, "comment": "x"}),
    ):
        answer = lead.post_form(route, data)
        assert answer.status_code in (404, 409, 422) and re.search("CA611|CA629", answer.text), (route, answer.text)
    assert contents(fresh.store) == before


def test_what_belongs_to_somebody_else_is_not_there(fresh: World) -> None:
    mine, others = UserRole.OFFICER, UserRole.ADMIN
    browser = fresh.browser(mine)
    theirs = fresh.people[others]
    view = next(row["id"] for row in rows(fresh.store, t.views) if row["user"] == theirs)
    token = tokens.of_user(fresh.store, theirs)[0].id
    _, session = sessions.open_session(fresh.store, theirs)
    before = contents(fresh.store)
    header = {"X-CSRF-Token": browser.csrf}
    for method, path in (
        ("POST", f"/queue/views/{view}/delete"),
        ("DELETE", f"{API}/views/{view}"),
        ("POST", f"/me/tokens/{token}/revoke"),
        ("POST", f"{API}/tokens/{token}/revoke"),
        ("POST", f"/me/sessions/{session.id}/close"),
    ):
        assert browser.request(method, path, headers=header).status_code == 404, path
    # Nobody takes back what another decided: the lead's decision on the first finding stays when the viewer of it undoes twice.
    assert contents(fresh.store) == before
    admin = fresh.browser(others)
    assert admin.post(f"{API}/findings/2/undo", headers={"X-CSRF-Token": admin.csrf}).status_code in (200, 409)
    made = [(row["reviewer"], row["undoes"]) for row in rows(fresh.store, t.decisions)]
    owners = {number: reviewer for number, (reviewer, _) in enumerate(made, 1)}
    assert all(owners[int(str(undone))] == reviewer for reviewer, undone in made if undone is not None)


def _pieces(size: int) -> Iterator[bytes]:
    for _ in range(size >> 16):
        yield b"x" * (1 << 16)
    yield b"x"


@pytest.mark.parametrize("role", [None, UserRole.ADMIN])
def test_a_body_that_is_too_large_is_refused_whoever_sends_it(markup: World, role: UserRole | None) -> None:
    browser = markup.browser(role)
    before = contents(markup.store)
    for route in TABLE:
        method, path = filled(route)
        if method == "GET" or path == "/sign-out":
            continue
        form = {"Content-Type": "application/x-www-form-urlencoded", "X-CSRF-Token": browser.csrf}
        declared = browser.request(method, path, content=b"x" * (BODY_LIMIT + 1), headers=form)
        assert declared.status_code == 413 and "CA833" in declared.text and bound(declared), path
        # Without a length, as it comes: read only where the answer depends on it.
        streamed = browser.request(method, path, content=_pieces(BODY_LIMIT), headers=form)
        refused = (413, 404, 409, 200) if role else (413, 303, 401)
        assert streamed.status_code in refused and bound(streamed), (path, streamed.status_code)
    assert contents(markup.store) == before


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("application/json", b"[" * 200_000),
        ("application/json", b'{"a":' * 100_000),
        ("application/json", b"\xff\xfe"),
        ("application/json", b'{"name": "\\ud800", "verdict": NaN, "label": Infinity}'),
        ("application/json", b'{"turn": 1e999, "limit": 1e400, "start": -1}'),
        (
            "application/json",
            b'{"turn": 99999999999999999999999, "limit": 99999999999999999999999, "verdict": "confirm"}',
        ),
        ("application/x-www-form-urlencoded", b"&" * 100_000),
        ("application/x-www-form-urlencoded", b"name=%ff%fe%00&verdict=%00&comment=%ed%a0%80"),
        ("application/x-www-form-urlencoded", b"kind=role&value=agent&turn=99999999999999999999999"),
        ("application/x-www-form-urlencoded", b"kind=text&value=x&turn=-99999999999999999999999"),
        ("application/x-www-form-urlencoded", b"kind=undo&undoes=99999999999999999999999"),
        ("application/x-www-form-urlencoded", b"verdict=confirm&seen=99999999999999999999999"),
        ("application/x-www-form-urlencoded", b"turn=999999999&start=999999999&end=999999999&label=threat.vague"),
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n" * 5000),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="name"; filename="../../x"\r\n\r\nx\r\n--x--\r\n',
        ),
        ("text/xml", b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'),
    ],
)
def test_no_body_brings_the_desk_down(scratch: World, kind: str, content: bytes) -> None:
    browser = scratch.browser()
    for route in UNSAFE:
        if "/me/sessions" in route or route in ("POST /sign-out", "POST /packs", f"POST {API}/packs"):
            continue  # these would be done: a session closed, a pack made
        method, path = filled(route, 1)
        answer = browser.request(
            method, path, content=content, headers={"Content-Type": kind, "X-CSRF-Token": browser.csrf}
        )
        assert answer.status_code < 500, (route, answer.text)
        assert "Traceback" not in answer.text and "root:" not in answer.text and bound(answer), route


@pytest.mark.parametrize(
    "query",
    [
        "page=99999999999999999999999&before=99999999999999999999999&after=99999999999999999999999&limit=99999999999999999999999",
        "page=-1&before=-1&limit=-1&after=-1&finding=-1&sample=-1",
        "finding=99999999999999999999999&sample=99999999999999999999999&made=99999999999999999999999",
        "q=%00&words=%00&agent=%00&team=%00&state=%00&label=%00&first=%00",
        "q=%ff%fe&words=%ff&first=0000-00-00&last=9999-99-99&least=NaN&most=inf",
        "q=%25%5F%27%22%28%29%2A&words=%22%20OR%20%22&q=AND&agent=%27%20OR%201%3D1--",
        "q=" + "%E6%89%93" * 3000,
        "state=" + "open," * 3000,
        "rule=../../../../../../etc/passwd&call=1&finding=%2e%2e%2fetc",
        "next=//evil.example&queue=%3Cscript%3E&done=%3Cscript%3E&sort=%3Cscript%3E",
    ],
    ids=["huge", "negative", "huge rows", "nul", "no text", "patterns", "long", "many", "paths", "elsewhere"],
)
def test_no_query_brings_the_desk_down(markup: World, query: str) -> None:
    browser = markup.browser()
    for path in every_get("A"):
        answer = browser.get(f"{path}?{query}")
        assert answer.status_code < 500, (path, answer.text)
        assert answer.headers.get("Location", "/").startswith("/") and "//evil" not in answer.headers.get(
            "Location", ""
        ), path
        if is_page(answer):
            assert strangers(answer.text) == [], path


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n" for old, new in pairwise("abcdefghij")
)


@pytest.mark.parametrize(
    "rule",
    [
        BOMB,
        "!!python/object/apply:os.system [id]",
        "id: threat.violence/x\nmatch: {words: ../../../../etc/passwd}",
        "[" * 20_000,
        "id: threat.violence/x\nmatch: {pattern: '(a+)+$'}\n",
        MARKUP,
        "\x00",
    ],
    ids=["bomb", "object", "path", "deep", "backtracking", "markup", "nul"],
)
def test_a_hostile_rule_in_the_playground_runs_and_reads_nothing(scratch: World, rule: str) -> None:
    browser = scratch.browser(UserRole.OFFICER)
    form = {"edited": rule, "dialogue": "坐席：" + "a" * 5_000 + MARKUP, "rule": "threat.violence/x"}
    for path in ("/playground/try", "/playground/compare"):
        answer = browser.post_form(path, form)
        assert answer.status_code < 500, answer.text
        assert "root:" not in answer.text and "uid=" not in answer.text
        assert strangers(answer.text) == []


@pytest.mark.parametrize(
    "path",
    [
        "/static/../desk.py",
        "/static/%2e%2e/desk.py",
        "/static/..%2fdesk.py",
        "/static/vendor/..%2f..%2f..%2fapp.py",
        "/static/..%5c..%5capp.py",
        "/static//etc/passwd",
        "/static/%2fetc%2fpasswd",
        "/static/%00",
        "/static/desk.css%00.png",
        "/static/",
        "/static/vendor",
        "/static/.git/config",
        "/static/" + "a" * 5000,
        "/static/%ff",
        "/.env",
        "/audit/web/app.py",
        "/store.sqlite",
    ],
)
def test_static_files_are_only_those_of_the_desk(markup: World, path: str) -> None:
    answer = markup.browser(None).get(path)
    assert answer.status_code in (404, 405), (path, answer.status_code)
    assert "import" not in answer.text and "root:" not in answer.text and bound(answer)


def test_a_recordings_path_in_the_store_gives_away_no_other_file(fresh: World, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("root:x:0:0", encoding="utf-8")
    for path, digest in (
        (str(secret), sha256(secret.read_bytes()).hexdigest()),  # the very hash, yet no recording
        (str(secret), "0" * 64),
        ("../../../../etc/passwd", "0" * 64),
        (str(tmp_path), "0" * 64),
        ("/dev/zero", "0" * 64),
        ("\x00", "0" * 64),
    ):
        with fresh.store.writing() as connection:
            values = {"audio_path": path, "audio_sha256": digest}
            connection.execute(t.calls.update().where(t.calls.c.id == 1).values(values))
        for name in ("calls/1/audio", "calls/1/peaks.json", "api/v1/calls/1/audio", "api/v1/calls/1/peaks"):
            for role in (UserRole.OFFICER, UserRole.TRAINER):
                answer = fresh.browser(role).get(f"/{name}", headers={"Range": "bytes=0-9"})
                assert 400 <= answer.status_code < 500, (path, name, answer.status_code)
                assert "root:" not in answer.text and str(tmp_path) not in answer.text


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "evil.example:80", "localhost@evil.example", "", "10.0.0.1", "*"]
)
def test_who_comes_by_another_name_gets_nothing(markup: World, host: str) -> None:
    answer = markup.browser().get("/accounts", headers={"Host": host})
    assert answer.status_code == 400 and bound(answer)
    assert "Maccounts" not in answer.text and MARKUP not in answer.text


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8765", "localhost:8765", "[::1]:8765", "LOCALHOST"])
def test_who_comes_by_the_name_of_this_machine_is_served(markup: World, host: str) -> None:
    assert markup.browser().get("/me", headers={"Host": host}).status_code == 200


def test_a_forwarded_host_leads_nobody_away(markup: World) -> None:
    headers = {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example", "X-Original-URL": "/accounts"}
    answer = markup.browser(None).get("/me", headers=headers)
    assert answer.headers["Location"] == "/sign-in?next=%2Fme"


def test_a_defect_shows_nothing_of_the_inside_and_is_bound_as_well(
    markup: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("audit.web.pages.log.lines", broken)
    answer = markup.browser().get("/log")
    assert answer.status_code == 500 and bound(answer)
    assert "secret" not in answer.text and "Traceback" not in answer.text


def test_a_broken_database_shows_nothing_of_what_it_holds(fresh: World) -> None:
    browser = fresh.browser()
    with fresh.store.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE views RENAME TO gone")
    answer = browser.get("/queue")
    assert answer.status_code == 503 and bound(answer)
    assert "SELECT" not in answer.text and "Mview" not in answer.text


def test_hostile_languages_and_cookies_change_nothing(markup: World) -> None:
    browser = markup.browser(None)
    for cookie in (
        "lang=<script>",
        'lang="',
        "lang=en; lang=zh; =; ;;",
        "lang=" + "x" * 4000,
        "a" * 4000,
        "lang=../../etc",
    ):
        answer = browser.get("/sign-in", headers={"Cookie": cookie})
        assert answer.status_code == 200 and strangers(answer.text) == []


def test_pages_are_kept_by_no_cache(markup: World) -> None:
    browser = markup.browser()
    for path in every_get("A"):
        control = browser.get(path).headers.get("Cache-Control", "")
        assert "no-store" in control, (path, control)


def test_the_attack_finds_what_it_looks_for() -> None:
    for page in (
        "<p><script>x</script></p>",
        "<p><img src=x></p>",
        "<p onclick=x>x</p>",
        "<p style='x'>x</p>",
        '<a href="javascript:x">x</a>',
        '<a href="https://evil.example">x</a>',
        '<a href="//evil.example">x</a>',
        "<iframe></iframe>",
        '<form action="https://evil.example"></form>',
        '<div hx-on:click="x">x</div>',
        '<div hx-get="https://evil.example">x</div>',
        '<meta http-equiv="refresh" content="0">',
    ):
        assert strangers(page), page
