"""Downloading the own data: everything of one's own, nothing of anybody else, for who entered just now."""

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import html5lib
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from config import Config
from consulta import clock, create_app
from consulta.audit.models import AuditEntry
from consulta.contributions.models import ContributionState, RejectionReason
from consulta.contributions.moderation import hide_contribution, publish_contribution
from consulta.contributions.redacting import redact_contribution
from consulta.contributions.services import reply, submit_contribution
from consulta.database import Database, writing
from consulta.moderation.models import ModerationAct
from consulta.moderation.notes import write_note
from consulta.moderation.undoing import undo_acts
from consulta.people.models import Person, Role
from consulta.privacy.copies.tables import COPIED, LEFT_OUT
from consulta.proposals.models import ProposalState
from tests.clients import Client, Clients
from tests.factories.contributions import make_contribution
from tests.factories.decisions import make_decision
from tests.factories.everything import make_contribution_of, make_everything, make_owner, mark, tables_of_people
from tests.factories.people import make_actor, make_institution
from tests.factories.plans import make_plan, make_topic
from tests.factories.proposals import make_proposal
from tests.factories.referrals import make_referral
from tests.quick import make_quick
from tests.web.account.test_account import last_mail

PATH = "/cuenta/datos/copia"
# What opens an account, or stands for what does.
SECRETS = frozenset({"hash", "seed", "key", "token", "digest", "credential", "data"})

# Texts that must be there.
TOLD = (
    "account.email",
    "audit_entry.act",
    "contribution.appeal",
    "contribution.body",
    "contribution.redaction_note",
    "draft.fields",
    "email_change.email",
    "identity.issuer",
    "login_session.device",
    "passkey.name",
    "pending_edit.body",
    "person.public_name",
    "report.note",
    "representation.evidence",
    "representation.post",
    "revision.body",
    "submission.place",
)


def unpack(answer: TestResponse) -> dict[str, str]:
    assert (answer.status_code, answer.content_type) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def download(client: Client) -> dict[str, str]:
    return unpack(client.submit(PATH))


def items(files: dict[str, str], name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(files[name])["items"]
    return found


def test_every_table_of_people_is_copied_or_left_out_for_a_reason() -> None:
    assert {table.name for table in tables_of_people()} == {*COPIED, *LEFT_OUT}
    assert not COPIED.keys() & LEFT_OUT.keys()
    assert all(reason.endswith(".") for reason in LEFT_OUT.values())


def test_a_copy_holds_all_of_ones_own_and_nothing_of_anybody_else(session: Session, client_as: Clients) -> None:
    topic = make_topic(session, make_plan(session))
    proposal = make_proposal(session, topic)
    referral = make_referral(session, proposal)
    base = {
        "topic": topic.id,
        "plan": topic.plan_id,
        "proposal": proposal.id,
        "referral": referral.id,
        "institution": referral.institution_id,
    }
    me, other = make_owner(session, "yo"), make_owner(session, "ajeno")
    make_contribution_of(session, "yo", me, base)
    make_contribution_of(session, "ajeno", other, base)
    make_everything(session, "yo", me, other, base)
    make_everything(session, "ajeno", other, me, base)
    files = download(client_as.of(session.get_one(Person, me["person"])))
    everything = "\n".join(files.values())
    assert "marca-ajeno" not in everything
    for table in tables_of_people():
        closed = [c for c in table.columns if table.name in LEFT_OUT or SECRETS.intersection(c.name.split("_"))]
        assert [word for c in closed if (word := mark("yo", table.name, c.name)) in everything] == []
    assert set(COPIED.values()) <= files.keys()
    for name in TOLD:
        assert f"marca-yo-{name}-" in files[COPIED[name.partition(".")[0]]], name
    for name in ("apoyos", "denuncias", "seguimientos", "avisos", "sesiones", "entregas", "registro"):
        assert items(files, f"{name}.json"), name
    assert json.loads(files["estadistica.json"])["told"]["sex"] == "woman"
    told = json.loads(files["cuenta.json"])
    assert (told["roles"][0]["role"], told["erasure"]["all_texts"]) == ("moderator", True)


def test_a_contribution_is_told_with_its_steps_and_who_has_it(session: Session, client_as: Clients, app: Flask) -> None:
    client, moderator = client_as("participant"), make_actor(session, Role.MODERATOR)
    topic = make_topic(session, make_plan(session))
    body = "Propongo arreglar la cancha. Llame a Rosa Pérez al 7777-0000."
    mine = submit_contribution(session, actor=client.actor, topic_id=topic.id, title="Cancha", body=body, form_key="a")
    publish_contribution(session, actor=moderator, contribution_id=mine.id)
    redact_contribution(
        session,
        actor=moderator,
        contribution_id=mine.id,
        public_title="Cancha",
        public_body="Propongo arreglar la cancha.",
        note="Un teléfono",
    )
    hide_contribution(
        session,
        actor=moderator,
        contribution_id=mine.id,
        reason=RejectionReason.SPAM,
        public_text="Se ocultó por un error que se deshizo enseguida.",
    )
    batch = session.query(ModerationAct).order_by(ModerationAct.id.desc()).first()
    assert batch is not None
    undo_acts(session, actor=moderator, batch=batch.batch)
    write_note(session, actor=moderator, contribution_id=mine.id, text="Nota interna del equipo")
    answer = reply(
        session, actor=make_actor(session), parent_id=mine.id, body="Respuesta de otra persona", form_key="b"
    )
    referral = make_referral(session, mine.proposal_links[0].proposal, make_institution(session, name="MINED"))
    with writing(session):
        mine.proposal_links[0].proposal.state = ProposalState.FORWARDED
    files = download(client)
    told = items(files, "aportes.json")[0]
    assert (told["received"]["body"], told["public"]["body"]) == (body, "Propongo arreglar la cancha.")
    assert told["with"] == {
        "who": "institutions",
        "institutions": ["MINED"],
        "due_on": referral.due_on.isoformat(),
        "late": False,
    }
    assert [step["act"].split(".")[1] for step in told["steps"]] == ["submit", "publish", "redact"]
    assert told["steps"][2]["reason"] == "Un teléfono"
    assert told["received_at"].endswith("Z")
    for words in ("Nota interna", answer.body, moderator.name, "se deshizo enseguida"):
        assert words not in "\n".join(files.values())
    assert "Rosa Pérez" in files["aportes.html"]
    assert "Lo tiene: MINED. Plazo:" in files["aportes.html"]


def test_a_decision_is_told_once_it_is_public(session: Session, client_as: Clients) -> None:
    client = client_as("participant")
    plan = make_plan(session)
    person = session.get_one(Person, client.actor.person_id)
    mine = make_contribution(session, make_topic(session, plan), person=person)
    proposal = make_proposal(session, source=mine, state=ProposalState.DECIDED)
    make_decision(session, proposal, justification="La obra ya está en marcha desde el año pasado.")
    before = download(client)
    assert "ya está en marcha" not in "\n".join(before.values())
    assert items(before, "aportes.json")[0]["proposals"][0]["state"] == "systematized"
    with writing(session):
        plan.results_published_at = clock.now()
    after = download(client)
    assert items(after, "aportes.json")[0]["proposals"][0]["decision"]["outcome"] == "not_included"
    assert "ya está en marcha" in after["aportes.html"]


def test_the_readable_files_are_whole_and_safe(session: Session, client_as: Clients) -> None:
    client = client_as("participant")
    person = session.get_one(Person, client.actor.person_id)
    make_contribution(session, make_topic(session, make_plan(session)), person=person, state=ContributionState.PENDING)
    files = download(client)
    html5lib.HTMLParser(strict=True).parse(files["aportes.html"])
    assert "<script" not in files["aportes.html"]
    assert "&lt;script&gt;" in files["aportes.html"]
    missing = [name for name in files if name not in files["LEAME.txt"] and name != "LEAME.txt"]
    assert missing == []
    page = client.get(PATH)
    assert page.headers["Cache-Control"] == "no-store"


def test_the_owner_and_the_log_hear_of_each_copy(app: Flask, session: Session, client_as: Clients) -> None:
    client = client_as("participant")
    download(client)
    mail = last_mail(app, session)
    assert (mail.to, "descargó una copia" in mail.body) == ("participant@example.org", True)
    entry = session.query(AuditEntry).one()
    assert (entry.act, entry.person_id, entry.detail) == ("account.copy_data", client.actor.person_id, {})


def test_only_who_entered_just_now_takes_it_away(session: Session, client_as: Clients) -> None:
    client = client_as("participant")
    assert client_as("visitor").get(PATH).location == f"/cuenta/entrar?next={PATH}"
    assert client.post(PATH).status_code == 400  # without the token of a form
    with clock.set_to(clock.now() + timedelta(minutes=31)):
        assert client.get(PATH).location == f"/cuenta/confirme?next={PATH}"
        assert client.submit(PATH).location == f"/cuenta/confirme?next={PATH}"
    session.rollback()
    assert session.query(AuditEntry).filter_by(act="account.copy_data").count() == 0
    answer = client.submit(PATH)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=mis-datos-")


def test_five_copies_an_hour(database: Database, settings: Config) -> None:
    limited = Config(**{**settings.__dict__, "limits": ""})
    client = Clients(make_quick(create_app(limited, database)), database)("participant")
    assert [client.submit(PATH).status_code for _ in range(6)] == [200] * 5 + [429]


def test_a_copy_asks_the_same_number_of_queries_whatever_its_size(
    database: Database, session: Session, client_as: Clients
) -> None:
    client, topic = client_as("participant"), make_topic(session, make_plan(session))
    person = session.get_one(Person, client.actor.person_id)

    def count() -> int:
        statements: list[str] = []

        def note(connection: object, cursor: object, statement: str, *_: object) -> None:
            statements.append(statement)

        event.listen(database.engine, "before_cursor_execute", note)
        try:
            assert len(items(download(client), "aportes.json")) > 0
        finally:
            event.remove(database.engine, "before_cursor_execute", note)
        return len(statements)

    make_proposal(session, source=make_contribution(session, topic, person=person))
    few = count()
    for _ in range(8):
        make_proposal(session, source=make_contribution(session, topic, person=person))
    assert count() == few
