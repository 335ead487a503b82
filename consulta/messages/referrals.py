"""What institutions are asked to answer, and what the team is told when one says it is not competent."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta.messages.links import Site
from consulta.messages.mail import Mail
from consulta.messages.readers import address_of, holders_of, liaisons_of
from consulta.messages.registry import message
from consulta.messages.wording import _, letter, long_date, ngettext, quoted
from consulta.people.models import Membership, Person, Role
from consulta.referrals.models import AWAITING, Dispatch, Referral, ReferralState


def _liaisons(session: Session, *, dispatch_id: int, **_more: object) -> list[dict[str, int]]:
    return liaisons_of(session, session.get_one(Dispatch, dispatch_id).institution_id)


def _coordinators(session: Session, **_ids: int) -> list[dict[str, int]]:
    return holders_of(session, Role.COORDINATOR)


@message("referral_dispatched", each=_liaisons)
def referral_dispatched(
    session: Session, site: Site, *, dispatch_id: int, person_id: int | None = None, institution_id: int | None = None
) -> Mail | None:
    dispatch = session.get_one(Dispatch, dispatch_id)
    reader = _reader(session, dispatch, person_id, institution_id)
    count = sum(referral.state in AWAITING for referral in dispatch.referrals)
    if reader is None or not count:
        return None
    first = ngettext(
        "Le enviamos %(num)s propuesta ciudadana con el oficio %(folio)s.",
        "Le enviamos %(num)s propuestas ciudadanas con el oficio %(folio)s.",
        count,
        folio=dispatch.folio,
    )
    return letter(
        reader,
        _("Oficio %(folio)s: propuestas por responder", folio=dispatch.folio),
        first,
        quoted(dispatch.cover_text),
        _("Su institución puede responder hasta el %(day)s.", day=long_date(dispatch.due_on)),
        _("Responda aquí:") + "\n" + site.institution_tray(),
    )


@message("referral_reminder", each=_liaisons)
def referral_reminder(
    session: Session,
    site: Site,
    *,
    dispatch_id: int,
    due_on: str,
    person_id: int | None = None,
    institution_id: int | None = None,
) -> Mail | None:
    dispatch, day = session.get_one(Dispatch, dispatch_id), date.fromisoformat(due_on)
    reader = _reader(session, dispatch, person_id, institution_id)
    count = sum(referral.state in AWAITING and referral.due_on == day for referral in dispatch.referrals)
    if reader is None or not count:
        return None
    first = ngettext(
        "Falta la respuesta de su institución a %(num)s propuesta.",
        "Faltan las respuestas de su institución a %(num)s propuestas.",
        count,
    )
    return letter(
        reader,
        _("Oficio %(folio)s: el plazo vence el %(day)s", folio=dispatch.folio, day=long_date(day)),
        first,
        _("El plazo vence el %(day)s. Después la respuesta aparecerá como atrasada.", day=long_date(day)),
        _("Responda aquí:") + "\n" + site.institution_tray(),
    )


@message("referral_returned", each=_coordinators)
def referral_returned(session: Session, site: Site, *, referral_id: int, person_id: int) -> Mail | None:
    referral = session.get_one(Referral, referral_id)
    if referral.state is not ReferralState.RETURNED:
        return None
    suggested = referral.suggested_institution
    return letter(
        session.get_one(Person, person_id),
        _("Devolvieron la propuesta %(folio)s", folio=referral.proposal.folio),
        _("%(name)s dice que no le compete. Este es su motivo:", name=referral.institution.name),
        quoted(referral.return_reason or ""),
        _("Sugiere enviarla a %(name)s.", name=suggested.name) if suggested else None,
        _("Revise las remisiones aquí:") + "\n" + site.coordination_tray(),
    )


def _reader(
    session: Session, dispatch: Dispatch, person_id: int | None, institution_id: int | None
) -> Person | str | None:
    """The institution's mailbox, or somebody who is still its liaison."""
    if institution_id is not None:
        return address_of(session, institution_id=institution_id)
    return session.scalar(
        sa.select(Person)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            Person.id == person_id,
            Membership.institution_id == dispatch.institution_id,
            Membership.role == Role.LIAISON,
        )
    )
