"""Milliseconds until the desk's pages are there: `callaudit serve` on a large store, asked by this process as a browser asks.

    python -m benchmarks.desk_store desk.sqlite
    python -m benchmarks.desk desk.sqlite [postgresql+psycopg://...] [--requests 30] [--plans]

One officer signs in and asks for one page after another, each as often as `--requests`, without pictures and styles. Columns: median and
95th percentile of the whole answer, the median as a share of the target, the median over that of the bare sign-in page of the same
server in the same run (what HTTP, framework and template cost on this machine at this time), and what the server's process computed
(on PostgreSQL without the database's own processes). Words to look for are chosen by how many calls have them. With `--plans` the worst
case of second review is drawn first, and stays: blind plans of all findings, of all calls without findings and of half of the findings,
and one of a third that is not blind.
"""

import argparse
import http.client
import os
import random
import re
import socket
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import sqlalchemy as sa

from audit.store import tables as t
from audit.store.database import Store, shown, store_url
from audit.store.sampling import Draw, create_plan, plans
from benchmarks.desk_store import PASSWORD

TARGET_MS = 150
_OFFICER = "bench-lead"
_SAMPLE = 3000
_STARTS_S = 60
_START_PAGE = "/sign-in"


@dataclass(frozen=True, slots=True)
class Asked:
    """A page by name, and the addresses to ask for in turn."""

    name: str
    addresses: Sequence[str]


@dataclass(frozen=True, slots=True)
class Times:
    """What came of the requests for a page: milliseconds of each, those the server computed for one, bytes of the last answer."""

    page: str
    ms: tuple[float, ...]
    computed_ms: float
    size: int

    @property
    def median(self) -> float:
        """Half of the requests took no longer."""
        return statistics.median(self.ms)

    @property
    def p95(self) -> float:
        """All but one in twenty took no longer."""
        return sorted(self.ms)[round(0.95 * (len(self.ms) - 1))]


class Browser:
    """One connection that is kept open, and the cookies that came over it."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._cookies: dict[str, str] = {}

    def get(self, path: str) -> str:
        """The answer to a request, which has to succeed."""
        status, text = self._ask("GET", path)
        if status != 200:
            raise SystemExit(f"{path}: {status}")
        return text

    def sign_in(self) -> None:
        """Sign in with the form, as a person does."""
        form = re.findall(r'name="form" value="([^"]*)"', self.get(_START_PAGE))[0]
        given = {"form": form, "name": _OFFICER, "password": PASSWORD, "next": "/"}
        status, _ = self._ask("POST", _START_PAGE, urlencode(given))
        if status != 303:
            raise SystemExit(f"{_OFFICER} cannot sign in: {status}")

    def _ask(self, method: str, path: str, body: str | None = None) -> tuple[int, str]:
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items()),
            "Accept": "text/html",
        }
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        text = answer.read().decode()
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        return answer.status, text


@contextmanager
def serving(url: str) -> Iterator[tuple[int, int]]:
    """A desk on the store: its port and the number of its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "audit", "serve", "--store", url, "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        try:
            _wait_for(port, server)
            yield port, server.pid
        finally:
            server.terminate()


def _wait_for(port: int, server: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + _STARTS_S
    while time.monotonic() < until and server.poll() is None:
        try:
            Browser(port).get(_START_PAGE)
        except (OSError, http.client.HTTPException):
            time.sleep(0.2)
        else:
            return
    raise SystemExit("the server does not answer")


PLANS = (
    ("all findings", Draw(findings=1.0), True),
    ("all calls", Draw(calls=1.0), True),
    ("half", Draw(findings=0.5, seed="2"), True),
    ("a third", Draw(findings=0.33, seed="3"), False),
)


def draw_plans(store: Store) -> None:
    """Draw the plans that are not there yet."""
    with store.reading() as connection:
        there = {plan.name for plan in plans(connection)}
    for name, draw, blind in PLANS:
        if name not in there:
            create_plan(store, name, draw, 2, blind, _OFFICER)


def pages(store: Store) -> list[Asked]:
    """What is asked for, from what is in the store."""
    with store.reading() as connection:
        words = _words(connection)
        f = t.findings.c
        order = (f.rank.desc(), f.confidence.desc(), f.id)
        breaches = sa.select(f.id).where(f.superseded_by.is_(None), sa.func.substr(f.label, 1, 7) != "signal.")
        behind = [
            connection.execute(breaches.order_by(*order).offset(place).limit(1)).scalar()
            for place in (1_000, 50_000, 200_000)
        ]
        dice = random.Random(3)
        calls = [
            dice.randrange(1, connection.execute(sa.select(sa.func.max(t.calls.c.id))).scalar_one()) for _ in range(30)
        ]
        rule = connection.execute(sa.select(f.rule).group_by(f.rule).order_by(sa.func.count()).limit(1)).scalar()
        last = connection.execute(sa.select(sa.func.max(t.calls.c.day))).scalar_one()
    queue: dict[str, list[dict[str, str]]] = {
        "what waits": [{}],
        "all": [{"tab": "breaches"}],
        "signals": [{"tab": "signals"}],
        **{f"state {one}": [{"state": one}] for one in ("confirmed", "disputed")},
        **{f"severity {one}": [{"severity": one}] for one in ("critical", "minor")},
        "family": [{"label": "threat"}, {"label": "insult"}, {"label": "privacy"}],
        "label": [{"label": "threat.violence"}, {"label": "deception.false_promise"}],
        "rarest rule": [{"rule": rule or ""}],
        "agent": [{"agent": f"A{number:03}"} for number in range(0, 100, 7)],
        "team": [{"team": f"{number}组"} for number in range(1, 9)],
        "one day": [{"from": last.isoformat(), "to": last.isoformat()}],
        "confidence": [{"least": "0.5", "most": "0.6"}],
        "must be listened to": [{"waits": "yes"}],
        "appealed": [{"appealed": "yes"}],
        "state, severity, team": [{"state": "open", "severity": "major", "team": "3组"}],
        "deep": [{"tab": "breaches", "after": str(number)} for number in behind if number],
        **{f"words {name}": [{"q": word} for word in found] for name, found in words.items()},
        "words common, agent": [{"q": word, "agent": "A007"} for word in words["in half of the calls"]],
        "words common, deep": [
            {"q": word, "after": str(behind[1])} for word in words["in half of the calls"] if behind[1]
        ],
    }
    search: dict[str, list[dict[str, str]]] = {
        **{f"words {name}": [{"q": word} for word in found] for name, found in words.items()},
        "words common, agent": [{"q": word, "agent": "A007"} for word in words["in half of the calls"]],
        "words common, by the debtor": [{"q": word, "role": "debtor"} for word in words["in half of the calls"]],
        "words common, page 50": [{"q": word, "page": "50"} for word in words["in half of the calls"]],
        "words common, one day": [
            {"q": word, "from": str(last), "to": str(last)} for word in words["in half of the calls"]
        ],
    }
    made = [
        Asked("sign-in (bare page)", [_START_PAGE]),
        *(Asked(f"queue: {name}", [_address("/queue", query) for query in asked]) for name, asked in queue.items()),
        *(Asked(f"search: {name}", [_address("/search", query) for query in asked]) for name, asked in search.items()),
        Asked("call", [f"/calls/{number}" for number in calls]),
        Asked("dashboards", ["/dashboards"]),
        Asked("dashboards: team", [_address("/dashboards", {"team": f"{number}组"}) for number in (1, 2, 3)]),
    ]
    return [page for page in made if page.addresses]


def _address(path: str, query: dict[str, str]) -> str:
    return f"{path}?{urlencode(query)}" if query else path


def _words(connection: sa.Connection) -> dict[str, list[str]]:
    """Words by how many calls have them, told from every so-manieth call."""
    every = max(1, connection.execute(sa.select(sa.func.max(t.spoken.c.call))).scalar_one() // _SAMPLE)
    sampled = connection.execute(sa.select(t.spoken.c.tokens).where(t.spoken.c.call % every == 0)).scalars()
    counts: Counter[str] = Counter()
    size = 0
    for tokens in sampled:
        counts.update(tokens)
        size += 1
    pairs = [token for token in counts if len(token) == 2 and not token.isascii()]

    def near(share: float, tokens: list[str], number: int = 3) -> list[str]:
        return sorted(tokens, key=lambda token: (abs(counts[token] / size - share), token))[:number]

    half = near(0.5, pairs)
    return {
        "in half of the calls": half,
        "in one call of ten": near(0.1, pairs),
        "in one call of fifty": near(0.02, pairs),
        "in very few calls": near(1 / size, pairs),
        "of one character, common": near(0.7, [token for token in counts if len(token) == 1 and not token.isascii()]),
        "of one character, rare": near(0.005, [token for token in counts if len(token) == 1 and not token.isascii()]),
        "two, both common": [" ".join(half[:2]), " ".join(half[1:3])],
        "of four characters": ["还款计划", "法律责任", "你家里人"],
        "nobody says": ["鼋鼍", "饕餮盛宴"],
    }


def measured(browser: Browser, asked: Asked, requests: int, process: int) -> Times:
    """Ask for a page so many times, after once for warming up."""
    for address in asked.addresses:
        browser.get(address)
    before, ms, size = _computed_ms(process), [], 0
    for number in range(requests):
        began = time.perf_counter()
        size = len(browser.get(asked.addresses[number % len(asked.addresses)]))
        ms.append(1000 * (time.perf_counter() - began))
    return Times(asked.name, tuple(ms), (_computed_ms(process) - before) / requests, size)


def _computed_ms(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stores", nargs="+", metavar="STORE")
    parser.add_argument("--requests", type=int, default=30)
    parser.add_argument("--only", default="", help="pages whose name has this")
    parser.add_argument("--plans", action="store_true", help="draw plans of all there is first")
    given = parser.parse_args()
    for url in given.stores:
        with Store(url) as store:
            if given.plans:
                draw_plans(store)
            asked = pages(store)
        print(f"\n{shown(store_url(url))}, {given.requests} requests a page, target {TARGET_MS} ms")
        print(
            f"| {'page':44} | median ms | p95 ms | of target | × bare | computed ms | KiB |\n|---|---|---|---|---|---|---|"
        )
        with serving(url) as (port, process):
            browser = Browser(port)
            bare = measured(browser, asked[0], given.requests, process)
            browser.sign_in()
            for page in asked:
                if page is not asked[0] and given.only not in page.name:
                    continue
                times = bare if page is asked[0] else measured(browser, page, given.requests, process)
                print(
                    f"| {times.page:44} | {times.median:6.0f} | {times.p95:6.0f} | {times.median / TARGET_MS:6.0%} "
                    f"| {times.median / bare.median:6.1f} | {times.computed_ms:6.0f} | {times.size / 1024:5.0f} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
