"""The moderation pages: who acts, what comes back when something is wrong, and conflicts."""

import pytest
from sqlalchemy.orm import Session

from consulta import clock
from consulta.contributions.models import (
    Contribution,
    ContributionState,
    RejectionReason,
)
from consulta.database import Database
from consulta.plans.models import Topic
from consulta.proposals.models import ProposalState
from tests.clients import Clients
from tests.factories.contributions import make_contribution, make_reply
from tests.factories.people import actor_of, make_person
from tests.factories.plans import make_plan, make_topic
from tests.factories.proposals import make_proposal
from tests.services.contributions.test_editing import edit
from tests.web.payloads import GROUPS, what_is_wrong
from tests.web.public.test_topic import counting

WHY = "El texto no trae una propuesta que se pueda analizar."


@pytest.fixture
def topic(session: Session) -> Topic:
    return make_topic(session, make_plan(session))


@pytest.fixture
def waiting(session: Session, topic: Topic) -> Contribution:
    """A pending proposal whose author has an address."""
    author = make_person(session, email="autora@example.org")
    contribution = make_contribution(session, topic, state=ContributionState.PENDING, person=author)
    make_proposal(session, source=contribution, state=ProposalState.RECEIVED)
    return contribution


def path_of(contribution: Contribution, act: str = "") -> str:
    return f"/coordinacion/moderacion/{contribution.id}" + (f"/{act}" if act else "")


def state_of(session: Session, contribution: Contribution) -> ContributionState:
    session.rollback()
    session.expire_all()
    return contribution.state


def test_the_tray_shows_the_oldest_first_and_filters(client_as: Clients, session: Session, topic: Topic) -> None:
    titles = ["La más antigua", "La de en medio", "La más reciente"]
    for day, title in enumerate(titles):
        moment = clock.start_of_day(clock.today()).replace(year=2018, day=day + 1)
        make_contribution(session, topic, state=ContributionState.PENDING, title=title, received_at=moment)
    make_contribution(session, topic, state=ContributionState.OBSERVED, title="Por completar")
    make_contribution(
        session, topic, state=ContributionState.PENDING, title="Con reclamo aquí", appealed_at=clock.now(), appeal="Sí"
    )
    page = client_as("moderator").get("/coordinacion/moderacion").text
    assert sorted(titles, key=page.index) == titles
    assert "Por completar" not in page
    assert "Por completar" in client_as("moderator").get("/coordinacion/moderacion?ver=en-subsanacion").text
    appealed = client_as("moderator").get("/coordinacion/moderacion?ver=reclamados").text
    assert "Con reclamo aquí" in appealed
    assert "La de en medio" not in appealed


def test_an_empty_tray_says_so(client_as: Clients) -> None:
    assert "No hay aportes aquí" in client_as("moderator").get("/coordinacion/moderacion").text


@pytest.mark.parametrize(
    ("identity", "acts", "reads_contact"),
    [("moderator", True, True), ("coordinator", True, True), ("observer", False, False), ("approver", False, False)],
)
def test_who_acts_and_who_only_reads(
    client_as: Clients, session: Session, waiting: Contribution, identity: str, acts: bool, reads_contact: bool
) -> None:
    client = client_as(identity)
    page = client.get(path_of(waiting)).text
    assert ("Pedir que lo complete" in page) is acts
    assert ("autora@example.org" in page) is reads_contact
    answer = client.submit(path_of(waiting, "publicar"), version=waiting.version)
    assert answer.status_code == (303 if acts else 403)


@pytest.mark.parametrize("identity", ["participant", "liaison1", "admin"])
def test_others_do_not_enter(client_as: Clients, waiting: Contribution, identity: str) -> None:
    client = client_as(identity)
    assert client.get("/coordinacion/moderacion").status_code == 403
    assert client.get(path_of(waiting)).status_code == 403
    assert client.submit(path_of(waiting, "publicar")).status_code == 403


def test_asking_for_completion_keeps_a_bad_text(client_as: Clients, session: Session, waiting: Contribution) -> None:
    client = client_as("moderator")
    answer = client.submit(path_of(waiting, "observar"), reason_text="corto", complete_by="ayer")
    assert answer.status_code == 422
    assert "corto" in answer.text
    past = client.submit(path_of(waiting, "observar"), reason_text=WHY, complete_by="2018-01-01")
    assert (past.status_code, "La fecha debe ser posterior a hoy." in past.text) == (422, True)
    assert state_of(session, waiting) is ContributionState.PENDING
    due = clock.today().replace(year=clock.today().year + 1)
    good = client.submit(path_of(waiting, "observar"), reason_text=WHY, complete_by=due.isoformat())
    assert good.status_code == 303
    assert state_of(session, waiting) is ContributionState.OBSERVED


def test_rejecting_needs_reason_and_text(client_as: Clients, session: Session, waiting: Contribution) -> None:
    client = client_as("moderator")
    empty = client.submit(path_of(waiting, "rechazar"), reason="", reason_text="")
    assert empty.status_code == 422
    assert "Elija un motivo." in empty.text
    assert client.submit(path_of(waiting, "rechazar"), reason="inventado", reason_text=WHY).status_code == 422
    assert client.submit(path_of(waiting, "rechazar"), reason="empty", reason_text=WHY).status_code == 303
    page = client.get(path_of(waiting)).text
    assert "No se admitió" in page
    assert WHY in page


def test_a_stale_form_shows_both_versions(client_as: Clients, session: Session, waiting: Contribution) -> None:
    first, second = client_as("moderator"), client_as("coordinator")
    seen = waiting.version
    assert first.submit(path_of(waiting, "publicar"), version=seen).status_code == 303
    answer = second.submit(
        path_of(waiting, "version-publica"),
        public_title="Otro título",
        public_body="Otro texto público.",
        redaction_note="Un teléfono.",
        version=seen,
    )
    assert answer.status_code == 409
    assert "Lo que está guardado" in answer.text
    assert "Otro texto público." in answer.text
    late = second.submit(path_of(waiting, "rechazar"), reason="empty", reason_text=WHY, version=seen)
    assert late.status_code == 409
    assert WHY in late.text
    assert "Lo último que pasó: se publicó. Lo hizo Moderator" in late.text
    again = second.submit(path_of(waiting, "publicar"), version=seen)
    assert again.status_code == 409
    assert "/publicar?" not in again.text  # what is no longer possible is not offered again
    assert state_of(session, waiting) is ContributionState.PUBLISHED


def test_hiding_and_showing_again(client_as: Clients, session: Session, topic: Topic) -> None:
    contribution = make_reply(session, make_contribution(session, topic))
    client = client_as("moderator")
    assert client.submit(path_of(contribution, "ocultar"), reason="offensive", reason_text=WHY).status_code == 303
    assert state_of(session, contribution) is ContributionState.HIDDEN
    assert client.submit(path_of(contribution, "mostrar"), reason="").status_code == 422
    assert client.submit(path_of(contribution, "mostrar"), reason="Fue un error nuestro.").status_code == 303
    assert state_of(session, contribution) is ContributionState.PUBLISHED


def test_only_the_coordinator_withdraws_for_an_author(
    client_as: Clients, session: Session, waiting: Contribution
) -> None:
    path = path_of(waiting, "retirar")
    assert client_as("moderator").submit(path, reason="Lo pidió por carta.").status_code == 403
    coordinator = client_as("coordinator")
    assert coordinator.submit(path, reason="").status_code == 422
    assert coordinator.submit(path, reason="Lo pidió por carta.").status_code == 303


def test_a_redacted_original_is_read_by_moderators_only(client_as: Clients, session: Session, topic: Topic) -> None:
    contribution = make_contribution(
        session, topic, body="Llámeme al 2222-3333 para hablar.", public_body="Llámeme.", redaction_note="Un teléfono."
    )
    assert "2222-3333" in client_as("moderator").get(path_of(contribution)).text
    for identity in ("observer", "approver"):
        assert "2222-3333" not in client_as(identity).get(path_of(contribution)).text


def test_an_unknown_one_is_not_found(client_as: Clients) -> None:
    client = client_as("moderator")
    assert client.get("/coordinacion/moderacion/999").status_code == 404
    assert client.submit("/coordinacion/moderacion/999/publicar").status_code == 404
    assert client.get("/coordinacion/moderacion?pagina=xx").status_code == 404


@pytest.mark.parametrize("payloads", GROUPS)
def test_markup_is_cleaned_in_the_same_way_on_every_write_path(
    client_as: Clients, session: Session, topic: Topic, payloads: tuple[str, ...]
) -> None:
    client = client_as("coordinator")
    for payload in payloads:
        text = f"Propongo que se publique el gasto. {payload}"
        contribution = make_contribution(session, topic, state=ContributionState.PENDING)
        redacted = client.submit(
            path_of(contribution, "version-publica"), public_title="", public_body=text, redaction_note=payload
        )
        assert redacted.status_code == 303
        registered = client.submit(
            "/coordinacion/entregas/propuesta-suelta",
            plan_id=str(topic.plan_id),
            channel="email",
            public_name=payload,
            kind="organization",
            received_on=clock.today().isoformat(),
            body=text,
            is_publishable="y",
        )
        assert registered.status_code == 303, registered.text
        session.rollback()
        session.expire_all()
        other = session.get_one(Contribution, int(registered.location.rsplit("/", 1)[1]))
        assert other.public_html == contribution.public_html
        assert what_is_wrong(str(other.public_html)) == []
        page = client.get(registered.location).text + client.get(path_of(contribution)).text
        assert "<script>" not in page
        assert "onerror=alert" not in page.replace("&lt;img src=x onerror=alert", "")


def test_every_reason_is_offered_in_words(client_as: Clients, waiting: Contribution) -> None:
    page = client_as("moderator").get(path_of(waiting)).text
    for reason in RejectionReason:
        assert f'value="{reason.value}"' in page


def test_a_text_that_was_changed_often_is_read_as_fast_as_any(
    client_as: Clients, session: Session, database: Database, topic: Topic
) -> None:
    author, client, counts = make_person(session), client_as("moderator"), []
    waiting = make_contribution(session, topic, state=ContributionState.PENDING, person=author)
    for number in range(1, 15):
        edit(session, actor_of(author), waiting, body=f"Propongo publicar lo que se gasta en el caso {number}.")
        if number in (2, 14):
            client.get(path_of(waiting))
            with counting(database) as statements:
                page = client.get(path_of(waiting)).text
            counts.append(len(statements))
            assert "Primera versión" in page
            assert f"Versión {number}" in page
            assert ("Aquí faltan" in page) is (number == 14)
    assert counts[0] == counts[1]
    assert "Aquí faltan 3 versiones intermedias." in page
    assert "Aquí faltan 3 movimientos intermedios." in page
    assert page.count("Propongo publicar lo que se gasta en el caso") <= 10 + 3
