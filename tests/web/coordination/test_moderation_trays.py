"""A moderator's day on the pages: one after the other, several at once, taken back, and together with others."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from consulta import clock
from consulta.contributions.models import (
    Contribution,
    ContributionState,
    PendingEdit,
    Report,
    ReportReason,
)
from consulta.contributions.reporting import report_contribution
from consulta.database import Database
from consulta.moderation.rules import FIRST_TEXTS
from consulta.people.models import Person
from consulta.plans.models import Topic
from consulta.text import sanitize
from tests.clients import Clients
from tests.factories import store
from tests.factories.contributions import make_contribution
from tests.factories.people import make_actor, make_person
from tests.factories.plans import make_plan, make_trusting_topic
from tests.services.contributions.test_editing import edit
from tests.services.contributions.test_writing import submit
from tests.web.coordination.test_moderation import WHY, path_of, state_of, topic, waiting
from tests.web.public.test_topic import counting

__all__ = ("topic", "waiting")  # fixtures


TRAY = "/coordinacion/moderacion"


def batch_in(page: str) -> str:
    """The name of what can be undone from a page."""
    found = re.search(r'name="batch" value="([\w-]+)"', page)
    assert found, "nothing to undo"
    return found[1]


def test_after_an_act_the_next_is_in_front_and_the_act_can_be_undone(
    client_as: Clients, session: Session, topic: Topic, waiting: Contribution
) -> None:
    later = make_contribution(session, topic, state=ContributionState.PENDING)
    client = client_as("moderator")
    answer = client.submit(path_of(waiting, "publicar"), version=waiting.version)
    assert answer.location == f"{path_of(later)}?ver=en-revision"
    page = client.get(answer.location).text
    assert "Lo está revisando usted" in page
    undone = client.submit(f"{TRAY}/deshacer", batch=batch_in(page))
    assert undone.location.startswith(path_of(waiting))
    assert "Nadie recibió aviso" in client.get(undone.location).text
    assert state_of(session, waiting) is ContributionState.PENDING
    assert client.submit(f"{TRAY}/deshacer", batch="another").status_code == 404


def test_an_undo_that_comes_late_says_what_stands(client_as: Clients, session: Session, waiting: Contribution) -> None:
    client = client_as("moderator")
    client.submit(path_of(waiting, "publicar"), version=waiting.version)
    batch = batch_in(client.get(TRAY).text)
    with clock.set_to(clock.now() + timedelta(seconds=11)):
        client.submit(f"{TRAY}/deshacer", batch=batch)
        assert "Ya pasaron los 10 segundos" in client.get(TRAY).text
    assert state_of(session, waiting) is ContributionState.PUBLISHED


def test_several_are_checked_before_they_are_done(client_as: Clients, session: Session, topic: Topic) -> None:
    rows = [make_contribution(session, topic, state=ContributionState.PENDING, title=f"Aporte {n}") for n in range(3)]
    chosen = [f"{row.id}:{row.version}" for row in rows]
    client, other = client_as("moderator"), client_as("coordinator")
    other.submit(path_of(rows[1], "tomar"))
    check = client.submit(f"{TRAY}/lote", chosen=chosen, act="reject").text
    assert "No se admitirán 2 aportes." in check
    assert "Otra persona lo está revisando" in check
    assert state_of(session, rows[0]) is ContributionState.PENDING
    fields = {"chosen": ",".join(chosen), "act": "reject"}
    bad = client.submit(f"{TRAY}/lote/hacer", reason="", reason_text="corto", **fields)
    assert (bad.status_code, "corto" in bad.text) == (422, True)
    inserted = client.submit(f"{TRAY}/lote/hacer", reason="spam", reason_text="", insert="1", **fields)
    assert FIRST_TEXTS["spam"] in inserted.text
    assert client.submit(f"{TRAY}/lote/hacer", reason="empty", reason_text=WHY, **fields).status_code == 303
    page = client.get(TRAY).text
    assert "No se admitieron 2 aportes. 1 se quedó como estaba." in page
    client.submit(f"{TRAY}/deshacer", batch=batch_in(page))
    assert {state_of(session, row) for row in rows} == {ContributionState.PENDING}
    assert client.submit(f"{TRAY}/lote", act="publish").status_code == 303


def test_what_somebody_else_reads_is_taken_over_knowingly(
    client_as: Clients, session: Session, waiting: Contribution
) -> None:
    first, second = client_as("moderator"), client_as("coordinator")
    assert first.submit(f"{TRAY}/siguiente").location.startswith(path_of(waiting))
    page = second.get(path_of(waiting)).text
    assert "Moderator lo está revisando" in page
    assert "No admitir" not in page
    answer = second.submit(path_of(waiting, "rechazar"), reason="empty", reason_text=WHY, version=waiting.version)
    assert answer.status_code == 409
    assert WHY in answer.text
    assert "Tomarlo yo y enviar" in answer.text
    sure = {"reason": "empty", "reason_text": WHY, "version": waiting.version, "take_over": "1"}
    assert second.submit(path_of(waiting, "rechazar"), **sure).status_code == 303
    assert state_of(session, waiting) is ContributionState.REJECTED
    assert "Otra persona lo tomó de quien lo revisaba" in second.get(f"{TRAY}/registro").text


def test_a_stored_text_is_put_in_without_scripts(client_as: Clients, session: Session, waiting: Contribution) -> None:
    client = client_as("coordinator")
    client.submit(f"{TRAY}/textos/spam", text="Su texto anuncia un producto o servicio.", version="0")
    page = client.submit(path_of(waiting, "rechazar"), reason="spam", reason_text="", insert="1")
    assert page.status_code == 200
    assert "Su texto anuncia un producto o servicio." in page.text
    assert client.submit(path_of(waiting, "rechazar"), reason="", insert="1").status_code == 422
    assert client.submit(path_of(waiting, "mostrar"), reason="", insert="1").status_code == 422
    assert FIRST_TEXTS["completion"] in client.submit(path_of(waiting, "observar"), insert="1").text
    assert state_of(session, waiting) is ContributionState.PENDING
    assert client_as("moderator").get(f"{TRAY}/textos").status_code == 200
    assert client.get(f"{TRAY}/textos/nada").status_code == 404


def test_notes_are_for_who_moderates_and_the_log_for_the_whole_team(
    client_as: Clients, session: Session, waiting: Contribution
) -> None:
    client, observer = client_as("moderator"), client_as("observer")
    assert client.submit(path_of(waiting, "notas"), text="").status_code == 422
    assert client.submit(path_of(waiting, "notas"), text="Su vecino lo confirma.").status_code == 303
    client.submit(path_of(waiting, "rechazar"), reason="empty", reason_text=WHY, version=waiting.version)
    assert "Su vecino lo confirma." in client.get(path_of(waiting)).text
    assert "Su vecino lo confirma." not in observer.get(path_of(waiting)).text
    log = observer.get(f"{TRAY}/registro").text
    assert WHY in log
    assert "Su vecino lo confirma." not in log
    assert "autora@example.org" not in log
    assert "Nada en el registro" in observer.get(f"{TRAY}/registro?paso=contribution.hide&desde=2018-01-01").text
    assert observer.get(f"{TRAY}/registro?pagina=xx").status_code == 404


def test_everybody_reads_the_totals_and_not_what_they_count(
    client_as: Clients, session: Session, waiting: Contribution
) -> None:
    address = f"/planes/{waiting.plan.code}/moderacion"
    assert "Todavía no se ha revisado" in client_as("visitor").get(address).text
    client = client_as("moderator")
    client.submit(path_of(waiting, "rechazar"), reason="offensive", reason_text=WHY, version=waiting.version)
    page = client_as("visitor").get(address).text
    assert "El equipo revisó 1 aporte." in page
    assert "Insultos o discriminación" in page
    assert WHY not in page


def test_the_coordinator_chooses_when_a_topic_is_read(client_as: Clients, session: Session, topic: Topic) -> None:
    """As the form says, so it is: what is written next is shown at once or waits."""
    coordinator = client_as("coordinator")  # who has a role here is known, and waits for nobody
    path = f"/coordinacion/planes/{topic.plan.code}/temas/{topic.code}"
    for choice, state in (("after", ContributionState.PUBLISHED), ("before", ContributionState.PENDING)):
        session.rollback()
        session.expire_all()
        fields = {"name": topic.name, "one_line": topic.one_line, "intro": topic.intro, "version": topic.version}
        answer = coordinator.submit(path, moderation=choice, **fields)
        assert answer.status_code == 303, answer.text
        assert submit(session, coordinator.actor, topic, form_key=choice).state is state


def test_new_words_of_an_author_wait_in_a_tray_of_their_own(client_as: Clients, session: Session, topic: Topic) -> None:
    rows = [make_contribution(session, topic, title=f"Texto {n}") for n in range(2)]
    for row in rows:
        body = f"Propongo publicar los datos de otra manera. {row.id}"
        store(
            session,
            PendingEdit(contribution_id=row.id, body=body, html=sanitize(body), written_at=clock.now()),
        )
    client, tray = client_as("moderator"), "?ver=textos-nuevos"
    assert "Texto 0" in client.get(f"{TRAY}{tray}").text
    page = client.get(path_of(rows[0]) + tray).text
    assert "de otra manera" in page
    assert client.submit(path_of(rows[0], f"publicar-cambio{tray}"), version=rows[0].version).status_code == 303
    assert "data-undo" in client.get(path_of(rows[1]) + tray).text
    bad = client.submit(path_of(rows[1], f"rechazar-cambio{tray}"), reason="", reason_text=WHY)
    assert (bad.status_code, WHY in bad.text) == (422, True)
    refused = client.submit(path_of(rows[1], f"rechazar-cambio{tray}"), reason="empty", reason_text=WHY)
    assert refused.status_code == 303
    assert "No hay aportes aquí" in client.get(f"{TRAY}{tray}").text
    session.rollback()
    session.expire_all()
    assert ["otra manera" in row.public_body for row in rows] == [True, False]


def test_a_report_is_answered_by_what_a_moderator_does(client_as: Clients, session: Session, topic: Topic) -> None:
    rows = [make_contribution(session, topic) for _ in range(3)]
    reader, client, tray = client_as("participant2").actor, client_as("moderator"), "?ver=denunciados"
    for row, reason in zip(rows, (ReportReason.SPAM, ReportReason.THREAT, ReportReason.THREAT), strict=True):
        report_contribution(session, actor=reader, contribution_id=row.id, reason=reason, note="Vea esto.")
    page = client.get(f"{TRAY}{tray}").text
    assert (page.count("Amenaza a alguien"), page.count("Responder antes del")) == (2 + 1, 3)  # one is in the filter
    assert "Vea esto." in client.get(path_of(rows[0]) + tray).text
    assert "Vea esto." not in client_as("observer").get(path_of(rows[0]) + tray).text
    words = {"reason": "offensive", "reason_text": WHY}
    acts = {"revisado": {}, "mostrar": {"reason": "No hay amenaza."}, "mantener-oculto": words}
    for row, (act, fields) in zip(rows, acts.items(), strict=True):
        assert client.submit(path_of(row, f"{act}{tray}"), **fields).status_code == 303
    session.rollback()
    session.expire_all()
    assert [report.state.value for report in session.scalars(select(Report).order_by(Report.contribution_id))] == [
        "dismissed", "dismissed", "upheld",
    ]  # fmt: skip
    page = client.get(f"{TRAY}{tray}").text
    assert "No hay aportes aquí" in page


def test_all_of_a_campaign_is_marked_and_seen_together(client_as: Clients, session: Session, topic: Topic) -> None:
    same = {"state": ContributionState.PENDING, "text_digest": "f" * 32, "held_for": ["topic_reviews", "same_text"]}
    rows = [make_contribution(session, topic, **same) for _ in range(3)]
    make_contribution(session, topic, state=ContributionState.PENDING, title="Otra cosa")
    client = client_as("moderator")
    page = client.get(TRAY).text
    assert page.count("Ver los 3 que dicen lo mismo") == 3
    assert page.count(" checked>") == 1  # the switch of the shortcuts
    page = client.get(f"{TRAY}?igual={rows[0].id}&marcar=todos").text
    assert "Otra cosa" not in page
    assert page.count(" checked>") == 1 + 3
    assert "Quitar las marcas" in page
    assert "Otra cosa" not in client.get(f"{TRAY}?por=same_text").text
    assert "Nada con estos filtros" in client.get(f"{TRAY}?por=honeypot&tema=1&autor=1").text
    assert "3 aportes en revisión dicen lo mismo" in client.get(path_of(rows[0])).text


def test_who_wrote_it_reads_what_any_author_reads(client_as: Clients, session: Session, topic: Topic) -> None:
    client = client_as("moderator")
    person = session.get_one(Person, client.actor.person_id)
    own = make_contribution(session, topic, state=ContributionState.PENDING, person=person)
    client_as("coordinator").submit(path_of(own, "notas"), text="Reservado.", form_key="n1")
    page = client.get(path_of(own)).text
    assert "Lo escribió usted. Lo revisa otra persona del equipo." in page
    assert "Reservado." not in page
    assert "Qué hacer" not in page
    assert "Lo escribió usted" in client.get(TRAY).text
    assert f'value="{own.id}:' not in client.get(TRAY).text
    assert client.submit(path_of(own, "publicar"), version=own.version).status_code == 403


@pytest.mark.parametrize("tray", ["?ver=denunciados", "?por=topic_reviews"])
def test_a_full_tray_asks_no_more_than_one_with_two_rows(
    client_as: Clients, session: Session, database: Database, topic: Topic, tray: str
) -> None:
    client, counts, reader = client_as("moderator"), [], make_person(session)
    for number in (2, 10):
        for _ in range(number):
            shown = make_contribution(session, topic, text_digest="f" * 32)
            about = {"contribution_id": shown.id, "person_id": reader.id, "reported_at": clock.now()}
            store(session, Report(reason=ReportReason.SPAM, **about))
            held = {"text_digest": "f" * 32, "held_for": ["topic_reviews"]}
            make_contribution(session, topic, state=ContributionState.PENDING, **held)
        client.get(TRAY)
        with counting(database) as statements:
            page = client.get(TRAY + tray).text
        counts.append((page.count("data-row>"), len([one for one in statements if one.startswith("SELECT")])))
    assert [rows for rows, _ in counts] == [2, 12]
    assert counts[0][1] == counts[1][1] <= 24


def test_what_was_changed_after_it_was_read_says_so(client_as: Clients, session: Session) -> None:
    author, client = make_actor(session), client_as("moderator")
    shown = submit(session, author, make_trusting_topic(session, make_plan(session)))
    tray, why = f"{TRAY}?ver=publicados-sin-revisar", "Su autor lo cambió después de la revisión"
    assert why not in client.get(tray).text
    client.submit(path_of(shown, "revisado"), version=shown.version)
    edit(session, author, shown)
    assert why in client.get(tray).text
    page = client.get(path_of(shown)).text
    assert why in page
    assert "Dar por revisado" in page
