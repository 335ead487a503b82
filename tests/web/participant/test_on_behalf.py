"""On behalf of an organisation: asked for in the account, confirmed by the team, chosen before each text is sent."""

import re
from html import unescape

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from consulta.contributions.models import Contribution, ContributionState, Draft
from consulta.guests.models import GuestSubmission
from consulta.messages.catalogue import find_message
from consulta.messages.links import Site
from consulta.people.institutions import InstitutionDetails, edit_institution
from consulta.people.models import Institution, Membership, Person, Role
from consulta.plans.models import Topic
from consulta.representation.models import Representation, RepresentationState
from consulta.web.server_sessions import PARTICIPANT_TERMS, holder_of, terms_of
from tests.clients import Client, Clients
from tests.factories import SCRIPT
from tests.factories.accounts import make_account
from tests.factories.contributions import make_contribution, make_reply
from tests.factories.people import make_actor, make_person
from tests.factories.plans import make_plan, make_trusting_topic
from tests.factories.proposals import make_proposal
from tests.factories.representation import make_organization, make_representation, make_representative

PAGE, TRAY = "/cuenta/organizacion", "/coordinacion/organizaciones"
ASKED = {"name": "Asociación de Desarrollo", "code": "ADES", "kind": "civil_society"}
SAID = {"post": "Directora", "evidence": f"Pregunten en la oficina. {SCRIPT}"}
QUESTION = "¿En nombre de quién escribe?"
Fields = dict[str, str]


@pytest.fixture
def organization(session: Session) -> Institution:
    return make_organization(session, code="FGB", name=f"Fundación Guardabosques {SCRIPT}")


@pytest.fixture
def speaker(session: Session, organization: Institution) -> Person:
    return make_representative(session, organization, make_person(session, public_name="Ana Ruiz"))


@pytest.fixture
def fields(session: Session) -> Fields:
    """What the composer of an open topic sends, where nobody reads first."""
    plan = make_plan(session)
    topic = make_trusting_topic(session, plan)
    body = f"Propongo que cada escuela publique lo que gasta. {SCRIPT}"
    return {"kind": "proposal", "plan": plan.code, "topic": topic.code, "title": "Gasto escolar", "body": body}


def hidden(page: str) -> Fields:
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return {name: unescape(value) for name, value in found}


def written(session: Session) -> list[int | None]:
    """On whose behalf each contribution is, the oldest first."""
    session.rollback()
    return list(session.scalars(sa.select(Contribution.organization_id).order_by(Contribution.id)))


def test_a_person_asks_reads_what_became_of_it_and_stops(
    session: Session, organization: Institution, client_as: Clients
) -> None:
    mine, team = client_as("participant"), client_as("coordinator")
    answer = mine.submit(PAGE, organization="", **{**ASKED, "kind": ""}, post="Directora", evidence="")
    assert answer.status_code == 422
    assert "Elija el tipo de organización." in answer.text
    assert 'value="Asociación de Desarrollo"' in answer.text
    assert mine.submit(PAGE, **ASKED, **SAID).status_code == 303
    assert "El punto de contacto revisa su solicitud" in mine.get(PAGE).text
    assert mine.submit(PAGE, **ASKED, **SAID).status_code == 409
    session.rollback()
    asked = session.scalars(sa.select(Representation)).one()
    page = team.get(f"{TRAY}/{asked.id}").text
    assert "participant@example.org" in page
    assert "<script>" not in page
    assert team.submit(f"{TRAY}/{asked.id}/no-confirmar", reason="").status_code == 422
    assert team.submit(f"{TRAY}/{asked.id}/no-confirmar", reason="No lo pudimos comprobar.").status_code == 303
    assert "No lo pudimos comprobar." in mine.get(PAGE).text
    assert mine.submit(PAGE, organization=str(organization.id), **SAID).status_code == 303
    assert mine.submit(f"{PAGE}/terminar").status_code == 303
    session.rollback()
    states = session.scalars(sa.select(Representation.state).order_by(Representation.id)).all()
    assert states == [RepresentationState.DECLINED, RepresentationState.WITHDRAWN]


def test_the_team_confirms_one_of_the_list_instead_of_the_same_again(
    session: Session, organization: Institution, client_as: Clients
) -> None:
    person, team = make_person(session), client_as("coordinator")
    named = {"new_code": "FG", "new_name": "Fundación Guardabosques"}
    asked = make_representation(session, person, **named)
    listed = team.get(TRAY).text
    assert "Fundación Guardabosques" in listed
    assert 'tray-count">1' in team.get("/coordinacion/").text
    assert "vea si es alguna de estas" in team.get(f"{TRAY}/{asked.id}").text
    confirm = f"{TRAY}/{asked.id}/confirmar"
    taken = team.submit(confirm, organization="", name="Otra", code="fgb", kind="academia", version="1")
    assert taken.status_code == 422
    assert "Ya existe una institución con esas siglas." in taken.text
    assert team.submit(confirm, organization=str(organization.id), version="9").status_code == 409
    assert team.submit(confirm, organization=str(organization.id), version="1").status_code == 303
    session.rollback()
    assert session.scalar(sa.select(sa.func.count(Institution.id))) == 1
    assert "Fundación Guardabosques" in client_as.of(person).get("/cuenta/").text
    assert client_as("moderator").get(TRAY).status_code == 403


def test_who_represents_an_organisation_is_no_part_of_the_team(
    app: Flask, session: Session, speaker: Person, client_as: Clients
) -> None:
    account = make_account(app, session, speaker)
    assert terms_of(holder_of(account)) == PARTICIPANT_TERMS
    mine = client_as.of(speaker)
    assert [space["path"] for space in mine.get("/cuenta/estado").get_json()["spaces"]] == ["/participar/"]
    for path in ("/coordinacion/", "/administracion/", "/institucion/"):
        assert mine.get(path).status_code == 403


def test_a_proposal_and_a_reply_say_for_whom_they_are(
    session: Session, organization: Institution, speaker: Person, fields: Fields, client_as: Clients
) -> None:
    mine = client_as.of(speaker)
    assert QUESTION not in client_as("participant").post("/participar/revisar", data=fields).text
    assert QUESTION not in client_as("visitor").post("/participar/revisar", data=fields).text
    page = mine.post("/participar/revisar", data=fields)
    assert QUESTION in page.text
    assert 'checked class="govuk-radios__input" id="organization-0"' in page.text
    sent = {**hidden(page.text), "organization": str(organization.id)}
    assert (
        'checked class="govuk-radios__input" id="organization-1"'
        in mine.post("/participar/revisar", data={**sent, "change": "1"}).text
    )
    assert 'checked class="govuk-radios__input" id="organization-1"' in mine.post("/participar/revisar", data=sent).text
    assert mine.post("/participar/aportes", data=sent).status_code == 303
    assert mine.post("/participar/aportes", data=sent).status_code == 303  # once
    assert mine.post("/participar/aportes", data={**sent, "organization": ""}).status_code == 409
    root = make_contribution(session, session.scalars(sa.select(Topic)).one())
    make_proposal(session, source=root)
    assert QUESTION in mine.get(f"/participar/aportes/{root.id}/responder").text
    reply = {"kind": "reply", "parent": str(root.id), "body": "Sí.", "form_key": "r"}
    assert mine.submit("/participar/aportes", **reply).status_code == 303
    assert written(session) == [organization.id, None, None]


def test_what_was_chosen_no_longer_holds_and_the_text_stays(
    session: Session, organization: Institution, speaker: Person, fields: Fields, client_as: Clients
) -> None:
    other, mine = make_organization(session), client_as.of(speaker)
    answer = mine.submit("/participar/aportes", **fields, organization=str(other.id))
    assert answer.status_code == 422
    assert "Usted ya no representa a esa organización." in answer.text
    assert "Gasto escolar" in answer.text
    nobody = client_as("participant").submit("/participar/aportes", **fields, organization=str(organization.id))
    assert nobody.status_code == 422
    assert written(session) == []


def test_a_draft_keeps_the_choice(
    session: Session, organization: Institution, speaker: Person, fields: Fields, client_as: Clients
) -> None:
    mine = client_as.of(speaker)
    state = mine.get("/cuenta/estado").get_json()["represents"]
    assert (state["id"], state["question"]) == (str(organization.id), QUESTION)
    assert client_as("participant").get("/cuenta/estado").get_json()["represents"] is None
    mine.submit("/participar/borradores", **fields, organization=state["id"])
    session.rollback()
    draft = session.scalars(sa.select(Draft)).one()
    assert (
        'checked class="govuk-radios__input" id="organization-1"' in mine.get(f"/participar/borradores/{draft.id}").text
    )


def test_a_guest_does_not_write_for_an_organisation(
    session: Session, organization: Institution, fields: Fields, client_as: Clients
) -> None:
    visitor = client_as("visitor")
    assert "Sin cuenta se escribe solo en nombre propio." in visitor.post("/participar/revisar", data=fields).text
    said = {"public_name": "Ana", "email": "ana@example.org", "consents": "y", "organization": str(organization.id)}
    answer = visitor.submit("/participar/sin-cuenta", **fields, **said)
    assert answer.status_code == 422
    assert "hace falta una cuenta" in answer.text
    assert session.scalar(sa.select(GuestSubmission)) is None


def submitted(client: Client, path: str) -> int:
    return client.submit(path).status_code


def test_nobody_sees_or_ends_what_another_asked(session: Session, client_as: Clients) -> None:
    asked = make_representation(session)
    mine = client_as("participant")

    assert str(asked.new_code) not in mine.get(PAGE).text
    assert submitted(mine, f"{PAGE}/terminar") == 303
    session.rollback()
    assert session.get_one(Representation, asked.id).state is RepresentationState.WAITING


def test_everybody_reads_for_whom_it_was_written(
    session: Session, organization: Institution, speaker: Person, fields: Fields, client_as: Clients
) -> None:
    topic = session.scalars(sa.select(Topic)).one()
    said = make_contribution(session, topic, person=speaker, organization_id=organization.id, reply_count=1)
    folio = make_proposal(session, source=said).folio
    make_reply(session, said, person=speaker, organization_id=organization.id)
    here = f"/planes/{fields['plan']}"
    visitor, signature = client_as("visitor"), "Ana Ruiz, en nombre de Fundación Guardabosques"
    topic_page = f"{here}/temas/{topic.code}"
    for path, times in ((topic_page, 2), (f"/propuestas/{folio}", 2), (f"{here}/propuestas", 1)):
        assert visitor.get(path).text.count(signature) == times, path
    assert signature in client_as("moderator").get(f"/coordinacion/moderacion/{said.id}").text
    assert "En nombre de Fundación Guardabosques" in client_as.of(speaker).get(f"/participar/aportes/{said.id}/").text
    details = InstitutionDetails(name="Fundación del Bosque", kind=organization.kind)
    edit_institution(
        session, actor=make_actor(session, Role.ADMIN), institution_id=organization.id, version=1, details=details
    )
    assert visitor.get(topic_page).text.count("Ana Ruiz, en nombre de Fundación del Bosque") == 2
    mail = find_message("contribution_received").render(
        session, Site("https://c.example", "x"), contribution_id=said.id
    )
    assert mail is not None
    assert "en nombre de Fundación del Bosque" in mail.body


def test_an_administrator_takes_a_representation_back_with_a_reason(
    app: Flask, session: Session, speaker: Person, client_as: Clients
) -> None:
    make_account(app, session, speaker)
    admin, page = client_as("admin"), f"/administracion/personas/{speaker.id}"
    held = session.scalars(sa.select(Membership).where(Membership.person_id == speaker.id)).one()
    assert "Representante de una organización" in admin.get(page).text
    assert admin.submit(f"{page}/roles/{held.id}/quitar").status_code == 409
    assert admin.submit(f"{page}/roles", role="org_rep", version=str(speaker.version)).status_code == 422
    assert admin.submit(f"{page}/representacion", reason="").status_code == 422
    assert admin.submit(f"{page}/representacion", reason="Ya no trabaja allí.").status_code == 303
    assert "Ya no trabaja allí." in client_as.of(speaker).get(PAGE).text


@pytest.mark.parametrize(
    ("state", "way", "button"),
    [
        (ContributionState.PUBLISHED, "editar", "Cambiar lo que escribí"),
        (ContributionState.OBSERVED, "completar", ">Completar"),
        (ContributionState.REJECTED, "reclamar", "Pedir que se revise de nuevo"),
    ],
)
def test_who_represents_it_no_more_reads_why_its_words_stay(
    session: Session,
    organization: Institution,
    speaker: Person,
    fields: Fields,
    client_as: Clients,
    state: ContributionState,
    way: str,
    button: str,
) -> None:
    topic = session.scalars(sa.select(Topic)).one()
    said = make_contribution(session, topic, person=speaker, organization_id=organization.id, state=state)
    mine, own = client_as.of(speaker), f"/participar/aportes/{said.id}/"
    assert button in mine.get(own).text
    assert submitted(mine, f"{PAGE}/terminar") == 303
    page = mine.get(own).text
    assert "Usted ya no representa a Fundación Guardabosques" in page
    assert button not in page
    text = "Propongo que cada escuela publique en línea lo que gasta."
    answer = mine.submit(f"{own}{way}", title="Gasto", body=text, text=text, version=str(said.version))
    assert answer.status_code == 409
    assert "Usted ya no representa a la organización en cuyo nombre lo escribió." in answer.text
    assert text in answer.text
