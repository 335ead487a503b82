"""Contributions, replies and submissions."""

from typing import Any

from sqlalchemy.orm import Session

from consulta import clock
from consulta.contributions.models import Channel, Contribution, ContributionState, Draft, Submission, Support
from consulta.contributions.rules import SHOWN_ONCE
from consulta.people.models import Person
from consulta.plans.models import Plan, Topic
from consulta.text import sanitize
from tests.factories import SCRIPT, number, store
from tests.factories.people import make_person


def make_contribution(session: Session, topic: Topic | None = None, **changes: Any) -> Contribution:
    """A published web contribution of a topic; without a topic give `plan`."""
    plan: Plan | None = changes.pop("plan", None)
    person: Person | None = changes.pop("person", None)
    n = number()
    body = changes.pop("body", f"Propongo publicar los datos número {n}. {SCRIPT}")
    public_body = changes.pop("public_body", body)
    fields: dict[str, Any] = {
        "plan_id": plan.id if plan else topic.plan_id if topic else None,
        "topic_id": topic.id if topic else None,
        "person_id": (person or make_person(session)).id,
        "channel": Channel.WEB,
        "received_at": clock.now(),
        "title": f"Título {n} {SCRIPT}",
        "state": ContributionState.PUBLISHED,
    }
    fields.update(changes)
    fields.setdefault("public_title", fields["title"])
    if fields["state"] in (*SHOWN_ONCE, ContributionState.WITHDRAWN):
        fields.setdefault("published_at", fields["received_at"])
    return store(session, Contribution(body=body, public_body=public_body, public_html=sanitize(public_body), **fields))


def make_reply(session: Session, parent: Contribution, **changes: Any) -> Contribution:
    """A published reply; the counters of the thread are not touched unless the test does."""
    fields: dict[str, Any] = {
        "plan_id": parent.plan_id,
        "topic_id": parent.topic_id,
        "parent_id": parent.id,
        "root_id": parent.root_id or parent.id,
        "depth": parent.depth + 1,
        "title": None,
        "body": f"Respuesta {number()} {SCRIPT}",
    }
    return make_contribution(session, None, **{**fields, **changes})


def make_support(session: Session, contribution: Contribution, person: Person | None = None) -> Support:
    supporter = person or make_person(session)
    return store(session, Support(contribution_id=contribution.id, person_id=supporter.id, supported_at=clock.now()))


def make_draft(session: Session, person: Person, topic: Topic, **changes: Any) -> Draft:
    fields = {"title": f"Borrador {SCRIPT}", "body": f"Estoy escribiendo. {SCRIPT}"}
    row = {"place": f"topic:{topic.id}", "topic_id": topic.id, "fields": fields, "updated_at": clock.now(), **changes}
    return store(session, Draft(person_id=person.id, **row))


def make_submission(session: Session, plan: Plan, **changes: Any) -> Submission:
    n = number()
    fields: dict[str, Any] = {
        "folio": f"ENT-2018-{n:04d}",
        "plan_id": plan.id,
        "person_id": changes.pop("person", None) or make_person(session).id,
        "channel": Channel.EMAIL,
        "received_by_role": f"Punto de contacto {SCRIPT}",
        "registered_at": clock.now(),
    }
    return store(session, Submission(**{**fields, **changes}))
