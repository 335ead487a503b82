"""Inviting people, giving and taking roles, letting nobody in who should stay out."""

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from consulta.audit.models import AuditEntry
from consulta.outbox.models import OutboxRow
from consulta.people.models import Account, Membership, Person, Role
from tests.clients import Client, Clients
from tests.factories.accounts import make_account
from tests.factories.people import make_institution, make_member, make_person


@pytest.fixture
def admin(client_as: Clients) -> Client:
    return client_as("admin")


def page_of(person: Person) -> str:
    return f"/administracion/personas/{person.id}"


def roles_of(session: Session, person: Person) -> set[Role]:
    session.rollback()
    return set(session.scalars(sa.select(Membership.role).where(Membership.person_id == person.id)))


@pytest.mark.parametrize("identity", ["participant", "coordinator", "approver"])
def test_the_area_is_for_administrators(client_as: Clients, identity: str) -> None:
    assert client_as(identity).get("/administracion/").status_code == 403


def test_an_invitation_makes_person_role_account_and_mail(admin: Client, session: Session) -> None:
    institution = make_institution(session)
    answer = admin.submit(
        "/administracion/personas/invitar",
        public_name="Ana <b>López</b>",
        email="Ana@Example.org",
        role="liaison",
        institution=str(institution.id),
    )
    assert answer.status_code == 303
    account = session.scalars(sa.select(Account).where(Account.email == "ana@example.org")).one()
    assert account.password_hash is None
    assert [(held.role, held.institution_id) for held in account.person.memberships] == [(Role.LIAISON, institution.id)]
    mail = session.scalars(sa.select(OutboxRow)).one()
    assert (mail.name, mail.payload) == ("account_invitation", {"account_id": account.id})
    page = admin.get(answer.location).text
    assert "Ana &lt;b&gt;López&lt;/b&gt;" in page
    assert "Invitación enviada" in page


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"email": "no-es-correo"}, "Escriba un correo electrónico completo"),
        ({"email": "x@example.org\r\nBcc: y@example.org"}, "Escriba un correo electrónico completo"),
        ({"email": "admin@example.org"}, "Ese correo ya tiene una cuenta"),
        ({"public_name": " "}, "Escriba el nombre"),
        ({"public_name": "x" * 81}, "hasta 80 caracteres"),
        ({"role": "dios"}, 'href="#role"'),
        ({"role": "liaison"}, "necesita una institución"),
        ({"institution": "999"}, 'href="#institution"'),
    ],
)
def test_a_bad_invitation_keeps_what_was_typed(
    admin: Client, session: Session, fields: dict[str, str], sentence: str
) -> None:
    good = {"public_name": "Ana López", "email": "ana@example.org", "role": "observer", "institution": ""}
    before = session.scalar(sa.select(sa.func.count()).select_from(Person))
    session.rollback()
    answer = admin.submit("/administracion/personas/invitar", **{**good, **fields})
    assert answer.status_code == 422
    assert "Hay algo que corregir" in answer.text
    assert sentence in answer.text
    assert "<title>Error:" in answer.text
    assert session.scalar(sa.select(sa.func.count()).select_from(Person)) == before


def test_a_new_role_signs_out_at_once(app: Flask, admin: Client, client_as: Clients, session: Session) -> None:
    person = make_person(session)
    browser = client_as.of(person)
    assert browser.get("/cuenta/sesiones").status_code == 200
    answer = admin.submit(f"{page_of(person)}/roles", role="observer", institution="", version="1")
    assert answer.status_code == 303
    assert roles_of(session, person) == {Role.OBSERVER}
    assert browser.get("/cuenta/sesiones").status_code == 303


def test_a_lost_role_signs_out_at_once(admin: Client, client_as: Clients, session: Session) -> None:
    person = make_member(session, Role.COORDINATOR)
    browser = client_as.of(person)
    held = session.scalars(sa.select(Membership.id).where(Membership.person_id == person.id)).one()
    assert browser.get("/coordinacion/").status_code != 303
    assert admin.submit(f"{page_of(person)}/roles/{held}/quitar", version="1").status_code == 303
    assert roles_of(session, person) == set()
    assert browser.get("/coordinacion/").status_code == 303


def test_a_disabled_account_is_out_at_once(app: Flask, admin: Client, client_as: Clients, session: Session) -> None:
    person = make_account(app, session).person
    browser = client_as.of(person)
    answer = admin.submit(f"{page_of(person)}/desactivar", version="1", reason="Dejó la institución")
    assert answer.status_code == 303
    assert browser.get("/cuenta/sesiones").status_code == 303
    session.rollback()
    entry = session.scalars(sa.select(AuditEntry).where(AuditEntry.act == "account.disable")).one()
    assert (entry.reason, entry.person_id) == ("Dejó la institución", admin.actor.person_id)
    assert admin.submit(f"{page_of(person)}/activar", version="2").status_code == 303
    assert browser.get("/cuenta/sesiones").status_code == 303  # the old session does not come back


def test_disabling_needs_a_reason(app: Flask, admin: Client, session: Session) -> None:
    person = make_account(app, session).person
    answer = admin.submit(f"{page_of(person)}/desactivar", version="1", reason=" ")
    assert answer.status_code == 422
    assert "Escriba el motivo." in answer.text


def test_nobody_decides_and_approves(app: Flask, admin: Client, session: Session) -> None:
    person = make_member(session, Role.COORDINATOR)
    make_account(app, session, person)
    place = make_institution(session)
    answer = admin.submit(f"{page_of(person)}/roles", role="approver", institution=str(place.id), version="1")
    assert answer.status_code == 422
    assert "Quien decide propuestas no puede aprobar el plan" in answer.text
    assert roles_of(session, person) == {Role.COORDINATOR}


def test_the_last_administrator_stays(admin: Client, session: Session) -> None:
    person = session.get_one(Person, admin.actor.person_id)
    held = session.scalars(sa.select(Membership.id).where(Membership.person_id == person.id)).one()
    answer = admin.submit(f"{page_of(person)}/roles/{held}/quitar", version="1")
    assert answer.status_code == 409
    assert "única cuenta de administración" in answer.text
    assert roles_of(session, person) == {Role.ADMIN}


def test_a_stale_page_changes_nothing(app: Flask, admin: Client, session: Session) -> None:
    person = make_account(app, session).person
    admin.submit(f"{page_of(person)}/roles", role="observer", institution="", version="1")
    answer = admin.submit(f"{page_of(person)}/desactivar", version="1", reason="Tarde")
    assert answer.status_code == 409
    assert "Tarde" in answer.text
    session.rollback()
    assert session.scalars(sa.select(Account.is_active).where(Account.person_id == person.id)).one()


def test_the_list_is_searched_and_paged(
    app: Flask, admin: Client, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("consulta.web.administration.people.PAGE_SIZE", 2)
    for name in ("Rosa Uno", "Rosa Dos", "Rosa 100%"):
        make_account(app, session, make_person(session, public_name=name))
    first = admin.get("/administracion/?q=rosa").text
    assert "Rosa 100%" in first
    assert "Rosa Uno" not in first
    assert 'rel="next"' in first
    assert "Rosa Uno" not in admin.get("/administracion/?q=100%25").text
    assert "Nadie coincide" in admin.get("/administracion/?q=nadie").text
    assert admin.get("/administracion/?antes=x").status_code == 404
