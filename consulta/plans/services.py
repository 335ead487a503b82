"""Plans: create, edit, move from state to state, and the approval that ends them."""

import re
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.changes import transaction
from consulta.commitments.models import Commitment, CommitmentState
from consulta.errors import Invalid, Problem
from consulta.people.actors import Actor
from consulta.people.models import Institution
from consulta.permissions import Permission
from consulta.plans.files import UploadedFile, check_file, store_document
from consulta.plans.models import TITLE_MAX, DocumentKind, Plan, PlanState
from consulta.plans.outstanding import guard_facts
from consulta.plans.rules import check_line, check_period
from consulta.text import clean, clean_line

CODE_MAX, ORDINAL_MAX, OBJECTIVE_MAX = 40, 40, 2000
RESPONSE_DAYS_MAX = 120
_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class PlanText:
    """What is written about a plan."""

    title: str
    objective: str
    period_start_on: date
    period_end_on: date
    coordinator_institution_id: int
    ordinal: str = ""
    response_days: int = 15
    takes_guests: bool = True

    def cleaned(self) -> "PlanText":
        return PlanText(
            clean_line(self.title),
            clean(self.objective),
            self.period_start_on,
            self.period_end_on,
            self.coordinator_institution_id,
            clean_line(self.ordinal),
            self.response_days,
            self.takes_guests,
        )

    def problems(self) -> list[Problem]:
        problems = check_line("title", self.title, TITLE_MAX) + check_line("objective", self.objective, OBJECTIVE_MAX)
        if self.ordinal:
            problems += check_line("ordinal", self.ordinal, ORDINAL_MAX)
        problems += check_period(self.period_start_on, self.period_end_on, "period_end_on", "period_reversed")
        if not 1 <= self.response_days <= RESPONSE_DAYS_MAX:
            problems.append(Problem("response_days", "response_days_range", {"max": RESPONSE_DAYS_MAX}))
        return problems

    def write(self, session: Session, plan: Plan) -> None:
        """Copy it to a plan; raises Invalid when the institution is not a public body."""
        institution = session.get(Institution, self.coordinator_institution_id)
        if institution is None or not institution.is_public_body:
            raise Invalid(Problem("coordinator_institution_id", "not_public_body"))
        plan.title, plan.objective, plan.ordinal = self.title, self.objective, self.ordinal or None
        plan.period_start_on, plan.period_end_on = self.period_start_on, self.period_end_on
        plan.coordinator_institution_id, plan.response_days = self.coordinator_institution_id, self.response_days
        plan.takes_guests = self.takes_guests


def check_code(code: str) -> list[Problem]:
    """A code is part of the plan's address."""
    if not code:
        return [Problem("code", "missing")]
    return [] if _CODE.fullmatch(code) and len(code) <= CODE_MAX else [Problem("code", "code_shape")]


def create_plan(
    session: Session,
    *,
    actor: Actor,
    code: str,
    text: PlanText,
    form_key: str | None = None,
    external_ref: str | None = None,
    demo_notice: str | None = None,
) -> Plan:
    """A plan in preparation, without window, calendar or topics."""
    code, text = clean_line(code), text.cleaned()
    if problems := check_code(code) + text.problems():
        raise Invalid(*problems)
    with transaction(session, actor=actor) as change:
        change.require(Permission.PLAN_MANAGE)
        claim = change.claim(form_key, act="plan.create", code=code, text=text)
        if claim.earlier:
            return change.lock(Plan, int(claim.earlier))
        if session.scalar(sa.select(Plan.id).where(Plan.code == code)):
            raise Invalid(Problem("code", "code_taken"))
        plan = Plan(code=code, external_ref=external_ref, demo_notice=demo_notice, state=PlanState.PREPARATION)
        text.write(session, plan)
        change.create(plan, "plan.create", code=code)
        claim.fill(plan.id)
        change.stale(plan, frame=True)
    return plan


def edit_plan(session: Session, *, actor: Actor, plan_id: int, version: int | None, text: PlanText) -> Plan:
    """Change what is written about a plan; its code, being its address, never changes."""
    text = text.cleaned()
    if problems := text.problems():
        raise Invalid(*problems)
    with transaction(session, actor=actor) as change:
        plan = change.lock(Plan, plan_id, seen=version)
        change.require(Permission.PLAN_MANAGE, plan)
        before = plan.title
        text.write(session, plan)
        change.edit(plan, "plan.edit", before=before, after=plan.title)
        change.stale(plan, frame=True)
    return plan


def move_plan(
    session: Session, *, actor: Actor, plan_id: int, version: int | None, to: PlanState, reason: str = ""
) -> Plan:
    """Take the plan to the next state, or one step back with a reason. Approval has its own act."""
    reason = clean(reason)
    with transaction(session, actor=actor, reason=reason or None) as change:
        plan = change.lock(Plan, plan_id, seen=version)
        change.require(Permission.PLAN_MANAGE, plan)
        change.move(plan, to, facts=guard_facts(session, plan, person_id=actor.person_id))
        change.stale(plan, frame=True)
    return plan


def approve_plan(
    session: Session, *, actor: Actor, plan_id: int, version: int | None, approved_on: date, document: UploadedFile
) -> Plan:
    """Approve a plan with its signed document; its validated commitments are approved with it."""
    problems = check_file(document, field="document")
    if approved_on > clock.today():
        problems.append(Problem("approved_on", "date_in_future"))
    if problems:
        raise Invalid(*problems)
    with transaction(session, actor=actor) as change:
        validated = sa.select(Commitment.id).where(
            Commitment.plan_id == plan_id, Commitment.state == CommitmentState.VALIDATED
        )
        commitments = [change.lock(Commitment, key) for key in session.scalars(validated.order_by(Commitment.id))]
        plan = change.lock(Plan, plan_id, seen=version)
        change.require(Permission.PLAN_APPROVE, plan)
        title = f"{plan.title} (documento firmado)"[:TITLE_MAX]
        row = store_document(
            change, plan, document, title=title, kind=DocumentKind.PLAN, issued_on=approved_on, edition="1"
        )
        plan.approved_on, plan.approval_document_id = approved_on, row.id
        change.move(plan, PlanState.APPROVED, facts=guard_facts(session, plan, person_id=actor.person_id))
        for commitment in commitments:
            change.move(commitment, CommitmentState.APPROVED)
        change.stale(plan, frame=True)
    return plan
