"""Makes the pictures of the README from the demonstration: `python -m scripts.screenshots`.

With `--all FOLDER` it makes one of every page, narrow and wide, to look at them. It needs Chromium and serves the
demonstration from a folder that it removes in the end.
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import Browser, Page, sync_playwright

from consulta.demo.accounts import DOMAIN, NAMES, PASSWORD

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
START_SECONDS = 120
WIDTHS = (360, 1280)
PAGES_PER_KIND = 2
VISITOR = "visitante"
PRIVATE = ("/participar", "/cuenta", "/institucion", "/coordinacion", "/administracion")
# Every folio, number and key of a path stands for its kind.
_CHANGING = re.compile(r"[A-Z]+-\d{4}-\d+|\d+|demostracion|(?<=/temas/)[a-z-]+")


@dataclass(frozen=True)
class Picture:
    """One picture of the README: a public page, and how much of it is shown."""

    name: str
    path: str
    height: int


PICTURES = (
    Picture("start", "/", 900),
    Picture("topic", "/planes/demostracion/temas/medio-ambiente#conversacion", 1000),
    Picture("proposal", "/propuestas/PROP-2018-0002", 1000),
)


@contextmanager
def demonstration(port: int) -> Iterator[str]:
    """The address of the demonstration, served as `make run` does."""
    folder = tempfile.mkdtemp(prefix="consulta-screenshots-")
    environ = {**os.environ, "CONSULTA_DATA_DIR": folder}
    command = [sys.executable, "-m", "consulta.commands", "run", "--port", str(port)]
    server = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        _await_ready(server, url)
        yield url
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _await_ready(server: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise SystemExit("screenshots: the server ended")
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=5):
                return
        except OSError:
            time.sleep(0.3)
    raise SystemExit("screenshots: the server did not start")


def make_readme_pictures(browser: Browser, url: str) -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    page = browser.new_page(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    for picture in PICTURES:
        page.set_viewport_size({"width": 1280, "height": picture.height})
        page.goto(url + picture.path, wait_until="networkidle")
        page.screenshot(path=IMAGES / f"{picture.name}.png")
    page.close()


def make_every_picture(browser: Browser, url: str, folder: Path) -> None:
    """A few pages of each kind, as each account reaches them."""
    folder.mkdir(parents=True, exist_ok=True)
    counts: dict[str, int] = {}
    for name in ("", *(address.partition("@")[0] for address in NAMES)):
        context = browser.new_context(base_url=url, reduced_motion="reduce")
        page = context.new_page()
        page.goto("/")
        if name:
            page.goto("/cuenta/entrar")
            page.get_by_label("Correo electrónico").fill(f"{name}@{DOMAIN}")
            page.get_by_label("Contraseña").fill(PASSWORD)
            with page.expect_navigation():
                page.get_by_role("main").get_by_role("button", name="Entrar").click()
        _walk(page, folder, name or VISITOR, counts)
        context.close()


def _walk(page: Page, folder: Path, who: str, counts: dict[str, int]) -> None:
    waiting = ["/"] if who == VISITOR else [f"{part}/" for part in PRIVATE] + ["/cuenta/sesiones"]
    seen = set(waiting)
    while waiting:
        path = waiting.pop(0)
        plain, _, query = path.partition("?")
        kind = _CHANGING.sub("x", plain)
        if (query and plain in seen) or (who != VISITOR and not plain.startswith(PRIVATE)):
            continue
        if counts.get(kind, 0) >= PAGES_PER_KIND:
            continue
        answer = page.request.get(path)
        if answer.status >= 400 or not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        counts[kind] = counts.get(kind, 0) + 1
        page.goto(path, wait_until="networkidle")
        stem = f"{re.sub(r'[^a-z0-9]+', '-', kind.lower()).strip('-') or 'inicio'}-{counts[kind]}-{who}"
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            page.screenshot(path=folder / f"{stem}-{width}.png", full_page=True)
        for link in page.eval_on_selector_all("a[href]", "links => links.map(link => link.getAttribute('href'))"):
            target = urlsplit(urljoin(page.url, link))
            address = target.path + (f"?{target.query}" if target.query else "")
            if target.netloc == urlsplit(page.url).netloc and address not in seen:
                seen.add(address)
                waiting.append(address)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="one picture of every page, narrow and wide")
    parser.add_argument("--port", type=int, default=5185)
    parser.add_argument("--chromium", default=shutil.which("chromium"))
    options = parser.parse_args()
    with demonstration(options.port) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=options.chromium, args=["--no-sandbox", "--disable-gpu"])
        if options.all:
            make_every_picture(browser, url, options.all)
        else:
            make_readme_pictures(browser, url)
        browser.close()


if __name__ == "__main__":
    main()
