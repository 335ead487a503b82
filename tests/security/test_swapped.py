"""Somebody else's things under the own address: they are not there, as a page or otherwise, and stay as they were."""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from consulta.contributions.models import Contribution, ContributionState
from consulta.people.models import Membership, Person
from tests.clients import Client, Clients
from tests.policy.world import World, fingerprint, make_world

FOREIGN = {
    "participant2": (
        "account.identities.remove",
        "participant.follows.change",
        "participant.contributions.show",
        "participant.contributions.take_back",
        "participant.contributions.fill_in",
        "participant.contributions.ask_again",
        "participant.editing.edit",
        "participant.editing.discard",
        "participant.saved.show",
        "participant.saved.delete",
        "participant.composing.receipt",
        "account.own_passkeys.rename",
        "account.own_passkeys.remove",
    ),
    "liaison2": (
        "institution.referrals.show",
        "institution.referrals.acknowledge",
        "institution.referrals.respond",
        "institution.referrals.give_back",
        "institution.dispatches.show",
        "institution.commitments.show",
        "institution.commitments.observe",
        "institution.commitments.validate",
    ),
}


@pytest.fixture
def world(app: Flask, session: Session, client_as: Clients) -> World:
    return make_world(app, session, client_as)


def answers_to(client: Client, app: Flask, world: World, endpoint: str) -> Iterator[Any]:
    for rule in app.url_map.iter_rules(endpoint):
        for accept in ("text/html", "application/json"):
            if "GET" in (rule.methods or ()):
                yield client.get(world.address(rule), headers={"Accept": accept})
            if "POST" in (rule.methods or ()):
                data = {"csrf_token": client.csrf_token, "version": "1", "justification": "x" * 60, "confirm": "1"}
                yield client.post(world.address(rule), data=data, headers={"Accept": accept})


@pytest.mark.parametrize("identity", FOREIGN)
def test_what_belongs_to_another_is_not_there(app: Flask, world: World, client_as: Clients, identity: str) -> None:
    client, engine = client_as(identity), app.extensions["consulta"].database.engine
    before = fingerprint(engine)
    for endpoint in FOREIGN[identity]:
        for answer in answers_to(client, app, world, endpoint):
            assert answer.status_code == 404, endpoint
            assert "Resumen de la propuesta" not in answer.text
            assert "alert(" not in answer.text
    assert fingerprint(engine) == before


def test_the_words_of_a_pending_contribution_cannot_be_reached_by_its_id(
    app: Flask, world: World, client_as: Clients
) -> None:
    key = world.special["coordination.moderation.show"]["contribution_id"]
    client = client_as("participant2")
    for path in (f"/participar/aportes/{key}/apoyo", f"/participar/aportes/{key}/responder"):
        assert client.get(path).status_code == 404
    assert client.submit(f"/participar/aportes/{key}/apoyo", apoyar="1").status_code == 404
    for act in ("/participar/revisar", "/participar/aportes"):
        assert client.submit(act, kind="reply", parent=str(key), body="Estoy de acuerdo.").status_code == 404


def test_fields_that_no_form_has_are_ignored(app: Flask, session: Session, world: World, client_as: Clients) -> None:
    client = client_as("participant2")
    extra = {
        "role": "coordinator", "state": "published", "institution_id": "1", "person_id": str(world.own.person_id),
        "author_id": "1", "id": "1", "support_count": "900", "received_at": "2001-01-01", "public_body": "otro texto",
        "channel": "institution", "external_ref": "x", "late": "1", "folio": "PROP-1900-0001", "submission_id": "1",
    }  # fmt: skip
    answer = client.submit(
        "/participar/aportes",
        kind="proposal",
        plan=world.plan.code,
        topic=world.parts["topic_code"],
        title="Gasto escolar",
        body="Propongo publicar el gasto de cada escuela.",
        form_key="clave-de-prueba",
        **extra,
    )
    assert answer.status_code == 303
    session.rollback()
    kept = session.scalars(sa.select(Contribution).order_by(Contribution.id.desc()).limit(1)).one()
    me = session.scalars(sa.select(Person).where(Person.email == "participant2@example.org")).one()
    assert (kept.person_id, kept.state, kept.support_count) == (me.id, ContributionState.PENDING, 0)
    assert (kept.channel.value, kept.external_ref, kept.late, kept.submission_id) == ("web", None, False, None)
    assert kept.public_body == kept.body != "otro texto"
    assert kept.proposal_links[0].proposal.folio != "PROP-1900-0001"
    assert session.scalars(sa.select(Membership).where(Membership.person_id == me.id)).all() == []
