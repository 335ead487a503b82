"""Serving on one machine: the web server and the worker as children that live and end together."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from consulta.demo.accounts import NAMES, PASSWORD

if TYPE_CHECKING:
    from config import Config

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
READY_SECONDS = 60
STOP_SECONDS = 15
# Loaded once and shared by both workers: nothing is connected yet when they part.
GUNICORN = ("-k", "gthread", "-w", "2", "--threads", "4", "--preload", "--no-control-socket", "--log-level", "warning")


class LaunchFailed(Exception):
    """The site could not start or did not stay up."""


def name_site(port: int) -> None:
    """Make links in mails lead to the port that is served, unless an address was set."""
    os.environ.setdefault("CONSULTA_SITE_URL", f"http://{HOST}:{port}")


def serve(config: "Config", port: int) -> int:
    """Start both, say where, and wait; ends both on Ctrl-C or SIGTERM, or when one of them ends."""
    _require_free(port)
    stopping: list[int] = []
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda number, _: stopping.append(number))
    children = [
        _start("-m", "gunicorn", "wsgi:app", "--bind", f"{HOST}:{port}", *GUNICORN),
        _start("-m", "consulta.commands", "worker"),
    ]
    try:
        _await_ready(port, urlsplit(config.site_url).netloc, children, stopping)
        if not stopping:
            print(_welcome(config, port), flush=True)
        while not stopping:
            time.sleep(0.2)
            if any(child.poll() is not None for child in children):
                raise LaunchFailed("el servidor o el segundo plano terminó; vea los mensajes anteriores")
    finally:
        _stop(children)
    return 0


def _start(*arguments: str) -> subprocess.Popen[bytes]:
    # In a session of its own, so that Ctrl-C reaches it once, from here.
    return subprocess.Popen([sys.executable, *arguments], cwd=ROOT, start_new_session=True)  # noqa: S603 - our own


def _stop(children: list[subprocess.Popen[bytes]]) -> None:
    for child in children:
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for child in children:
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise LaunchFailed(f"el puerto {port} está ocupado; elija otro con «make run PORT=…»") from error


def _await_ready(port: int, name: str, children: list[subprocess.Popen[bytes]], stopping: list[int]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not stopping and not _is_ready(port, name):
        if any(child.poll() is not None for child in children) or time.monotonic() > deadline:
            raise LaunchFailed("el sitio no pudo empezar; vea los mensajes anteriores")
        time.sleep(0.1)


def _is_ready(port: int, name: str) -> bool:
    """Whether the site answers, asked by the name that it goes by."""
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/readyz", headers={"Host": name})
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _welcome(config: "Config", port: int) -> str:
    lines = ["", f"Consulta: http://{HOST}:{port}", ""]
    if not config.is_production:
        lines += ["Cuentas de demostración:", *(f"  {name}" for name in NAMES), f"Contraseña de todas: {PASSWORD}", ""]
    return "\n".join([*lines, "Para terminar: Ctrl-C", ""])
