"""The plan of 2018: real figures and dates, invented texts, told as it happened."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.changes import transaction
from consulta.commitments.models import Commitment
from consulta.contributions.models import Channel, Submission
from consulta.contributions.registration import Contributor, register_contribution, register_submission
from consulta.demo.commitments import load_commitments
from consulta.demo.lives import Stage, answer, converse, decide, publish, systematize, write
from consulta.demo.people import loader_actor
from consulta.demo.setting import load_documents, load_topics
from consulta.demo.texts import DATED_TEXT_NOTE, TEXT_NOTE, at, day, read, spread
from consulta.figures.models import PublishedFigure
from consulta.people.actors import Actor
from consulta.people.models import Institution, PersonKind
from consulta.plans.calendar import PhasePlan, add_phase, record_phase
from consulta.plans.models import PhaseKind, Plan, PlanState
from consulta.plans.services import PlanText, create_plan, move_plan
from consulta.plans.window import set_window
from consulta.proposals.merging import merge_proposals
from consulta.proposals.models import ProposalState
from consulta.referrals.dispatching import dispatch_proposals
from consulta.referrals.models import Referral
from consulta.results.services import publish_results

CODE = "2018-2020"
NOTICE = (
    "Cifras, fechas y nombres de instituciones y organizaciones: reales, de 2018. "
    "Textos, respuestas y decisiones: inventados para esta demostración."
)
CREATED, NOTICED = date(2018, 6, 1), date(2018, 6, 1)
SYSTEMATIZED, SENT, DUE = date(2018, 7, 28), date(2018, 7, 30), date(2018, 8, 27)
ANSWERED, DECIDED, PUBLISHED = date(2018, 8, 13), date(2018, 8, 28), date(2018, 8, 31)
COVER = (
    "Le remitimos las propuestas ciudadanas que son de su competencia. Le pedimos que responda cada una con su "
    "justificación, que se publicará."
)
WORKSHOPS = {
    "gov": "Taller con instituciones del Órgano Ejecutivo",
    "cso": "Taller con organizaciones, en su mayoría de jóvenes",
}


def load_2018(session: Session) -> None:
    """Load the plan, or go on where a load stopped."""
    stage = _prepare(session, loader_actor(session))
    items = _receive(stage)
    _systematize(stage, items)
    _send_and_answer(stage, items)
    _decide_and_publish(stage, items)


def _prepare(session: Session, actor: Actor) -> Stage:
    """Plan, calendar, topics, documents and window."""
    source = read("pan-2018-2020")
    plan = session.scalars(sa.select(Plan).where(Plan.code == CODE)).one_or_none()
    if plan is None:
        plan = _create(session, actor, source)
    plan_id = plan.id
    load_topics(
        session, actor, plan_id, CODE, [(t["code"], t["name"]) for t in source["topics"]["items"]], at(CREATED, 9)
    )
    if plan.state is PlanState.PREPARATION:
        _schedule(session, actor, plan, source)
        with clock.set_to(at(day(source["schedule"]["actual_site"]["start"]), 0)):
            move_plan(session, actor=actor, plan_id=plan_id, version=None, to=PlanState.OPEN)
    load_documents(session, actor, plan_id, CODE, at(date(2018, 7, 30), 10))
    _load_figures(session, actor, plan_id)
    return Stage(session, plan_id, CODE)


def _create(session: Session, actor: Actor, source: dict[str, Any]) -> Plan:
    row = source["plan"]
    coordinator = session.scalars(sa.select(Institution).where(Institution.code == row["coordinator_org"])).one()
    text = PlanText(
        title=row["title"],
        objective=row["objective"],
        period_start_on=day(row["period_start_proposed"]),
        period_end_on=day(row["period_end_proposed"]),
        coordinator_institution_id=coordinator.id,
        ordinal="Quinto plan, según su metodología",
    )
    with clock.set_to(at(CREATED, 8)):
        return create_plan(
            session, actor=actor, code=CODE, text=text, external_ref="demo:plan:2018", demo_notice=NOTICE
        )


def _schedule(session: Session, actor: Actor, plan: Plan, source: dict[str, Any]) -> None:
    """The calendar that was planned, the dates that were kept, and the window."""
    schedule = source["schedule"]
    actual = schedule["actual_site"]
    with clock.set_to(at(CREATED, 10)):
        set_window(
            session,
            actor=actor,
            plan_id=plan.id,
            version=None,
            opens_on=day(actual["start"]),
            closes_on=day(actual["end"]),
            notice_published_on=NOTICED,
        )
        phases = {}
        for row in schedule["planned_memo"] if not plan.phases else ():
            planned = PhasePlan(PhaseKind(row["phase"]), row["label"], day(row["start"]), day(row["end"]))
            phases[row["phase"]] = add_phase(session, actor=actor, plan_id=plan.id, planned=planned).id
    if phases:
        with clock.set_to(at(day(actual["end"]) + timedelta(days=1), 9)):
            record_phase(
                session,
                actor=actor,
                phase_id=phases["consultation"],
                version=None,
                actual_start_on=day(actual["start"]),
                actual_end_on=day(actual["end"]),
                note="La metodología la planeó del 18 de junio al 15 de julio.",
            )


def _load_figures(session: Session, actor: Actor, plan_id: int) -> None:
    """What the sources printed, as they printed it."""
    known = set(session.scalars(sa.select(PublishedFigure.key).where(PublishedFigure.plan_id == plan_id)))
    with transaction(session, actor=actor) as change:
        for row in read("figures_notes"):
            if row["key"] in known:
                continue
            figure = PublishedFigure(
                plan_id=plan_id,
                key=row["key"],
                label=row["label"],
                published_value=row["published"],
                source=row.get("source"),
                ambiguous=row["status"] == "ambiguous",
                note=row.get("note"),
                terms=row.get("terms"),
                external_ref=f"demo:{CODE}:figure:{row['key']}",
            )
            change.create(figure, "figure.add", key=figure.key)


def _receive(stage: Stage) -> list[dict[str, Any]]:
    """Everything that came in, in the order of its day; answers every item in that order."""
    web = read("web_proposals_2018")
    for n, item in enumerate(sorted(web, key=lambda row: (row["day"], row["ref"]))):
        when = at(day(item["day"]), 8) + spread(n)
        key = write(stage, {**item, "note": DATED_TEXT_NOTE}, when)
        publish(stage, key, when + timedelta(hours=1))
        replies = [{**row, "when": at(day(row["day"]), 15)} for row in item.get("replies", ())]
        converse(stage, key, item["ref"], replies, when + timedelta(hours=2))
    others = [
        {"channel": channel.value, **item}
        for channel, name in (
            (Channel.FACEBOOK, "facebook_2018"),
            (Channel.WORKSHOP, "workshop_ideas_2018"),
            (Channel.INSTITUTION, "institutional_2018"),
        )
        for item in read(name)
    ]
    for item in others:
        _register(stage, item, None)
    sent_in: list[dict[str, Any]] = []
    for submission in read("submissions_2018"):
        sent_in += _register_submission(stage, submission)
    return [*web, *others, *sent_in]


def _register(stage: Stage, item: dict[str, Any], submission: Submission | None) -> None:
    """Register a proposal of another channel, a day after it came."""
    if stage.contribution(item["ref"]) is not None:
        return
    received_on = day(item["day"])
    with clock.set_to(at(received_on + timedelta(days=1), 9)):
        register_contribution(
            stage.session,
            actor=stage.actor,
            plan_id=stage.plan_id,
            channel=Channel(item["channel"]),
            title=item.get("title") or "",
            body=item["body"],
            received_on=received_on,
            contributor=None if submission else _contributor(stage, item),
            submission_id=submission.id if submission else None,
            late_reason=item.get("late_reason") or "",
            in_template=item.get("in_template", False),
            external_ref=stage.reference(item["ref"]),
            provenance_note=TEXT_NOTE if submission else DATED_TEXT_NOTE,
        )


def _contributor(stage: Stage, item: dict[str, Any]) -> Contributor:
    """Who an item of another channel came from: an institution, a person, or a workshop as a whole."""
    if item.get("org"):
        return Contributor(institution_id=stage.institutions[item["org"]])
    if item.get("person"):
        return Contributor(person_id=stage.persons[item["person"]])
    return Contributor(public_name=WORKSHOPS[item["workshop"]], kind=PersonKind.ANONYMOUS)


def _register_submission(stage: Stage, row: dict[str, Any]) -> list[dict[str, Any]]:
    """One letter with its proposals; answers them."""
    reference = stage.reference(row["ref"])
    known = sa.select(Submission).where(Submission.external_ref == reference)
    submission = stage.session.scalars(known).one_or_none()
    received_on = day(row["day"])
    if submission is None:
        with clock.set_to(at(received_on + timedelta(days=1), 8)):
            submission = register_submission(
                stage.session,
                actor=stage.actor,
                plan_id=stage.plan_id,
                channel=Channel(row["channel"]),
                contributor=Contributor(institution_id=stage.institutions[row["org"]]),
                received_on=received_on,
                received_by_role=row["received_by_role"],
                place=row.get("place") or "",
                external_ref=reference,
            )
    common = {"channel": row["channel"], "day": row["day"], "late_reason": row.get("late_reason")}
    items = [{**common, **item} for item in row["proposals"]]
    for item in items:
        _register(stage, item, submission)
    return items


def _advance(stage: Stage, to: PlanState, when: datetime) -> None:
    order = list(PlanState)
    if order.index(stage.plan.state) < order.index(to):
        with clock.set_to(when):
            move_plan(stage.session, actor=stage.actor, plan_id=stage.plan_id, version=None, to=to)


def _systematize(stage: Stage, items: list[dict[str, Any]]) -> None:
    _advance(stage, PlanState.SYSTEMATIZATION, at(date(2018, 7, 17), 8))
    for n, item in enumerate(items):
        systematize(stage, item, at(SYSTEMATIZED, 8) + spread(n))
    for item in items:
        if item.get("merged_into") and stage.proposal(item["ref"]).state is ProposalState.SYSTEMATIZED:
            with clock.set_to(at(SYSTEMATIZED, 16)):
                merge_proposals(
                    stage.session,
                    actor=stage.actor,
                    main_id=stage.proposal(item["merged_into"]).id,
                    main_version=None,
                    versions={stage.proposal(item["ref"]).id: None},
                )
    _advance(stage, PlanState.INSTITUTIONAL_ANALYSIS, at(SENT, 8))


def _send_and_answer(stage: Stage, items: list[dict[str, Any]]) -> None:
    """One letter to each institution with all that is of its competence, then their answers."""
    letters: dict[str, list[int]] = defaultdict(list)
    known = {
        (row.proposal_id, row.institution_id)
        for row in stage.session.execute(sa.select(Referral.proposal_id, Referral.institution_id))
    }
    distinct = [item for item in items if not item.get("merged_into")]
    for item in distinct:
        key = stage.proposal(item["ref"]).id
        for code in item["institutions"]:
            if (key, stage.institutions[code]) not in known:
                letters[code].append(key)
    for n, (code, keys) in enumerate(sorted(letters.items())):
        with clock.set_to(at(SENT, 9) + spread(n)):
            dispatch_proposals(
                stage.session,
                actor=stage.actor,
                plan_id=stage.plan_id,
                proposal_ids=keys,
                institution_ids=[stage.institutions[code]],
                cover_text=COVER,
                due_on=DUE,
                external_ref=stage.reference(f"dispatch-{code}"),
            )
    for n, item in enumerate(distinct):
        answer(stage, item, at(ANSWERED + timedelta(days=n % 5), 9) + spread(n))


def _decide_and_publish(stage: Stage, items: list[dict[str, Any]]) -> None:
    _advance(stage, PlanState.DRAFTING, at(DECIDED, 8))
    for n, item in enumerate(item for item in items if not item.get("merged_into")):
        decide(stage, item, at(DECIDED, 9) + spread(n))
    links: dict[int, list[int]] = defaultdict(list)
    for item in items:
        number = item.get("commitment") or (item.get("decision") or {}).get("commitment")
        if number:
            links[number].append(stage.proposal(item["ref"]).id)
    if not stage.session.scalar(sa.select(Commitment.id).where(Commitment.plan_id == stage.plan_id).limit(1)):
        load_commitments(stage, read("commitments_2018"), links, at(date(2018, 8, 29), 9))
    if not stage.plan.has_results:
        with clock.set_to(at(PUBLISHED, 9)):
            publish_results(stage.session, actor=stage.actor, plan_id=stage.plan_id, version=None)
    _advance(stage, PlanState.IN_APPROVAL, at(PUBLISHED, 10))
