"""Who is signed in: Flask-Security over our own tables, with Flask-Login's user wrapping an account and its person."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, g, request, url_for
from flask_login import current_user
from flask_login.utils import _user_context_processor
from flask_security import RoleMixin, Security, UserDatastore, UserMixin
from flask_security.utils import login_user, logout_user

from consulta.people.actors import VISITOR, Actor
from consulta.people.models import Account
from consulta.web.audiences import Identify
from consulta.web.headers import keep_private
from consulta.web.server_sessions import Holder, ServerSessions, current_session, holder_of, is_private_request
from consulta.web.spaces import spaces_of


class SignedIn(UserMixin):
    """What Flask-Login and Flask-Security know of an account; one that is disabled signs nobody in."""

    fs_uniquifier = ""

    active = True

    def __init__(self, holder: Holder) -> None:
        self.id = holder.account_id
        self.email = holder.email
        self.confirmed_at = holder.confirmed_at
        self.fs_uniquifier = str(holder.account_id)
        self.actor = holder.actor


class Accounts(UserDatastore):
    """Flask-Security's view of our tables: it finds who is signed in, and changes nothing."""

    def __init__(self) -> None:
        super().__init__(SignedIn, RoleMixin)

    def find_user(self, case_insensitive: bool = False, **attributes: Any) -> SignedIn | None:
        return signed_in(str(attributes.get("fs_uniquifier")))


def signed_in(user_id: str) -> SignedIn | None:
    """The account of the request's session, if it is the one that Flask-Login remembers there."""
    holder = current_session().holder
    return SignedIn(holder) if holder is not None and str(holder.account_id) == user_id else None


def prepare_sign_in(app: Flask, is_production: bool) -> Identify:
    """Put sessions and Flask-Security in place; answers how private audiences know their actor."""
    app.config.update(
        SESSION_COOKIE_NAME="__Host-consulta" if is_production else "consulta",
        SESSION_COOKIE_SECURE=is_production,
        # A telephone changes its address as it moves; what protects the session is its id.
        SESSION_PROTECTION=None,
        SECURITY_USE_REGISTER_V2=True,
        SECURITY_RETURN_GENERIC_RESPONSES=True,
        SECURITY_PASSWORD_HASH="argon2",  # noqa: S106  # the name of a method
        SECURITY_PASSWORD_SCHEMES=["argon2"],
        SECURITY_DEPRECATED_PASSWORD_SCHEMES=[],
        SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS={
            "argon2__type": "ID",
            "argon2__memory_cost": 64 * 1024,
            "argon2__time_cost": 3,
            "argon2__parallelism": 1,
        },
        # Argon2 salts each password itself, so the secret key can change without losing them.
        SECURITY_PASSWORD_SINGLE_HASH=["argon2"],
        SECURITY_FRESHNESS=timedelta(minutes=30),
    )
    app.session_interface = ServerSessions()
    security = Security(app, Accounts(), register_blueprint=False)
    app.login_manager.user_loader(signed_in)  # type: ignore[attr-defined]
    app.login_manager.request_loader(lambda request: None)  # type: ignore[attr-defined]
    _leave_public_pages_alone(app, security)
    app.context_processor(_account_of_layout)
    app.after_request(_keep_private_pages_private)
    return identify


def _leave_public_pages_alone(app: Flask, security: Any) -> None:
    """Take back the hooks that would ask for the user in every request and every template, public ones too."""
    app.before_request_funcs[None].remove(security.principal._on_before_request)
    app.after_request_funcs[None].remove(security.login_manager._update_remember_cookie)
    app.template_context_processors[None].remove(_user_context_processor)


def identify() -> Actor:
    """The actor of the request's session; a visitor when nobody is signed in."""
    return current_user.actor if current_user.is_authenticated else VISITOR


def sign_in(account: Account) -> None:
    """Sign an account in under a new session id."""
    holder = holder_of(account)
    current_session().begin(holder)
    login_user(SignedIn(holder))


def sign_out() -> None:
    logout_user()
    current_session().end()


def _account_of_layout() -> dict[str, Any]:
    """Who is signed in, for the header of private pages."""
    if not is_private_request() or "actor" not in g or not g.actor.is_known:
        return {}
    sign_out = url_for("account.sign_in.leave")
    return {"account": {"name": g.actor.name, "sign_out": sign_out, "spaces": spaces_of(g.actor)[1:]}}


def _keep_private_pages_private(response: Response) -> Response:
    return keep_private(response) if is_private_request() else response


def local_path(typed: str | None) -> str | None:
    """`typed` if it is a path of this site; None for anything that a browser could take elsewhere."""
    if not typed or not typed.startswith("/") or re.search(r"[\\\s\x00-\x1f\x7f]", typed) or len(typed) > 2000:
        return None
    parts = urlsplit(typed)
    if parts.scheme or parts.netloc or typed.startswith("//"):
        return None
    root = request.script_root
    return typed if not root or typed == root or typed.startswith(f"{root}/") else root + typed
