"""What authors are told about what they wrote."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.contributions.models import Contribution, ContributionState
from consulta.contributions.rules import APPEALABLE
from consulta.guests.queries import code_of, is_tracked
from consulta.labels import label
from consulta.messages.links import Site
from consulta.messages.mail import Mail
from consulta.messages.registry import message
from consulta.messages.wording import _, letter, long_date, quoted
from consulta.plans.rules import admits
from consulta.proposals.models import Proposal, ProposalSource
from consulta.text import plain


@message("contribution_received")
def contribution_received(session: Session, site: Site, *, contribution_id: int) -> Mail | None:
    contribution, folio = _find(session, contribution_id)
    if contribution is None:
        return None
    if contribution.is_reply:
        subject, first = _("Recibimos su respuesta en %(folio)s", folio=folio), _("Recibimos su respuesta.")
    else:
        subject = _("Recibimos su propuesta %(folio)s", folio=folio)
        first = _("Recibimos su propuesta. Su folio es %(folio)s. Guárdelo.", folio=folio)
    waits = contribution.state is not ContributionState.PUBLISHED
    follow = _("Una persona del equipo la lee antes de publicarla.") if waits else _("Ya está publicada.")
    return letter(
        contribution.person,
        subject,
        first,
        _on_behalf(contribution),
        follow,
        _what_follows(contribution),
        _("Este es el texto que recibimos:"),
        quoted(plain(contribution.body)),
        _code(session, site, contribution),
        own_page(session, site, contribution, folio, _("Puede ver en qué estado va aquí:")),
    )


def _on_behalf(contribution: Contribution) -> str | None:
    if contribution.organization is None:
        return None
    return _("La escribió en nombre de %(organization)s.", organization=contribution.organization.name)


@message("contribution_published")
def contribution_published(session: Session, site: Site, *, contribution_id: int) -> Mail | None:
    contribution, folio = _find(session, contribution_id, ContributionState.PUBLISHED)
    if contribution is None:
        return None
    return letter(
        contribution.person,
        _("Publicamos su aporte en %(folio)s", folio=folio),
        _("Su aporte ya es público. Cualquier persona puede leerlo y responderle."),
        _("Véalo aquí:") + "\n" + _place(site, contribution, folio),
    )


@message("contribution_observed")
def contribution_observed(session: Session, site: Site, *, contribution_id: int) -> Mail | None:
    contribution, folio = _find(session, contribution_id, ContributionState.OBSERVED)
    if contribution is None or contribution.complete_by is None:
        return None
    return letter(
        contribution.person,
        _("Falta completar su aporte en %(folio)s", folio=folio),
        _("Para publicar su aporte hace falta completarlo. Esto pide el equipo:"),
        quoted(contribution.reason_text or ""),
        _("Puede hacerlo hasta el %(day)s. Después ya no podremos admitirlo.", day=long_date(contribution.complete_by)),
        own_page(session, site, contribution, folio, _("Complételo aquí:")),
    )


@message("contribution_rejected")
def contribution_rejected(session: Session, site: Site, *, contribution_id: int) -> Mail | None:
    contribution, folio = _find(session, contribution_id, ContributionState.REJECTED)
    if contribution is None:
        return None
    return letter(
        contribution.person,
        _("No admitimos su aporte en %(folio)s", folio=folio),
        _("El equipo leyó su aporte y no lo publicó. Este es el motivo:"),
        _reason(contribution),
        _("Si no está de acuerdo, puede pedir una revisión, una sola vez.") if _can_appeal(contribution) else None,
        own_page(session, site, contribution, folio, _("Vea el detalle aquí:")),
    )


@message("contribution_hidden")
def contribution_hidden(session: Session, site: Site, *, contribution_id: int) -> Mail | None:
    contribution, folio = _find(session, contribution_id, ContributionState.HIDDEN)
    if contribution is None:
        return None
    return letter(
        contribution.person,
        _("Ocultamos su aporte en %(folio)s", folio=folio),
        _("Ocultamos el texto de su aporte. En su lugar quedó una nota con el motivo:"),
        _reason(contribution),
        _("Si no está de acuerdo, puede pedir una revisión, una sola vez.") if _can_appeal(contribution) else None,
        own_page(session, site, contribution, folio, _("Vea el detalle aquí:")),
    )


@message("contribution_kept_hidden")
def contribution_kept_hidden(session: Session, site: Site, *, contribution_id: int) -> Mail | None:
    contribution, folio = _find(session, contribution_id, ContributionState.HIDDEN)
    if contribution is None:
        return None
    return letter(
        contribution.person,
        _("Respondimos a su reclamo en %(folio)s", folio=folio),
        _("El equipo leyó su aporte de nuevo y decidió que siga oculto. Este es el motivo:"),
        _reason(contribution),
        own_page(session, site, contribution, folio, _("Vea el detalle aquí:")),
    )


def _can_appeal(contribution: Contribution) -> bool:
    if contribution.appealed_at is not None:
        return False
    return admits(contribution.plan, APPEALABLE[contribution.state], clock.now())


def _find(
    session: Session, contribution_id: int, state: ContributionState | None = None
) -> tuple[Contribution | None, str]:
    """A contribution, if it is still in the state that the message tells of, and the folio of its conversation."""
    contribution = session.get(Contribution, contribution_id)
    if contribution is None or (state is not None and contribution.state is not state):
        return None, ""
    folio = session.scalar(
        sa.select(Proposal.folio)
        .join(ProposalSource, ProposalSource.proposal_id == Proposal.id)
        .where(ProposalSource.contribution_id == (contribution.root_id or contribution.id))
        .order_by(Proposal.id)
        .limit(1)
    )
    return contribution, folio or ""


def own_page(session: Session, site: Site, contribution: Contribution, folio: str, invitation: str) -> str:
    """Where its author sees it: on its own page or, without an account, by folio and code."""
    if not is_tracked(session, contribution.id):
        return invitation + "\n" + site.own_contribution(contribution.id)
    how = _("Escriba el folio %(folio)s y su código de seguimiento.", folio=folio)
    return invitation + "\n" + site.tracking() + "\n" + how


def _code(session: Session, site: Site, contribution: Contribution) -> str | None:
    """The code of who has no account, in the one mail that tells it."""
    code = code_of(session, site.secret_key, contribution.id)
    if code is None:
        return None
    return _("Este es su código de seguimiento. Guárdelo y no lo comparta:") + "\n" + code


def _what_follows(contribution: Contribution) -> str | None:
    """Until when others can write, and who answers a proposal afterwards."""
    closes_on = contribution.plan.closes_on
    if contribution.is_reply or closes_on is None:
        return None
    day = long_date(closes_on)
    return _("La consulta cierra el %(day)s. Después, una institución pública responderá a su propuesta.", day=day)


def _place(site: Site, contribution: Contribution, folio: str) -> str:
    return site.contribution(contribution.id) if contribution.is_reply else site.proposal(folio)


def _reason(contribution: Contribution) -> str:
    named = f"{label(contribution.reason)}. " if contribution.reason else ""
    return quoted(named + (contribution.reason_text or ""))
