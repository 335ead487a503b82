"""The contribution that is open in this browser, and who wrote it."""

from flask import abort, redirect, url_for

from consulta.contributions.models import Contribution
from consulta.contributions.queries import find_own
from consulta.people.actors import Actor
from consulta.web.context import db
from consulta.web.tracked import tracked_id


def opened_contribution() -> Contribution:
    """The contribution that is open here; whoever has none open is led to the form that opens one."""
    key = tracked_id()
    found = db().get(Contribution, key) if key is not None else None
    if found is None:
        abort(redirect(url_for("tracking.entry.show"), 303))
    return find_own(db(), found.person_id, found.id)


def author_of(contribution: Contribution) -> Actor:
    """Who wrote it, with no role that this person may hold elsewhere."""
    return Actor(contribution.person_id, contribution.person.public_name)
