"""Fills a topic with proposals and replies, straight into the tables: what is measured is reading them."""

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.contributions.models import Channel, Contribution, ContributionState
from consulta.database import writing
from consulta.people.models import Person
from consulta.plans.models import Plan, Topic, TopicState
from consulta.proposals.models import Proposal, ProposalSource, ProposalState
from consulta.text import sanitize

BODY = (
    "Propongo que la alcaldía y el ministerio publiquen **cada mes** los avances de las obras de la comunidad, "
    "con fotos, costos y fechas.\n\n- El plan de trabajo\n- Los pagos hechos\n- Quién responde\n\n"
    "Así cualquier persona puede comparar lo que se prometió con lo que se hizo."
)
REPLY = "Estoy de acuerdo. En nuestra comunidad pasa lo mismo y nadie sabe a quién preguntar."


def make_topic(session: Session, plan: Plan, code: str) -> Topic:
    """An empty published topic at the end of a plan."""
    intro = "¿Qué debería publicarse de cada obra, y dónde?"
    last = session.scalar(sa.select(sa.func.max(Topic.position)).where(Topic.plan_id == plan.id)) or 0
    topic = Topic(
        plan_id=plan.id,
        code=code,
        name=f"Tema de medición {code}",
        one_line="Para medir la lectura.",
        position=last + 1,
        intro=intro,
        intro_html=sanitize(intro),
        state=TopicState.PUBLISHED,
    )
    with writing(session):
        session.add(topic)
    return topic


def fill_topic(session: Session, topic: Topic, proposals: int, replies: int = 3) -> str:
    """Add published proposals to a topic, each with replies; a few insert statements whatever the number.

    Answers the folio of the last.
    """
    body_html, reply_html, now = sanitize(BODY), sanitize(REPLY), clock.now()
    with writing(session):
        person = Person(public_name="Vecina de la comunidad", created_at=now)
        session.add(person)
        session.flush()
        first = (session.scalar(sa.select(sa.func.max(Contribution.id))) or 0) + 1
        first_proposal = (session.scalar(sa.select(sa.func.max(Proposal.id))) or 0) + 1
        common = {"plan_id": topic.plan_id, "topic_id": topic.id, "person_id": person.id, "channel": Channel.WEB}
        common |= {"state": ContributionState.PUBLISHED, "late": False, "version": 1}
        tops, answers, counted, sources = [], [], [], []
        reply_id = first + proposals
        for n in range(proposals):
            received = now - timedelta(seconds=proposals - n)
            key, title = first + n, f"Publicar los avances de la obra número {n + 1}"
            tops.append({**common, "id": key, "received_at": received, "title": title, "public_title": title,
                         "body": BODY, "public_body": BODY, "public_html": body_html, "depth": 0,
                         "support_count": n % 7, "reply_count": replies})  # fmt: skip
            for _ in range(replies):
                answers.append({**common, "id": reply_id, "parent_id": key, "root_id": key, "depth": 1,
                                "received_at": received, "body": REPLY, "public_body": REPLY,
                                "public_html": reply_html, "support_count": 0, "reply_count": 0})  # fmt: skip
                reply_id += 1
            counted.append({"id": first_proposal + n, "folio": f"PROP-1999-{first_proposal + n:05d}",
                            "plan_id": topic.plan_id, "topic_received_id": topic.id, "channel": Channel.WEB,
                            "received_at": received, "late": False, "title": title, "in_template": False,
                            "state": ProposalState.RECEIVED, "version": 1})  # fmt: skip
            sources.append({"proposal_id": first_proposal + n, "contribution_id": key, "position": 1})
        for model, rows in ((Contribution, tops), (Contribution, answers), (Proposal, counted)):
            if rows:
                session.execute(sa.insert(model), rows)
        session.execute(sa.insert(ProposalSource), sources)
        session.execute(
            sa.update(Topic).where(Topic.id == topic.id).values(
                proposal_count=Topic.proposal_count + proposals,
                reply_count=Topic.reply_count + proposals * replies,
                last_activity_at=now,
            )
        )  # fmt: skip
        _move_sequences(session)
        return str(counted[-1]["folio"])


def _move_sequences(session: Session) -> None:
    """PostgreSQL's counters do not see ids given by hand."""
    if session.get_bind().dialect.name != "postgresql":
        return
    for model in (Contribution, Proposal):
        last = sa.select(sa.func.max(model.id)).scalar_subquery()
        session.execute(sa.select(sa.func.setval(f"{model.__tablename__}_id_seq", last)))
