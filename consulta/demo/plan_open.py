"""The open plan of the demonstration: invented, around the day of loading, with something in every tray."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.commitments.models import Commitment
from consulta.contributions.models import Channel, Contribution, ContributionState, RejectionReason
from consulta.contributions.moderation import hide_contribution, observe_contribution, reject_contribution
from consulta.contributions.registration import Contributor, register_contribution
from consulta.contributions.services import appeal, withdraw
from consulta.demo.commitments import load_commitments
from consulta.demo.lives import (
    Item,
    Stage,
    acknowledge,
    answer,
    converse,
    decide,
    give_support,
    publish,
    referral_of,
    systematize,
    write,
)
from consulta.demo.people import loader_actor
from consulta.demo.setting import load_documents, load_topics
from consulta.demo.texts import TEXT_NOTE, at, read, spread
from consulta.people.actors import Actor
from consulta.people.models import Institution
from consulta.plans.calendar import PhasePlan, add_phase, record_phase
from consulta.plans.models import Holiday, PhaseKind, Plan, PlanState
from consulta.plans.rules import add_working_days
from consulta.plans.services import PlanText, create_plan, move_plan
from consulta.plans.window import set_window
from consulta.proposals.merging import merge_proposals
from consulta.proposals.models import ProposalState
from consulta.referrals.answering import return_referral
from consulta.referrals.dispatching import dispatch_proposals
from consulta.referrals.following import mark_no_answer
from consulta.referrals.models import ReferralState

CODE = "demostracion"
NOTICE = "Plan inventado para probar el sitio. Nada de lo que contiene es real."
DAYS_BEFORE, DAYS_AFTER = 20, 25
COVER = (
    "Le remitimos las propuestas ciudadanas que son de su competencia. Le pedimos que responda cada una con su "
    "justificación, que se publicará con los resultados."
)
# What happens to a proposal that is sent, by the state it should show.
SENT_EARLY = ("forwarded_overdue", "forwarded_no_answer")
SENT = (*SENT_EARLY, "forwarded_sent", "forwarded_acknowledged", "forwarded_answered", "returned", "decided")
UNPUBLISHED = ("pending", "observed", "rejected", "appealed")


def load_open_plan(session: Session) -> None:
    """Load the plan, or go on where a load stopped; its days count from the one it was created for."""
    actor = loader_actor(session)
    source = read("demonstration_plan")
    plan = session.scalars(sa.select(Plan).where(Plan.code == CODE)).one_or_none()
    if plan is None:
        plan = _create(session, actor, source, clock.today() - timedelta(days=DAYS_BEFORE))
    opening = plan.opens_on or clock.today() - timedelta(days=DAYS_BEFORE)
    plan_id = plan.id
    names = [(row["code"], row["name"]) for row in source["topics"]]
    texts = {row["code"]: row for row in source["topics"]}
    load_topics(session, actor, plan_id, CODE, names, at(opening - timedelta(days=19), 9), texts)
    if plan.state is PlanState.PREPARATION:
        _schedule(session, actor, plan_id, opening)
    load_documents(session, actor, plan_id, CODE, at(opening, 9))
    stage = Stage(session, plan_id, CODE)
    items = source["proposals"]
    _receive(stage, items, opening)
    _moderate(stage, items, opening)
    _process(stage, items, opening)
    links = {
        row["number"]: [stage.proposal(ref).id for ref in row.get("proposals", ())] for row in source["commitments"]
    }
    if not _has_commitments(stage):
        load_commitments(stage, source["commitments"], links, at(clock.today(), 0))


def _create(session: Session, actor: Actor, source: dict[str, Any], opening: date) -> Plan:
    coordinator = session.scalars(sa.select(Institution).where(Institution.code == "CAPRES")).one()
    text = PlanText(
        title=source["title"],
        objective=source["objective"],
        period_start_on=opening,
        period_end_on=opening + timedelta(days=730),
        coordinator_institution_id=coordinator.id,
    )
    with clock.set_to(at(opening - timedelta(days=20), 8)):
        return create_plan(
            session, actor=actor, code=CODE, text=text, external_ref="demo:plan:open", demo_notice=NOTICE
        )


def _schedule(session: Session, actor: Actor, plan_id: int, opening: date) -> None:
    closing = opening + timedelta(days=DAYS_BEFORE + DAYS_AFTER)
    spans = (
        (PhaseKind.STRATEGY, "Definición de la estrategia", -20, -1),
        (PhaseKind.CONSULTATION, "Consulta", 0, DAYS_BEFORE + DAYS_AFTER),
        (PhaseKind.DRAFTING, "Elaboración del plan", 46, 90),
        (PhaseKind.PRESENTATION, "Presentación del plan", 100, 100),
    )
    with clock.set_to(at(opening - timedelta(days=19), 10)):
        set_window(
            session,
            actor=actor,
            plan_id=plan_id,
            version=None,
            opens_on=opening,
            closes_on=closing,
            notice_published_on=opening - timedelta(days=15),
        )
        phases = [
            add_phase(
                session,
                actor=actor,
                plan_id=plan_id,
                planned=PhasePlan(kind, label, opening + timedelta(days=start), opening + timedelta(days=end)),
            ).id
            for kind, label, start, end in spans
        ]
    with clock.set_to(at(opening, 0)):
        move_plan(session, actor=actor, plan_id=plan_id, version=None, to=PlanState.OPEN)
    with clock.set_to(at(opening, 8)):
        begun, ended = opening - timedelta(days=20), opening - timedelta(days=2)
        for key, start, end in ((phases[0], begun, ended), (phases[1], opening, None)):
            record_phase(session, actor=actor, phase_id=key, version=None, actual_start_on=start, actual_end_on=end)


def _receive(stage: Stage, items: list[dict[str, Any]], opening: date) -> None:
    """Write or register everything, publish what is to be read, and let people talk about it."""
    for n, item in enumerate(sorted(items, key=lambda row: (row["day"], row["ref"]))):
        when = at(opening + timedelta(days=item["day"]), 8) + spread(n)
        if item.get("channel", "web") != "web":
            _register(stage, item, when)
            continue
        key = write(stage, item, when)
        if item["state"] not in UNPUBLISHED:
            publish(stage, key, when + timedelta(minutes=40))
        if stage.session.get_one(Contribution, key).state is ContributionState.PUBLISHED:
            converse(stage, key, item["ref"], item.get("replies", ()), when + timedelta(minutes=60))
            give_support(stage, key, item.get("supporters", ()), when + timedelta(hours=3))


def _register(stage: Stage, item: Item, when: Any) -> None:
    if stage.contribution(item["ref"]) is not None:
        return
    with clock.set_to(when):
        register_contribution(
            stage.session,
            actor=stage.actor,
            plan_id=stage.plan_id,
            channel=Channel(item["channel"]),
            title=item.get("title") or "",
            body=item["body"],
            received_on=clock.today(),
            contributor=Contributor(person_id=stage.persons[item["person"]]),
            topic_id=stage.topics[item["topic"]] if item.get("topic") else None,
            external_ref=stage.reference(item["ref"]),
            provenance_note=TEXT_NOTE,
        )


def _moderate(stage: Stage, items: list[dict[str, Any]], opening: date) -> None:
    """Ask, reject, hide, withdraw and appeal, where an item says so."""
    acts: dict[str, Callable[[Stage, Item, int], None]] = {
        "observed": _observe,
        "rejected": _reject,
        "appealed": _reject,
        "hidden": _hide,
        "withdrawn": _withdraw,
    }
    for item in items:
        contribution = stage.contribution(item["ref"])
        act = acts.get(item["state"])
        if act is not None and contribution is not None:
            with clock.set_to(at(opening + timedelta(days=item["day"] + 1), 10)):
                act(stage, item, contribution.id)


def _is_in(stage: Stage, key: int, state: ContributionState) -> bool:
    return stage.session.get_one(Contribution, key).state is state


def _observe(stage: Stage, item: Item, key: int) -> None:
    if _is_in(stage, key, ContributionState.PENDING):
        observe_contribution(stage.session, actor=stage.actor, contribution_id=key, missing=item["missing"])


def _reject(stage: Stage, item: Item, key: int) -> None:
    contribution = stage.session.get_one(Contribution, key)
    if contribution.state is ContributionState.PENDING and contribution.appealed_at is None:
        reject_contribution(
            stage.session,
            actor=stage.actor,
            contribution_id=key,
            reason=RejectionReason(item["reason"]),
            public_text=item["public_text"],
        )
        if item.get("appeal"):
            author = stage.as_person(item["person"])
            appeal(stage.session, actor=author, contribution_id=key, version=None, text=item["appeal"])


def _hide(stage: Stage, item: Item, key: int) -> None:
    if _is_in(stage, key, ContributionState.PUBLISHED):
        hide_contribution(
            stage.session,
            actor=stage.actor,
            contribution_id=key,
            reason=RejectionReason(item["reason"]),
            public_text=item["public_text"],
        )


def _withdraw(stage: Stage, item: Item, key: int) -> None:
    if _is_in(stage, key, ContributionState.PUBLISHED):
        withdraw(stage.session, actor=stage.as_person(item["person"]), contribution_id=key)


def _process(stage: Stage, items: list[dict[str, Any]], opening: date) -> None:
    """Systematise, merge, send, and what the institutions did."""
    worked = [item for item in items if item["state"] in ("systematized", "merged", *SENT)]
    for n, item in enumerate(worked):
        systematize(stage, item, at(opening + timedelta(days=item["day"] + 1), 13) + spread(n))
    for item in worked:
        if item["state"] == "merged" and stage.proposal(item["ref"]).state is ProposalState.SYSTEMATIZED:
            _merge(stage, item)
    for item in worked:
        if item["state"] in SENT and stage.proposal(item["ref"]).state is ProposalState.SYSTEMATIZED:
            _follow(stage, item, opening)


def _merge(stage: Stage, item: Item) -> None:
    merge_proposals(
        stage.session,
        actor=stage.actor,
        main_id=stage.proposal(item["merged_into"]).id,
        main_version=None,
        versions={stage.proposal(item["ref"]).id: None},
    )


def _follow(stage: Stage, item: Item, opening: date) -> None:
    """Send one proposal to its institutions and let happen what its state says."""
    if any(referral.state is ReferralState.RETURNED for referral in stage.proposal(item["ref"]).referrals):
        return
    sent_on = opening + timedelta(days=item["day"] + 2)
    holidays = frozenset(stage.session.scalars(sa.select(Holiday.on)))
    days = 4 if item["state"] in SENT_EARLY else stage.plan.response_days
    due_on = add_working_days(sent_on, days, holidays)
    with clock.set_to(at(sent_on, 9)):
        dispatch_proposals(
            stage.session,
            actor=stage.actor,
            plan_id=stage.plan_id,
            proposal_ids=[stage.proposal(item["ref"]).id],
            institution_ids=[stage.institutions[code] for code in item["institutions"]],
            cover_text=COVER,
            due_on=due_on,
        )
    state, later = item["state"], at(sent_on + timedelta(days=1), 10)
    if state in ("forwarded_answered", "decided"):
        answer(stage, item, later)
    if state == "decided":
        decide(stage, item, later + timedelta(days=1))
    for code in item["institutions"]:
        referral = referral_of(stage, item["ref"], code)
        if state in ("forwarded_acknowledged", "returned", "forwarded_no_answer"):
            acknowledge(stage, referral, later)
        if state == "returned":
            _return(stage, item, referral.id, later + timedelta(hours=2))
        if state == "forwarded_no_answer":
            with clock.set_to(at(due_on + timedelta(days=1), 9)):
                mark_no_answer(stage.session, actor=stage.actor, referral_id=referral.id, version=None)


def _return(stage: Stage, item: Item, referral_id: int, when: Any) -> None:
    with clock.set_to(when):
        return_referral(
            stage.session,
            actor=stage.actor,
            referral_id=referral_id,
            version=None,
            reason=item["return_reason"],
            suggested_institution_id=stage.institutions.get(item.get("return_suggested") or ""),
        )


def _has_commitments(stage: Stage) -> bool:
    found = sa.select(Commitment.id).where(Commitment.plan_id == stage.plan_id).limit(1)
    return stage.session.scalar(found) is not None
