"""What authors are told about new words of theirs that waited for moderation."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta.contributions.models import Contribution, ContributionState, PendingEdit
from consulta.labels import label
from consulta.messages.contributions import own_page
from consulta.messages.links import Site
from consulta.messages.mail import Mail
from consulta.messages.registry import message
from consulta.messages.wording import _, letter, quoted
from consulta.proposals.models import Proposal, ProposalSource


@message("edit_published")
def edit_published(session: Session, site: Site, *, contribution_id: int) -> Mail | None:
    contribution = session.get(Contribution, contribution_id)
    if contribution is None or contribution.state is not ContributionState.PUBLISHED:
        return None
    folio = _folio(session, contribution)
    return letter(
        contribution.person,
        _("Publicamos su cambio en %(folio)s", folio=folio),
        _("Su aporte ya se lee con el texto nuevo."),
        _("Véalo aquí:") + "\n" + site.contribution(contribution.id),
    )


@message("edit_rejected")
def edit_rejected(session: Session, site: Site, *, contribution_id: int) -> Mail | None:
    """Tells nothing when the author has written again since, or taken the new words back."""
    edit = session.scalars(sa.select(PendingEdit).where(PendingEdit.contribution_id == contribution_id)).one_or_none()
    if edit is None or edit.rejected_at is None or edit.reason is None:
        return None
    folio = _folio(session, edit.contribution)
    return letter(
        edit.contribution.person,
        _("No publicamos su cambio en %(folio)s", folio=folio),
        _("Su aporte se sigue leyendo como estaba. Este es el motivo:"),
        quoted(f"{label(edit.reason)}. {edit.reason_text or ''}"),
        own_page(session, site, edit.contribution, folio, _("Puede escribir otro cambio. Guardamos el que envió:")),
    )


def _folio(session: Session, contribution: Contribution) -> str:
    """The folio of the conversation that a contribution is in."""
    statement = (
        sa.select(Proposal.folio)
        .join(ProposalSource, ProposalSource.proposal_id == Proposal.id)
        .where(ProposalSource.contribution_id == (contribution.root_id or contribution.id))
        .order_by(Proposal.id)
        .limit(1)
    )
    return session.scalar(statement) or ""
