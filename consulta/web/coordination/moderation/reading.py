"""One contribution: what was received, what surrounds it, its author's record, and what can be done with it."""

import secrets
from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from consulta import clock
from consulta.contributions.differences import differences
from consulta.contributions.models import (
    BODY_MAX,
    PUBLIC_TEXT_MAX,
    Contribution,
    ContributionState,
    PendingEdit,
    Report,
)
from consulta.contributions.moderation import completion_due
from consulta.contributions.queries import root_folio
from consulta.contributions.redacting import redact_contribution
from consulta.contributions.reports import open_reports
from consulta.contributions.revisions import pending_edit_of
from consulta.contributions.rules import REDACTABLE
from consulta.contributions.services import withdraw
from consulta.moderation import queries, trays
from consulta.moderation.claims import claim_contribution, claim_next
from consulta.moderation.models import NOTE_MAX
from consulta.moderation.trays import Selection, Tray
from consulta.permissions import Permission, allows
from consulta.plans.rules import Work, admits
from consulta.text import sanitize
from consulta.web.context import actor, db
from consulta.web.coordination.moderation.forms import (
    DOINGS,
    ExplainForm,
    NoteForm,
    ObserveForm,
    PlainForm,
    RedactForm,
    possible,
)
from consulta.web.coordination.moderation.places import address_of, chosen, tray_address, way
from consulta.web.coordination.moderation.words import TRAY_WORDS, act_sentence
from consulta.web.coordination.workload import REPORTS_READ_WITHIN
from consulta.web.forms import Form
from consulta.web.i18n import gettext

blueprint = Blueprint("moderation", __name__, url_prefix="/moderacion")
VERBS = ", ".join(f"'{verb}'" for verb in DOINGS)


@blueprint.get("/<int:contribution_id>")
def show(contribution_id: int) -> ResponseReturnValue:
    return reading_page(queries.find_to_moderate(db(), contribution_id))


@blueprint.post(f"/<int:contribution_id>/<any({VERBS}):verb>")
def act(contribution_id: int, verb: str) -> ResponseReturnValue:
    """Do one of the acts of the table; then what comes next in the tray is in front."""
    doing, batch = DOINGS[verb], secrets.token_urlsafe(12)
    form = doing.form()
    if "insert" in request.form and "reason_text" in form:
        return _insert(contribution_id, verb, form)
    selection = chosen()
    place = trays.place_in(db(), selection, contribution_id)
    if not _run(form, contribution_id, lambda: doing.do(contribution_id, form, batch)):
        return reading_page(queries.find_to_moderate(db(), contribution_id), used=form, verb=verb)
    _say(doing.done, batch)
    key = contribution_id
    if doing.goes_on and selection.tray is not Tray.ALL:
        following = claim_next(db(), actor=actor(), chosen=selection, after=place)
        if following is None:
            return redirect(tray_address(), 303)
        key = following
    return redirect(address_of(key), 303)


@blueprint.post("/<int:contribution_id>/retirar")
def withdraw_for_author(contribution_id: int) -> ResponseReturnValue:
    form = ExplainForm()
    done = _run(
        form,
        contribution_id,
        lambda: withdraw(
            db(),
            actor=actor(),
            contribution_id=contribution_id,
            version=form.seen_version,
            reason=form.reason.data or "",
        ),
    )
    return _stay(contribution_id, form, done, gettext("El aporte quedó retirado a petición de su autor."))


@blueprint.post("/<int:contribution_id>/version-publica")
def redact(contribution_id: int) -> ResponseReturnValue:
    form, batch = RedactForm(), secrets.token_urlsafe(12)
    done = _run(
        form,
        contribution_id,
        lambda: redact_contribution(
            db(),
            actor=actor(),
            contribution_id=contribution_id,
            public_title=form.public_title.data or "",
            public_body=form.public_body.data or "",
            note=form.redaction_note.data or "",
            version=form.seen_version,
            batch=batch,
        ),
    )
    said = gettext("La versión pública quedó guardada. El original no cambia.")
    return _stay(contribution_id, form, done, said, batch)


def _run(form: Any, contribution_id: int, change: Callable[[], Contribution]) -> bool:
    """Run an act, after taking the contribution over from somebody where the form asks for that too."""
    if not form.validate_on_submit():
        return False
    if "take_over" in request.form:
        claim_contribution(db(), actor=actor(), contribution_id=contribution_id, take_over=True)
    form.attempt(change)
    return bool(form.succeeded)


def _say(done: Any, batch: str) -> None:
    """What was done, with the way back where there is one."""
    flash(str(done), f"undo {batch}" if queries.was_kept(db(), batch) else "success")


def _stay(contribution_id: int, form: Form, done: bool, said: str, batch: str = "") -> ResponseReturnValue:
    if not done:
        return reading_page(queries.find_to_moderate(db(), contribution_id), used=form)
    _say(said, batch)
    return redirect(address_of(contribution_id), 303)


def _insert(contribution_id: int, verb: str, form: Any) -> ResponseReturnValue:
    """Put the stored text of the chosen reason into the form; nothing else happens."""
    texts, code = queries.stored_texts(db()), getattr(form, "text_code", None)
    if code is None:
        form.reason.errors = [gettext("Elija primero un motivo.")]
        form.status = 422
    elif code in texts:
        form.reason_text.data = texts[code]
    return reading_page(queries.find_to_moderate(db(), contribution_id), used=form, verb=verb)


def reading_page(
    contribution: Contribution, *, used: Any = None, verb: str = "", note: Form | None = None
) -> ResponseReturnValue:
    """The page of a contribution with a form for each act; `used` is the one that was just refused."""
    edit = pending_edit_of(db(), contribution.id)
    reports = open_reports(db(), contribution.id)
    is_appealed = queries.waits_for_answer(db(), contribution)
    failed = used or note
    if failed is not None and failed.errors and failed.status == 200:
        failed.status = 422
    audit = queries.read_audit(db(), contribution)
    page = render_template(
        "coordination/moderation/show.html",
        form=failed,
        used=used,
        used_verb=verb,
        contribution=contribution,
        doings=_doings(contribution, used, verb, reports, has_edit=edit is not None, is_appealed=is_appealed),
        is_appealed=is_appealed,
        redacting=used if isinstance(used, RedactForm) else RedactForm(formdata=None, obj=contribution),
        withdrawing=_withdrawing(contribution, used, verb),
        note=note or NoteForm(formdata=None),
        reports=reports,
        promised=REPORTS_READ_WITHIN,
        edit=edit,
        edit_pieces=_pieces(contribution, edit),
        edited=trays.find_edited(db(), [contribution.id]),
        audit=audit,
        meanwhile=audit.rows[-1] if audit.rows and failed is not None and failed.status == 409 else None,
        act_sentence=act_sentence,
        texts=queries.stored_texts(db()),
        **_place(contribution),
        **_beside(contribution),
        may_moderate=allows(actor(), Permission.CONTRIBUTION_MODERATE, contribution),
        is_redactable=contribution.state in REDACTABLE,
        is_past=not admits(contribution.plan, Work.MODERATE, clock.now()),
        body_max=BODY_MAX,
        text_max=PUBLIC_TEXT_MAX,
        note_max=NOTE_MAX,
    )
    return page, failed.status if failed is not None else 200


def _place(contribution: Contribution) -> dict[str, Any]:
    """Where it stands: in which tray, in whose hands, and what comes after it."""
    me, now, selection = actor().person_id, clock.now(), chosen()
    claim = queries.live_claim(db(), contribution.id, now)
    place = trays.place_in(db(), selection, contribution.id)
    return {
        "way": way(selection),
        "tray_shown": selection.tray,
        "names": TRAY_WORDS,
        "claim": claim,
        "is_others": claim is not None and claim.person_id != me,
        "is_own": contribution.person_id == me,
        "following": trays.next_to_read(
            db(), selection, person_id=me, now=now, after=place or (contribution.received_at, contribution.id)
        ),
        # What an act on several can take together with it, in the tray where things wait for their first reading.
        "same_count": trays.count_same_texts(db(), Tray.PENDING, [contribution.id]).get(contribution.id, 0),
        "same_way": way(Selection(same_as=contribution.id)),
        "author_way": way(Selection(person_id=contribution.person_id)),
    }


def _beside(contribution: Contribution) -> dict[str, Any]:
    """What a moderator weighs beside the words: the thread, the author, the team's notes, what was first received."""
    reads_private = allows(actor(), Permission.PRIVATE_READ, contribution)
    author = queries.author_record(db(), contribution)
    revisions = queries.read_revisions(db(), contribution)
    return {
        "reads_private": reads_private,
        "notes": queries.list_notes(db(), contribution.id) if reads_private else [],
        "author": author,
        "author_waiting": author.counts.get(ContributionState.PENDING, 0)
        + (contribution.state is ContributionState.PENDING),
        "around": queries.look_around(db(), contribution),
        "folio": root_folio(db(), contribution),
        "received": sanitize(contribution.body),
        "revisions": revisions,
        "revision_words": {revision.id: sanitize(revision.body) for revision in revisions.rows},
    }


def _doings(
    contribution: Contribution,
    used: Any,
    verb: str,
    reports: Sequence[Report],
    *,
    has_edit: bool,
    is_appealed: bool,
) -> dict[str, Any]:
    """The form of each act that is possible now; a refused one stays as it was typed, even if it no longer is."""
    if not allows(actor(), Permission.CONTRIBUTION_MODERATE, contribution):
        return {}
    is_unreviewed = trays.is_unreviewed(db(), contribution)
    found = possible(
        contribution,
        is_unreviewed=is_unreviewed,
        is_reported=bool(reports),
        has_edit=has_edit,
        is_appealed=is_appealed,
    )
    verbs = [one for one in found if admits(contribution.plan, DOINGS[one].work, clock.now())]
    fresh: dict[str, Any] = {"formdata": None, "version": str(contribution.version)}
    forms = {one: DOINGS[one].form(**fresh) for one in verbs}
    for form in forms.values():
        if isinstance(form, ObserveForm):
            form.complete_by.data = completion_due(db())
    if verb in forms or (verb and not isinstance(used, PlainForm)):
        forms[verb] = used
    for form in forms.values():  # a refused one too: this page shows what came meanwhile
        form.last_report.data = str(reports[-1].id if reports else 0)
    for one, form in forms.items():  # several stand on one page
        for field in form:
            field.id = f"{one}-{field.short_name}"
    return forms


def _withdrawing(contribution: Contribution, used: Any, verb: str) -> Any:
    """The form to withdraw for an author who asked in writing; None where that cannot be."""
    if isinstance(used, ExplainForm) and not verb:
        return used
    is_own = contribution.person_id == actor().person_id  # who wrote it withdraws it in their own space
    may = allows(actor(), Permission.CONTRIBUTION_WITHDRAW, contribution)
    if is_own or not may or contribution.state not in REDACTABLE:
        return None
    form = ExplainForm(formdata=None, version=str(contribution.version))
    form.reason.id = "withdraw-text"
    return form


def _pieces(contribution: Contribution, edit: PendingEdit | None) -> Any:
    """How the public words would change, title first."""
    if edit is None:
        return None
    title = differences(contribution.public_title or "", edit.title or "")
    return title, differences(contribution.public_body, edit.body)
