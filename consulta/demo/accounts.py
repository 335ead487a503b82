"""The demonstration accounts: one for each part in the story. They exist in development only."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta.changes import Change, transaction
from consulta.demo.people import institutions_by_code, loader_actor, persons_by_ref
from consulta.demo.texts import read
from consulta.people.models import Account, Membership, Person, Role
from consulta.people.rules import CONSENT_VERSION

PASSWORD = "propuesta-abierta-2018"  # noqa: S105 - printed by `make run`; never loaded in production
DOMAIN = "demo.test"
# name of the account: (public name, role, institution)
STAFF: dict[str, tuple[str, Role, str | None]] = {
    "moderacion": ("Moderación de demostración", Role.MODERATOR, None),
    "coordinacion": ("Punto de contacto de demostración", Role.COORDINATOR, None),
    "enlace.minsal": ("Enlace del MINSAL de demostración", Role.LIAISON, "MINSAL"),
    "enlace.marn": ("Enlace del MARN de demostración", Role.LIAISON, "MARN"),
    "foro": ("Observatorio de demostración", Role.OBSERVER, None),
    "autoridad": ("Autoridad de demostración", Role.APPROVER, None),
    "admin": ("Administración de demostración", Role.ADMIN, None),
}
# These two already take part: one is asked to complete a proposal, the other had one rejected.
CITIZENS = {"ciudadana": "observed", "vecino": "rejected"}
NAMES = tuple(f"{name}@{DOMAIN}" for name in (*CITIZENS, *STAFF))


def load_accounts(session: Session, password_hash: str) -> None:
    """Create the accounts that are not there, confirmed and with the one password."""
    known = set(session.scalars(sa.select(Account.email).where(Account.email.in_(NAMES))))
    actor = loader_actor(session)
    places = institutions_by_code(session)
    ours = citizens(session)
    with transaction(session, actor=actor) as change:
        for name, person in ours.items():
            if f"{name}@{DOMAIN}" not in known:
                _open(change, name, change.lock(Person, person.id), password_hash)
        for name, (public_name, role, code) in STAFF.items():
            if f"{name}@{DOMAIN}" in known:
                continue
            person = Person(public_name=public_name, created_at=change.now, external_ref=f"demo:staff:{name}")
            change.create(person, "person.register")
            place = places[code] if code else None
            membership = Membership(person_id=person.id, institution_id=place.id if place else None, role=role)
            change.create(membership, "membership.give", role=role.value)
            _open(change, name, person, password_hash)


def citizens(session: Session) -> dict[str, Person]:
    """Two contributors of the open plan, by what awaits them there."""
    persons, items = persons_by_ref(session), read("demonstration_plan")["proposals"]
    chosen: dict[str, Person] = {}
    for name, state in CITIZENS.items():
        refs = [item["person"] for item in items if item["state"] == state and not item.get("appeal")]
        chosen[name] = next(persons[ref] for ref in refs if persons[ref] not in chosen.values())
    return chosen


def _open(change: Change, name: str, person: Person, password_hash: str) -> None:
    person.email = f"{name}@{DOMAIN}"
    person.consent_at, person.consent_version = change.now, CONSENT_VERSION
    account = Account(
        person_id=person.id,
        email=person.email,
        password_hash=password_hash,
        created_at=change.now,
        confirmed_at=change.now,
    )
    change.create(account, "account.register")
