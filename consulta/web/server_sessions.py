"""Sessions kept on the server: the cookie holds only a random id, and deleting its row ends the session at once.

A session is read when something asks for it, and only under private audiences: public pages neither open nor save
one and set no cookie. The secret behind form tokens is derived from the id, so a visitor who only looks at a form
leaves no row behind.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask import Flask, Request, Response, g, request, session
from flask.sessions import SessionInterface, SessionMixin
from sqlalchemy.orm import Session

from consulta import clock
from consulta.database import read_rows, writing
from consulta.people.actors import Actor, actor_for
from consulta.people.models import Account, LoginSession, Membership, Person
from consulta.web.audiences import AUDIENCES
from consulta.web.context import db

CSRF_KEY = "csrf_token"
TOUCH_EVERY = timedelta(minutes=1)
# (idle, total)
VISITOR_TERMS = (timedelta(days=1), timedelta(days=1))
PARTICIPANT_TERMS = (timedelta(days=14), timedelta(days=90))
STAFF_TERMS = (timedelta(minutes=30), timedelta(hours=12))
_PRIVATE = frozenset(audience.name for audience in AUDIENCES if not audience.is_public)
_UNSYNCHRONISED = {"synchronize_session": False}
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def is_private_request() -> bool:
    """Whether the request belongs to an audience whose pages depend on who asks."""
    return not g.get("is_public_page") and (request.endpoint or "").split(".")[0] in _PRIVATE


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class Holder(NamedTuple):
    """Whose session it is: an account, and who acts with it."""

    account_id: int
    email: str
    confirmed_at: datetime | None
    actor: Actor


def holder_of(account: Account) -> Holder:
    return Holder(account.id, account.email, account.confirmed_at, actor_for(account.person))


def terms_of(holder: Holder | None) -> tuple[timedelta, timedelta]:
    """How long a session lasts idle and in all; people with a role have much to lose."""
    if holder is None:
        return VISITOR_TERMS
    return STAFF_TERMS if holder.actor.is_staff else PARTICIPANT_TERMS


class Kept(NamedTuple):
    """What saving needs of a row, as it was read: the row itself may be gone by then."""

    id: int
    created_at: datetime
    last_seen_at: datetime


class ServerSession(SessionMixin):
    """The session of a request, read on first use."""

    def __init__(self, cookie: str | None, secret_key: str) -> None:
        self.token = cookie if cookie and _TOKEN.fullmatch(cookie) else None
        self.kept: Kept | None = None
        self.replaced: Kept | None = None
        self.began_at: datetime | None = None
        self.terms = VISITOR_TERMS
        self.is_open = self.is_issued = self.is_ended = False
        self.modified = False
        self._secret_key = secret_key.encode()
        self._holder: Holder | None = None
        self._values: dict[str, Any] = {}

    @property
    def holder(self) -> Holder | None:
        """Who is signed in with an account that is confirmed and not disabled."""
        self._open()
        return self._holder

    def begin(self, holder: Holder) -> None:
        """Sign somebody in, under another id. Typed text stays."""
        self._open()
        self._holder, self.terms = holder, terms_of(holder)
        self.renew()

    def renew(self) -> None:
        """Go on under another id, so that one planted before is worth nothing."""
        self._open()
        self.replaced, self.kept = self.kept or self.replaced, None
        self.token, self.is_issued, self.modified = None, False, True
        self.identify_browser()

    def go_on(self) -> None:
        """As `renew`, and no younger than before: nothing was proven that signing in asks for."""
        self.renew()
        self.began_at = self.replaced.created_at if self.replaced else None

    def end(self) -> None:
        """End the session; nothing of it stays."""
        self._open()
        self.is_ended = True
        self._values.clear()
        self._holder = None

    def _open(self) -> bool:
        """Read the row once; False where no session may be used."""
        if self.is_open:
            return True
        if not is_private_request():
            return False
        self.is_open = True
        if self.token is not None and (found := find_session(self.token)) is not None:
            self.kept, self._values, self._holder = found
            self.terms = terms_of(self._holder)
        return True

    def identify_browser(self) -> str:
        """The id in the cookie; a new one when there is none yet."""
        if self.token is None:
            self.token = secrets.token_urlsafe(32)
            self.is_issued = True
        return self.token

    def __getitem__(self, key: str) -> Any:
        if not self._open():
            raise KeyError(key)
        if key == CSRF_KEY:
            return hmac.new(self._secret_key, self.identify_browser().encode(), hashlib.sha256).hexdigest()
        return self._values[key]

    def __setitem__(self, key: str, value: Any) -> None:
        if not self._open():
            raise RuntimeError("a public page wrote to the session")
        self._values[key] = value
        self.modified = True

    def __delitem__(self, key: str) -> None:
        if key != CSRF_KEY and self._open():
            del self._values[key]
            self.modified = True

    def __contains__(self, key: object) -> bool:
        return self._open() and (key == CSRF_KEY or key in self._values)

    def __iter__(self) -> Iterator[str]:
        self._open()
        return iter(self._values)

    def __len__(self) -> int:
        self._open()
        return len(self._values)


class ServerSessions(SessionInterface):
    """Flask's way to open and save them."""

    def open_session(self, app: Flask, request: Request) -> ServerSession:
        return ServerSession(request.cookies.get(self.get_cookie_name(app)), app.config["SECRET_KEY"])

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if not isinstance(session, ServerSession) or not session.is_open:
            return
        if session.is_ended:
            _delete(session)
            response.delete_cookie(self.get_cookie_name(app), **self._attributes(app))
            return
        now = clock.now()
        if session.modified:
            _write(session, now)
        elif session.kept is not None and now - session.kept.last_seen_at >= TOUCH_EVERY:
            with writing(db()) as database:
                _update(database, session.kept, session.terms, now)
        if session.is_issued:
            life = session.terms[1]
            response.set_cookie(self.get_cookie_name(app), session.token or "", max_age=life, **self._attributes(app))

    def _attributes(self, app: Flask) -> dict[str, Any]:
        return {"path": "/", "secure": self.get_cookie_secure(app), "httponly": True, "samesite": "Lax"}


def current_session() -> ServerSession:
    found: ServerSession = session._get_current_object()  # type: ignore[attr-defined]
    return found


# Columns, not objects: every request of a private audience asks this, and few need the objects.
_FIND = (
    sa.select(
        *(LoginSession.id, LoginSession.created_at, LoginSession.last_seen_at, LoginSession.data),
        *(Account.id.label("account_id"), Account.email, Account.confirmed_at, Account.is_active),
        *(Person.id.label("person_id"), Person.public_name, Membership.role, Membership.institution_id),
    )
    .outerjoin_from(LoginSession, Account, LoginSession.account_id == Account.id)
    .outerjoin(Person, Account.person_id == Person.id)
    .outerjoin(Membership, Membership.person_id == Person.id)
    .where(LoginSession.token_hash == sa.bindparam("token_hash"), LoginSession.expires_at > sa.bindparam("now"))
)


def find_session(token: str) -> tuple[Kept, dict[str, Any], Holder | None] | None:
    """The live session of a cookie, what it holds and whose it is, in one query; None for one that is over."""
    rows = read_rows(db(), _FIND, {"token_hash": token_hash(token), "now": clock.now()})
    if not rows:
        return None
    row = rows[0]
    kept, holder = Kept(row.id, row.created_at, row.last_seen_at), None
    if row.account_id is not None:
        if not (row.is_active and row.confirmed_at):
            return None
        grants = frozenset((each.role, each.institution_id) for each in rows if each.role is not None)
        actor = Actor(row.person_id, row.public_name, grants)
        holder = Holder(row.account_id, row.email, row.confirmed_at, actor)
    return kept, dict(row.data), holder


def _write(opened: ServerSession, now: datetime) -> None:
    """Keep what a session holds: in its row, or in a new one."""
    account_id = opened.holder.account_id if opened.holder else None
    with writing(db()) as database:
        if opened.replaced is not None:
            database.execute(
                sa.delete(LoginSession).where(LoginSession.id == opened.replaced.id), execution_options=_UNSYNCHRONISED
            )
        if opened.kept is not None:
            _update(database, opened.kept, opened.terms, now, data=dict(opened.items()))
            return
        idle, total = opened.terms
        began_at = opened.began_at or now
        row = LoginSession(
            token_hash=token_hash(opened.identify_browser()),
            account_id=account_id,
            device=device_name(request.user_agent.string),
            data=dict(opened.items()),
            created_at=began_at,
            last_seen_at=now,
            expires_at=min(now + idle, began_at + total),
        )
        database.add(row)
    opened.is_issued = True


def _update(
    database: Session, kept: Kept, terms: tuple[timedelta, timedelta], now: datetime, **values: dict[str, Any]
) -> None:
    """Finds nothing when the session was ended meanwhile, and so never brings it back."""
    idle, total = terms
    ends_at = min(now + idle, kept.created_at + total)
    statement = sa.update(LoginSession).where(LoginSession.id == kept.id)
    database.execute(
        statement.values(last_seen_at=now, expires_at=ends_at, **values), execution_options=_UNSYNCHRONISED
    )


def _delete(ended: ServerSession) -> None:
    ids = [row.id for row in (ended.kept, ended.replaced) if row is not None]
    with writing(db()) as database:
        database.execute(sa.delete(LoginSession).where(LoginSession.id.in_(ids)), execution_options=_UNSYNCHRONISED)


def device_name(user_agent: str) -> str:
    """«Firefox, Android»: enough for people to know their own browsers, too little to tell them apart."""
    browsers = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
    systems = ("Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux")
    found = [next((name for mark, name in browsers if mark in user_agent), None)]
    found.append(next((name for name in systems if name in user_agent), None))
    return ", ".join(part for part in found if part)
