"""Whatever happens, and in whatever order: the sums hold, the counters agree, and nothing is told too early."""

from collections.abc import Iterable, Sequence

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from consulta import clock
from consulta.audit.models import AuditEntry
from consulta.contributions.counters import find_drift
from consulta.contributions.models import Contribution
from consulta.figures.audit import find_differences
from consulta.figures.rules import broken
from consulta.figures.services import account
from consulta.outbox.models import OutboxKind, OutboxRow
from consulta.proposals.models import Proposal, ProposalSource
from consulta.search.index import rebuild
from consulta.states import MACHINES
from tests.factories.plans import make_trusting_topic
from tests.services.histories import SECRET, History
from tests.services.history_acts import ACTS
from tests.services.history_ends import finish

SEEDS = (1, 2)
STEPS = 110


def broken_rules(session: Session, h: History) -> list[str]:
    """What is wrong with what is stored now."""
    found = [
        f"{'public' if public else 'internal'} sum {one.key}: {one.value} is not {one.total}"
        for public in (True, False)
        for one in broken(account(session, h.plan, public=public).sums)
    ]
    return found + [str(drift) for drift in find_drift(session)]


def illegal_moves(session: Session) -> list[str]:
    """Changes of state in the log that no machine has."""
    machines = {model.__tablename__: machine for model, machine in MACHINES.items()}
    legal = {
        (table, one.from_state.value if one.from_state else None, one.to_state.value)
        for table, machine in machines.items()
        for one in machine.transitions
    }
    rows = session.execute(
        sa.select(AuditEntry.object_type, AuditEntry.from_state, AuditEntry.to_state)
        .where(AuditEntry.to_state.is_not(None))
        .distinct()
    )
    return [str(tuple(row)) for row in rows if row.object_type in machines and tuple(row) not in legal]


def public_paths(session: Session, h: History) -> list[str]:
    """Every kind of public page of the plan, with some of its proposals."""
    plan = f"/planes/{h.plan.code}"
    parts = ("", "/propuestas", "/resultados", "/compromisos", "/cifras", "/compromisos/1")
    paths = [plan + part for part in parts]
    paths += [f"{plan}/temas/{topic.code}" for topic in h.topics]
    paths += ["/", "/planes", "/buscar?q=gasto", "/buscar?q=razon", f"/api/v1/plans/{h.plan.code}/figures"]
    paths += [f"{plan}/propuestas?desenlace={one}" for one in ("included", "not_included")]
    folios = session.scalars(sa.select(Proposal.folio).where(Proposal.plan_id == h.plan_id).order_by(Proposal.id))
    proposals = [f"/propuestas/{folio}" for folio in folios.all()[:12]]
    return paths + proposals + feeds([plan, *(f"{plan}/temas/{topic.code}" for topic in h.topics), *proposals])


def feeds(pages: Iterable[str]) -> list[str]:
    """The feeds beside some pages."""
    return [f"/feeds{page}.atom" for page in pages]


def pages_that_tell(app: Flask, session: Session, h: History) -> list[str]:
    """The public pages on which a justification, an answer or a matrix can be read."""
    rebuild(app.extensions["consulta"].search, app.extensions["consulta"].database)
    client = app.test_client()
    found = []
    for path in public_paths(session, h):
        answer = client.get(path)
        assert answer.status_code in (200, 404), path
        if f"{SECRET}-" in answer.text:
            found.append(path)
    return found


def pages_kept_too_long(app: Flask, h: History, paths: Sequence[str]) -> list[str]:
    """The public pages that are answered from what is kept and would be made otherwise now."""
    client = app.test_client()
    with clock.set_to(h.moment()):
        answered = {path: client.get(path).data for path in paths}
        for kept in ("page_cache", "topic_frames", "topic_items"):
            app.extensions[kept].clear()
        return [path for path, page in answered.items() if client.get(path).data != page]


@pytest.mark.parametrize("seed", SEEDS)
def test_random_histories_keep_every_promise(app: Flask, session: Session, seed: int) -> None:
    h = History(session, seed)
    for step in range(STEPS):
        h.step(ACTS)
        assert broken_rules(session, h) == [], (seed, step)
        if step % 50 == 49 and not h.plan.has_results:
            assert pages_that_tell(app, session, h) == []
    assert illegal_moves(session) == []
    finish(h)
    assert h.plan.has_results, h.done
    assert broken_rules(session, h) == []
    assert list(find_differences(session)) == []
    assert illegal_moves(session) == []
    assert any("/propuestas/" in path for path in pages_that_tell(app, session, h))


def test_what_is_kept_of_a_page_is_what_would_be_made_now(app: Flask, session: Session) -> None:
    """Items, frames and pages are kept under the versions of what they show; a change that raises none would stay."""
    h = History(session, 3)
    h.topics = [make_trusting_topic(session, h.plan) for _ in range(2)]
    topics = [f"/planes/{h.plan.code}/temas/{topic.code}" for topic in h.topics]
    topics += feeds(topics)
    for step in range(240):
        h.step(ACTS)
        if step % 3 == 2:
            assert pages_kept_too_long(app, h, public_paths(session, h) if step % 60 == 59 else topics) == [], step
    assert set(h.done) >= {"support", "reply", "merge", "unmerge", "split", "dispatch", "answer", "decide"}, h.done
    finish(h)
    assert pages_kept_too_long(app, h, public_paths(session, h)) == []


def test_the_histories_reach_every_act(session: Session) -> None:
    """A walk that never merges or splits would prove little."""
    h = History(session, 5)
    for _ in range(500):
        h.step(ACTS)
    wanted = "submit reply support register moderate come_back systematize merge unmerge split void dispatch answer"
    assert set(h.done) >= set(f"{wanted} follow decide promise".split())


def test_each_contributor_hears_of_the_results_once(session: Session) -> None:
    h = History(session, 4)
    for _ in range(60):
        h.step(ACTS)
    assert not h.plan.has_results
    finish(h)
    told = [
        row.payload["person_id"]
        for row in session.scalars(
            sa.select(OutboxRow).where(OutboxRow.kind == OutboxKind.MAIL, OutboxRow.name == "results_published")
        )
    ]
    authors = session.scalars(
        sa.select(Contribution.person_id).join(ProposalSource, ProposalSource.contribution_id == Contribution.id)
    )
    assert told
    assert len(told) == len(set(told))
    assert set(told) <= set(authors)
