"""Entering with a code from a mail."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from consulta import clock
from consulta.people.codes import spend_code
from consulta.people.models import SignInCode
from tests.clients import Client, Clients
from tests.factories.accounts import make_account
from tests.parallel import in_parallel
from tests.web.account.test_account import last_mail, link_in, mails

WRITE = "/cuenta/codigo/escribir"


def ask(app: Flask, session: Session, client: Client, email: str, **fields: str) -> str:
    """Ask for a code; answers the one that was mailed."""
    assert client.submit("/cuenta/codigo", email=email, **fields).location == WRITE
    return link_in(last_mail(app, session)).rsplit("/", 1)[1]


def test_a_code_opens_the_account_once(app: Flask, session: Session, client: Client, client_as: Clients) -> None:
    account = make_account(app, session)
    code = ask(app, session, client, account.email, next="/participar/borrador")
    assert code in last_mail(app, session).subject
    assert client.get(f"/cuenta/codigo/{code}").status_code == 200
    assert client.get("/cuenta/sesiones").status_code == 303  # looking at the link enters nowhere
    elsewhere = client_as("visitor")
    assert "solo sirve en el navegador" in elsewhere.get(f"/cuenta/codigo/{code}").text
    assert elsewhere.submit(WRITE, code=code).location == "/cuenta/codigo"
    assert client.submit(WRITE, code=f" {code[:3]} {code[3:]}").location == "/participar/borrador"
    assert client.get("/cuenta/sesiones").status_code == 200
    session.rollback()
    assert session.scalars(sa.select(SignInCode)).all() == []


def test_the_code_stands_nowhere_in_the_database(app: Flask, session: Session, client: Client) -> None:
    code = ask(app, session, client, make_account(app, session).email)
    row = session.scalars(sa.select(SignInCode)).one()
    assert code not in "|".join(map(str, (row.id, row.account_id, row.seed)))


@pytest.mark.parametrize("email", ["ana@example.org", "nadie@example.org"])
def test_every_wrong_code_looks_the_same(app: Flask, session: Session, client: Client, email: str) -> None:
    make_account(app, session, email="ana@example.org")
    client.submit("/cuenta/codigo", email=email)
    answer = client.submit(WRITE, code="12345x", form_key="k")
    assert answer.status_code == 422
    assert "El código no coincide o ya no sirve." in answer.text
    assert [mail and mail.to for mail in mails(app, session)] == [email if email.startswith("ana") else None]


def test_five_wrong_tries_end_a_code(app: Flask, session: Session, client: Client) -> None:
    code = ask(app, session, client, make_account(app, session).email)
    for _ in range(5):
        assert client.submit(WRITE, code="000000" if code != "000000" else "111111").status_code == 422
    assert client.submit(WRITE, code=code).status_code == 422


def test_a_code_lasts_ten_minutes(app: Flask, session: Session, client: Client) -> None:
    code = ask(app, session, client, make_account(app, session).email)
    with clock.set_to(clock.now() + timedelta(minutes=10)):
        assert client.submit(WRITE, code=code).status_code == 422
        assert mails(app, session) == [None]  # nor is it sent so late


@pytest.mark.parametrize("changes", [{"is_active": False}, {"confirmed_at": None}])
def test_no_code_for_who_may_not_enter(
    app: Flask, session: Session, client: Client, changes: dict[str, object]
) -> None:
    account = make_account(app, session, **changes)
    assert client.submit("/cuenta/codigo", email=account.email).location == WRITE
    assert mails(app, session) == [None]


def test_one_of_many_equal_clicks_enters(app: Flask, session: Session, client: Client) -> None:
    code = ask(app, session, client, make_account(app, session).email)
    asked, secret_key = session.scalars(sa.select(SignInCode.id)).one(), app.config["SECRET_KEY"]
    session.rollback()
    database = app.extensions["consulta"].database
    act = lambda s: spend_code(s, code_id=asked, typed=code, secret_key=secret_key).id  # noqa: E731
    answers = in_parallel(database, [act] * 6)
    assert len([answer for answer in answers if isinstance(answer, int)]) == 1
