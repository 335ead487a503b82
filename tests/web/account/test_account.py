"""Creating, confirming and recovering an account, and keeping it."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from consulta import clock
from consulta.messages.catalogue import find_message
from consulta.messages.links import Site
from consulta.messages.mail import Mail
from consulta.outbox.models import OutboxKind, OutboxRow
from consulta.people.models import Account, LoginSession, Person, Role
from consulta.people.rules import CONSENT_VERSION
from consulta.people.tokens import Purpose, make_token
from consulta.web.server_sessions import device_name
from tests.clients import Client, Clients
from tests.factories.accounts import PASSWORD, make_account
from tests.factories.people import make_member

GOOD = {"public_name": "Ana López", "email": "ana@example.org", "password": PASSWORD, "consents": "y"}


def last_mail(app: Flask, session: Session) -> Mail:
    """The mail that the worker would send for the newest row of the outbox."""
    mail = mails(app, session)[-1]
    assert mail is not None
    return mail


def mails(app: Flask, session: Session) -> list[Mail | None]:
    """What the worker would send for each mail of the outbox; None where it finds nobody to write to."""
    session.rollback()
    rows = session.scalars(sa.select(OutboxRow).where(OutboxRow.kind == OutboxKind.MAIL).order_by(OutboxRow.id)).all()
    site = Site("http://localhost", app.config["SECRET_KEY"])
    return [find_message(row.name).render(session, site, **row.payload) for row in rows]


def link_in(mail: Mail) -> str:
    """The path of the one link of a mail."""
    return next(line.removeprefix("http://localhost") for line in mail.body.split() if line.startswith("http"))


def enter(client: Client, email: str, password: str) -> int:
    """422 when the door stays closed."""
    return client.submit("/cuenta/entrar", email=email, password=password).status_code


def test_from_nothing_to_signed_in(app: Flask, session: Session, client: Client) -> None:
    assert client.submit("/cuenta/crear", **GOOD).location == "/cuenta/revise-su-correo"
    assert enter(client, GOOD["email"], PASSWORD) == 422  # there is no account yet
    mail = last_mail(app, session)
    assert (mail.to, "/cuenta/confirmar/" in mail.body) == ("ana@example.org", True)
    link = link_in(mail)
    assert "Confirmar mi correo" in client.get(link).text
    session.rollback()
    assert session.scalars(sa.select(Account)).all() == []  # looking makes nothing
    assert client.submit(link, password=PASSWORD).location == "/participar/"
    session.rollback()
    account = session.scalars(sa.select(Account)).one()
    assert account.person.consent_version == CONSENT_VERSION
    assert account.person.consent_at is not None
    assert PASSWORD not in str(account.password_hash)
    assert client.get(link).status_code == 404  # once
    assert client.get("/cuenta/sesiones").status_code == 200
    assert enter(client, GOOD["email"], PASSWORD) == 303


def test_what_was_asked_for_comes_after_confirming(app: Flask, session: Session, client: Client) -> None:
    client.submit("/cuenta/crear", **GOOD, next="/participar/borrador")
    assert client.submit(link_in(last_mail(app, session)), password=PASSWORD).location == "/participar/borrador"


@pytest.mark.parametrize("typed", ["", "otra frase muy distinta", "x" * 300])
def test_nobody_gets_an_account_with_the_password_of_a_stranger(
    app: Flask, session: Session, client: Client, client_as: Clients, typed: str
) -> None:
    """Somebody asked with the address of another, who reads the mail and did not choose that password."""
    client_as("visitor").submit("/cuenta/crear", **GOOD)
    link = link_in(last_mail(app, session))
    answer = client.submit(link, password=typed)
    assert (answer.status_code, 'href="#password"' in answer.text, GOOD["email"] in answer.text) == (422, True, True)
    session.rollback()
    assert session.scalars(sa.select(Account)).all() == []
    assert 'href="/cuenta/crear"' in answer.text
    mine = "la mía es otra frase"
    client.submit("/cuenta/crear", **{**GOOD, "password": mine})
    assert client.submit(link_in(last_mail(app, session)), password=mine).status_code == 303
    assert enter(client, GOOD["email"], PASSWORD) == 422


def test_who_is_signed_in_may_confirm_another_account(app: Flask, session: Session, client_as: Clients) -> None:
    client = client_as.of(make_account(app, session).person)
    client.submit("/cuenta/crear", **GOOD)
    assert client.submit(link_in(last_mail(app, session)), password=PASSWORD).location == "/participar/"
    assert GOOD["email"] in client.get("/cuenta/").text


@pytest.mark.parametrize(
    ("fields", "anchor"),
    [
        ({"public_name": "A"}, "public_name"),
        ({"public_name": "\u200b\u202e"}, "public_name"),  # nothing that can be seen
        ({"public_name": "x" * 81}, "public_name"),
        ({"public_name": "aportante  RETIRADO"}, "public_name"),  # of who was erased
        ({"email": "ana"}, "email"),
        ({"email": "ana@example.org\r\nBcc: x@example.org"}, "email"),
        ({"password": "once letras"}, "password"),  # 11 characters
        ({"password": "ñ" * 129}, "password"),  # 258 bytes
        ({"password": "x" * 500_000}, "password"),
        ({"consents": ""}, "consents"),
    ],
)
def test_what_is_wrong_is_said_and_the_rest_kept(
    session: Session, client: Client, fields: dict[str, str], anchor: str
) -> None:
    typed = {**GOOD, **fields}
    answer = client.submit("/cuenta/crear", **{k: v for k, v in typed.items() if v})
    assert answer.status_code == 422
    assert f'href="#{anchor}"' in answer.text
    assert "<title>Error:" in answer.text
    assert anchor == "public_name" or 'value="Ana López"' in answer.text
    assert PASSWORD not in answer.text
    assert session.scalars(sa.select(Person)).all() == []


@pytest.mark.parametrize("password", ["doce letras!", "mañana será otro día" * 11, "ñandú azul!😀" * 15])
def test_long_and_strange_passwords_fit(session: Session, client: Client, password: str) -> None:
    assert client.submit("/cuenta/crear", **{**GOOD, "password": password}).status_code == 303


def test_fields_that_nobody_asks_for_are_ignored(app: Flask, session: Session, client: Client) -> None:
    client.submit("/cuenta/crear", **GOOD, role="admin", is_active="", confirmed_at="2018-01-01", person_id="1")
    client.submit(link_in(last_mail(app, session)), password=PASSWORD, role="admin")
    session.rollback()
    account = session.scalars(sa.select(Account)).one()
    assert account.is_active
    assert account.person.memberships == []


def test_a_name_with_line_ends_reaches_one_recipient(app: Flask, session: Session, client: Client) -> None:
    client.submit("/cuenta/crear", **{**GOOD, "public_name": "Ana\r\nBcc: otra@example.org"})
    mail = last_mail(app, session)
    client.submit(link_in(mail), password=PASSWORD)
    session.rollback()
    assert session.scalars(sa.select(Person.public_name)).one() == "Ana Bcc: otra@example.org"
    assert mail.to == "ana@example.org"
    assert "\n" not in mail.subject


def test_signing_up_tells_nobody_who_has_an_account(app: Flask, session: Session, client: Client) -> None:
    make_account(app, session, email="ana@example.org")
    known = client.submit("/cuenta/crear", **GOOD)
    unknown = client.submit("/cuenta/crear", **{**GOOD, "email": "nadie@example.org"})
    assert (known.status_code, known.location, known.text) == (unknown.status_code, unknown.location, unknown.text)
    told = mails(app, session)
    assert [mail and (mail.to, mail.subject) for mail in told] == [
        ("ana@example.org", "Usted ya tiene una cuenta"),
        ("nadie@example.org", "Confirme su correo"),
    ]
    # Nor does the door tell: the password of a request that nobody confirmed opens nothing.
    other = "otra frase muy distinta"
    for name in ("ana", "nadie"):
        client.submit("/cuenta/crear", **{**GOOD, "email": f"{name}@example.org", "password": other})
        assert enter(client, f"{name}@example.org", other) == 422


def test_asking_for_the_link_again_tells_nobody_who_has_an_account(
    app: Flask, session: Session, client: Client
) -> None:
    make_account(app, session, email="ana@example.org")
    client.submit("/cuenta/crear", **{**GOOD, "email": "luz@example.org"})
    answers = [client.submit("/cuenta/confirmar", email=f"{name}@example.org") for name in ("ana", "luz", "nadie")]
    assert len({(answer.status_code, answer.location, answer.text) for answer in answers}) == 1
    assert [mail and mail.to for mail in mails(app, session)] == ["luz@example.org", None, "luz@example.org", None]


def test_the_first_link_that_is_followed_makes_the_account(app: Flask, session: Session, client: Client) -> None:
    """Somebody may have asked with the address of another; its owner sees whose name the account would have."""
    links = []
    for name in ("Quien no es", "Ana López"):
        client.submit("/cuenta/crear", **{**GOOD, "public_name": name})
        links.append(link_in(last_mail(app, session)))
    assert "Quien no es" in client.get(links[0]).text
    assert client.submit(links[1], password=PASSWORD).status_code == 303
    assert [client.get(link).status_code for link in links] == [404, 404]
    session.rollback()
    assert session.scalars(sa.select(Person.public_name)).one() == "Ana López"


def test_a_request_for_an_account_lasts_seven_days(app: Flask, session: Session, client: Client) -> None:
    client.submit("/cuenta/crear", **GOOD)
    link = link_in(last_mail(app, session))
    with clock.set_to(clock.now() + timedelta(days=7, minutes=1)):
        assert client.get(link).status_code == 404


def test_recovery_tells_nobody_who_has_an_account(app: Flask, session: Session, client: Client) -> None:
    make_account(app, session, email="ana@example.org")
    answers = [client.submit("/cuenta/recuperar", email=f"{name}@example.org") for name in ("ana", "nadie")]
    answers.append(client.submit("/cuenta/recuperar", email="esto no es un correo"))
    assert len({(answer.status_code, answer.location, answer.text) for answer in answers}) == 1
    assert [mail and mail.to for mail in mails(app, session)] == ["ana@example.org", None, None]


def test_a_new_password_ends_every_session(app: Flask, session: Session, client: Client, client_as: Clients) -> None:
    account = make_account(app, session)
    stolen = client_as.of(account.person)
    client.submit("/cuenta/recuperar", email=account.email)
    link = link_in(last_mail(app, session))
    assert client.submit(link, password="corta").status_code == 422
    assert client.submit(link, password="otra frase muy distinta").status_code == 303
    assert stolen.get("/cuenta/sesiones").status_code == 303
    assert client.get(link).status_code == 404  # once
    assert client.submit(link, password="y otra vez la misma").status_code == 404
    assert enter(client, account.email, PASSWORD) == 422
    assert enter(client, account.email, "otra frase muy distinta") == 303


def test_a_recovery_link_lasts_half_an_hour(app: Flask, session: Session, client: Client) -> None:
    account = make_account(app, session)
    client.submit("/cuenta/recuperar", email=account.email)
    link = link_in(last_mail(app, session))
    now = clock.now()
    with clock.set_to(now + timedelta(minutes=29)):
        assert client.get(link).status_code == 200
    with clock.set_to(now + timedelta(minutes=31)):
        assert client.get(link).status_code == 404


def test_a_clock_that_is_ahead_spoils_no_link(app: Flask, session: Session, client: Client) -> None:
    """The worker may run on another machine than the site."""
    account = make_account(app, session)
    now = clock.now()
    with clock.set_to(now + timedelta(seconds=30)):
        token = make_token(app.config["SECRET_KEY"], Purpose.RECOVERY, account)
    with clock.set_to(now):
        assert client.get(f"/cuenta/recuperar/{token}").status_code == 200


def test_a_link_serves_its_own_purpose_only(app: Flask, session: Session, client: Client) -> None:
    account = make_account(app, session)
    client.submit("/cuenta/recuperar", email=account.email)
    token = link_in(last_mail(app, session)).rsplit("/", 1)[1]
    for path in (f"/cuenta/confirmar/{token}", f"/cuenta/invitacion/{token}", f"/cuenta/recuperar/{token}x"):
        assert client.get(path).status_code == 404


def invite(client_as: Clients) -> None:
    client_as("admin").submit(
        "/administracion/personas/invitar",
        public_name="Luz Paz",
        email="luz@example.org",
        role="moderator",
        institution="",
    )


def test_an_invitation_is_accepted_with_a_long_password(
    app: Flask, session: Session, client: Client, client_as: Clients
) -> None:
    invite(client_as)
    mail = last_mail(app, session)
    assert "Moderación" in mail.body
    link = link_in(mail)
    assert client.submit(link, password="catorce letras", consents="y").status_code == 422  # 15 for a role
    assert client.submit(link, password=PASSWORD).status_code == 422  # without consent
    assert client.submit(link, password=PASSWORD, consents="y").status_code == 303
    assert client.get(link).status_code == 404
    assert enter(client, "luz@example.org", PASSWORD) == 303


def test_an_expired_invitation_has_no_way_around(
    app: Flask, session: Session, client: Client, client_as: Clients
) -> None:
    invite(client_as)
    link = link_in(last_mail(app, session))
    with clock.set_to(clock.now() + timedelta(days=7, minutes=1)):
        assert client.get(link).status_code == 404
        client.submit("/cuenta/recuperar", email="luz@example.org")
        assert mails(app, session)[-1] is None


def test_changing_the_password_keeps_only_this_session(app: Flask, session: Session, client_as: Clients) -> None:
    person = make_account(app, session).person
    mine, other = client_as.of(person), client_as.of(person)
    before = mine.token
    answer = mine.submit("/cuenta/clave", current=PASSWORD, password="otra frase muy distinta")
    assert answer.status_code == 303, answer.text
    assert mine.get("/cuenta/sesiones").status_code == 200
    assert other.get("/cuenta/sesiones").status_code == 303
    thief = client_as("visitor")
    thief.set_cookie("consulta", before)
    assert thief.get("/cuenta/sesiones").status_code == 303
    assert last_mail(app, session).subject == "Su contraseña cambió"


def test_changing_the_password_proves_no_more_than_before(app: Flask, session: Session, client_as: Clients) -> None:
    client, now = client_as.of(make_account(app, session).person), clock.now()
    with clock.set_to(now + timedelta(minutes=31)):
        assert client.submit("/cuenta/clave", current=PASSWORD, password="otra frase muy distinta").status_code == 303
        assert client.get("/cuenta/correo").location.startswith("/cuenta/confirme")
    for day in range(13, 91, 13):
        with clock.set_to(now + timedelta(days=day)):
            assert client.get("/cuenta/").status_code == 200
    with clock.set_to(now + timedelta(days=90, seconds=1)):
        assert client.get("/cuenta/").status_code == 303  # as old as it was


@pytest.mark.parametrize(
    ("fields", "anchor"),
    [
        ({"current": "no es esta", "password": "otra frase muy distinta"}, "current"),
        ({"current": PASSWORD, "password": "corta"}, "password"),
        ({"current": PASSWORD}, "password"),
    ],
)
def test_a_password_is_not_changed_by_mistake(
    app: Flask, session: Session, client_as: Clients, fields: dict[str, str], anchor: str
) -> None:
    client = client_as.of(make_account(app, session).person)
    answer = client.submit("/cuenta/clave", **fields)
    assert answer.status_code == 422
    assert f'href="#{anchor}"' in answer.text
    assert client.get("/cuenta/sesiones").status_code == 200


def test_people_with_a_role_need_a_longer_password(app: Flask, session: Session, client_as: Clients) -> None:
    person = make_member(session, Role.OBSERVER)
    make_account(app, session, person)
    client = client_as.of(person)
    assert client.submit("/cuenta/clave", current=PASSWORD, password="catorce letras").status_code == 422


def test_another_session_is_closed_from_here(app: Flask, session: Session, client_as: Clients) -> None:
    person = make_account(app, session).person
    mine, other = client_as.of(person), client_as.of(person)
    assert mine.get("/cuenta/sesiones").text.count("Firefox, Linux</th>") == 2
    session.rollback()
    rows = session.scalars(sa.select(LoginSession.id).order_by(LoginSession.id)).all()
    assert mine.submit(f"/cuenta/sesiones/{rows[1]}/cerrar").status_code == 303
    assert other.get("/cuenta/sesiones").status_code == 303
    assert mine.get("/cuenta/sesiones").status_code == 200


def test_the_session_of_somebody_else_is_not_found(client_as: Clients, session: Session) -> None:
    mine, theirs = client_as("participant"), client_as("participant2")
    row = session.scalars(sa.select(LoginSession.id).order_by(LoginSession.id.desc()).limit(1)).one()
    assert mine.submit(f"/cuenta/sesiones/{row}/cerrar").status_code == 404
    assert theirs.get("/cuenta/sesiones").status_code == 200


def test_people_recognise_their_browsers() -> None:
    telephone = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36"
    assert device_name(telephone) == "Chrome, Android"
    assert device_name("curl/8") == ""
