"""What the authors of a proposal are told of its way: united with another, sent to an institution."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta.messages.links import Site
from consulta.messages.mail import Mail
from consulta.messages.readers import authors_of
from consulta.messages.registry import message
from consulta.messages.wording import _, letter, long_date, ngettext
from consulta.people.models import Institution, Person
from consulta.proposals.models import Proposal
from consulta.referrals.models import AWAITING, Referral


def _authors(session: Session, *, proposal_id: int, **_ids: int) -> list[dict[str, int]]:
    return authors_of(session, proposal_id)


@message("proposal_merged", each=_authors)
def proposal_merged(session: Session, site: Site, *, proposal_id: int, main_id: int, person_id: int) -> Mail | None:
    proposal, main, person = _read(session, proposal_id, main_id, person_id)
    return letter(
        person,
        _("Unimos su propuesta %(folio)s con otra", folio=proposal.folio),
        _("Su propuesta pide lo mismo que la propuesta %(main)s.", main=main.folio),
        _("Desde ahora las dos siguen juntas. Su texto y su nombre se conservan."),
        _("Vea la propuesta principal aquí:") + "\n" + site.proposal(main.folio),
    )


@message("proposal_unmerged", each=_authors)
def proposal_unmerged(session: Session, site: Site, *, proposal_id: int, main_id: int, person_id: int) -> Mail | None:
    proposal, main, person = _read(session, proposal_id, main_id, person_id)
    return letter(
        person,
        _("Su propuesta %(folio)s vuelve a ir por su cuenta", folio=proposal.folio),
        _("Ya no está unida a la propuesta %(main)s. Seguirá su propio camino.", main=main.folio),
        _("Vea su propuesta aquí:") + "\n" + site.proposal(proposal.folio),
    )


@message("proposal_forwarded", each=_authors)
def proposal_forwarded(session: Session, site: Site, *, proposal_id: int, person_id: int) -> Mail | None:
    """Told once it is sent; nothing to tell when every institution has already ended its part."""
    proposal, person = session.get_one(Proposal, proposal_id), session.get_one(Person, person_id)
    waiting = session.execute(
        sa.select(Institution.name, Referral.due_on)
        .join(Institution, Institution.id == Referral.institution_id)
        .where(Referral.proposal_id == proposal_id, Referral.state.in_(AWAITING))
        .order_by(Referral.due_on, Institution.name)
    ).all()
    if not waiting:
        return None
    first = ngettext(
        "Esta institución debe responder si la incorpora:",
        "Estas %(num)s instituciones deben responder si la incorporan:",
        len(waiting),
    )
    rows = "\n".join(_("- %(name)s, hasta el %(day)s", name=name, day=long_date(day)) for name, day in waiting)
    return letter(
        person,
        _("Enviamos la propuesta %(folio)s a una institución", folio=proposal.folio),
        _("La propuesta en la que usted participó avanzó un paso."),
        first + "\n" + rows,
        _("La respuesta se publicará junto con los resultados."),
        _("Siga su camino aquí:") + "\n" + site.proposal(proposal.folio),
    )


def _read(session: Session, proposal_id: int, main_id: int, person_id: int) -> tuple[Proposal, Proposal, Person]:
    return (
        session.get_one(Proposal, proposal_id),
        session.get_one(Proposal, main_id),
        session.get_one(Person, person_id),
    )
