"""What contributors are told when results are published: all their proposals of the plan in one mail."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta.contributions.models import Contribution
from consulta.decisions.models import Decision
from consulta.follows.news import followed_outcomes
from consulta.labels import label
from consulta.messages.links import Site
from consulta.messages.mail import Mail
from consulta.messages.registry import message
from consulta.messages.wording import _, letter, ngettext
from consulta.people.models import Person
from consulta.plans.models import Plan
from consulta.proposals.models import Proposal, ProposalSource, ProposalState


@message("results_published")
def results_published(session: Session, site: Site, *, plan_id: int, person_id: int) -> Mail | None:
    plan, person = session.get_one(Plan, plan_id), session.get_one(Person, person_id)
    lines = _outcomes(session, plan_id, person_id) if plan.has_results else []
    if not lines:
        return None
    first = ngettext(
        "Ya hay una decisión sobre su propuesta:", "Ya hay una decisión sobre sus %(num)s propuestas:", len(lines)
    )
    return letter(
        person,
        _("Resultados de la consulta: %(folios)s", folios=_folios([folio for folio, _outcome in lines])),
        _("Publicamos los resultados de «%(plan)s».", plan=plan.title),
        first + "\n" + _listed(lines),
        _followed(session, plan_id, person_id, {folio for folio, _outcome in lines}),
        _("Cada decisión tiene su justificación. Léalas aquí:") + "\n" + site.results(plan.code),
    )


def _listed(lines: list[tuple[str, str]]) -> str:
    return "\n".join(f"- {folio}: {outcome}" for folio, outcome in lines)


def _followed(session: Session, plan_id: int, person_id: int, own: set[str]) -> str | None:
    """What became of the proposals of others that an author follows: the same event is not told in two mails."""
    others = [
        (folio, label(outcome)) for folio, outcome in followed_outcomes(session, plan_id, person_id) if folio not in own
    ]
    return _("Y en las que usted sigue:") + "\n" + _listed(others) if others else None


def _outcomes(session: Session, plan_id: int, person_id: int) -> list[tuple[str, str]]:
    """Folio and outcome of each; a merged one has that of its main one, and some ended before a decision."""
    decided = sa.func.coalesce(Proposal.main_proposal_id, Proposal.id)
    rows = session.execute(
        sa.select(Proposal.folio, Proposal.state, Decision.outcome)
        .join(ProposalSource, ProposalSource.proposal_id == Proposal.id)
        .join(Contribution, Contribution.id == ProposalSource.contribution_id)
        .outerjoin(Decision, sa.and_(Decision.proposal_id == decided, Decision.superseded_at.is_(None)))
        .where(
            Contribution.person_id == person_id,
            Proposal.plan_id == plan_id,
            Proposal.state != ProposalState.VOIDED,
        )
        .order_by(Proposal.folio)
        .distinct()
    )
    return [(folio, label(state if outcome is None else outcome)) for folio, state, outcome in rows]


def _folios(folios: list[str]) -> str:
    """The first folio, and how many more there are: a subject stays short."""
    more = len(folios) - 1
    return folios[0] if not more else _("%(folio)s y %(more)s más", folio=folios[0], more=more)
