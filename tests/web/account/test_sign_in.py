"""Entering and leaving, seen from a browser."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from consulta import clock
from consulta.people.models import LoginSession, Role
from consulta.web.account.passwords import hash_password
from tests.clients import Client, Clients
from tests.factories.accounts import PASSWORD, make_account
from tests.factories.people import make_institution, make_member

WRONG = "El correo o la contraseña no coinciden."


def sign_in(client: Client, email: str, password: str = PASSWORD, **fields: str) -> str:
    """Enter through the form; answers where it leads."""
    answer = client.submit("/cuenta/entrar", email=email, password=password, **fields)
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def is_signed_in(client: Client) -> bool:
    return client.get("/cuenta/sesiones").status_code == 200


def test_who_signs_in_gets_in(app: Flask, session: Session, client: Client) -> None:
    account = make_account(app, session)
    assert sign_in(client, account.email.upper()) == "/participar/"
    assert is_signed_in(client)
    assert account.person.public_name.split()[0] in client.get("/cuenta/sesiones").text


@pytest.mark.parametrize(
    ("role", "desk"),
    [
        (Role.LIAISON, "/institucion/"),
        (Role.COORDINATOR, "/coordinacion/"),
        (Role.OBSERVER, "/coordinacion/"),
        (Role.ADMIN, "/administracion/"),
    ],
)
def test_the_team_lands_at_its_work_and_finds_it_again(
    app: Flask, session: Session, client: Client, role: Role, desk: str
) -> None:
    institution = make_institution(session) if role is Role.LIAISON else None
    account = make_account(app, session, make_member(session, role, institution))
    assert sign_in(client, account.email) == desk
    assert f'href="{desk}"' in client.get("/participar/").text


def test_a_role_that_came_later_asks_for_a_longer_password(app: Flask, session: Session, client: Client) -> None:
    short = "trece letras!"
    with app.app_context():
        account = make_account(app, session, make_member(session, Role.OBSERVER), password_hash=hash_password(short))
    assert sign_in(client, account.email, short) == "/cuenta/clave"
    assert "al menos 15 caracteres" in client.get("/cuenta/clave").text


def test_reading_the_sign_in_page_leaves_no_row(session: Session, client: Client) -> None:
    assert client.get("/cuenta/entrar").status_code == 200
    assert session.scalar(sa.select(sa.func.count()).select_from(LoginSession)) == 0


@pytest.mark.parametrize(
    ("changes", "password"),
    [
        ({}, "otra frase equivocada"),  # known address, wrong password
        ({"is_active": False}, PASSWORD),  # disabled
        ({"password_hash": None}, PASSWORD),  # invited, and not accepted yet
        ({"confirmed_at": None}, PASSWORD),  # nobody has proven the address
        ({"email": "otra@example.org"}, PASSWORD),  # nobody has the address
        ({}, "x" * 257),  # longer than what is ever hashed
        ({}, "x" * 200_000),
    ],
)
def test_every_failure_looks_the_same(
    app: Flask, session: Session, client: Client, changes: dict[str, object], password: str
) -> None:
    make_account(app, session, **{"email": "ana@example.org", **changes})
    answer = client.submit("/cuenta/entrar", email="ana@example.org", password=password, form_key="k")
    nobody = client.submit("/cuenta/entrar", email="nadie@example.org", password=PASSWORD, form_key="k")
    assert answer.status_code == nobody.status_code == 422
    assert WRONG in answer.text
    assert without_token(answer.text, "ana") == without_token(nobody.text, "nadie")
    assert not is_signed_in(client)


def without_token(page: str, name: str) -> str:
    """A page without what differs by request: the tokens of its forms, and the address typed."""
    return re.sub(r'name="csrf_token"[^>]*', "", page).replace(f"{name}@", "@")


def test_the_id_changes_at_sign_in(app: Flask, session: Session, client: Client) -> None:
    """Somebody who planted a cookie before holds nothing afterwards."""
    account = make_account(app, session)
    client.get("/cuenta/entrar")
    planted = client.get_cookie("consulta")
    sign_in(client, account.email)
    assert planted is not None
    assert client.get_cookie("consulta").value != planted.value
    attacker = app.test_client()
    attacker.set_cookie("consulta", planted.value)
    assert attacker.get("/cuenta/sesiones").status_code == 303


def test_the_cookie_stands_nowhere_in_the_database(client_as: Clients, session: Session) -> None:
    client = client_as("participant")
    row = session.scalars(sa.select(LoginSession)).one()
    assert client.token not in (row.token_hash, str(row.data))


def test_leaving_ends_the_session(client_as: Clients, app: Flask) -> None:
    client = client_as("participant")
    stolen = client.token
    assert client.get("/cuenta/salir").status_code == 405
    answer = client.submit("/cuenta/salir")
    assert answer.status_code == 303
    assert "cache" in answer.headers["Clear-Site-Data"]
    thief = app.test_client()
    thief.set_cookie("consulta", stolen)
    assert thief.get("/cuenta/sesiones").status_code == 303
    assert thief.get("/cuenta/sesiones", headers={"Accept": "application/json"}).status_code == 401


@pytest.mark.parametrize(
    ("identity", "idle", "total"),
    [
        ("participant", timedelta(days=14), timedelta(days=90)),
        ("coordinator", timedelta(minutes=30), timedelta(hours=12)),
    ],
)
def test_sessions_end_by_the_clock(
    app: Flask, session: Session, client_as: Clients, identity: str, idle: timedelta, total: timedelta
) -> None:
    client = client_as(identity)
    begin = clock.now()
    # Used often enough, it lasts its whole life and no longer.
    moment = begin
    while moment < begin + total:
        with clock.set_to(moment):
            assert is_signed_in(client)
        moment += idle * 0.9
    with clock.set_to(begin + total + timedelta(seconds=1)):
        assert not is_signed_in(client)
    unused = client_as(identity)
    with clock.set_to(begin + timedelta(minutes=2)):
        assert is_signed_in(unused)
    with clock.set_to(begin + timedelta(minutes=3) + idle):
        assert not is_signed_in(unused)


def test_last_seen_is_written_once_a_minute(client_as: Clients, session: Session) -> None:
    client = client_as("participant")
    begin = clock.now()
    with clock.set_to(begin + timedelta(seconds=30)):
        client.get("/cuenta/sesiones")
    assert session.scalars(sa.select(LoginSession.last_seen_at)).one() <= begin
    session.rollback()
    with clock.set_to(begin + timedelta(seconds=90)):
        client.get("/cuenta/sesiones")
    assert session.scalars(sa.select(LoginSession.last_seen_at)).one() == begin + timedelta(seconds=90)


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "///evil.example",
        "https://evil.example",
        "http:evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        " //evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "evil.example",
        "/ruta\r\nSet-Cookie: a=b",
        "?next=/otra",
    ],
)
def test_next_never_leads_elsewhere(app: Flask, session: Session, client: Client, target: str) -> None:
    account = make_account(app, session)
    page = client.get("/cuenta/entrar", query_string={"next": target})
    assert page.status_code == 200
    assert "evil.example" not in page.text
    assert sign_in(client, account.email, next=target) == "/participar/"


def test_next_leads_to_a_page_of_this_site(app: Flask, session: Session, client: Client) -> None:
    account = make_account(app, session)
    assert sign_in(client, account.email, next="/planes/p/temas/t?orden=antiguas") == "/planes/p/temas/t?orden=antiguas"


def test_a_form_without_its_token_is_refused(app: Flask, session: Session, client: Client) -> None:
    account = make_account(app, session)
    answer = client.post("/cuenta/entrar", data={"email": account.email, "password": PASSWORD})
    assert answer.status_code == 400
    assert "No se guardó nada" in answer.text
    assert not is_signed_in(client)


def test_a_token_of_another_session_is_refused(client_as: Clients) -> None:
    mine, theirs = client_as("participant"), client_as("participant2")
    assert mine.post("/cuenta/salir", data={"csrf_token": theirs.csrf_token}).status_code == 400
    assert is_signed_in(mine)


def test_a_foreign_origin_is_refused(client_as: Clients) -> None:
    client = client_as("participant")
    answer = client.post(
        "/cuenta/salir", data={"csrf_token": client.csrf_token}, headers={"Origin": "https://evil.example"}
    )
    assert answer.status_code == 403
    assert is_signed_in(client)


def test_missing_fields_are_named(client: Client) -> None:
    answer = client.submit("/cuenta/entrar", email="ana@example.org")
    assert answer.status_code == 422
    assert 'href="#password"' in answer.text
    assert 'value="ana@example.org"' in answer.text


def test_account_pages_are_kept_by_no_cache(client_as: Clients) -> None:
    assert client_as("participant").get("/cuenta/sesiones").headers["Cache-Control"] == "no-store"


def test_public_pages_set_no_cookie(client_as: Clients) -> None:
    for identity in ("visitor", "participant"):
        assert "Set-Cookie" not in client_as(identity).get("/no-existe").headers
