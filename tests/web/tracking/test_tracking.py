"""Following without an account: a folio and a code open one contribution, and nothing else."""

import dataclasses
import io
import json
import re
import zipfile
from datetime import timedelta

import html5lib
import pytest
from flask import Flask
from markupsafe import escape
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from config import Config
from consulta import clock, create_app
from consulta.audit.models import AuditEntry
from consulta.contributions.editing import accept_edit, reject_edit
from consulta.contributions.models import Contribution, ContributionState, RejectionReason
from consulta.contributions.moderation import (
    hide_contribution,
    observe_contribution,
    publish_contribution,
    reject_contribution,
)
from consulta.contributions.services import withdraw
from consulta.database import Database
from consulta.guests.queries import code_of
from consulta.messages.edits import edit_rejected
from consulta.messages.links import Site
from consulta.people.actors import Actor
from consulta.plans.models import Topic
from tests.clients import Client, Clients
from tests.factories.contributions import make_contribution
from tests.factories.guests import SECRET, make_guest_contribution
from tests.factories.people import make_coordinator
from tests.factories.plans import make_plan, make_topic, make_trusting_topic
from tests.quick import make_quick

WHY = "Falta decir en qué barrios y desde cuándo no llega el agua."


@pytest.fixture
def topic(session: Session) -> Topic:
    return make_topic(session, make_plan(session))


@pytest.fixture
def own(session: Session, topic: Topic) -> Contribution:
    return make_guest_contribution(session, topic)


def keys_of(session: Session, contribution: Contribution) -> dict[str, str]:
    session.rollback()
    folio = contribution.proposal_links[0].proposal.folio
    return {"folio": folio, "code": code_of(session, SECRET, contribution.id) or ""}


def opened(session: Session, client: Client, contribution: Contribution) -> Client:
    answer = client.submit("/seguimiento", **keys_of(session, contribution))
    assert (answer.status_code, answer.location) == (303, "/seguimiento/aporte")
    return client


def test_a_pending_contribution_is_shown_to_who_has_both(session: Session, client: Client, own: Contribution) -> None:
    page = opened(session, client, own).get("/seguimiento/aporte")
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert "En revisión" in page.text
    assert "lo lee antes de publicarlo. Lo tiene: el equipo de moderación." in " ".join(page.text.split())
    assert "Propongo publicar cuánta agua" in page.text
    assert "<script>alert" not in page.text
    code = keys_of(session, own)["code"]
    assert code not in page.text
    assert code not in client.get("/seguimiento/comprobante").text


def test_everything_else_is_answered_alike(session: Session, client: Client, own: Contribution, topic: Topic) -> None:
    right, other = keys_of(session, own), keys_of(session, make_guest_contribution(session, topic))
    slip = "1" if right["code"][0] != "1" else "2"
    tries = [
        {**right, "code": other["code"]},
        {**right, "code": slip + right["code"][1:]},
        {**right, "folio": "PROP-1900-0001"},
        {"folio": "no hay", "code": "tampoco"},
    ]
    pages = []
    for typed in tries:
        answer = client.submit("/seguimiento", **typed)
        assert answer.status_code == 422
        pages.append(re.sub(r'value="[^"]*"', "", answer.text))
    assert set(pages) == {pages[0]}
    assert client.get("/seguimiento/aporte").location == "/seguimiento"


@pytest.mark.parametrize("view", ["aporte", "comprobante", "retirar", "cambiar", "completar", "reclamar"])
def test_without_folio_and_code_nothing_is_there(client_as: Clients, own: Contribution, view: str) -> None:
    for identity in ("visitor", "participant", "coordinator"):
        client = client_as(identity)
        assert client.get(f"/seguimiento/{view}").location == "/seguimiento"
        if view not in ("aporte", "comprobante"):
            assert client.submit(f"/seguimiento/{view}", version="1").location == "/seguimiento"


def test_what_is_open_closes_by_itself_and_by_hand(session: Session, client: Client, own: Contribution) -> None:
    before = client.csrf_token
    opened(session, client, own)
    cookie = client.get_cookie("consulta")
    assert cookie is not None
    assert cookie.value != client.token or before  # the id of before opens nothing
    with clock.set_to(clock.now() + timedelta(minutes=61)):
        assert client.get("/seguimiento/aporte").status_code == 303
    assert client.get("/seguimiento/aporte").status_code == 200
    client.submit("/seguimiento/salir")
    assert client.get("/seguimiento/aporte").status_code == 303


def test_an_id_planted_before_opens_nothing(session: Session, client_as: Clients, own: Contribution) -> None:
    victim, thief = client_as("visitor"), client_as("visitor")
    victim.get("/seguimiento")
    planted = victim.get_cookie("consulta")
    assert planted is not None
    opened(session, victim, own)
    thief.set_cookie("consulta", planted.value)
    assert thief.get("/seguimiento/aporte").location == "/seguimiento"


def test_the_author_completes_what_was_asked_for(session: Session, client: Client, own: Contribution) -> None:
    team = make_coordinator(session)
    observe_contribution(
        session,
        actor=team,
        contribution_id=own.id,
        missing=WHY,
    )
    page = opened(session, client, own).get("/seguimiento/aporte").text
    assert WHY in page
    assert 'href="/seguimiento/completar"' in page
    version = str(session.get_one(Contribution, own.id).version)
    short = client.submit("/seguimiento/completar", version=version, title="Agua", body="Corto")
    assert short.status_code == 422
    words = "Propongo publicar cuánta agua llega a cada barrio de Soyapango."
    done = client.submit("/seguimiento/completar", version=version, title="Agua", body=words)
    assert done.location == "/seguimiento/aporte"
    assert "En revisión" in client.get(done.location).text
    session.rollback()
    assert session.get_one(Contribution, own.id).body == words


NEW = "Propongo publicar cuánta agua llega a cada barrio, cada semana."


def rewrite(client: Client, version: int, body: str = NEW, **fields: str) -> TestResponse:
    return client.submit("/seguimiento/cambiar", version=str(version), title="Agua", body=body, **fields)


def test_the_author_changes_what_nobody_has_read(session: Session, client: Client, own: Contribution) -> None:
    page = opened(session, client, own).get("/seguimiento/aporte").text
    assert 'href="/seguimiento/cambiar"' in page
    short = rewrite(client, own.version, body="Corto")
    assert short.status_code == 422
    assert "Corto</textarea>" in short.text
    assert "Así se leerá" in rewrite(client, own.version, preview="1").text
    assert rewrite(client, own.version).location == "/seguimiento/aporte"
    session.rollback()
    assert (own.public_body, own.state) == (NEW, ContributionState.PENDING)


def test_what_is_public_stays_until_somebody_has_read_the_new_words(
    app: Flask, session: Session, client: Client
) -> None:
    own = make_guest_contribution(session, make_trusting_topic(session, make_plan(session)))
    old, team = own.public_body, make_coordinator(session)
    publish_contribution(session, actor=team, contribution_id=own.id)
    with clock.set_to(clock.now() + timedelta(minutes=20)):
        assert (
            "Mientras tanto se sigue viendo el actual" in opened(session, client, own).get("/seguimiento/cambiar").text
        )
        assert rewrite(client, own.version).status_code == 303
        assert "Su texto nuevo espera revisión" in client.get("/seguimiento/aporte").text
        session.rollback()
        assert own.public_body == old
        reject_edit(
            session, actor=team, contribution_id=own.id, reason=RejectionReason.OFFENSIVE, text="Insulta a un vecino."
        )
        assert "Insulta a un vecino." in client.get("/seguimiento/cambiar").text
        mail = edit_rejected(session, Site("https://consulta.example"), contribution_id=own.id)
        assert mail is not None
        assert "https://consulta.example/seguimiento\n" in mail.body
        assert "/participar/" not in mail.body
        session.rollback()
        left = client.submit("/seguimiento/cambiar/dejar", version=str(own.version))
        assert left.location == "/seguimiento/aporte"
        session.rollback()
        assert rewrite(client, own.version).status_code == 303
        accept_edit(session, actor=team, contribution_id=own.id)
    assert own.public_body == NEW
    assert client.get(f"/aportes/{own.id}/cambios").status_code == 200


def test_what_is_decided_cannot_be_changed_and_the_words_are_kept(
    session: Session, client: Client, own: Contribution
) -> None:
    opened(session, client, own)
    withdraw(session, actor=Actor(own.person_id, own.person.public_name), contribution_id=own.id, version=own.version)
    assert "Ya no se puede cambiar" in client.get("/seguimiento/cambiar").text
    answer = rewrite(client, own.version)
    assert answer.status_code == 409
    assert NEW in answer.text


def test_the_author_appeals_once(session: Session, client: Client, own: Contribution) -> None:
    team = make_coordinator(session)
    reason, text = RejectionReason.SPAM, "Es publicidad de una empresa y no una propuesta."
    reject_contribution(session, actor=team, contribution_id=own.id, reason=reason, public_text=text)
    page = opened(session, client, own).get("/seguimiento/aporte").text
    assert text in page
    assert 'href="/seguimiento/reclamar"' in page
    version = str(session.get_one(Contribution, own.id).version)
    asked = client.submit(
        "/seguimiento/reclamar", version=version, text="No es publicidad: hablo del agua de mi barrio."
    )
    assert asked.location == "/seguimiento/aporte"
    page = client.get("/seguimiento/reclamar").text
    assert "No se puede pedir otra revisión" in page
    assert 'href="/seguimiento/aporte"' in page


def test_the_author_asks_for_what_was_hidden(session: Session, client: Client, own: Contribution) -> None:
    team, text = make_coordinator(session), "El texto insulta a una persona."
    publish_contribution(session, actor=team, contribution_id=own.id)
    hide_contribution(session, actor=team, contribution_id=own.id, reason=RejectionReason.OFFENSIVE, public_text=text)
    opened(session, client, own)
    assert 'href="/seguimiento/reclamar"' in client.get("/seguimiento/aporte").text
    asked = client.submit("/seguimiento/reclamar", version="3", text="No insulta a nadie: nombra un cargo.")
    assert asked.location == "/seguimiento/aporte"
    session.rollback()
    assert session.get_one(Contribution, own.id).state is ContributionState.HIDDEN
    assert "No se puede pedir otra revisión" in client.get("/seguimiento/reclamar").text


def test_the_author_takes_it_back(session: Session, client: Client, own: Contribution) -> None:
    opened(session, client, own)
    page = client.get("/seguimiento/retirar").text
    assert "<form" in page
    assert "Todavía no se publica: nadie lo leerá y no queda ninguna nota." in page
    done = client.submit("/seguimiento/retirar", version=str(own.version))
    assert done.location == "/seguimiento/aporte"
    assert "Retirado" in client.get(done.location).text
    session.rollback()
    assert session.get_one(Contribution, own.id).state is ContributionState.WITHDRAWN
    topic = client.get(f"/planes/{own.plan.code}/temas/{own.topic.code}").text if own.topic else ""
    assert "Su autor retiró este aporte." not in topic  # nobody had read it


def test_the_way_of_what_is_public_goes_on(session: Session, client: Client, own: Contribution) -> None:
    team = make_coordinator(session)
    publish_contribution(session, actor=team, contribution_id=own.id)
    page = opened(session, client, own).get("/seguimiento/aporte").text
    assert "Publicada" in page
    assert f'href="/propuestas/{keys_of(session, own)["folio"]}"' in page


@pytest.fixture
def limited(settings: Config, database: Database) -> Flask:
    """The site with its limits as they are."""
    app: Flask = make_quick(create_app(dataclasses.replace(settings, limits=""), database))
    return app


def test_five_wrong_tries_an_hour_for_a_folio(
    limited: Flask, database: Database, session: Session, own: Contribution
) -> None:
    app, keys = limited, keys_of(session, own)
    tries = [Clients(app, database)("visitor").submit("/seguimiento", **{**keys, "code": "x"}) for _ in range(5)]
    assert {answer.status_code for answer in tries} == {422}
    client = Clients(app, database)("visitor")
    refused = client.submit("/seguimiento", **keys)
    assert refused.status_code == 429
    assert keys["folio"] in refused.text
    assert client.submit("/seguimiento", folio="PROP-1900-0001", code="x").status_code == 422
    with clock.set_to(clock.now() + timedelta(minutes=61)):
        assert client.submit("/seguimiento", **keys).status_code == 303


def test_who_has_the_code_comes_as_often_as_they_want(
    limited: Flask, database: Database, session: Session, own: Contribution
) -> None:
    keys = keys_of(session, own)
    visits = [Clients(limited, database)("visitor").submit("/seguimiento", **keys) for _ in range(8)]
    assert {visit.status_code for visit in visits} == {303}


def test_nobody_elsewhere_locks_a_folio(
    limited: Flask, database: Database, session: Session, own: Contribution
) -> None:
    keys, stranger = keys_of(session, own), Clients(limited, database)("visitor")
    stranger.environ_base["REMOTE_ADDR"] = "198.51.100.7"
    answers = [stranger.submit("/seguimiento", **{**keys, "code": "x"}).status_code for _ in range(6)]
    assert answers == [422] * 5 + [429]
    assert Clients(limited, database)("visitor").submit("/seguimiento", **keys).status_code == 303


def test_who_follows_a_text_takes_a_copy_of_it_alone(session: Session, client: Client, own: Contribution) -> None:
    name, email = own.person.public_name, own.person.email or ""
    other = make_contribution(session, own.topic, person=own.person, body="Otro texto de la misma persona.")
    assert client.submit("/seguimiento/copia").location == "/seguimiento"
    answer = opened(session, client, own).submit("/seguimiento/copia")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        page, told = archive.read("aporte.html").decode(), archive.read("aporte.json").decode()
    html5lib.HTMLParser(strict=True).parse(page)
    assert json.loads(told)["received"]["body"] == own.body
    assert str(escape(name)) in page
    for words in (email, other.body, keys_of(session, own)["code"]):
        assert words not in page + told
    entry = session.query(AuditEntry).order_by(AuditEntry.id.desc()).first()
    assert entry is not None
    assert (entry.act, entry.object_id, entry.person_id) == ("contribution.copy", own.id, own.person_id)
