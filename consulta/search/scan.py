"""Search without an index: the database is read with patterns, and what they find is checked stem by stem."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta.commitments.models import Commitment
from consulta.contributions.models import Contribution
from consulta.plans.models import Plan, Topic
from consulta.proposals.models import Proposal
from consulta.search.documents import (
    COMMITMENT,
    KINDS,
    PLAN,
    PROPOSAL,
    TOPIC,
    documents_of,
    public_commitments,
    public_plans,
    public_proposals,
    public_topics,
)
from consulta.search.question import Key, Question
from consulta.search.terms import terms

SCAN_MAX = 400
# Letters that a stem has without its accent; a pattern lets any letter stand there.
_VOWELS = "aeiou"

_SEARCHED = {
    PLAN: (public_plans, Plan.id, (Plan.title, Plan.objective)),
    TOPIC: (public_topics, Topic.id, (Topic.name, Topic.one_line, Topic.intro)),
    COMMITMENT: (
        public_commitments,
        Commitment.id,
        (Commitment.name, Commitment.folio, Commitment.problem, Commitment.description),
    ),
    PROPOSAL: (
        public_proposals,
        Proposal.id,
        (Proposal.folio, Proposal.title, Proposal.summary, Contribution.public_title, Contribution.public_body),
    ),
}


def scan(session: Session, question: Question) -> list[Key]:
    """As an index would answer, without its order: those with more of the terms come first."""
    found: list[tuple[int, Key]] = []
    for kind in KINDS:
        if question.kind in (None, kind):
            found += _scan_kind(session, kind, question)
    found.sort(key=lambda item: -item[0])
    return [key for _, key in found[: question.limit]]


def _scan_kind(session: Session, kind: str, question: Question) -> list[tuple[int, Key]]:
    selection, identity, columns = _SEARCHED[kind]
    conditions = [sa.or_(*(column.ilike(_pattern(term), escape="\\") for column in columns)) for term in question.terms]
    asked = selection().where(sa.and_(*conditions) if question.match_all else sa.or_(*conditions))
    if question.plan is not None:
        asked = asked.where(Plan.code == question.plan)
    ids = session.scalars(asked.with_only_columns(identity).order_by(None).distinct().limit(SCAN_MAX)).all()
    found = []
    for document in documents_of(session, kind, ids):
        present = len(set(question.terms).intersection(terms(f"{document.title} {document.text}")))
        if present == len(question.terms) or (present and not question.match_all):
            found.append((present, document.key))
    return found


def _pattern(term: str) -> str:
    letters = "".join("_" if letter in _VOWELS else letter for letter in term)
    return f"%{letters}%"
