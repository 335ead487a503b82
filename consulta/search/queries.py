"""Searching: ask the index, then read what it found again, so that only what is public now is shown."""

import dataclasses
import enum
import functools
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.commitments.models import Commitment
from consulta.database import read_rows
from consulta.plans.models import Plan, Topic
from consulta.proposals.models import Proposal, ProposalState
from consulta.referrals.models import Referral
from consulta.search.documents import (
    COMMITMENT,
    PLAN,
    PROPOSAL,
    TOPIC,
    public_commitments,
    public_plans,
    public_proposals,
    public_topics,
)
from consulta.search.index import SearchIndex
from consulta.search.question import HITS_MAX, Key, Question
from consulta.search.scan import scan
from consulta.search.terms import query_terms, terms
from consulta.text import excerpt

log = logging.getLogger("consulta.search")
PAGE_SIZE = 20
SIMILAR_TERMS = 30
# Whoever proposes anything writes these: sharing them makes no two proposals alike.
EVERYDAY = frozenset(
    terms(
        "propongo proponemos proponer propuesta pido pedimos pedir solicito solicitamos quiero queremos sugiero debe"
        " deben debería deberían haga hagan ponga pongan publicar publique publiquen crear cree diga decir dar"
        " dé gobierno estado país salvador institución instituciones persona personas gente semana mes año día vez"
    )
)


@dataclass(frozen=True)
class Found:
    """One thing that was found, as the public may see it. `state` is the public one; plans and topics show none."""

    kind: str
    object_id: int
    title: str
    text: str
    path: str
    plan_code: str
    plan_title: str
    folio: str | None = None
    state: enum.Enum | None = None


@dataclass(frozen=True)
class Results:
    """A page of what was found. `count` is of public things, at most HITS_MAX; `is_partial`: not all words match."""

    terms: Sequence[str]
    items: Sequence[Found]
    count: int
    page: int
    page_count: int
    is_partial: bool = False

    @property
    def is_cut(self) -> bool:
        return self.count >= HITS_MAX


def find(
    session: Session, index: SearchIndex, query: str, *, plan: str | None = None, kind: str | None = None, page: int = 1
) -> Results:
    """What a query finds: all its words, or when nothing has them all, any of them."""
    asked = query_terms(query)
    if not asked:
        return Results(asked, (), 0, 1, 0)
    question = Question(asked, plan=plan, kind=kind)
    found = _read(session, _ask(session, index, question))
    is_partial = not found and len(asked) > 1
    if is_partial:
        found = _read(session, _ask(session, index, dataclasses.replace(question, match_all=False)))
    page_count = -(-len(found) // PAGE_SIZE)
    shown = min(max(page, 1), max(page_count, 1))
    items = found[(shown - 1) * PAGE_SIZE : shown * PAGE_SIZE]
    return Results(asked, items, len(found), shown, page_count, is_partial)


def similar_proposals(session: Session, index: SearchIndex, text: str, *, plan: str, limit: int = 3) -> list[Found]:
    """Public proposals of a plan that share most words with a text, before it is sent."""
    asked = [term for term in dict.fromkeys(terms(text)) if term not in EVERYDAY][:SIMILAR_TERMS]
    if not asked:
        return []
    question = Question(asked, plan=plan, kind=PROPOSAL, match_all=False, limit=limit * 4)
    return [item for item in _read(session, _ask(session, index, question)) if _is_close(asked, item)][:limit]


def _is_close(asked: Sequence[str], item: Found) -> bool:
    """Whether it shares enough: at least two words and a quarter of them."""
    shared = len(set(asked).intersection(terms(f"{item.title} {item.text}")))
    return shared >= min(2, len(asked)) and shared * 4 >= len(asked)


def _ask(session: Session, index: SearchIndex, question: Question) -> list[Key]:
    try:
        return index.search(session, question)
    except Exception as error:  # a missing or damaged index fails in its engine's own ways; the database answers
        log.warning("search index unavailable, reading the database: %s", type(error).__name__)
        session.rollback()
        return scan(session, question)


def _read(session: Session, keys: Sequence[Key]) -> list[Found]:
    """What is public now among the keys, in their order; one query a kind."""
    found: dict[Key, Found] = {}
    for kind, reader in _READERS.items():
        if ids := [object_id for its_kind, object_id in keys if its_kind == kind]:
            found.update({(kind, item.object_id): item for item in reader(session, ids)})
    return [found[key] for key in keys if key in found]


@functools.lru_cache(maxsize=8)
def _statement(kind: str, today: date) -> Any:
    """What is read of a kind on a day; building it costs as much as its answer, so it is made once."""
    among: sa.BindParameter[Any] = sa.bindparam("ids", expanding=True)
    if kind == PROPOSAL:
        was_referred = sa.exists().where(Referral.proposal_id == Proposal.id, Referral.sent_at.is_not(None))
        found = public_proposals().add_columns(Proposal.state, Plan.title, Plan.results_published_at, was_referred)
        return found.where(Proposal.id.in_(among))
    if kind == COMMITMENT:
        return (
            public_commitments()
            .add_columns(Commitment.number, Commitment.state, Plan.title)
            .where(Commitment.id.in_(among))
        )
    if kind == TOPIC:
        return public_topics().add_columns(Topic.code, Plan.title).where(Topic.id.in_(among))
    return public_plans().where(Plan.id.in_(among))


def _read_proposals(session: Session, ids: Sequence[int]) -> list[Found]:
    rows = read_rows(session, _statement(PROPOSAL, clock.today()), {"ids": ids})
    found: dict[int, Found] = {}
    for row in rows:
        key, folio, title, summary, plan_code, public_title, body, state, plan_title, results_at, referred = row
        if key in found:
            found[key] = dataclasses.replace(found[key], text=f"{found[key].text} {body}")
            continue
        shown = title or summary or public_title or excerpt(body)
        if state is ProposalState.DECIDED and results_at is None:
            state = ProposalState.FORWARDED if referred else ProposalState.SYSTEMATIZED
        found[key] = Found(PROPOSAL, key, shown, body, f"/propuestas/{folio}", plan_code, plan_title, folio, state)
    return list(found.values())


def _read_commitments(session: Session, ids: Sequence[int]) -> list[Found]:
    rows = read_rows(session, _statement(COMMITMENT, clock.today()), {"ids": ids})
    return [
        Found(
            COMMITMENT, key, name, description, f"/planes/{plan}/compromisos/{number}", plan, plan_title, folio, state
        )
        for key, folio, name, plan, _, description, number, state, plan_title in rows
    ]


def _read_topics(session: Session, ids: Sequence[int]) -> list[Found]:
    rows = read_rows(session, _statement(TOPIC, clock.today()), {"ids": ids})
    return [
        Found(TOPIC, key, name, f"{line} {intro}", f"/planes/{plan}/temas/{code}", plan, plan_title)
        for key, name, plan, line, intro, code, plan_title in rows
    ]


def _read_plans(session: Session, ids: Sequence[int]) -> list[Found]:
    rows = read_rows(session, _statement(PLAN, clock.today()), {"ids": ids})
    return [Found(PLAN, key, title, objective, f"/planes/{code}", code, title) for key, title, code, objective in rows]


_READERS: dict[str, Callable[[Session, Sequence[int]], list[Found]]] = {
    PROPOSAL: _read_proposals,
    COMMITMENT: _read_commitments,
    TOPIC: _read_topics,
    PLAN: _read_plans,
}
