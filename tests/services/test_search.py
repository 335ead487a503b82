"""Finding what is public, on both engines and without an index."""

import random
import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from config import Config
from consulta import clock
from consulta.commitments.models import CommitmentState
from consulta.contributions.models import ContributionState
from consulta.database import Database, writing
from consulta.plans.models import Plan, Topic
from consulta.proposals.models import ProposalState
from consulta.search.documents import affected, documents_of
from consulta.search.index import SearchIndex, open_index, rebuild
from consulta.search.queries import PAGE_SIZE, Results, find, similar_proposals
from consulta.search.question import Key, Question
from tests.factories.commitments import make_commitment
from tests.factories.contributions import make_contribution
from tests.factories.plans import make_plan, make_topic
from tests.factories.proposals import make_proposal
from tests.factories.referrals import make_referral


class Broken:
    """An index that cannot be read."""

    def search(self, session: Session, question: Question) -> list[Key]:
        raise EOFError("damaged")


@pytest.fixture
def topic(session: Session) -> Topic:
    return make_topic(session, make_plan(session, code="abierto"), name="Salud", intro="Sobre clínicas.")


@pytest.fixture(params=["indexed", "broken"])
def index(request: pytest.FixtureRequest, settings: Config, database: Database) -> SearchIndex:
    """Every search holds with an index and, where it cannot be read, without."""
    return open_index(settings, database) if request.param == "indexed" else Broken()  # type: ignore[return-value]


def ready(index: SearchIndex, database: Database) -> None:
    if not isinstance(index, Broken):
        rebuild(index, database)


def folios(results: Results) -> list[str | None]:
    return [item.folio for item in results.items]


@pytest.mark.parametrize("query", ["clinica", "CLÍNICAS", "clínica rural", "RURALES clinicas", "prop-2018-9001"])
def test_finds_by_word_accent_plural_and_folio(
    session: Session, topic: Topic, index: SearchIndex, database: Database, query: str
) -> None:
    source = make_contribution(session, topic, body="Más clínicas en la zona rural, con médicos de turno.")
    make_proposal(session, source=source, folio="PROP-2018-9001")
    make_proposal(session, source=make_contribution(session, topic, body="Otra cosa sobre caminos vecinales."))
    ready(index, database)
    results = find(session, index, query, kind="proposal")
    assert folios(results) == ["PROP-2018-9001"]
    assert results.count == 1


def test_enye_is_not_n(session: Session, topic: Topic, index: SearchIndex, database: Database) -> None:
    make_proposal(session, source=make_contribution(session, topic, body="Informe de cada año sobre la niñez."))
    ready(index, database)
    assert find(session, index, "año").count == 1
    assert find(session, index, "ano").count == 0


def test_all_words_first_and_any_when_none_has_them_all(
    session: Session, topic: Topic, index: SearchIndex, database: Database
) -> None:
    for words in ("transporte nocturno seguro", "transporte escolar gratuito"):
        make_proposal(session, source=make_contribution(session, topic, body=f"Propongo {words} en la ciudad."))
    ready(index, database)
    assert find(session, index, "transporte nocturno").count == 1
    assert find(session, index, "transporte").count == 2
    partly = find(session, index, "nocturno astronauta")
    assert (partly.count, partly.is_partial) == (1, True)


def test_finds_plans_topics_and_public_commitments(
    session: Session, topic: Topic, index: SearchIndex, database: Database
) -> None:
    plan = topic.plan
    make_commitment(session, plan, name="Compromiso de alumbrado público", number=7)
    make_commitment(session, plan, name="Alumbrado que se descartó", state=CommitmentState.DROPPED)
    ready(index, database)
    assert find(session, index, "alumbrado").count == 0
    with writing(session):
        session.get_one(Plan, plan.id).results_published_at = clock.now()
    ready(index, database)
    found = find(session, index, "alumbrado")
    assert [item.path for item in found.items] == ["/planes/abierto/compromisos/7"]
    assert [item.kind for item in find(session, index, "clinicas", plan="abierto").items] == ["topic"]
    assert find(session, index, "clinicas", plan="otro").count == 0


@pytest.mark.parametrize(
    "state",
    [
        ContributionState.PENDING,
        ContributionState.OBSERVED,
        ContributionState.REJECTED,
        ContributionState.HIDDEN,
        ContributionState.WITHDRAWN,
    ],
)
def test_what_is_not_public_is_never_found_even_in_a_stale_index(
    session: Session, topic: Topic, index: SearchIndex, database: Database, state: ContributionState
) -> None:
    source = make_contribution(session, topic, body="El canario amarillo canta en la jaula.")
    make_proposal(session, source=source, title="Canario", state=ProposalState.RECEIVED)
    ready(index, database)
    assert find(session, index, "canario").count == 1
    with writing(session):
        source.state = state
        session.add(source)
    assert find(session, index, "canario").count == 0
    assert similar_proposals(session, index, "canario amarillo canta", plan="abierto") == []


def test_decided_reads_as_forwarded_until_results(
    session: Session, topic: Topic, index: SearchIndex, database: Database
) -> None:
    proposal = make_proposal(session, topic, title="Bibliotecas", state=ProposalState.DECIDED)
    make_referral(session, proposal)
    ready(index, database)
    assert [item.state for item in find(session, index, "bibliotecas").items] == [ProposalState.FORWARDED]


def test_pages_do_not_repeat_or_skip(session: Session, topic: Topic, index: SearchIndex, database: Database) -> None:
    for number in range(PAGE_SIZE + 3):
        make_proposal(session, source=make_contribution(session, topic, body=f"Ciclovía número {number} del barrio."))
    ready(index, database)
    pages = [find(session, index, "ciclovia", page=page) for page in (1, 2)]
    seen = [item.object_id for page in pages for item in page.items]
    assert len(seen) == len(set(seen)) == pages[0].count == PAGE_SIZE + 3
    assert find(session, index, "ciclovia", page=99).page == 2


def test_similar_proposals_share_words(session: Session, topic: Topic, index: SearchIndex, database: Database) -> None:
    near = make_proposal(
        session, source=make_contribution(session, topic, body="Agua potable para las escuelas del norte")
    )
    make_proposal(session, source=make_contribution(session, topic, body="Publicar los contratos de obra del Estado"))
    ready(index, database)
    found = similar_proposals(session, index, "Quiero agua potable en la escuela de mi cantón", plan="abierto")
    assert [item.object_id for item in found] == [near.id]


def test_odd_queries_never_fail(session: Session, topic: Topic, index: SearchIndex, database: Database) -> None:
    make_proposal(session, topic)
    ready(index, database)
    dice = random.Random(7)
    pieces = [
        "agua",
        "'",
        '"',
        "\\",
        "%",
        "_",
        "*",
        "(",
        ")",
        "&",
        "|",
        "!",
        ":*",
        "<->",
        "AND",
        "NOT",
        "\x00",
        "🙂",
        "ñ",
    ]
    pieces += ["{{7*7}}", "--", ";", "plan:*", "[a TO z]", "~", "^9", "\u202e", "ß", "İ", "१२", "prop-2018-0001", "-"]
    for _ in range(250):
        query = dice.choice(["", " "]).join(dice.choices(pieces, k=dice.randint(1, 30)))
        find(session, index, query, page=dice.randint(-3, 3))


def test_rebuild_equals_what_was_written_step_by_step(
    session: Session, topic: Topic, settings: Config, database: Database
) -> None:
    index = open_index(settings, database)
    proposals = [
        make_proposal(session, source=make_contribution(session, topic, body=f"Parque {word} para el barrio."))
        for word in ("central", "lineal", "infantil")
    ]
    for proposal in proposals:
        for kind, key in affected(session, "proposal", proposal.id):
            index.update(documents_of(session, kind, [key]), [])
    with writing(session):
        proposals[0].sources[0].state = ContributionState.HIDDEN
    index.update([], [("proposal", proposals[0].id)])
    asked = [Question(["parqu"]), Question(["barri", "lineal"]), Question(["central"])]
    step_by_step = [set(index.search(session, question)) for question in asked]
    rebuild(index, database)
    assert [set(index.search(session, question)) for question in asked] == step_by_step
    assert [len(found) for found in step_by_step] == [2, 1, 0]


# Whoosh leaves a damaged file for the collector to close.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_deleted_or_damaged_index_is_noticed_and_made_again(
    session: Session, topic: Topic, settings: Config, database: Database, tmp_path: Path
) -> None:
    index = open_index(settings, database)
    make_proposal(session, source=make_contribution(session, topic, body="Semáforos para el cruce."))
    rebuild(index, database)
    if settings.search == "postgresql":
        with writing(session):
            session.execute(sa.text("TRUNCATE search_document"))
    else:
        for file in (tmp_path / "search").iterdir():
            file.write_bytes(b"\x00" * 20)
        assert not index.is_usable()
        assert find(session, index, "semaforo").count == 1  # the database answers
        shutil.rmtree(tmp_path / "search")
        assert not index.is_usable()
        assert find(session, index, "semaforo").count == 1
    rebuild(index, database)
    assert index.is_usable()
    assert len(index.search(session, Question(["semafor"]))) == 1
