"""The tray to systematise and a proposal's page: what each role sees, does and is refused."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.contributions.models import ContributionState
from consulta.plans.models import PlanState, Topic
from consulta.proposals.models import Proposal, ProposalState
from tests.clients import Clients
from tests.factories.contributions import make_contribution, make_reply
from tests.factories.plans import make_plan, make_topic
from tests.factories.proposals import make_proposal

TRAY = "/coordinacion/propuestas"
SUMMARY = "Publicar los contratos de obra en un solo sitio"
ACTS = ("unir", "separar", "anular")


@pytest.fixture
def topic(session: Session) -> Topic:
    return make_topic(session, make_plan(session))


@pytest.fixture
def waiting(session: Session, topic: Topic) -> Proposal:
    return make_proposal(session, topic, state=ProposalState.RECEIVED)


def fresh(session: Session) -> None:
    session.rollback()
    session.expire_all()


def test_the_tray_is_empty_before_anything_arrives(client_as: Clients, session: Session) -> None:
    client = client_as("coordinator")
    assert "Todavía no hay planes" in client.get(TRAY).text
    make_plan(session)
    assert "No hay propuestas por ordenar" in client.get(TRAY).text
    assert "Ninguna propuesta coincide" in client.get(f"{TRAY}?estado=merged").text


def test_the_tray_shows_the_oldest_first_and_only_what_is_readable(
    client_as: Clients, session: Session, topic: Topic
) -> None:
    for days, title in ((1, "La más reciente"), (9, "La más antigua"), (5, "La de en medio")):
        source = make_contribution(session, topic, title=title, received_at=clock.now() - timedelta(days=days))
        make_proposal(session, source=source, state=ProposalState.RECEIVED)
    hidden_yet = make_contribution(session, topic, title="Sin moderar", state=ContributionState.PENDING)
    make_proposal(session, source=hidden_yet, state=ProposalState.RECEIVED)
    page = client_as("coordinator").get(TRAY).text
    titles = ["La más antigua", "La de en medio", "La más reciente"]
    assert sorted(titles, key=page.index) == titles
    assert "Sin moderar" not in page
    assert "La primera espera desde hace 9 días." in page


def test_the_tray_pages_by_cursor_and_filters(client_as: Clients, session: Session, topic: Topic) -> None:
    moment = clock.now()
    sources = [make_contribution(session, topic, received_at=moment) for _ in range(27)]
    folios = [make_proposal(session, source=row, state=ProposalState.RECEIVED).folio for row in sources]
    client = client_as("coordinator")
    first = client.get(TRAY).text
    start = first.index("pagina=")
    following = first[start : first.index('"', start)].split("&")[0]
    second = client.get(f"{TRAY}?{following}").text
    shown = [folio in first for folio in folios]
    assert sum(shown) == 25
    assert [folio in second for folio in folios] == [not row for row in shown]
    assert client.get(f"{TRAY}?pagina=nada").status_code == 404
    assert folios[0] not in client.get(f"{TRAY}?canal=facebook").text
    assert folios[0] in client.get(f"{TRAY}?tema={topic.code}").text
    assert folios[0] not in client.get(f"{TRAY}?tema=sin-tema").text


@pytest.mark.parametrize("identity", ["moderator", "observer", "approver"])
def test_others_of_the_team_read_only(client_as: Clients, topic: Topic, waiting: Proposal, identity: str) -> None:
    client = client_as(identity)
    tray, page = client.get(TRAY).text, client.get(f"{TRAY}/{waiting.folio}").text
    assert waiting.folio in tray
    assert "Guardar tema y resumen" not in tray + page
    fields = {"topic_final_id": topic.id, "summary": SUMMARY, "version": waiting.version}
    assert client.submit(f"{TRAY}/{waiting.folio}/sistematizar", **fields).status_code == 403
    for act in ACTS:
        assert client.get(f"{TRAY}/{waiting.folio}/{act}").status_code == 403, act
    assert client.submit(f"{TRAY}/lote", chosen=f"{waiting.id}:1").status_code == 403


def test_people_and_wording_stand_side_by_side(client_as: Clients, session: Session, topic: Topic) -> None:
    proposal = make_proposal(session, topic, summary=SUMMARY)
    make_reply(session, proposal.first_source)
    page = client_as("observer").get(f"{TRAY}/{proposal.folio}")
    assert page.status_code == 200
    assert "Lo que escribieron" in page.text
    assert SUMMARY in page.text
    assert "<script>alert" not in page.text
    assert "example.org" not in page.text  # the authors' addresses
    assert client_as("observer").get(f"{TRAY}/PROP-1999-0001").status_code == 404


def test_the_quick_form_returns_to_the_tray(
    client_as: Clients, session: Session, topic: Topic, waiting: Proposal
) -> None:
    client, path = client_as("coordinator"), f"{TRAY}/{waiting.folio}/sistematizar"
    short = client.submit(path, topic_final_id=topic.id, summary="Corto", version=waiting.version)
    assert short.status_code == 422
    assert 'value="Corto"' in short.text
    assert client.submit(path, summary=SUMMARY, version=waiting.version).status_code == 422
    assert client.submit(path, topic_final_id="x", summary=SUMMARY).status_code == 422
    fields = {"topic_final_id": topic.id, "summary": SUMMARY, "version": waiting.version}
    done = client.submit(path, **fields, **{"from": "tray", "tema": topic.code})
    assert (done.status_code, done.location) == (303, f"{TRAY}?plan={topic.plan.code}&tema={topic.code}")
    fresh(session)
    assert waiting.state is ProposalState.SYSTEMATIZED
    assert "Recibió su tema y su resumen." in client.get(f"{TRAY}/{waiting.folio}").text


def test_a_stale_summary_shows_both(client_as: Clients, topic: Topic, waiting: Proposal) -> None:
    client, path = client_as("coordinator"), f"{TRAY}/{waiting.folio}/sistematizar"
    fields = {"topic_final_id": topic.id, "version": waiting.version}
    client.submit(path, **fields, summary="Lo que escribió la primera persona")
    second = client.submit(path, **fields, summary="Lo que escribió la segunda persona")
    assert second.status_code == 409
    assert "Lo que escribió la primera persona" in second.text
    assert "Lo que escribió la segunda persona" in second.text


def test_nothing_is_offered_or_done_after_its_time(client_as: Clients, session: Session) -> None:
    topic = make_topic(session, make_plan(session, state=PlanState.IN_APPROVAL))
    proposal, client = make_proposal(session, topic), client_as("coordinator")
    assert "Guardar tema y resumen" not in client.get(f"{TRAY}/{proposal.folio}").text
    fields = {"topic_final_id": topic.id, "summary": SUMMARY, "version": proposal.version}
    assert client.submit(f"{TRAY}/{proposal.folio}/sistematizar", **fields).status_code == 409


def test_merging_is_compared_confirmed_and_undone(
    client_as: Clients, session: Session, topic: Topic, waiting: Proposal
) -> None:
    client, main = client_as("coordinator"), make_proposal(session, topic, summary=SUMMARY)
    path = f"{TRAY}/{waiting.folio}/unir"
    assert client.get(path).status_code == 200
    assert main.folio in client.get(f"{path}?q=contratos").text
    assert "Ninguna propuesta coincide" in client.get(f"{path}?q=inexistente%25").text
    both = client.get(f"{path}?con={main.folio}").text
    assert "Se une" in both
    assert "Principal" in both
    fields = {"version": waiting.version, "main_version": main.version}
    assert client.submit(f"{path}?con={main.folio}", **fields).status_code == 303
    assert client.submit(f"{path}?con={main.folio}", **fields).status_code == 409
    assert waiting.folio in client.get(f"{TRAY}/{main.folio}").text
    apart = f"{TRAY}/{waiting.folio}/separar"
    assert client.get(apart).status_code == 200
    refused = client.submit(apart, reason="Piden otra cosa", topic_final_id="", summary="")
    assert refused.status_code == 422
    assert "Elija el tema final." in refused.text
    done = client.submit(apart, reason="Piden otra cosa", topic_final_id=topic.id, summary=SUMMARY)
    assert done.status_code == 303
    fresh(session)
    assert waiting.main_proposal_id is None


def test_dividing_taking_and_voiding(client_as: Clients, session: Session, topic: Topic) -> None:
    client, original = client_as("coordinator"), make_proposal(session, topic)
    reply = make_reply(session, original.first_source)
    base = f"{TRAY}/{original.folio}"
    for path in (f"{base}/dividir/{original.first_source.id}", f"{base}/retomar/{reply.id}"):
        assert client.get(path).status_code == 200
        assert client.submit(path, title="").status_code == 422
        assert client.submit(path, title="Otra petición").status_code == 303
    assert client.submit(f"{base}/retomar/{reply.id}", title="Otra vez").status_code == 409
    foreign = make_contribution(session, topic)
    assert client.get(f"{base}/dividir/{foreign.id}").status_code == 404
    made = session.scalars(sa.select(Proposal).where(Proposal.id != original.id)).all()
    assert "Anular" in client.get(f"{TRAY}/{made[0].folio}").text
    assert client.get(f"{TRAY}/{made[0].folio}/anular").status_code == 200
    assert client.submit(f"{TRAY}/{made[0].folio}/anular", reason="").status_code == 422
    assert client.submit(f"{TRAY}/{made[0].folio}/anular", reason="Fue un error").status_code == 303
    assert client.submit(f"{base}/anular", reason="Fue un error").status_code == 409


def test_a_batch_is_previewed_counted_and_done(
    client_as: Clients, session: Session, topic: Topic, waiting: Proposal
) -> None:
    client, second, other = client_as("coordinator"), make_proposal(session, topic), make_topic(session, topic.plan)
    chosen = [f"{row.id}:{row.version}" for row in (waiting, second)]
    assert client.submit(f"{TRAY}/lote", act="topic").status_code == 303
    preview = client.submit(f"{TRAY}/lote", act="topic", chosen=chosen)
    assert "Cambiarán 2 propuestas." in preview.text
    carried = ",".join(chosen)
    assert client.submit(f"{TRAY}/lote/tema", chosen=carried).status_code == 422
    assert client.submit(f"{TRAY}/lote/tema", chosen=carried, topic_final_id=other.id).status_code == 303
    assert client.submit(f"{TRAY}/lote/tema", chosen=carried, topic_final_id=other.id).status_code == 409
    fresh(session)
    assert {waiting.topic_final_id, second.topic_final_id} == {other.id}


def test_a_batch_merges_into_the_chosen_one(
    client_as: Clients, session: Session, topic: Topic, waiting: Proposal
) -> None:
    client, main = client_as("coordinator"), make_proposal(session, topic)
    chosen = [f"{row.id}:{row.version}" for row in (waiting, main)]
    assert "Eligió 2 propuestas." in client.submit(f"{TRAY}/lote", act="merge", chosen=chosen).text
    carried = ",".join(chosen)
    assert client.submit(f"{TRAY}/lote/unir", chosen=carried).status_code == 422
    foreign = make_proposal(session, topic)
    assert client.submit(f"{TRAY}/lote/unir", chosen=carried, main_id=foreign.id).status_code == 404
    assert client.submit(f"{TRAY}/lote/unir", chosen=carried, main_id=main.id).status_code == 303
    fresh(session)
    assert waiting.main_proposal_id == main.id


def test_the_tray_asks_the_same_number_of_queries_whatever_its_size(
    client_as: Clients, session: Session, topic: Topic
) -> None:
    client, counts = client_as("coordinator"), []
    for size in (2, 20):
        for _ in range(size):
            make_proposal(session, topic, state=ProposalState.RECEIVED)
        asked: list[str] = []
        engine = client.application.extensions["consulta"].database.engine

        def note(*arguments: object, asked: list[str] = asked) -> None:
            asked.append(str(arguments[2]))

        sa.event.listen(engine, "before_cursor_execute", note)
        assert client.get(TRAY).status_code == 200
        sa.event.remove(engine, "before_cursor_execute", note)
        counts.append(len(asked))
    assert counts[0] == counts[1]
