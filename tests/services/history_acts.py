"""What people may try in a random consultation, each through its real service."""

from typing import Any

from consulta import clock
from consulta.commitments.drafts import CommitmentDraft
from consulta.commitments.models import Commitment, CommitmentSource
from consulta.commitments.services import create_commitment, drop_commitment, link_proposals, send_to_institution
from consulta.contributions import moderation, registration, services
from consulta.contributions.models import Channel, Contribution, ContributionState, RejectionReason
from consulta.decisions.models import Outcome
from consulta.decisions.services import decide_proposal, reopen_decision
from consulta.people.actors import Actor
from consulta.plans.models import PlanState
from consulta.plans.services import move_plan
from consulta.plans.window import close_window
from consulta.proposals.merging import merge_proposals, unmerge_proposal
from consulta.proposals.models import Proposal, ProposalState
from consulta.proposals.services import systematize_proposal
from consulta.proposals.splitting import split_contribution, take_reply, void_proposal
from consulta.referrals.answering import acknowledge_referral, respond_to_referral, return_referral
from consulta.referrals.dispatching import dispatch_proposals
from consulta.referrals.following import cancel_referral, mark_no_answer
from consulta.referrals.models import Reason, Referral, ResponseOutcome
from consulta.results.services import publish_results
from tests.services.histories import REASON, WORDS, Act, History


def submit(h: History, actor: Actor | None) -> Any:
    topic = h.chance.choice(h.topics)
    who = actor or h.chance.choice(h.citizens)
    return services.submit_contribution(h.session, actor=who, topic_id=topic.id, title="", body=WORDS, form_key=h.key())


def reply(h: History, actor: Actor | None) -> Any:
    if (parent := h.any(Contribution, Contribution.state == ContributionState.PUBLISHED)) is None:
        return None
    who = actor or h.chance.choice(h.citizens)
    return services.reply(h.session, actor=who, parent_id=parent.id, body=WORDS, form_key=h.key())


def support(h: History, actor: Actor | None) -> Any:
    if (row := h.any(Contribution)) is None:
        return None
    act = h.chance.choice((services.support, services.unsupport))
    return act(h.session, actor=actor or h.chance.choice(h.citizens), contribution_id=row.id)


def register(h: History, actor: Actor | None) -> Any:
    channel = h.chance.choice([one for one in Channel if one is not Channel.WEB])
    institution = channel is Channel.INSTITUTION
    return registration.register_contribution(
        h.session,
        actor=actor or h.coordinator,
        plan_id=h.plan_id,
        channel=channel,
        title="",
        body=WORDS,
        received_on=clock.today(),
        contributor=registration.Contributor(
            institution_id=h.places[0].id if institution else None, public_name="" if institution else "Vecina"
        ),
        late_reason="Llegó por carta",
        in_template=h.chance.random() < 0.3,
        is_publishable=h.chance.random() < 0.7,
    )


def moderate(h: History, actor: Actor | None) -> Any:
    if (row := h.any(Contribution)) is None:
        return None
    common: dict[str, Any] = {"actor": actor or h.coordinator, "contribution_id": row.id, "version": row.version}
    reason: dict[str, Any] = {"reason": RejectionReason.SPAM, "public_text": REASON}
    match h.chance.choice(("publish", "publish", "publish", "observe", "reject", "hide", "unhide")):
        case "publish":
            return moderation.publish_contribution(h.session, **common)
        case "observe":
            return moderation.observe_contribution(h.session, missing=REASON, **common)
        case "reject":
            return moderation.reject_contribution(h.session, **reason, **common)
        case "hide":
            return moderation.hide_contribution(h.session, **reason, **common)
        case _:
            return moderation.unhide_contribution(h.session, reason=REASON, **common)


def come_back(h: History, actor: Actor | None) -> Any:
    """The author completes, appeals or withdraws."""
    if (row := h.any(Contribution)) is None:
        return None
    who = actor or next((one for one in h.citizens if one.person_id == row.person_id), h.coordinator)
    common: dict[str, Any] = {"actor": who, "contribution_id": row.id, "version": row.version}
    match row.state:
        case ContributionState.OBSERVED:
            return services.complete(h.session, title="", body=f"{WORDS} Y cada año.", **common)
        case ContributionState.REJECTED:
            return services.appeal(h.session, text=REASON, **common)
        case _:
            return services.withdraw(h.session, reason=REASON, **common)


def systematize(h: History, actor: Actor | None) -> Any:
    if (row := h.any(Proposal, Proposal.state == ProposalState.RECEIVED)) is None:
        return None
    topic, who = h.chance.choice(h.topics), actor or h.coordinator
    return systematize_proposal(
        h.session, actor=who, proposal_id=row.id, version=row.version, topic_id=topic.id, summary="Gasto abierto"
    )


def merge(h: History, actor: Actor | None) -> Any:
    ordered = Proposal.state.in_((ProposalState.RECEIVED, ProposalState.SYSTEMATIZED))
    first, second = h.any(Proposal, ordered), h.any(Proposal, ordered)
    if first is None:
        return None
    return merge_proposals(
        h.session,
        actor=actor or h.coordinator,
        main_id=first.id,
        main_version=first.version,
        versions={second.id: second.version},
    )


def unmerge(h: History, actor: Actor | None) -> Any:
    if (row := h.any(Proposal, Proposal.state == ProposalState.MERGED)) is None:
        return None
    return unmerge_proposal(
        h.session,
        actor=actor or h.coordinator,
        proposal_id=row.id,
        version=row.version,
        reason=REASON,
        topic_id=h.topics[0].id,
        summary="Gasto abierto",
    )


def split(h: History, actor: Actor | None) -> Any:
    if (row := h.any(Contribution)) is None:
        return None
    act = take_reply if row.is_reply else split_contribution
    return act(h.session, actor=actor or h.coordinator, contribution_id=row.id, title="Otra parte", form_key=h.key())


def void(h: History, actor: Actor | None) -> Any:
    if (row := h.any(Proposal, Proposal.title == "Otra parte")) is None:
        return None
    who = actor or h.coordinator
    return void_proposal(h.session, actor=who, proposal_id=row.id, version=row.version, reason=REASON)


def dispatch(h: History, actor: Actor | None) -> Any:
    rows = h.all(Proposal, Proposal.state.in_((ProposalState.SYSTEMATIZED, ProposalState.FORWARDED)))
    chosen = h.chance.sample(rows, min(len(rows), h.chance.randint(1, 2)))
    places = h.chance.sample(h.places, h.chance.randint(1, 2))
    return dispatch_proposals(
        h.session,
        actor=actor or h.coordinator,
        plan_id=h.plan_id,
        proposal_ids=[row.id for row in chosen],
        institution_ids=[place.id for place in places],
        cover_text="Les remitimos estas propuestas para su respuesta.",
    )


def answer(h: History, actor: Actor | None) -> Any:
    if (row := h.any(Referral)) is None:
        return None
    who, common = actor or h.liaison_of(row), {"referral_id": row.id, "version": row.version}
    match h.chance.choice(("acknowledge", "return", "respond", "respond", "respond")):
        case "acknowledge":
            return acknowledge_referral(h.session, actor=who, **common)
        case "return":
            return return_referral(h.session, actor=who, reason=REASON, **common)
        case _:
            outcome = h.chance.choice(list(ResponseOutcome))
            reasons = () if outcome is ResponseOutcome.INCLUDE else (Reason.NO_BUDGET,)
            return respond_to_referral(
                h.session, actor=who, outcome=outcome, reasons=reasons, justification=h.justify(), **common
            )


def follow(h: History, actor: Actor | None) -> Any:
    """The coordinator cancels a referral or marks it without answer."""
    if (row := h.any(Referral)) is None:
        return None
    common: dict[str, Any] = {"actor": actor or h.coordinator, "referral_id": row.id, "version": row.version}
    if h.chance.random() < 0.5:
        return cancel_referral(h.session, reason=REASON, **common)
    return mark_no_answer(h.session, **common)


def decide(h: History, actor: Actor | None) -> Any:
    """Decide or, now and then, reopen."""
    if (row := h.any(Proposal)) is None:
        return None
    common: dict[str, Any] = {"actor": actor or h.coordinator, "proposal_id": row.id, "version": row.version}
    if row.state is ProposalState.DECIDED and h.chance.random() < 0.5:
        return reopen_decision(h.session, reason=REASON, **common)
    outcome = h.chance.choice(list(Outcome))
    sent = row.state is not ProposalState.SYSTEMATIZED
    reasons = () if outcome is Outcome.INCLUDED else (Reason.NO_BUDGET if sent else Reason.OUT_OF_SCOPE,)
    return decide_proposal(h.session, outcome=outcome, reasons=reasons, justification=h.justify(), **common)


def promise(h: History, actor: Actor | None) -> Any:
    """Begin a commitment, link what was included, send it or drop it."""
    who, row = actor or h.coordinator, h.any(Commitment)
    if row is None or h.chance.random() < 0.3:
        draft = CommitmentDraft(
            name="Publicar el gasto de cada mes",
            lead_institution_id=h.places[0].id,
            source=CommitmentSource.INSTITUTIONAL,
            description=f"Lo que se publicará: {h.justify()}",
        )
        return create_commitment(h.session, actor=who, plan_id=h.plan_id, draft=draft, form_key=h.key())
    common: dict[str, Any] = {"actor": who, "commitment_id": row.id, "version": row.version}
    match h.chance.choice(("link", "link", "send", "drop")):
        case "link":
            proposals = h.all(Proposal, Proposal.state.in_((ProposalState.SYSTEMATIZED, ProposalState.DECIDED)))
            return link_proposals(h.session, proposal_ids=[one.id for one in proposals], **common)
        case "send":
            return send_to_institution(h.session, **common)
        case _:
            return drop_commitment(h.session, reason=REASON, **common)


def advance(h: History, actor: Actor | None) -> Any:
    """Time passes, the window closes, the plan moves one state on."""
    if h.chance.random() < 0.3:
        h.days += 1
        return None
    who, plan = actor or h.coordinator, h.plan
    if h.chance.random() < 0.05:
        return close_window(h.session, actor=who, plan_id=plan.id, version=plan.version, reason=REASON)
    order = list(PlanState)
    following = order[min(order.index(plan.state) + 1, len(order) - 1)]
    return move_plan(h.session, actor=who, plan_id=plan.id, version=plan.version, to=following)


def publish(h: History, actor: Actor | None) -> Any:
    plan = h.plan
    return publish_results(h.session, actor=actor or h.coordinator, plan_id=plan.id, version=plan.version)


ACTS: tuple[tuple[str, Act], ...] = tuple(
    (act.__name__, act)
    for act, weight in (
        (submit, 6),
        (reply, 3),
        (support, 4),
        (register, 2),
        (moderate, 9),
        (come_back, 2),
        (systematize, 6),
        (merge, 4),
        (unmerge, 2),
        (split, 3),
        (void, 4),
        (dispatch, 6),
        (answer, 8),
        (follow, 2),
        (decide, 7),
        (promise, 2),
        (advance, 3),
        (publish, 1),
    )
    for _ in range(weight)
)
