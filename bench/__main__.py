"""`python -m bench`: serves the site as in production, loads it with wrk, and prints each figure as a ratio to F.

F is the throughput of a bare Flask page, measured in the same run with the same flags. Ratios hold on any machine;
requests a second do not.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path

from bench.seed import fill_topic, make_topic
from consulta.database import Database
from consulta.demo.accounts import DOMAIN, PASSWORD
from consulta.demo.plan_open import CODE as PLAN
from consulta.plans.models import Plan

PORT = 5990
BASE = f"http://127.0.0.1:{PORT}"
FLAGS = ("-t2", "-c32")
TOPIC, POSTING_TOPIC, TALK_TOPIC = "medicion-50", "medicion-escritura", "medicion-100-respuestas"
REPLIES = 100
SCRIPTS = Path(__file__).parent / "lua"


@dataclass(frozen=True)
class Measure:
    """One row of the table: what is asked, of which application, and the ratio to reach."""

    name: str
    app: str
    path: str
    target: float
    headers: tuple[str, ...] = ()
    script: str = ""


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--seconds", type=int, default=6)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        print("bench: wrk is missing; install it (apt-get install wrk)", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        environment, folio = _prepare(Path(folder))
        rows = [(m, _ratio(m, environment, options.seconds, options.rounds)) for m in _measures(environment, folio)]
    print(f"\n{'work':<58}{'ratio to F':>12}{'to reach':>10}{'requests/s':>12}")
    for measure, (ratio, rate) in rows:
        mark = "" if ratio >= measure.target else "  below"
        print(f"{measure.name:<58}{ratio:>10.3f} F{measure.target:>8.2f} F{rate:>12,.0f}{mark}")
    return 0 if all(ratio >= measure.target for measure, (ratio, _) in rows) else 1


def _prepare(folder: Path) -> tuple[dict[str, str], str]:
    """A fresh site with the demonstration and the topics to read from; the folio of a proposal with many replies."""
    environment = {
        **os.environ,
        "CONSULTA_DATA_DIR": str(folder),
        "CONSULTA_SITE_URL": BASE,
        "CONSULTA_LIMITS": "off",
        "PYTHONWARNINGS": "ignore",
    }
    environment.pop("CONSULTA_DATABASE_URL", None)
    for command in (("db", "upgrade"), ("demo", "load"), ("worker", "--once"), ("search", "rebuild")):
        subprocess.run([sys.executable, "-m", "consulta.commands", *command], env=environment, check=True)
    database = Database(f"sqlite:///{folder / 'consulta.sqlite3'}")
    with database.session() as session:
        plan = session.query(Plan).filter_by(code=PLAN).one()
        fill_topic(session, make_topic(session, plan, TOPIC), 50)
        make_topic(session, plan, POSTING_TOPIC)
        folio = fill_topic(session, make_topic(session, plan, TALK_TOPIC), 1, REPLIES)
    database.engine.dispose()
    return environment, folio


def _measures(environment: dict[str, str], folio: str) -> Sequence[Measure]:
    page, talk = f"/planes/{PLAN}/temas/{TOPIC}", f"/propuestas/{folio}"
    plain = ("Accept-Encoding: gzip, deflate, br",)
    with _serving("wsgi:app", environment):
        reader, _ = _sign_in("ciudadana")
        writer, token = _sign_in("vecino")
        etag = urllib.request.urlopen(BASE + page).headers["ETag"]
        _require_replies(urllib.request.urlopen(BASE + talk).read().decode())
    os.environ.update(BENCH_COOKIE=writer, BENCH_TOKEN=token, BENCH_PLAN=PLAN, BENCH_TOPIC=POSTING_TOPIC)
    signed = (f"Cookie: {reader}",)
    return (
        Measure("topic page, 50 proposals, unchanged since last read", "wsgi:app", page, 0.5, plain),
        Measure("the same, 304", "wsgi:app", page, 0.5, (f"If-None-Match: {etag}",)),
        Measure("the same right after a change (every read a miss)", "bench.uncached:app", page, 0.05, plain),
        Measure("page of 100 replies, form to answer in place, unchanged", "wsgi:app", talk, 0.5, plain),
        Measure("signed-in page: own space", "wsgi:app", "/participar/", 0.05, signed),
        Measure("posting a proposal, durable (SQLite)", "wsgi:app", "/participar/aportes", 0.06, (), "post.lua"),
        Measure("search in the demonstration, two words", "bench.uncached:app", "/buscar", 0.05, (), "search.lua"),
    )


def _require_replies(page: str) -> None:
    if page.count("data-reply=") != REPLIES + 1 or 'id="reply-form"' not in page:
        raise SystemExit("bench: the page of replies is not what is to be measured")


def _ratio(measure: Measure, environment: dict[str, str], seconds: int, rounds: int) -> tuple[float, float]:
    """The median ratio to F over some rounds, F measured beside it each time, and its requests a second."""
    found = []
    for _ in range(rounds):
        with _serving("bench.hello:app", environment):
            floor = _wrk("/", (), "", seconds)
        with _serving(measure.app, environment):
            rate = _wrk(measure.path, measure.headers, measure.script, seconds)
        found.append((rate / floor, rate))
    return sorted(found)[len(found) // 2]


@contextmanager
def _serving(app: str, environment: dict[str, str]) -> Iterator[None]:
    """Two sync workers of an application until the block ends."""
    command = [sys.executable, "-m", "gunicorn", "-w", "2", "-b", f"127.0.0.1:{PORT}", "--no-control-socket", app]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            try:
                urllib.request.urlopen(BASE + "/", timeout=2)
                break
            except OSError:
                time.sleep(0.1)
        yield
    finally:
        server.terminate()
        server.wait()


def _wrk(path: str, headers: Sequence[str], script: str, seconds: int) -> float:
    """Requests a second that were answered well; a run with errors is a failure, not a figure."""
    command = ["wrk", *FLAGS, f"-d{seconds}s", *(part for header in headers for part in ("-H", header))]
    if script:
        command += ["-s", str(SCRIPTS / script)]
    output = subprocess.run([*command, BASE + path], capture_output=True, text=True, check=True).stdout
    if bad := re.search(r"Non-2xx or 3xx responses: (\d+)", output):
        raise SystemExit(f"bench: {path} answered {bad[1]} requests badly")
    rate = re.search(r"Requests/sec:\s+([\d.]+)", output)
    if rate is None:
        raise SystemExit(f"bench: wrk said\n{output}")
    return float(rate[1])


def _sign_in(name: str) -> tuple[str, str]:
    """A session of a demonstration account: its cookie, and a token for its forms."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar := CookieJar()))
    page = browser.open(BASE + "/cuenta/entrar").read().decode()
    fields = {"csrf_token": _token_in(page), "email": f"{name}@{DOMAIN}", "password": PASSWORD}
    browser.open(BASE + "/cuenta/entrar", urllib.parse.urlencode(fields).encode())
    state = json.loads(browser.open(BASE + "/cuenta/estado").read())
    if not state["signed_in"]:
        raise SystemExit("bench: the demonstration account could not sign in")
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar), state["token"]


def _token_in(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    if found is None:
        raise SystemExit("bench: no form to sign in")
    return found[1]


if __name__ == "__main__":
    sys.exit(main())
