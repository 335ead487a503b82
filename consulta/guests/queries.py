"""What a folio and a code open, and the code of a contribution for who may read it."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta.contributions.models import Contribution
from consulta.guests.models import TrackingCode
from consulta.guests.rules import hash_code, make_code, read_code, written_code
from consulta.proposals.models import Proposal, ProposalSource


def find_tracked(session: Session, *, folio: str, code: str) -> int | None:
    """The contribution that a folio and a code open together; None for whatever does not fit, told in no other way.

    A reply has the folio of the proposal in whose conversation it is.
    """
    read = read_code(code)
    if read is None:
        return None
    of_conversation = sa.func.coalesce(Contribution.root_id, Contribution.id)
    statement = (
        sa.select(TrackingCode.contribution_id)
        .join(Contribution, Contribution.id == TrackingCode.contribution_id)
        .join(ProposalSource, ProposalSource.contribution_id.in_([Contribution.id, of_conversation]))
        .join(Proposal, Proposal.id == ProposalSource.proposal_id)
        .where(TrackingCode.code_hash == hash_code(read), Proposal.folio == folio)
        .limit(1)
    )
    return session.scalar(statement)


def code_of(session: Session, secret_key: str, contribution_id: int) -> str | None:
    """The code of a contribution as its author reads it; None where there is none, or the secret is another now."""
    found = session.scalars(sa.select(TrackingCode).where(TrackingCode.contribution_id == contribution_id))
    kept = found.one_or_none()
    if kept is None:
        return None
    code = make_code(secret_key, kept.seed)
    return written_code(code) if hash_code(code) == kept.code_hash else None


def is_tracked(session: Session, contribution_id: int) -> bool:
    """Whether its author follows it by a code rather than with an account."""
    statement = sa.select(TrackingCode.id).where(TrackingCode.contribution_id == contribution_id)
    return session.scalar(statement) is not None
