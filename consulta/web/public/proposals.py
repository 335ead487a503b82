"""Proposals: the list of a plan with its filters, and the page of each with its path and conversation."""

import enum
from typing import TypeVar

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from consulta import clock
from consulta.cache_versions import plan_scope, site_scope
from consulta.contributions.models import Channel, ContributionState
from consulta.decisions.models import Outcome
from consulta.decisions.public import responses_of
from consulta.people.models import Institution
from consulta.plans.models import Plan, Topic
from consulta.plans.queries import find_public_plan, public_topics
from consulta.proposals.details import (
    find_public_proposal,
    folio_of_root,
    heading_of,
    merged_into,
    siblings_of,
    sources_of,
)
from consulta.proposals.models import ProposalState
from consulta.proposals.paths import standings_of
from consulta.proposals.public import (
    PAGE,
    ChannelGroup,
    Filters,
    asked_institutions,
    list_proposals,
    title_of,
)
from consulta.proposals.stages import Stage, stage_counts
from consulta.referrals.models import Reason
from consulta.web.context import db
from consulta.web.pages import public_page
from consulta.web.public.conversations import ORDERS, conversation_of
from consulta.web.public.cursors import cursor, read_cursor
from consulta.web.public.path import dated_path
from consulta.web.public.words import (
    next_sentence,
    small_path,
    state_label,
    state_sentence,
    state_tag,
    tombstone,
    window_sentence,
)

blueprint = Blueprint("proposals", __name__)
QUERY = ("tema", "canal", "institucion", "estado", "paso", "desenlace", "motivo", "atrasada", "plantilla")
Member = TypeVar("Member", bound=enum.Enum)


@blueprint.get("/planes/<plan_code>/propuestas")
@public_page(lambda plan_code: (plan_scope(plan_code),), dict.fromkeys((*QUERY, "pagina")))
def index(plan_code: str) -> ResponseReturnValue:
    """The list of a plan; what a filter does not know is as if it were not there."""
    today = clock.today()
    plan = find_public_plan(db(), plan_code, today)
    topics, institutions = public_topics(db(), plan), asked_institutions(db(), plan)
    filters = _filters(plan, topics, institutions)
    chosen = {name: request.args[name] for name in QUERY if request.args.get(name)}
    scope = f"list:{plan.id}:{sorted(chosen.items())}"
    after = read_cursor(scope, 1)
    page = list_proposals(db(), plan, filters, today=today, after=after[0] if after else None)
    ids = [row.id for row in page.rows]
    return render_template(
        "public/proposals/index.html",
        plan=plan,
        topics=topics,
        institutions=institutions,
        filters=filters,
        chosen=chosen,
        is_filtered=filters != Filters(),
        unread=_unread(plan, filters, page.total),
        page=page,
        page_size=PAGE,
        is_first_page=after is None,
        next_cursor=cursor(scope, page.following) if page.following else None,
        standings=standings_of(db(), ids, has_results=plan.has_results, today=today),
        channels=[*ChannelGroup, *Channel],
        ChannelGroup=ChannelGroup,
        states=[state for state in ProposalState if plan.has_results or state is not ProposalState.DECIDED],
        outcomes=Outcome,
        when=window_sentence(plan),
        title_of=title_of,
        small_path=small_path,
        state_tag=state_tag,
        shown_state=ContributionState.PUBLISHED,
    )


def _unread(plan: Plan, filters: Filters, listed: int) -> int:
    """How many received ones a whole list leaves out, because nobody has read them yet."""
    if filters not in (Filters(), Filters(stage=Stage.RECEIVED)):
        return 0
    return stage_counts(db(), plan)[Stage.RECEIVED] - listed


def _filters(plan: Plan, topics: list[Topic], institutions: list[Institution]) -> Filters:
    asked = request.args
    channel = _member(ChannelGroup, asked.get("canal")) or _member(Channel, asked.get("canal"))
    return Filters(
        topic=next((topic for topic in topics if topic.code == asked.get("tema")), None),
        channel=channel,
        institution=next((one for one in institutions if one.code == asked.get("institucion")), None),
        state=_member(ProposalState, asked.get("estado")),
        stage=_member(Stage, asked.get("paso")),
        outcome=_member(Outcome, asked.get("desenlace")) if plan.has_results else None,
        reason=_member(Reason, asked.get("motivo")) if plan.has_results else None,
        late=asked.get("atrasada") == "1",
        in_template=asked.get("plantilla") == "1",
    )


def _member(kind: type[Member], value: str | None) -> Member | None:
    return next((member for member in kind if member.value == value), None)


@blueprint.get("/propuestas/<folio>")
@public_page(lambda folio: (site_scope(),), {"orden": ORDERS, "pagina": None})
def show(folio: str) -> ResponseReturnValue:
    """One proposal; one that was joined to another shows the other's path and decision."""
    proposal = find_public_proposal(db(), folio)
    plan, sources = proposal.plan, sources_of(db(), proposal.id)
    path = dated_path(db(), proposal, sources)
    standing, carrier_id = path.own, path.standing.proposal_id
    first = sources[0] if sources else None
    return render_template(
        "public/proposals/show.html",
        plan=plan,
        proposal=proposal,
        standing=standing,
        title=title_of(heading_of(db(), proposal.id)),
        sources=sources,
        merged=merged_into(db(), proposal.id),
        siblings=siblings_of(db(), proposal.id),
        main_title=title_of(heading_of(db(), carrier_id)) if carrier_id != proposal.id else "",
        origin_folio=folio_of_root(db(), first.root_id) if first and first.root_id else None,
        steps=path.steps(),
        referrals=path.referrals,
        responses=responses_of(db(), plan, [referral.id for referral in path.referrals]),
        decision=path.decision,
        reason_names=_reason_names,
        commitments=path.commitments,
        sentence=state_sentence(standing),
        label=state_label(standing),
        tag=state_tag(standing),
        following=next_sentence(plan, standing),
        title_of=title_of,
        tombstone=tombstone,
        has_page=standing.state not in (ProposalState.INADMISSIBLE, ProposalState.WITHDRAWN, ProposalState.VOIDED),
        rejected=next((source for source in sources if source.state is ContributionState.REJECTED), None),
        **conversation_of(proposal, sources),
    )


def _reason_names(codes: list[str]) -> list[Reason]:
    return [Reason(code) for code in codes]
