"""Taking personal data out of what is shown; what was received stays as it is."""

from sqlalchemy.orm import Session

from consulta.changes import transaction
from consulta.contributions.models import Contribution
from consulta.contributions.moderation import lock_to_moderate, require_unclaimed
from consulta.contributions.moves import fed_proposals, lock_frame
from consulta.contributions.revisions import withhold_revisions
from consulta.contributions.rules import IN_THREAD, REDACTABLE, check_redaction
from consulta.errors import Invalid, NotInThisState
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
) -> Contribution:
    """Take personal data out of what is shown. What was received stays as it is, and the note says what left."""
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
        contribution.public_title, contribution.public_body = title or None, body
        contribution.public_html, contribution.redaction_note = html, note
        withhold_revisions(change, contribution)
        change.edit(contribution, "contribution.redact", reason=note)
        change.stale(plan, topic if contribution.state in IN_THREAD else None)
    return contribution
