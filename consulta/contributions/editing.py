"""Authors rewrite what they said, and moderators judge the new words where those wait for them."""

import secrets
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime

from markupsafe import Markup
from sqlalchemy.orm import Session

from consulta.changes import Change, transaction
from consulta.contributions.holding import Written, judge
from consulta.contributions.models import Contribution, ContributionState, HeldFor, PendingEdit, RejectionReason
from consulta.contributions.moderation import end_claim, keep_act, require_unclaimed
from consulta.contributions.moves import (
    fed_proposals,
    in_process,
    lock_contribution,
    lock_frame,
    require_moderation,
    require_open,
    require_voice,
)
from consulta.contributions.restoring import shows_what_was_received
from consulta.contributions.revisions import close_edit, keep_revision, own_edit_of, pending_edit_of
from consulta.contributions.rules import EDITABLE, check_public_text, check_text, edit_waits, is_free_to_edit
from consulta.errors import GuardRefused, Invalid, NotInThisState, Problem
from consulta.moderation.models import Act, ModerationAct
from consulta.moderation.rules import MAIL_WAITS
from consulta.people.actors import Actor
from consulta.permissions import Permission
from consulta.plans.models import Plan, Topic
from consulta.proposals.models import Proposal
from consulta.text import clean, clean_line, sanitize


@dataclass(frozen=True)
class Words:
    """A text as it is stored: cleaned, with its markup."""

    title: str | None
    body: str
    html: Markup


def edit_contribution(
    session: Session,
    *,
    actor: Actor,
    contribution_id: int,
    title: str,
    body: str,
    version: int | None,
    form_key: str | None = None,
) -> Contribution:
    """Replace the own words: at once, or, where edits wait for moderation, once somebody has read the new ones.

    Raises Invalid, StaleVersion, WindowClosed, NotInThisState, GuardRefused and KeyReused.
    """
    title, body = clean_line(title), clean(body)
    # What is far too long is refused before anybody renders it.
    _require_good(check_text(title=title, body=body, is_reply=_is_reply(session, contribution_id)))
    words = Words(title or None, body, sanitize(body))
    shows_signs = _shows_signs(session, actor, contribution_id, words)
    with transaction(session, actor=actor) as change:
        claim = change.claim(form_key, contribution=contribution_id, title=words.title, body=words.body)
        if claim.earlier:
            return session.get_one(Contribution, int(claim.earlier))
        contribution = lock_contribution(change, contribution_id, seen=version)
        change.require(Permission.CONTRIBUTION_EDIT, contribution)
        proposals, plan, topic = _lock_rest(change, contribution)
        require_open(change, plan, topic)
        require_voice(change, contribution)
        _require_editable(change, contribution, proposals)
        if contribution.is_reply:
            words = replace(words, title=None)
        _require_change(change, contribution, words)
        if edit_waits(contribution, topic, shows_signs=shows_signs):
            _keep_waiting(change, contribution, words)
        else:
            _replace(change, contribution, proposals, words, written_at=change.now)
            change.edit(contribution, "contribution.edit")
            change.stale(plan, topic if contribution.state is ContributionState.PUBLISHED else None)
        claim.fill(contribution.id)
    return contribution


def discard_edit(session: Session, *, actor: Actor, contribution_id: int, version: int | None) -> Contribution:
    """The author leaves the public words as they are and takes back the new ones."""
    with transaction(session, actor=actor) as change:
        contribution = lock_contribution(change, contribution_id, seen=version)
        change.require(Permission.CONTRIBUTION_EDIT, contribution)
        edit = own_edit_of(session, contribution_id)
        if edit is None:
            raise GuardRefused("no_edit_waits")
        session.delete(edit)
        change.edit(contribution, "contribution.edit_discard")
    return contribution


def accept_edit(
    session: Session, *, actor: Actor, contribution_id: int, version: int | None = None, batch: str | None = None
) -> Contribution:
    """Publish the new words that wait. An edit raises the version of its contribution, so `version` covers both.

    For some seconds its `batch` can be taken back, where the words that were shown are kept with the earlier ones.
    """
    with transaction(session, actor=actor) as change:
        contribution, edit = _lock_edit(change, contribution_id, version)
        proposals, plan, topic = _lock_rest(change, contribution)
        _require_editable(change, contribution, proposals)
        words = Words(edit.title, edit.body, edit.html)
        kept = None
        if shows_what_was_received(contribution) or not is_free_to_edit(contribution, edit.written_at):
            kept = _keep(change, contribution, Act.ACCEPT, batch, edit)
        _replace(change, contribution, proposals, words, written_at=edit.written_at)
        session.delete(edit)
        change.edit(contribution, "contribution.edit_accept")
        change.stale(plan, topic)
        with change.held(kept.hold_key, change.now + MAIL_WAITS) if kept else nullcontext():
            change.mail("edit_published", contribution_id=contribution.id)
        if kept:
            kept.version = contribution.version
        end_claim(change, contribution)
    return contribution


def reject_edit(
    session: Session,
    *,
    actor: Actor,
    contribution_id: int,
    reason: RejectionReason | None,
    text: str,
    version: int | None = None,
    batch: str | None = None,
) -> Contribution:
    """Leave the public words as they are; the author reads why and keeps the new ones to write again.

    For some seconds its `batch` can be taken back.
    """
    text = clean(text)
    problems = check_public_text(text=text)
    if reason is None:
        raise Invalid(Problem("reason", "reason_code_missing"), *problems)
    _require_good(problems)
    with transaction(session, actor=actor) as change:
        contribution, edit = _lock_edit(change, contribution_id, version)
        kept = _keep(change, contribution, Act.DECLINE, batch, edit)
        with change.held(kept.hold_key, change.now + MAIL_WAITS):
            close_edit(change, edit, reason, text)
        contribution.version += 1
        kept.version = contribution.version
        end_claim(change, contribution)
    return contribution


def _is_reply(session: Session, contribution_id: int) -> bool:
    contribution = session.get(Contribution, contribution_id)
    return contribution is not None and contribution.is_reply


def _shows_signs(session: Session, actor: Actor, contribution_id: int, words: Words) -> bool:
    """Whether something about the author or the new words asks for a reader, were the topic to show texts at once."""
    contribution = session.get(Contribution, contribution_id)
    if contribution is None:
        return False
    written = Written(words.title or "", words.body, contribution.is_reply)
    found = judge(session, actor=actor, topic_id=contribution.topic_id, written=written, sending=None)
    # How much somebody sends on the first day says nothing about a text that is already here.
    return any(sign is not HeldFor.FIRST_DAY for sign in found)


def _lock_edit(change: Change, contribution_id: int, version: int | None) -> tuple[Contribution, PendingEdit]:
    contribution = lock_contribution(change, contribution_id, seen=version)
    change.require(Permission.CONTRIBUTION_MODERATE, contribution)
    require_moderation(change, contribution.plan)
    require_unclaimed(change, contribution)
    edit = pending_edit_of(change.session, contribution_id)
    if edit is None:
        raise GuardRefused("no_edit_waits")
    return contribution, edit


def _keep(change: Change, contribution: Contribution, act: Act, batch: str | None, edit: PendingEdit) -> ModerationAct:
    """The record of what was decided of new words, with the moments that taking it back needs."""
    edited_at = contribution.edited_at
    return keep_act(
        change,
        contribution,
        act,
        batch or secrets.token_urlsafe(12),
        written_at=edit.written_at.isoformat(),
        edited_at=edited_at.isoformat() if edited_at else None,
    )


def _lock_rest(change: Change, contribution: Contribution) -> tuple[list[Proposal], Plan, Topic | None]:
    proposals = fed_proposals(change, contribution)
    return proposals, *lock_frame(change, contribution.plan_id, contribution.topic_id)


def _require_editable(change: Change, contribution: Contribution, proposals: list[Proposal]) -> None:
    """Raise unless its state admits new words and nobody has begun to work on its proposals."""
    if contribution.state not in EDITABLE:
        raise NotInThisState(contribution, contribution.state)
    if in_process(change.session, proposals):
        raise GuardRefused("already_in_process")


def _require_change(change: Change, contribution: Contribution, words: Words) -> None:
    """Raise Invalid when the words are those that everybody reads already."""
    same = (contribution.public_title, contribution.public_body) == (words.title, words.body)
    if same and own_edit_of(change.session, contribution.id) is None:
        raise Invalid(Problem("body", "edit_without_change"))


def _keep_waiting(change: Change, contribution: Contribution, words: Words) -> None:
    """The new words wait; those that waited before give way."""
    edit = own_edit_of(change.session, contribution.id)
    if edit is None:
        edit = PendingEdit(contribution_id=contribution.id)
        change.session.add(edit)
    edit.title, edit.body, edit.html, edit.written_at = words.title, words.body, words.html, change.now
    edit.rejected_at = edit.reason = edit.reason_text = None
    change.edit(contribution, "contribution.edit_wait")


def _replace(
    change: Change,
    contribution: Contribution,
    proposals: list[Proposal],
    words: Words,
    *,
    written_at: datetime,
) -> None:
    """The new words take the place of the old ones, which are kept; once correcting is not free, for everybody."""
    is_free = is_free_to_edit(contribution, written_at)
    keep_revision(change, contribution, is_public=not is_free)
    if not is_free:
        contribution.edited_at = change.now
    for proposal in proposals:
        if proposal.title == contribution.public_title:
            proposal.title = words.title
        change.index(proposal)
    contribution.title = contribution.public_title = words.title
    contribution.body = contribution.public_body = words.body
    contribution.public_html = words.html
    contribution.text_digest = Written(words.title or "", words.body, contribution.is_reply).digest
    if contribution.state is not ContributionState.PUBLISHED:
        contribution.redaction_note = None


def _require_good(problems: list[Problem]) -> None:
    if problems:
        raise Invalid(*problems)
