"""Proposals that may ask the same as what somebody is writing, each with one click to support it instead."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, jsonify, request, url_for
from flask.typing import ResponseReturnValue

from consulta.contributions.queries import shown_sources
from consulta.errors import Refusal, TooMany
from consulta.limits.rules import Deed
from consulta.search.queries import similar_proposals
from consulta.text import clean
from consulta.web.context import db, parts
from consulta.web.i18n import ngettext
from consulta.web.limiting import spend
from consulta.web.participant.drafts import CheckForm, ComposeForm, Place, find_place

log = logging.getLogger("consulta")
blueprint = Blueprint("similar", __name__)
# The words at the beginning say what a text is about; nobody waits for the rest.
LOOKED_AT = 2000
SHORTEST = 40


@dataclass(frozen=True)
class Similar:
    """A public proposal; `contribution_id` is what can be supported, if anything of it can."""

    title: str
    folio: str
    path: str
    contribution_id: int | None
    support_count: int


@blueprint.post("/parecidas")
def find() -> ResponseReturnValue:
    """What a script shows while somebody writes. Records nothing, so it needs no token."""
    form = CheckForm()
    place = find_place(form)
    found = similar_to(place, form) if len(clean(form.body.data or "")) >= SHORTEST else []
    answer = jsonify(
        summary=ngettext("Hay %(num)s propuesta parecida.", "Hay %(num)s propuestas parecidas.", len(found)),
        items=[
            {
                "title": one.title,
                "folio": one.folio,
                "url": request.script_root + one.path,
                "supported": one.contribution_id,
                "support_url": one.contribution_id
                and url_for("participant.supports.show", contribution_id=one.contribution_id),
                "count": ngettext("%(num)s apoyo", "%(num)s apoyos", one.support_count),
            }
            for one in found
        ],
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def similar_to(place: Place, form: ComposeForm) -> Sequence[Similar]:
    """Nothing for a reply, after too many questions, or without an index: people can send their text all the same."""
    if place.parent_id is not None:
        return []
    text = clean(f"{form.title.data or ''} {form.body.data or ''}"[:LOOKED_AT])
    try:
        spend(Deed.COMPARE)
        found = similar_proposals(db(), parts().search, text, plan=place.plan.code)
    except TooMany:
        return []
    except (Refusal, OSError) as error:
        log.warning("similar proposals are not available", exc_info=error)
        return []
    sources = shown_sources(db(), [one.object_id for one in found])
    similar = []
    for one in found:
        contribution_id, count = sources.get(one.object_id, (None, 0))
        similar.append(Similar(one.title, one.folio or "", one.path, contribution_id, count))
    return similar
