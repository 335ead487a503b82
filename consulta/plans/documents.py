"""The plan's repository: files for everybody to download. One that is withdrawn keeps its row."""

from datetime import date

from sqlalchemy.orm import Session

from consulta import clock
from consulta.changes import transaction
from consulta.errors import GuardRefused, Invalid, Problem
from consulta.people.actors import Actor
from consulta.permissions import Permission
from consulta.plans.files import UploadedFile, check_file, store_document
from consulta.plans.models import TITLE_MAX, Document, DocumentKind, Plan
from consulta.plans.rules import check_line
from consulta.text import clean, clean_line

EDITION_MAX = 40


def add_document(
    session: Session,
    *,
    actor: Actor,
    plan_id: int,
    upload: UploadedFile,
    title: str,
    kind: DocumentKind,
    issued_on: date,
    edition: str,
    form_key: str | None = None,
    external_ref: str | None = None,
) -> Document:
    """Offer a file for download; its content must be what its name says."""
    title, edition = clean_line(title), clean_line(edition)
    problems = check_line("title", title, TITLE_MAX) + check_line("edition", edition, EDITION_MAX)
    problems += check_file(upload, field="upload")
    if issued_on > clock.today():
        problems.append(Problem("issued_on", "date_in_future"))
    if problems:
        raise Invalid(*problems)
    with transaction(session, actor=actor) as change:
        plan = change.lock(Plan, plan_id)
        change.require(Permission.PLAN_MANAGE, plan)
        content = {"act": "document.add", "plan": plan_id, "title": title, "size": len(upload.content)}
        claim = change.claim(form_key, **content)
        if claim.earlier:
            return change.lock(Document, int(claim.earlier))
        document = store_document(
            change,
            plan,
            upload,
            title=title,
            kind=kind,
            issued_on=issued_on,
            edition=edition,
            external_ref=external_ref,
        )
        claim.fill(document.id)
        change.stale(plan, frame=True)
    return document


def withdraw_document(session: Session, *, actor: Actor, document_id: int, reason: str) -> Document:
    """Stop offering a file; its row, digest and content stay. The signed document of a plan cannot be withdrawn."""
    reason = clean(reason)
    if not reason:
        raise Invalid(Problem("reason", "reason_missing"))
    with transaction(session, actor=actor, reason=reason) as change:
        document = change.lock(Document, document_id)
        plan = change.lock(Plan, document.plan_id)
        change.require(Permission.PLAN_MANAGE, plan)
        if plan.approval_document_id == document.id:
            raise GuardRefused("document_signed")
        if document.withdrawn_at is not None:
            raise GuardRefused("document_withdrawn")
        document.withdrawn_at = change.now
        change.record("document.withdraw", document, title=document.title)
        change.stale(plan, frame=True)
    return document
