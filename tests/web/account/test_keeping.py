"""Changing how one enters: only right after entering, and never unseen. Limits, hosts and common passwords."""

import dataclasses
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from config import Config
from consulta import clock, create_app
from consulta.people.models import Account, Role
from consulta.people.rules import check_password, is_common
from tests.clients import Client, Clients
from tests.factories.accounts import PASSWORD, make_account
from tests.factories.people import make_member
from tests.quick import make_quick
from tests.web.account.test_account import last_mail, link_in, mails

GUARDED = ("/cuenta/correo", "/cuenta/segundo-paso/activar")
GUARDED_POSTS = (
    "/cuenta/segundo-paso/quitar",
    "/cuenta/segundo-paso/codigos",
    "/cuenta/llaves",
    "/cuenta/llaves/1/quitar",
)


def test_a_session_left_open_changes_nothing(app: Flask, session: Session, client_as: Clients) -> None:
    account = make_account(app, session)
    client = client_as.of(account.person)
    with clock.set_to(clock.now() + timedelta(minutes=31)):
        for path in GUARDED:
            assert client.get(path).location == f"/cuenta/confirme?next={path}"
        for path in GUARDED_POSTS:
            assert client.submit(path).location.startswith("/cuenta/confirme")
        assert client.get("/cuenta/").status_code == 200
        again = "/cuenta/confirme?next=/cuenta/correo"
        assert client.submit(again, password="no es esta frase").status_code == 422
        assert client.submit(again, password=PASSWORD).location == "/cuenta/correo"
        assert client.get("/cuenta/correo").status_code == 200


def test_a_code_by_mail_proves_it_too(app: Flask, session: Session, client_as: Clients) -> None:
    account = make_account(app, session)
    client = client_as.of(account.person)
    with clock.set_to(clock.now() + timedelta(minutes=31)):
        answer = client.submit("/cuenta/confirme/codigo?next=/cuenta/correo")
        code = link_in(last_mail(app, session)).rsplit("/", 1)[1]
        assert client.submit(answer.location, code=code).location == "/cuenta/correo"
        assert client.get("/cuenta/correo").status_code == 200


def test_an_address_changes_when_the_new_one_is_proven(
    app: Flask, session: Session, client: Client, client_as: Clients
) -> None:
    account = make_account(app, session, email="vieja@example.org")
    owner = client_as.of(account.person)
    assert owner.submit("/cuenta/correo", email="Nueva@example.org").location == "/cuenta/"
    mail = last_mail(app, session)
    assert mail.to == "nueva@example.org"
    link = link_in(mail)
    assert "nueva@example.org" in client.get(link).text
    session.expire_all()
    assert session.get_one(Account, account.id).email == "vieja@example.org"
    session.rollback()
    assert client.submit(link).status_code == 303
    session.expire_all()
    kept = session.get_one(Account, account.id)
    assert (kept.email, kept.person.email) == ("nueva@example.org", "nueva@example.org")
    assert last_mail(app, session).to == "vieja@example.org"
    assert owner.get("/cuenta/").status_code == 303  # every session ended
    assert client.get(link).status_code == 404  # once


def test_an_address_of_somebody_else_is_not_taken_nor_told(app: Flask, session: Session, client_as: Clients) -> None:
    make_account(app, session, email="ana@example.org")
    owner = client_as.of(make_account(app, session).person)
    answers = [owner.submit("/cuenta/correo", email=f"{name}@example.org") for name in ("ana", "nadie")]
    assert len({(answer.status_code, answer.location, answer.text) for answer in answers}) == 1
    told = mails(app, session)
    assert told[0] is None  # overtaken by the second wish
    owner.submit("/cuenta/correo", email="ana@example.org")
    mail = last_mail(app, session)
    assert (mail.to, "http" in mail.body) == ("ana@example.org", False)


def test_a_new_address_waits_a_day(app: Flask, session: Session, client: Client, client_as: Clients) -> None:
    owner = client_as.of(make_account(app, session).person)
    owner.submit("/cuenta/correo", email="nueva@example.org")
    link = link_in(last_mail(app, session))
    with clock.set_to(clock.now() + timedelta(hours=25)):
        assert client.get(link).status_code == 404


@pytest.mark.parametrize("email", ["no-es-correo", "vieja@example.org", "x@example.org\r\nBcc: y@example.org"])
def test_a_wrong_address_is_said(app: Flask, session: Session, client_as: Clients, email: str) -> None:
    owner = client_as.of(make_account(app, session, email="vieja@example.org").person)
    answer = owner.submit("/cuenta/correo", email=email)
    assert answer.status_code == 422
    assert 'href="#email"' in answer.text


def test_an_account_without_password_gets_its_first_one(app: Flask, session: Session, client_as: Clients) -> None:
    client = client_as.of(make_account(app, session, password_hash=None).person)
    with clock.set_to(clock.now() + timedelta(minutes=31)):
        assert client.get("/cuenta/clave").location.startswith("/cuenta/confirme")
    assert "Contraseña actual" not in client.get("/cuenta/clave").text
    assert client.submit("/cuenta/clave", password="otra frase muy distinta").status_code == 303


@pytest.mark.parametrize(
    ("password", "is_refused"),
    [
        ("qwertyuiop12", True),  # leaked
        ("GobiernoAbierto2018", True),  # in any case
        ("abcabcabcabcabc", True),  # over and over
        ("1234567890123456", True),  # a row of keys
        ("la ceiba del parque", False),
        ("otra frase muy distinta", False),
    ],
)
def test_a_common_password_is_refused(password: str, is_refused: bool) -> None:
    assert is_common(password) == is_refused
    found = check_password(password, is_staff=False)
    assert (found is not None and found.code == "password_common") == is_refused


@pytest.fixture
def limited(settings: Config, app: Flask) -> Flask:
    """The same site with its limits."""
    return make_quick(create_app(dataclasses.replace(settings, limits=""), app.extensions["consulta"].database))


def elsewhere(clients: Clients) -> Client:
    """A browser with an address of another prefix."""
    client = clients("visitor")
    client.environ_base["REMOTE_ADDR"] = "198.51.100.7"
    return client


def test_signing_in_is_limited_without_a_lock(limited: Flask, session: Session) -> None:
    account = make_account(limited, session)
    clients = Clients(limited, limited.extensions["consulta"].database)
    now = clock.now()
    with clock.set_to(now):
        for email in (account.email, "nadie@example.org"):
            statuses = [
                clients("visitor").submit("/cuenta/entrar", email=email, password="x").status_code for _ in range(6)
            ]
            assert statuses == [422] * 5 + [429]
        right = clients("visitor").submit("/cuenta/entrar", email=account.email.upper(), password=PASSWORD)
        assert (right.status_code, right.headers["Retry-After"]) == (429, "60")
        assert f'value="{account.email.upper()}"' in right.text
        assert clients("visitor").submit("/cuenta/codigo", email=account.email).status_code == 303  # another way in
        # Somebody else's guesses keep nobody out.
        assert elsewhere(clients).submit("/cuenta/entrar", email=account.email, password=PASSWORD).status_code == 303
    with clock.set_to(now + timedelta(seconds=61)):
        assert clients("visitor").submit("/cuenta/entrar", email=account.email, password=PASSWORD).status_code == 303


def test_the_present_password_is_not_guessed_at_will(limited: Flask, session: Session) -> None:
    clients = Clients(limited, limited.extensions["consulta"].database)
    client = clients.of(make_account(limited, session).person)
    statuses = [client.submit("/cuenta/clave", current="x", password=PASSWORD).status_code for _ in range(6)]
    assert statuses == [422] * 5 + [429]
    assert client.submit("/cuenta/confirme", password=PASSWORD).status_code == 429  # counted with signing in


def test_the_password_of_a_new_account_is_not_guessed_at_will(limited: Flask, session: Session) -> None:
    client = Clients(limited, limited.extensions["consulta"].database)("visitor")
    client.submit("/cuenta/crear", public_name="Ana", email="ana@example.org", password=PASSWORD, consents="y")
    link = link_in(last_mail(limited, session))
    assert [client.submit(link, password="x").status_code for _ in range(6)] == [422] * 5 + [429]


@pytest.mark.parametrize(("path", "most"), [("/cuenta/codigo", 5), ("/cuenta/recuperar", 5), ("/cuenta/confirmar", 5)])
def test_nobody_is_flooded_with_mails(limited: Flask, session: Session, path: str, most: int) -> None:
    clients = Clients(limited, limited.extensions["consulta"].database)
    statuses = [clients("visitor").submit(path, email="ana@example.org").status_code for _ in range(most + 1)]
    assert statuses == [303] * most + [429]
    assert elsewhere(clients).submit(path, email="ana@example.org").status_code == 303


@pytest.mark.parametrize("host", ["otro.example", "localhost.otro.example", "consulta.gob.sv:80:80", "127.0.0.1@otro"])
def test_the_site_answers_to_its_own_names_only(app: Flask, client: Client, host: str) -> None:
    for path in ("/", "/cuenta/entrar", "/static/css/site.css", "/no-existe"):
        answer = client.get(path, headers={"Host": host})
        assert answer.status_code == 400, path
        assert host not in answer.text
        assert "Content-Security-Policy" in answer.headers
    client.get("/")
    assert client.get("/", headers={"Host": host}).status_code == 400  # nor what is finished and kept


def test_in_production_it_has_one_name(settings: Config, app: Flask) -> None:
    public = dataclasses.replace(settings, env="production", site_url="https://consulta.gob.sv", second_factor=True)
    client = create_app(public, app.extensions["consulta"].database).test_client()
    for host, status in (
        ("consulta.gob.sv", 200),
        ("consulta.gob.sv:443", 200),
        ("localhost", 400),
        ("127.0.0.1", 400),
    ):
        assert client.get("/healthz", headers={"Host": host}).status_code == status, host


def test_people_with_a_role_see_what_protects_them(app: Flask, session: Session, client_as: Clients) -> None:
    client = client_as.of(make_account(app, session, make_member(session, Role.OBSERVER)).person)
    page = client.get("/cuenta/").text
    for part in ("Correo", "Contraseña", "Llaves de acceso", "Segundo paso", "Sesiones"):
        assert part in page
