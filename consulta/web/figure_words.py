"""The name of each computed figure, for whoever sets a printed one beside it."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta.contributions.models import Channel
from consulta.decisions.models import Outcome
from consulta.plans.models import Plan, Topic
from consulta.proposals.models import ProposalState
from consulta.referrals.models import ReferralState
from consulta.web.filters import label
from consulta.web.i18n import gettext
from consulta.web.i18n import lazy_gettext as _l

NAMES: dict[str, Any] = {
    "total": _l("Propuestas de la ciudadanía"),
    "received.all": _l("Propuestas recibidas"),
    "web.total": _l("Propuestas del sitio web"),
    "web.persons.sum": _l("Suma de personas por tema"),
    "web.persons.unique": _l("Personas distintas en el sitio web"),
    "submissions.total": _l("Propuestas de entregas"),
    "in_template": _l("Propuestas en plantilla"),
    "workshop.ideas": _l("Ideas de talleres"),
    "total.without_facebook": _l("Propuestas de la ciudadanía sin Facebook"),
    "total.coincidence": _l("Sitio web, talleres y Facebook"),
    "late": _l("Recibidas después del cierre"),
    "admitted": _l("Admitidas"),
    "unmoderated": _l("Aún sin revisar"),
    "distinct": _l("Distintas"),
    "decided.without_institution": _l("Decididas sin enviarse a una institución"),
    "referrals.total": _l("Remisiones"),
    "voided": _l("Anuladas"),
    "topics.count": _l("Temas"),
    "site.days": _l("Días abiertos del sitio"),
}
KINDS: dict[str, tuple[Any, Any]] = {
    "received.channel.": (_l("Recibidas por: %(what)s"), Channel),
    "received.state.": (_l("Recibidas en estado: %(what)s"), ProposalState),
    "referrals.state.": (_l("Remisiones en estado: %(what)s"), ReferralState),
    "outcome.": (_l("Decididas como: %(what)s"), Outcome),
}
BY_TOPIC = {
    "web.topic.": _l("Propuestas del sitio en: %(what)s"),
    "web.persons.": _l("Personas del sitio en: %(what)s"),
}


def figure_name(session: Session, plan: Plan, key: str) -> str:
    """The words of a key; one that only its source knows stays as it is."""
    if key in NAMES:
        return str(NAMES[key])
    for start, (sentence, members) in KINDS.items():
        if key.startswith(start):
            return str(sentence) % {"what": label(members(key.removeprefix(start)))}
    for start, sentence in BY_TOPIC.items():
        if key.startswith(start):
            return str(sentence) % {"what": _topic_name(session, plan, key.removeprefix(start))}
    return gettext("Otra cifra: %(key)s", key=key)


def _topic_name(session: Session, plan: Plan, code: str) -> str:
    statement = sa.select(Topic.name).where(Topic.plan_id == plan.id, Topic.code == code)
    return session.scalars(statement).one_or_none() or code
