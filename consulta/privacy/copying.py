"""A copy of everything that the site holds of a person, for who it is about."""

from collections.abc import Callable, Iterator, Mapping

from sqlalchemy.orm import Session

from consulta import clock
from consulta.changes import transaction
from consulta.contributions.models import Contribution
from consulta.messages.links import Site
from consulta.people.accounts import own_account
from consulta.people.actors import Actor
from consulta.people.models import Account
from consulta.permissions import Permission
from consulta.privacy.copies import account, doings, words
from consulta.privacy.copies.rows import Item


def told_files(session: Session, person_id: int, site: Site) -> Mapping[str, Callable[[], Item | Iterator[Item]]]:
    """By its name, what each file of a copy holds; read when it is asked for, in a constant number of reads."""
    return {
        "cuenta.json": lambda: account.account(session, person_id),
        "aportes.json": lambda: told_contributions(session, person_id, site),
        "entregas.json": lambda: words.submissions(session, person_id),
        "borradores.json": lambda: doings.drafts(session, person_id, site),
        "apoyos.json": lambda: doings.supports(session, person_id, site),
        "denuncias.json": lambda: doings.reports(session, person_id, site),
        "seguimientos.json": lambda: doings.follows(session, person_id),
        "avisos.json": lambda: doings.notices(session, person_id, site),
        "estadistica.json": lambda: account.demographics(session, person_id),
        "entradas.json": lambda: account.ways_in(session, person_id),
        "sesiones.json": lambda: account.sessions(session, person_id),
        "registro.json": lambda: doings.log(session, person_id),
    }


def told_contributions(session: Session, person_id: int, site: Site) -> Iterator[Item]:
    """Everything a person wrote, the oldest first."""
    return words.contributions(session, person_id, site, clock.today())


def record_copy(session: Session, *, actor: Actor) -> None:
    """Say in the log that a copy was made, and tell the address of the account: it may have been somebody else."""
    with transaction(session, actor=actor) as change:
        own = change.lock(Account, own_account(session, actor).id)
        change.require(Permission.DATA_COPY, own)
        change.record("account.copy_data", own)
        change.mail("account_data_copied", account_id=own.id)


def record_text_copy(session: Session, *, actor: Actor, contribution_id: int) -> None:
    """Say in the log that a copy of one text was made by who follows it with a code."""
    with transaction(session, actor=actor) as change:
        own = session.get_one(Contribution, contribution_id)
        change.require(Permission.DATA_COPY, own)
        change.record("contribution.copy", own)
