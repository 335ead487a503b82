"""What people do with contributions: write, reply, support, withdraw, complete, appeal."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from consulta.changes import Change, transaction
from consulta.contributions.holding import Sending, Written, judge
from consulta.contributions.models import Contribution, ContributionState, ReportState, Support
from consulta.contributions.moves import (
    lock_contribution,
    lock_frame,
    move_contribution,
    require_moderation,
    require_open,
    require_voice,
)
from consulta.contributions.reports import close_reports
from consulta.contributions.revisions import keep_revision
from consulta.contributions.rules import APPEALABLE, check_appeal, check_text
from consulta.contributions.writing import Writing, write_proposal, write_reply
from consulta.errors import GuardRefused, Invalid, NotInThisState, Problem
from consulta.people.actors import Actor
from consulta.permissions import Permission
from consulta.plans.models import Plan, Topic
from consulta.text import clean, clean_line, sanitize

_TOPIC_OF = sa.select(Contribution.topic_id).where(Contribution.id == sa.bindparam("contribution_id"))


def submit_contribution(
    session: Session,
    *,
    actor: Actor,
    topic_id: int,
    title: str,
    body: str,
    form_key: str,
    suggested_institution_id: int | None = None,
    suggested_institution_text: str | None = None,
    organization_id: int | None = None,
    sending: Sending | None = None,
    external_ref: str | None = None,
    provenance_note: str | None = None,
) -> Contribution:
    """Write under a topic: a contribution and its proposal, which gets its folio at once.

    The same key with the same words answers what was recorded the first time. Raises Invalid, WindowClosed,
    KeyReused.
    """
    title, body, suggestion = clean_line(title), clean(body), clean_line(suggested_institution_text or "")
    _require_good(check_text(title=title, body=body, is_reply=False, suggestion=suggestion))
    html = sanitize(body)
    written = Written(title, body, is_reply=False)
    found = judge(session, actor=actor, topic_id=topic_id, written=written, sending=sending)
    content = {"topic": topic_id, "title": title, "body": body, "organization": organization_id}
    with transaction(session, actor=actor) as change:
        change.require(Permission.CONTRIBUTION_SUBMIT)
        claim = change.claim(form_key, **content, institution=suggested_institution_id, suggestion=suggestion)
        if claim.earlier:
            return change.session.get_one(Contribution, int(claim.earlier))
        contribution = write_proposal(
            change,
            topic_id,
            Writing(written, html, found, sending, external_ref, provenance_note, organization_id),
            institution_id=suggested_institution_id,
            suggestion=suggestion,
        )
        claim.fill(contribution.id)
    return contribution


def reply(
    session: Session,
    *,
    actor: Actor,
    parent_id: int,
    body: str,
    form_key: str,
    organization_id: int | None = None,
    sending: Sending | None = None,
    external_ref: str | None = None,
    provenance_note: str | None = None,
) -> Contribution:
    """Answer a contribution that is shown, at any depth. Raises Invalid, WindowClosed, GuardRefused, KeyReused."""
    body = clean(body)
    _require_good(check_text(title="", body=body, is_reply=True))
    html = sanitize(body)
    written, topic_id = Written("", body, is_reply=True), session.scalar(_TOPIC_OF, {"contribution_id": parent_id})
    found = judge(session, actor=actor, topic_id=topic_id, written=written, sending=sending)
    with transaction(session, actor=actor) as change:
        change.require(Permission.CONTRIBUTION_SUBMIT)
        claim = change.claim(form_key, parent=parent_id, body=body, organization=organization_id)
        if claim.earlier:
            return change.session.get_one(Contribution, int(claim.earlier))
        contribution = write_reply(
            change,
            parent_id,
            Writing(written, html, found, sending, external_ref, provenance_note, organization_id),
        )
        claim.fill(contribution.id)
    return contribution


def support(session: Session, *, actor: Actor, contribution_id: int) -> bool:
    """Support a contribution that is shown; whether this call added the support.

    No audit entry: whom somebody supports is a political opinion, and is forgotten when the support is taken back.
    """
    with transaction(session, actor=actor) as change:
        change.require(Permission.CONTRIBUTION_SUBMIT)
        contribution, plan, topic = _lock_supportable(change, contribution_id)
        insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        added = session.execute(
            insert(Support)
            .values(contribution_id=contribution.id, person_id=actor.person_id, supported_at=change.now)
            .on_conflict_do_nothing(index_elements=["contribution_id", "person_id"])
            .returning(Support.id)
        ).scalar_one_or_none()
        if added is not None:
            change.count(contribution, Contribution.support_count, +1)
            change.stale(plan, topic)
    return added is not None


def unsupport(session: Session, *, actor: Actor, contribution_id: int) -> bool:
    """Take the own support back; whether there was one."""
    with transaction(session, actor=actor) as change:
        change.require(Permission.CONTRIBUTION_SUBMIT)
        contribution, plan, topic = _lock_supportable(change, contribution_id)
        removed = session.execute(
            sa.delete(Support)
            .where(Support.contribution_id == contribution.id, Support.person_id == actor.person_id)
            .returning(Support.id)
        ).scalar_one_or_none()
        if removed is not None:
            change.count(contribution, Contribution.support_count, -1)
            change.stale(plan, topic)
    return removed is not None


def withdraw(
    session: Session, *, actor: Actor, contribution_id: int, version: int | None = None, reason: str = ""
) -> Contribution:
    """Take a contribution back; its words leave every page and a note stays in its place.

    A coordinator does it for an author who asked in writing, and says so in `reason`.
    """
    reason = clean(reason)
    with transaction(session, actor=actor) as change:
        contribution = lock_contribution(change, contribution_id, seen=version)
        change.require(Permission.CONTRIBUTION_WITHDRAW, contribution)
        if contribution.person_id != actor.person_id and not reason:
            raise Invalid(Problem("reason", "reason_missing"))
        move_contribution(
            change, contribution, ContributionState.WITHDRAWN, act="contribution.withdraw", reason=reason or None
        )
        contribution.reason, contribution.reason_text, contribution.complete_by = None, None, None
        close_reports(change, contribution, ReportState.MOOT)
    return contribution


def complete(
    session: Session, *, actor: Actor, contribution_id: int, version: int | None, title: str, body: str
) -> Contribution:
    """The author writes again what was asked for; the words as first received are kept as a revision."""
    title, body = clean_line(title), clean(body)
    # What is far too long is refused before anybody renders it.
    _require_good(check_text(title=title, body=body, is_reply=True))
    html = sanitize(body)
    with transaction(session, actor=actor) as change:
        contribution = lock_contribution(change, contribution_id, seen=version)
        change.require(Permission.CONTRIBUTION_COMPLETE, contribution)
        require_moderation(change, contribution.plan)
        require_voice(change, contribution)
        _require_good(check_text(title=title, body=body, is_reply=contribution.is_reply))
        if contribution.state is not ContributionState.OBSERVED:
            raise NotInThisState(contribution, ContributionState.PENDING)
        move_contribution(change, contribution, ContributionState.PENDING, act="contribution.complete")
        keep_revision(change, contribution, is_public=False)
        for link in contribution.proposal_links:
            if link.proposal.title == contribution.public_title:
                link.proposal.title = title or None
        contribution.title = contribution.public_title = title or None
        contribution.body = contribution.public_body = body
        contribution.public_html, contribution.redaction_note = html, None
        contribution.reason_text, contribution.complete_by = None, None
    return contribution


def appeal(session: Session, *, actor: Actor, contribution_id: int, version: int | None, text: str) -> Contribution:
    """Ask, once, that what was rejected or hidden be read again.

    The proposal of a rejected one is received again; a hidden one stays hidden until somebody has read it.
    """
    text = clean(text)
    _require_good(check_appeal(text=text))
    with transaction(session, actor=actor) as change:
        contribution = lock_contribution(change, contribution_id, seen=version)
        change.require(Permission.CONTRIBUTION_COMPLETE, contribution)
        if contribution.state not in APPEALABLE:
            raise NotInThisState(contribution, ContributionState.PENDING)
        require_voice(change, contribution)
        name, facts = "contribution.appeal", {"appealed_before": contribution.appealed_at is not None}
        if contribution.state is ContributionState.REJECTED:
            move_contribution(change, contribution, ContributionState.PENDING, act=name, facts=facts, reason=text)
            require_moderation(change, contribution.plan)
        elif facts["appealed_before"]:
            raise GuardRefused("appealed_already")
        else:
            change.edit(contribution, name, reason=text)
        contribution.appeal, contribution.appealed_at = text, change.now
    return contribution


def _require_good(problems: list[Problem]) -> None:
    if problems:
        raise Invalid(*problems)


def _lock_supportable(change: Change, contribution_id: int) -> tuple[Contribution, Plan, Topic | None]:
    contribution = lock_contribution(change, contribution_id)
    plan, topic = lock_frame(change, contribution.plan_id, contribution.topic_id)
    require_open(change, plan, topic)
    if contribution.state is not ContributionState.PUBLISHED:
        raise GuardRefused("support_not_shown")
    return contribution, plan, topic
