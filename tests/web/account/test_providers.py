"""Entering with an account of an identity provider, against providers that really answer."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from config import Config
from consulta import clock
from consulta.database import writing
from consulta.people.identities import Proof, ask_for_code, spend_claim
from consulta.people.models import Account, Identity, Person, Role
from consulta.people.providers import read_providers
from consulta.web.account.provider_clients import MICROSOFT, ProviderClient
from tests.clients import Client, Clients
from tests.factories.accounts import make_account
from tests.factories.people import make_member
from tests.parallel import in_parallel
from tests.web.account.local_providers import (
    CLIENT_ID,
    CLIENT_SECRET,
    PlainProvider,
    allow,
    asked_of,
    let_in,
    openid_provider,
    plain_provider,
)
from tests.web.account.test_account import last_mail, mails

FINISH, WRITE = "/cuenta/con/terminar", "/cuenta/con/codigo"
MINE = "/cuenta/vinculadas"


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with openid_provider() as address:
        yield address


@pytest.fixture(scope="module")
def plain() -> Iterator[tuple[PlainProvider, str]]:
    with plain_provider() as found:
        yield found


@pytest.fixture
def settings(settings: Config, issuer: str, plain: tuple[PlainProvider, str]) -> Config:
    told = {"CLIENT_ID": CLIENT_ID, "CLIENT_SECRET": CLIENT_SECRET}
    openid = {**told, "ISSUER": issuer, "LABEL": "Ciudad"}
    there = {"AUTHORIZE_URL": "authorize", "TOKEN_URL": "token", "PROFILE_URL": "me"}
    own = {**told, **{key: f"{plain[1]}/{path}" for key, path in there.items()}}
    named = {f"OIDC_CIUDAD_{key}": value for key, value in openid.items()}
    return replace(settings, providers=named | {f"OAUTH_X_{key}": value for key, value in own.items()})


def go(client: Client, issuer: str, subject: str, by: str = "ciudad", **claims: Any) -> Any:
    """There and back; answers what we say to who comes back."""
    if claims:
        let_in(issuer, subject, **claims)
    answer = client.get(f"/cuenta/con/{by}")
    assert answer.status_code == 303, answer.text
    return client.get(allow(answer.location, subject))


def is_in(client: Client) -> bool:
    return client.get("/cuenta/sesiones").status_code == 200


def code_in(app: Flask, session: Session) -> str:
    return last_mail(app, session).subject.split()[0]


def test_somebody_new_opens_an_account_and_comes_back(
    app: Flask, session: Session, client: Client, client_as: Clients, issuer: str
) -> None:
    assert "Entrar con Ciudad" in client.get("/cuenta/entrar").text
    claims = {"email": "Nueva@Example.org", "email_verified": True, "name": "Ana Nueva"}
    assert go(client, issuer, "nueva", **claims).location == FINISH
    session.rollback()
    assert session.scalars(sa.select(Account)).all() == []  # coming back makes nothing
    page = client.get(FINISH).text
    assert 'value="Ana Nueva"' in page
    assert "nueva@example.org" in page
    assert "checked" not in page
    assert client.submit(FINISH, public_name="Ana").status_code == 422  # without consent
    assert client.submit(FINISH, public_name="Ana", consents="y").location == "/participar/"
    assert is_in(client)
    session.rollback()
    assert session.scalars(sa.select(Person.public_name)).one() == "Ana"
    again = client_as("visitor")
    assert go(again, issuer, "nueva").location == "/participar/"
    assert is_in(again)


def test_the_page_asked_for_comes_right_after(app: Flask, session: Session, client: Client, issuer: str) -> None:
    go(client, issuer, "lee", email="lee@example.org", email_verified=True, name="Lee")
    client.submit(FINISH, public_name="Lee", consents="y")
    client.submit("/cuenta/salir")
    there = client.get("/cuenta/con/ciudad?next=/participar/seguir/").location
    assert client.get(allow(there, "lee")).location == "/participar/seguir/"


def test_what_is_sent_to_the_provider_can_be_used_once_and_here_only(
    client: Client, client_as: Clients, issuer: str
) -> None:
    there = client.get("/cuenta/con/ciudad").location
    asked = asked_of(there)
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["nonce"]) >= 20
    assert len(asked["state"]) >= 20
    assert asked["redirect_uri"] == "http://localhost/cuenta/con/ciudad/vuelta"
    let_in(issuer, "una", email="una@example.org", email_verified=True)
    back = allow(there, "una")
    assert client_as("visitor").get(back).status_code == 400
    assert client.get(back).location == FINISH
    assert client.get(back).status_code == 400
    assert client.get(back.replace("state=", "state=x")).status_code == 400
    assert client.get("/cuenta/con/ciudad/vuelta?error=access_denied").location == "/cuenta/entrar"


def test_an_account_that_exists_is_linked_by_a_code_to_its_address(
    app: Flask, session: Session, client: Client, client_as: Clients, issuer: str
) -> None:
    account = make_account(app, session, email="ana@example.org")
    go(client, issuer, "ana", email="ana@example.org", email_verified=True, name="Ana")
    assert "Usted ya tiene una cuenta" in client.get(FINISH).text
    assert client.submit(FINISH).location == WRITE
    code = code_in(app, session)
    assert not is_in(client)
    assert client_as("visitor").submit(WRITE, code=code).status_code == 404
    assert client.submit(WRITE, code="12345x").status_code == 422
    assert client.submit(WRITE, code=code).location == "/participar/"
    assert is_in(client)
    session.rollback()
    assert session.scalars(sa.select(Identity.account_id)).one() == account.id
    assert last_mail(app, session).subject == "Cambió la seguridad de su cuenta"


def test_an_address_nobody_vouches_for_tells_nobody_who_has_an_account(
    app: Flask, session: Session, client_as: Clients, issuer: str
) -> None:
    make_account(app, session, email="ana@example.org")
    invited = make_account(app, session, email="luz@example.org", password_hash=None, confirmed_at=None)
    answers, pages = [], []
    for name in ("ana", "luz", "nadie"):
        browser = client_as("visitor")
        go(browser, issuer, f"de-{name}", email=f"{name}@example.org", email_verified=False, name="Otra")
        pages.append(browser.get(FINISH).text.count(f'value="{name}@example.org"'))
        answers.append(browser.submit(FINISH, public_name="Otra", email=f"{name}@example.org", consents="y"))
        assert browser.submit(WRITE, code="000000x").status_code == 422
    assert pages == [1, 1, 1]
    assert {(answer.status_code, answer.location) for answer in answers} == {(303, WRITE)}
    told = [mail.subject.lstrip("0123456789") for mail in mails(app, session) if mail]
    assert told == [
        " es su código para confirmar su correo",
        "Acepte primero su invitación",
        " es su código para confirmar su correo",
    ]
    session.rollback()
    assert session.scalars(sa.select(Identity)).all() == []
    assert session.get_one(Account, invited.id).confirmed_at is None


def test_a_plain_provider_needs_the_address_proven(
    app: Flask, session: Session, client: Client, client_as: Clients, plain: tuple[PlainProvider, str]
) -> None:
    assert "Entrar con X" in client.get("/cuenta/entrar").text
    assert go(client, "", "ana", by="x").location == FINISH
    assert 'value="Ana de X"' in client.get(FINISH).text
    assert client.submit(FINISH, public_name="Ana", email="no es", consents="y").status_code == 422
    assert client.submit(FINISH, public_name="Ana", email="ana@example.org", consents="y").location == WRITE
    session.rollback()
    assert session.scalars(sa.select(Account)).all() == []
    assert client.submit(WRITE, code=code_in(app, session)).location == "/participar/"
    again = client_as("visitor")
    assert go(again, "", "ana", by="x").location == "/participar/"
    session.rollback()
    assert session.scalars(sa.select(Identity.subject)).one() == "4711"


def test_who_is_signed_in_links_and_unlinks(app: Flask, session: Session, client_as: Clients, issuer: str) -> None:
    mine = client_as("participant")
    assert "Todavía no tiene ninguna" in mine.get(MINE).text
    assert go(mine, issuer, "doble", email="otra@example.org", email_verified=True).location == FINISH
    assert mine.submit(FINISH).location == MINE
    assert "Ciudad" in mine.get("/cuenta/").text
    other = client_as("participant2")
    assert go(other, issuer, "doble").status_code == 409  # it opens the account of somebody else
    session.rollback()
    row = session.scalars(sa.select(Identity)).one()
    assert other.submit(f"{MINE}/{row.id}/quitar").status_code == 404
    with clock.set_to(clock.now() + timedelta(minutes=40)):
        assert mine.submit(f"{MINE}/{row.id}/quitar").location.startswith("/cuenta/confirme")
        assert mine.get("/cuenta/con/ciudad").location.startswith("/cuenta/confirme")
    assert mine.submit(f"{MINE}/{row.id}/quitar").location == MINE
    session.rollback()
    assert session.scalars(sa.select(Identity)).all() == []
    assert last_mail(app, session).subject == "Cambió la seguridad de su cuenta"


def test_staff_still_need_their_second_step(
    app: Flask, session: Session, client: Client, issuer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_account(app, session, make_member(session, Role.MODERATOR), email="mod@example.org")
    found = app.extensions["consulta"]
    monkeypatch.setitem(app.extensions, "consulta", replace(found, config=replace(found.config, second_factor=True)))
    go(client, issuer, "mod", email="mod@example.org", email_verified=True, name="Mod")
    client.submit(FINISH)
    assert client.submit(WRITE, code=code_in(app, session)).location == "/cuenta/segundo-paso/activar"
    assert not is_in(client)


def test_a_disabled_account_stays_closed(app: Flask, session: Session, client: Client, issuer: str) -> None:
    go(client, issuer, "mala", email="mala@example.org", email_verified=True, name="Mala")
    client.submit(FINISH, public_name="Mala", consents="y")
    client.submit("/cuenta/salir")
    with writing(session):
        session.execute(sa.update(Account).values(is_active=False))
    assert go(client, issuer, "mala").status_code == 403
    assert not is_in(client)


def test_a_provider_that_does_not_answer_says_so(app: Flask, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    client_of = app.extensions["providers"]["ciudad"]._app
    monkeypatch.setattr(client_of, "_server_metadata_url", "http://127.0.0.1:1/.well-known/openid-configuration")
    answer = client.get("/cuenta/con/ciudad")
    assert answer.status_code == 502
    assert "Ciudad no responde" in answer.text


def test_metadata_of_another_issuer_are_not_believed(
    app: Flask, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.extensions["providers"]["ciudad"]._app, "issuer", "http://otro.example")
    assert client.get("/cuenta/con/ciudad").status_code == 502


def test_microsoft_names_the_tenant_in_each_token() -> None:
    told = {"OIDC_MICROSOFT_CLIENT_ID": "id", "OIDC_MICROSOFT_CLIENT_SECRET": "secreto"}
    app = ProviderClient(read_providers(told, needs_https=True)["microsoft"])._app
    app.server_metadata = {"issuer": f"{MICROSOFT}{{tenantid}}/v2.0", "_loaded_at": 1, "_checked": True}
    tenant = "9188040d-6c67-4c5b-b112-36a304b66dad"
    assert app.is_issuer({"tid": tenant}, f"{MICROSOFT}{tenant}/v2.0")
    assert not app.is_issuer({"tid": tenant}, f"{MICROSOFT}otro/v2.0")
    assert not app.is_issuer({"tid": "x/../otro"}, f"{MICROSOFT}x/../otro/v2.0")


def test_a_code_typed_many_times_at_once_makes_one_account(app: Flask, session: Session) -> None:
    proof = Proof("Ciudad", "https://ciudad.example", "ana", "", False, "Ana")
    asked = ask_for_code(session, proof=proof, email="ana@example.org", public_name="Ana", consents=True)
    code, secret_key = code_in(app, session), app.config["SECRET_KEY"]
    act = lambda s: spend_claim(s, claim_id=asked, typed=code, secret_key=secret_key).id  # noqa: E731
    answers = in_parallel(app.extensions["consulta"].database, [act] * 5)
    assert len([answer for answer in answers if isinstance(answer, int)]) == 1
    session.rollback()
    assert len(session.scalars(sa.select(Account)).all()) == 1
