"""The second step: who is asked for it, what passes, what passes twice, and what is left when it is lost."""

import dataclasses
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from passlib.totp import TOTP
from sqlalchemy.orm import Session

from config import Config
from consulta import clock
from consulta.errors import GuardRefused, Invalid
from consulta.people.models import STAFF_ROLES, Account, Authenticator, RecoveryCode, Role
from consulta.people.second_factor import check_code
from consulta.people.second_factor import set_up as set_up_factor
from consulta.people.tokens import Purpose, make_token
from tests.clients import Client, Clients
from tests.factories.accounts import PASSWORD, make_account
from tests.factories.people import make_institution, make_member
from tests.parallel import in_parallel
from tests.web.account.test_account import last_mail
from tests.web.account.test_passkeys import make_passkey

STEP, SET_UP = "/cuenta/segundo-paso", "/cuenta/segundo-paso/activar"


@pytest.fixture
def settings(settings: Config) -> Config:
    return dataclasses.replace(settings, second_factor=True)


@pytest.fixture
def at_noon() -> Iterator[None]:
    """In the middle of a half minute, so that no code changes while a test runs."""
    now = clock.now()
    with clock.set_to(now.replace(second=10, microsecond=0)):
        yield


pytestmark = pytest.mark.usefixtures("at_noon")


def enter(client: Client, account: Account) -> str:
    answer = client.submit("/cuenta/entrar", email=account.email, password=PASSWORD)
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def key_on(client: Client) -> str:
    """The key that the page offers to type."""
    found = re.search(r'class="typed-key">([A-Z2-7 ]+)<', client.get(SET_UP).text)
    assert found is not None
    return found[1].replace(" ", "")


def code_of(key: str, later: int = 0) -> str:
    token: str = TOTP(key=key, format="base32").generate(clock.now() + timedelta(seconds=later)).token
    return token


def set_up(client: Client, account: Account) -> tuple[str, list[str]]:
    """Enter and set it up; the key, and the recovery codes that are shown."""
    assert enter(client, account) == SET_UP
    key = key_on(client)
    answer = client.submit(SET_UP, code=code_of(key))
    assert answer.status_code == 200, answer.text
    return key, re.findall(r"<code>([a-z0-9-]+)</code>", answer.text)


@pytest.fixture
def coordinator(app: Flask, session: Session) -> Account:
    return make_account(app, session, make_member(session, Role.COORDINATOR))


@pytest.mark.parametrize("role", sorted(STAFF_ROLES, key=lambda role: role.value))
def test_nobody_with_a_role_enters_with_a_password_alone(
    app: Flask, session: Session, client: Client, role: Role
) -> None:
    place = make_institution(session) if role is Role.LIAISON else None
    account = make_account(app, session, make_member(session, role, place))
    assert enter(client, account) == SET_UP
    for path in ("/cuenta/sesiones", "/participar/", "/coordinacion/", "/administracion/"):
        assert client.get(path).status_code == 303, path
    assert client.submit(SET_UP, code="000000").status_code == 422


def test_who_takes_part_needs_none(app: Flask, session: Session, client: Client) -> None:
    assert enter(client, make_account(app, session)) == "/participar/"


def test_it_is_set_up_once_and_asked_for_ever_after(
    app: Flask, session: Session, client: Client, client_as: Clients, coordinator: Account
) -> None:
    key, codes = set_up(client, coordinator)
    assert len(set(codes)) == 10
    assert client.get("/coordinacion/").status_code == 200
    assert last_mail(app, session).to == coordinator.email
    kept = session.scalars(sa.select(Authenticator)).one()
    assert key not in kept.sealed_key
    assert not {row.code_hash for row in session.scalars(sa.select(RecoveryCode))} & set(codes)
    other = client_as("visitor")
    assert enter(other, coordinator) == STEP
    assert other.get(SET_UP).status_code == 303  # no second key for who knows the password alone
    assert other.get("/coordinacion/").status_code == 303
    assert other.submit(STEP, code=code_of(key, 30)).location == "/coordinacion/"
    assert other.get("/coordinacion/").status_code == 200


def test_who_has_a_passkey_enters_with_it_and_sets_up_nothing_before(
    app: Flask, session: Session, client: Client, coordinator: Account
) -> None:
    assert enter(client, coordinator) == SET_UP
    key = key_on(client)
    make_passkey(session, coordinator)  # in another browser, meanwhile
    for answer in (client.get(SET_UP), client.submit(SET_UP, code=code_of(key))):
        assert (answer.status_code, answer.location) == (303, STEP)
    assert client.get("/coordinacion/").status_code == 303
    proof = {"account_id": coordinator.id, "key": key, "typed": code_of(key), "secret_key": app.config["SECRET_KEY"]}
    with pytest.raises(GuardRefused):
        set_up_factor(session, **proof, has_entered=False)
    assert session.scalars(sa.select(Authenticator)).all() == []


def test_who_entered_with_a_passkey_may_have_an_application_too(
    session: Session, client_as: Clients, coordinator: Account
) -> None:
    make_passkey(session, coordinator)
    client = client_as.of(coordinator.person)
    assert client.submit(SET_UP, code=code_of(key_on(client))).status_code == 200


def test_a_code_is_used_once(client: Client, client_as: Clients, coordinator: Account) -> None:
    key, _ = set_up(client, coordinator)
    other = client_as("visitor")
    enter(other, coordinator)
    assert other.submit(STEP, code=code_of(key)).status_code == 422  # it set the key up
    assert other.submit(STEP, code=code_of(key, 30)).status_code == 303
    thief = client_as("visitor")
    enter(thief, coordinator)
    for later in (30, 0, -30):
        assert thief.submit(STEP, code=code_of(key, later)).status_code == 422
    with clock.set_to(clock.now() + timedelta(seconds=60)):
        assert thief.submit(STEP, code=code_of(key)).status_code == 303


def test_of_many_equal_codes_one_passes(app: Flask, client: Client, coordinator: Account) -> None:
    key, recovery = set_up(client, coordinator)
    database, secret_key = app.extensions["consulta"].database, app.config["SECRET_KEY"]
    account_id, now = coordinator.id, clock.now()
    for typed in (code_of(key, 30), recovery[0]):

        def act(s: Session, typed: str = typed) -> str:
            with clock.set_to(now):
                check_code(s, account_id=account_id, typed=typed, secret_key=secret_key)
            return "in"

        answers = in_parallel(database, [act] * 5)
        assert answers.count("in") == 1
        assert all(answer == "in" or isinstance(answer, Invalid) for answer in answers), answers


def test_a_recovery_code_enters_once_and_its_owner_hears_of_it(
    app: Flask, session: Session, client: Client, client_as: Clients, coordinator: Account
) -> None:
    _, recovery = set_up(client, coordinator)
    other = client_as("visitor")
    enter(other, coordinator)
    assert other.submit(STEP, code=recovery[3].upper().replace("-", " ")).status_code == 303
    assert "código de recuperación" in last_mail(app, session).body
    enter(other, coordinator)
    assert other.submit(STEP, code=recovery[3]).status_code == 422
    assert "Le quedan 9 códigos" in client.get("/cuenta/").text


def test_another_password_keeps_it(app: Flask, client: Client, client_as: Clients, coordinator: Account) -> None:
    set_up(client, coordinator)
    other = client_as("visitor")
    token = make_token(app.config["SECRET_KEY"], Purpose.RECOVERY, coordinator)
    assert other.submit(f"/cuenta/recuperar/{token}", password="otra frase muy distinta").status_code == 303
    answer = other.submit("/cuenta/entrar", email=coordinator.email, password="otra frase muy distinta")
    assert answer.location == STEP


def test_new_recovery_codes_end_those_before(client: Client, client_as: Clients, coordinator: Account) -> None:
    _, before = set_up(client, coordinator)
    after = re.findall(r"<code>([a-z0-9-]+)</code>", client.submit("/cuenta/segundo-paso/codigos").text)
    assert len(after) == 10
    other = client_as("visitor")
    enter(other, coordinator)
    assert other.submit(STEP, code=before[0]).status_code == 422
    assert other.submit(STEP, code=after[0]).status_code == 303


def test_who_needs_it_cannot_remove_it(client: Client, coordinator: Account) -> None:
    set_up(client, coordinator)
    answer = client.submit("/cuenta/segundo-paso/quitar")
    assert answer.status_code == 409
    assert "necesita un segundo paso" in answer.text


def test_who_does_not_need_it_may_have_it_and_remove_it(app: Flask, session: Session, client: Client) -> None:
    account = make_account(app, session)
    enter(client, account)
    assert client.submit(SET_UP, code=code_of(key_on(client))).status_code == 200
    assert enter(app.test_client(), account) == STEP  # type: ignore[arg-type]
    assert client.submit("/cuenta/segundo-paso/quitar").location == "/cuenta/"
    assert "Quitó el segundo paso" in last_mail(app, session).body
    assert enter(app.test_client(), account) == "/participar/"  # type: ignore[arg-type]


def test_an_administrator_helps_who_lost_it(
    app: Flask, session: Session, client: Client, client_as: Clients, coordinator: Account
) -> None:
    set_up(client, coordinator)
    admin = client_as("admin")
    assert admin.submit(f"/administracion/personas/{coordinator.person_id}/segundo-paso").status_code == 303
    assert client.get("/coordinacion/").status_code == 303  # its sessions ended
    assert last_mail(app, session).to == coordinator.email
    assert enter(client, coordinator) == SET_UP
    assert admin.submit(f"/administracion/personas/{admin.actor.person_id}/segundo-paso").status_code == 409


def test_the_first_step_is_forgotten_after_ten_minutes(
    client: Client, client_as: Clients, coordinator: Account
) -> None:
    key, _ = set_up(client, coordinator)
    other = client_as("visitor")
    enter(other, coordinator)
    with clock.set_to(clock.now() + timedelta(minutes=11)):
        assert other.submit(STEP, code=code_of(key)).location == "/cuenta/entrar"
