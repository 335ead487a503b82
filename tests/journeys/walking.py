"""Finds the pages of the site by following its links as each identity: few of each kind, as different as they come.

A page is worth showing when its endpoint shows there something (an element with a class, a form) that no page of the
same endpoint showed before. So a new page, state or part is found without naming it here.
"""

import html
import re
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import sqlalchemy as sa
from werkzeug.exceptions import HTTPException

from consulta.people.models import Person
from tests.clients import Client, Clients
from tests.journeys.serving import LiveSite

# Where the demonstration's identities begin. Everybody starts at their own home; the visitor reads what is public.
HOMES: dict[str, tuple[str, ...]] = {
    "visitor": (
        "/",
        "/cuenta/entrar",
        "/cuenta/crear",
        "/cuenta/recuperar/enviado",
        "/cuenta/revise-su-correo",
        "/participar/revisar",
        "/participar/sin-cuenta/enviado",
        "/participar/denuncias/recibida",
        "/seguimiento",
        "/en/",
    ),
    "ciudadana": ("/participar/", "/cuenta/sesiones"),
    "vecino": ("/participar/",),
    "coordinacion": ("/coordinacion/",),
    "moderacion": ("/coordinacion/",),
    "enlace.minsal": ("/institucion/",),
    "enlace.marn": ("/institucion/",),
    "foro": ("/coordinacion/",),
    "autoridad": ("/coordinacion/",),
    "admin": ("/administracion/",),
}
# How many pages of an endpoint are read by the first who reaches it, and by each after them; how many are shown of it.
READ_PER_ENDPOINT, READ_AGAIN, SHOWN_PER_ENDPOINT = 12, 4, 3
_HREF = re.compile(r'<a\b[^>]*\bhref="([^"]+)"')
_PART = re.compile(r'<(\w+)\b[^>]*?\bclass="([^"]*)"')
_FORM = re.compile(r'<form\b[^>]*\baction="([^"]*)"')


@dataclass(frozen=True)
class Spot:
    """One page that is worth showing."""

    endpoint: str
    path: str
    status: int

    @property
    def is_public(self) -> bool:
        return self.endpoint.startswith("public.")


def client_of(site: LiveSite, identity: str) -> Client:
    """A test client signed in as an account of the demonstration."""
    clients = Clients(site.app, site.database)
    if identity == "visitor":
        return clients("visitor")
    with site.database.session() as session:
        person = session.scalars(sa.select(Person).where(Person.email == f"{identity}@demo.test")).one()
    return clients.of(person)


class Walk:
    """What each endpoint has shown so far, over all identities."""

    def __init__(self, site: LiveSite, most: int = SHOWN_PER_ENDPOINT) -> None:
        self._site, self._most = site, most
        self._urls = site.app.url_map.bind("127.0.0.1")
        self._shown: dict[str, set[str]] = defaultdict(set)
        self._count: dict[str, int] = defaultdict(int)
        self._read: set[str] = set()

    def spots(self, identity: str, client: Client | None = None, asked: Sequence[str] = ()) -> list[Spot]:
        """The pages that an identity reaches and nobody before it has shown, and in any case those that are asked."""
        client = client or client_of(self._site, identity)
        homes = (*asked, *HOMES.get(identity, ()))
        waiting, seen, read = deque(homes), set(homes), defaultdict[str, int](int)
        found = []
        while waiting:
            path = waiting.popleft()
            endpoint = self._endpoint(path)
            if endpoint is None or self._belongs_to_visitor(endpoint, identity):
                continue
            most = READ_AGAIN if endpoint in self._read else READ_PER_ENDPOINT
            if read[endpoint] >= most and path not in asked:
                continue
            read[endpoint] += 1
            answer = client.get(path, follow_redirects=True)
            if answer.mimetype != "text/html":
                continue
            body = answer.get_data(as_text=True)
            # An address that only leads elsewhere is shown as what it leads to.
            where = answer.request.full_path.rstrip("?") if answer.history else path
            if self._is_new(endpoint, body) or path in asked:
                found.append(Spot(endpoint, where, answer.status_code))
            for address in (where, *_links(body, path)):
                if address not in seen:
                    seen.add(address)
                    waiting.append(address)
        self._read.update(read)
        return found

    def _belongs_to_visitor(self, endpoint: str, identity: str) -> bool:
        return identity != "visitor" and endpoint.startswith(("public.", "api."))

    def _endpoint(self, path: str) -> str | None:
        plain = urlsplit(path).path
        plain = "/" + plain.removeprefix("/en/") if plain.startswith("/en/") else plain
        try:
            endpoint, _ = self._urls.match(plain, method="GET")
        except HTTPException:
            return None
        return None if endpoint == "static" else str(endpoint)

    def _is_new(self, endpoint: str, body: str) -> bool:
        parts = {f"{tag}.{name}" for tag, names in _PART.findall(body) for name in names.split()}
        parts |= {f"form {re.sub(r'[0-9]+', '#', action)}" for action in _FORM.findall(body) if "/" in action}
        fresh = {part for part in parts if not part.startswith("form ")} - self._shown[endpoint]
        fresh |= {_kind(part) for part in parts if part.startswith("form ")} - self._shown[endpoint]
        if not fresh or self._count[endpoint] >= self._most:
            return False
        self._shown[endpoint] |= fresh
        self._count[endpoint] += 1
        return True


def _kind(action: str) -> str:
    """A form by its last word: the same form of another folio is not another form."""
    return "form " + action.rstrip("/").rpartition("/")[2].partition("?")[0]


def _links(body: str, base: str) -> list[str]:
    found = []
    for raw in _HREF.findall(body):
        address = urlsplit(html.unescape(raw))
        if address.scheme or address.netloc:
            continue
        path = address.path or urlsplit(base).path
        found.append(path + (f"?{address.query}" if address.query else ""))
    return found
