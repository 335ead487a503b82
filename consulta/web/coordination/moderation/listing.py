"""The tray: what waits, since when and why, and the ways to see a part of it."""

from datetime import timedelta
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from consulta import clock
from consulta.contributions.reports import read_reports
from consulta.moderation import queries, trays
from consulta.moderation.models import Act
from consulta.moderation.trays import Selection, Tray
from consulta.people.models import Person
from consulta.permissions import Permission, allows
from consulta.web.context import actor, db
from consulta.web.coordination.moderation.places import chosen, way
from consulta.web.coordination.moderation.words import EMPTY_WORDS, TRAY_WORDS
from consulta.web.coordination.workload import REPORTS_READ_WITHIN

# What can be done with several rows of a tray, the likely one first.
TRAY_ACTS: dict[Tray, tuple[Act, ...]] = {
    Tray.PENDING: (Act.PUBLISH, Act.REJECT),
    Tray.APPEALED: (Act.PUBLISH, Act.REJECT, Act.UNHIDE),
    Tray.OBSERVED: (Act.REJECT,),
    Tray.UNREVIEWED: (Act.REVIEW, Act.HIDE),
    Tray.REPORTED: (Act.REVIEW, Act.HIDE, Act.UNHIDE),
    Tray.ALL: (Act.PUBLISH, Act.REVIEW, Act.REJECT, Act.HIDE, Act.UNHIDE),
}
# Trays where somebody waits for a moderator, who can be given the next one.
WAITING = (Tray.PENDING, Tray.REPORTED, Tray.EDITED, Tray.UNREVIEWED, Tray.APPEALED)
LONG_AGO = timedelta(days=2)


def index() -> ResponseReturnValue:
    selection, cursor = chosen(), request.args.get("pagina", "")
    page = trays.list_tray(db(), selection, cursor=cursor)
    rows = [waiting.contribution for waiting in page.rows]
    ids = [row.id for row in rows]
    counts = trays.count_trays(db())
    may_act = allows(actor(), Permission.CONTRIBUTION_MODERATE)
    return render_template(
        "coordination/moderation/index.html",
        page=page,
        shown=selection.tray,
        selection=selection,
        count=trays.count_chosen(db(), selection) if selection.is_part else counts[selection.tray],
        names=TRAY_WORDS,
        why_empty=EMPTY_WORDS[selection.tray],
        counts=counts,
        topics=trays.topics_in_tray(db(), selection.tray),
        reasons=trays.reasons_in_tray(db(), selection.tray),
        claims=queries.live_claims(db(), ids, clock.now()),
        reports=read_reports(db(), ids),
        edited=trays.find_edited(db(), ids),
        turned_down=trays.count_turned_down(db(), {row.person_id for row in rows}),
        same_texts=trays.count_same_texts(db(), selection.tray, ids),
        author=_author(selection),
        promised=REPORTS_READ_WITHIN,
        batch_acts=TRAY_ACTS.get(selection.tray, ()) if may_act else (),
        gives_next=may_act and selection.tray in WAITING,
        all_marked="marcar" in request.args,
        is_first=not cursor,
        cursor=cursor,
        way=way(selection),
        # Rows with the same text, or of one author, in this tray or in all of them.
        same_way=lambda key: way(Selection(selection.tray, same_as=key)),
        author_way=lambda key: way(Selection(Tray.ALL, person_id=key)),
        whole=way(Selection(selection.tray)),
        me=actor().person_id,
        now=clock.now(),
        long_ago=clock.now() - LONG_AGO,
    )


def _author(selection: Selection) -> Any:
    """Whose rows are shown alone."""
    return None if selection.person_id is None else db().get(Person, selection.person_id)
