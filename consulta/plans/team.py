"""What the team reads of plans: every one, with topics, calendar, documents, and who may answer for what."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from consulta.errors import NotFound
from consulta.people.models import PUBLIC_BODIES, Institution
from consulta.plans.models import Document, Phase, Plan, Topic, TopicCompetence


def all_plans(session: Session) -> Sequence[Plan]:
    """Every plan, the newest period first."""
    return session.scalars(sa.select(Plan).order_by(Plan.period_start_on.desc(), Plan.id.desc())).all()


def find_plan(session: Session, code: str) -> Plan:
    """A plan by its code. Raises NotFound."""
    statement = sa.select(Plan).where(Plan.code == code).options(joinedload(Plan.coordinator_institution))
    plan = session.scalars(statement).one_or_none()
    if plan is None:
        raise NotFound("Plan", code)
    return plan


def topics_of(session: Session, plan_id: int) -> Sequence[Topic]:
    """The topics of a plan in their order, drafts too."""
    return session.scalars(sa.select(Topic).where(Topic.plan_id == plan_id).order_by(Topic.position, Topic.id)).all()


def find_topic(session: Session, plan: Plan, code: str) -> Topic:
    topic = session.scalars(sa.select(Topic).where(Topic.plan_id == plan.id, Topic.code == code)).one_or_none()
    if topic is None:
        raise NotFound("Topic", code)
    return topic


def find_phase(session: Session, plan: Plan, key: int) -> Phase:
    phase = session.scalars(sa.select(Phase).where(Phase.plan_id == plan.id, Phase.id == key)).one_or_none()
    if phase is None:
        raise NotFound("Phase", key)
    return phase


def find_document(session: Session, plan: Plan, key: int) -> Document:
    """A document of the plan, withdrawn ones too, without its content."""
    statement = sa.select(Document).where(Document.plan_id == plan.id, Document.id == key)
    document = session.scalars(statement).one_or_none()
    if document is None:
        raise NotFound("Document", key)
    return document


def public_bodies(session: Session) -> Sequence[Institution]:
    """The institutions that can answer for a topic, by their codes."""
    return session.scalars(
        sa.select(Institution).where(Institution.kind.in_(PUBLIC_BODIES)).order_by(Institution.code)
    ).all()


def competences(session: Session, topic_codes: Sequence[str]) -> dict[str, list[Institution]]:
    """Which institutions may answer for each topic."""
    statement = (
        sa.select(TopicCompetence.topic_code, Institution)
        .join(Institution, Institution.id == TopicCompetence.institution_id)
        .where(TopicCompetence.topic_code.in_(topic_codes))
        .order_by(Institution.code)
    )
    found: dict[str, list[Institution]] = {code: [] for code in topic_codes}
    for code, institution in session.execute(statement):
        found[code].append(institution)
    return found


def topic_names(session: Session) -> dict[str, str]:
    """The name of each topic code of any plan, the newest plan's first; competences go by code."""
    rows = session.execute(sa.select(Topic.code, Topic.name).order_by(Topic.position, Topic.id))
    return {row.code: row.name for row in rows}


def competences_of(session: Session) -> dict[int, list[str]]:
    """The topic codes that each institution may answer for."""
    found: dict[int, list[str]] = {}
    statement = sa.select(TopicCompetence.institution_id, TopicCompetence.topic_code)
    for institution_id, code in session.execute(statement.order_by(TopicCompetence.topic_code)):
        found.setdefault(institution_id, []).append(code)
    return found
