"""Taking personal data out of what is shown; what was received stays as it is."""

import secrets
from contextlib import nullcontext

from sqlalchemy.orm import Session

from consulta.changes import transaction
from consulta.contributions.models import Contribution
from consulta.contributions.moderation import keep_act, lock_to_moderate, require_unclaimed
from consulta.contributions.moves import fed_proposals, lock_frame
from consulta.contributions.restoring import shows_what_was_received
from consulta.contributions.revisions import pending_edit_of, withhold_revisions
from consulta.contributions.rules import REDACTABLE, check_redaction, is_in_thread
from consulta.errors import Invalid, NotInThisState
from consulta.moderation.models import Act
from consulta.moderation.rules import MAIL_WAITS
from consulta.people.actors import Actor
from consulta.plans.rules import Work
from consulta.text import clean, clean_line, sanitize


def redact_contribution(
    session: Session,
    *,
    actor: Actor,
    contribution_id: int,
    public_title: str,
    public_body: str,
    note: str,
    version: int | None = None,
    batch: str | None = None,
) -> Contribution:
    """Take personal data out of what is shown. What was received stays as it is, and the note says what left.

    The first time it can be taken back by its `batch` for some seconds, from what was received; afterwards another
    redaction corrects it.
    """
    title, body, note = clean_line(public_title), clean(public_body), clean(note)
    if problems := check_redaction(title=title, body=body, note=note):
        raise Invalid(*problems)
    html = sanitize(body)
    with transaction(session, actor=actor) as change:
        contribution = lock_to_moderate(change, contribution_id, version, Work.PROTECT)
        require_unclaimed(change, contribution)
        if contribution.state not in REDACTABLE:
            raise NotInThisState(contribution, contribution.state)
        proposals = fed_proposals(change, contribution)
        plan, topic = lock_frame(change, contribution.plan_id, contribution.topic_id)
        for proposal in proposals:
            if proposal.title == contribution.public_title:
                proposal.title = title or None
            change.index(proposal)
        had_edit = pending_edit_of(session, contribution_id) is not None
        kept = None
        if shows_what_was_received(contribution):
            kept = keep_act(change, contribution, Act.REDACT, batch or secrets.token_urlsafe(12), had_edit=had_edit)
        contribution.public_title, contribution.public_body = title or None, body
        contribution.public_html, contribution.redaction_note = html, note
        with change.held(kept.hold_key, change.now + MAIL_WAITS) if kept else nullcontext():
            withhold_revisions(change, contribution)
        change.edit(contribution, "contribution.redact", reason=note)
        if kept:
            kept.version = contribution.version
        change.stale(plan, topic if is_in_thread(contribution) else None)
    return contribution
