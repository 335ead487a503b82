"""What everybody can reach: the headers of every answer, what no surface may show, and how failures read."""

import re

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from config import ConfigError, from_environment
from consulta import clock, permissions
from consulta.contributions.models import ContributionState, RejectionReason
from consulta.decisions.models import Outcome
from consulta.permissions import Permission
from consulta.plans.models import Plan, PlanState, TopicState
from consulta.proposals.models import ProposalState
from consulta.referrals.models import ReferralState
from consulta.search.index import rebuild
from consulta.web.headers import HEADERS
from tests.clients import IDENTITIES, Client, Clients
from tests.factories.commitments import make_commitment
from tests.factories.contributions import make_contribution, make_reply
from tests.factories.decisions import make_decision
from tests.factories.people import make_person
from tests.factories.plans import make_document, make_plan, make_topic
from tests.factories.proposals import make_proposal
from tests.factories.referrals import make_referral, make_response
from tests.factories.representation import make_representation
from tests.policy.world import World, fingerprint, make_world

CANARY = "Canario7315"
WORDS = f"{CANARY} escribió estas palabras que nadie debe leer todavía en ninguna parte."


@pytest.fixture
def world(app: Flask, session: Session, client_as: Clients) -> World:
    return make_world(app, session, client_as)


def public_paths(app: Flask, world: World) -> list[str]:
    """Every page that anybody can read without signing in."""
    kinds = ("public.", "api.", "health.")
    return [
        world.address(rule)
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith(kinds) and "GET" in (rule.methods or ())
    ]


def test_every_answer_carries_every_header(app: Flask, world: World, client_as: Clients) -> None:
    coordinator, visitor = client_as("coordinator"), client_as("visitor")
    answers = [visitor.get(path) for path in ("/no-existe", "/static/css/site.css", "/static/no-existe", "/en/", "//")]
    answers += [visitor.post("/cuenta/entrar"), visitor.put("/"), visitor.post("/participar/aportes")]
    for rule in app.url_map.iter_rules():
        path = world.address(rule)
        answers += [coordinator.get(path), visitor.get(path)]
    for answer in answers:
        answer.close()
        for name, value in HEADERS.items():
            given = answer.headers.get(name, "")
            is_file = name == "Content-Security-Policy" and "sandbox" in given and "default-src 'none'" in given
            assert given == value or is_file, (answer.request.path, name)
        assert answer.headers["Content-Type"], answer.request.path


def test_public_pages_are_the_same_bytes_for_each_identity(app: Flask, world: World, client_as: Clients) -> None:
    clients = [client_as(identity) for identity in IDENTITIES]
    for path in public_paths(app, world):
        answers = [client.get(path) for client in clients]
        assert len({(answer.status_code, answer.data) for answer in answers}) == 1, path
        assert not any("Set-Cookie" in answer.headers for answer in answers), path


def hide_canaries(session: Session, plan: Plan) -> list[str]:
    """The canary in everything that is not public of a plan that is; answers the addresses it could be found at."""
    topic = make_topic(session, plan)
    secret = make_topic(session, plan, name=f"{CANARY} tema", intro=WORDS, state=TopicState.DRAFT)
    author = make_person(session, public_name=f"{CANARY} autora", email=f"{CANARY}@example.org")
    known = make_person(session, email=f"{CANARY}2@example.org")
    make_representation(session, known, post=CANARY, evidence=WORDS, new_name=CANARY)
    folios = []
    states = {
        ContributionState.PENDING: ProposalState.RECEIVED,
        ContributionState.OBSERVED: ProposalState.RECEIVED,
        ContributionState.REJECTED: ProposalState.INADMISSIBLE,
        ContributionState.WITHDRAWN: ProposalState.WITHDRAWN,
        ContributionState.HIDDEN: ProposalState.RECEIVED,
    }
    for state, proposal_state in states.items():
        source = make_contribution(
            session,
            topic,
            person=author,
            title=CANARY,
            body=WORDS,
            state=state,
            reason=RejectionReason.SPAM,
            reason_text="Es publicidad." if state is not ContributionState.OBSERVED else WORDS,
            appeal=WORDS,
        )
        folios.append(make_proposal(session, topic, source=source, state=proposal_state, summary=None).folio)
    shown = make_contribution(
        session,
        topic,
        person=known,
        title=CANARY,
        body=WORDS,
        public_title="Otro título",
        public_body="Otras palabras.",
        late_reason=WORDS,
    )
    make_reply(session, shown, person=author, body=WORDS, state=ContributionState.PENDING)
    decided = make_proposal(session, topic, source=shown, state=ProposalState.DECIDED, title=shown.public_title)
    answered = make_referral(session, decided, state=ReferralState.ANSWERED, answered_at=clock.now())
    make_response(session, answered, justification=WORDS)
    returned = make_referral(session, decided, state=ReferralState.RETURNED, return_reason=WORDS)
    make_decision(session, decided, outcome=Outcome.NOT_INCLUDED, justification=WORDS)
    commitment = make_commitment(session, plan, name=CANARY, problem=WORDS, proposals=[decided])
    document = make_document(session, plan, title=CANARY, content=WORDS.encode(), withdrawn_at=clock.now())
    assert returned.id
    base = f"/planes/{plan.code}"
    paths = [f"{base}/temas/{code}" for code in (topic.code, secret.code)]
    paths += [f"/propuestas/{folio}" for folio in (*folios, decided.folio)]
    paths += [f"{base}/compromisos/{commitment.number}", f"{base}/documentos/{document.id}/{document.file_name}"]
    lists = ("desenlace=not_included", "estado=decided", "motivo=no_time", f"tema={topic.code}", "paso=decided")
    return paths + [f"{base}/propuestas?{query}" for query in lists]


@pytest.mark.parametrize("identity", ["visitor", "participant", "liaison2"])
def test_what_is_not_public_is_on_no_surface(
    app: Flask, session: Session, world: World, client_as: Clients, identity: str
) -> None:
    paths = hide_canaries(session, world.plan)
    hidden = make_plan(session, title=f"{CANARY} plan", objective=WORDS, state=PlanState.PREPARATION)
    parts = app.extensions["consulta"]
    rebuild(parts.search, parts.database)
    client = client_as(identity)
    paths += [
        *public_paths(app, world),
        f"/planes/{hidden.code}",
        "/cuenta/organizacion",
        "/cuenta/estado?aportes=1,2,3,4,5,6,7,8,9,10",
    ]
    paths += [f"/buscar?q={word}" for word in ("palabras+escribió", CANARY, "publicidad")]
    # What was typed in the search box comes back in it; the pages of answers hold nothing else of it.
    found = {path: client.get(path).text.replace(f'value="{CANARY}"', "") for path in paths}
    searched = found.pop(f"/buscar?q={CANARY}")
    assert "<mark>" not in searched
    assert [path for path, page in found.items() if CANARY in page] == []
    kept = app.extensions["page_cache"]._bodies
    assert kept
    for path in paths:
        client.get(path, headers={"Accept-Encoding": "identity"})
    bodies = {key[0].path + key[0].query: body for (key, (body, _)) in ((k, v) for k, v in kept.items())}
    assert [path for path, body in bodies.items() if CANARY.encode() in body and CANARY not in path] == []


def test_reading_as_anybody_changes_nothing(app: Flask, world: World, client_as: Clients) -> None:
    """Every link of every page that an identity reaches, as a browser that fetches ahead would follow them."""
    engine = app.extensions["consulta"].database.engine
    for identity in ("participant", "liaison1", "coordinator", "admin"):
        client = client_as(identity)
        before = fingerprint(engine)
        seen: set[str] = set()
        found = ["/", "/participar/", "/institucion/", "/coordinacion/", "/administracion/", "/cuenta/sesiones"]
        while found and len(seen) < 150:
            path = found.pop(0)
            if path in seen:
                continue
            seen.add(path)
            page = client.get(path)
            links = re.findall(r'href="(/[^"#]*)', page.text if page.mimetype == "text/html" else "")
            found += [link.replace("&amp;", "&") for link in links if not link.startswith(("/static", "/en/"))]
        assert len(seen) > 10
        assert fingerprint(engine) == before, identity


@pytest.mark.parametrize(
    "path",
    [
        "/.git/config", "/.git/HEAD", "/var/consulta.sqlite3", "/static/../config.py", "/static/%2e%2e/config.py",
        "/static/..%2fconfig.py", "/static//etc/passwd", "/config.py", "/wsgi.py", "/requirements.txt", "/.env",
        "/static/", "/console", "/metrics", "/server-status", "/debug", "/static/css/", "/consulta/__init__.py",
    ],
)  # fmt: skip
def test_nothing_of_the_machine_is_served(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "import" not in answer.text


@pytest.mark.parametrize("body", [b"a=" + b"x" * 1_100_000, b"body=%ff%fe%00&title=%80", b"\xff\xfe\x00=\x80"])
def test_a_strange_body_gets_a_page_that_explains(client_as: Clients, body: bytes) -> None:
    client = client_as("participant")
    headers = {"X-CSRFToken": client.csrf_token}
    for path in ("/participar/aportes", "/participar/revisar", "/cuenta/entrar", "/participar/borrador"):
        answer = client.post(path, data=body, content_type="application/x-www-form-urlencoded", headers=headers)
        expected = (413,) if len(body) > 1_000_000 else (303, 404, 422)
        assert answer.status_code in expected, path
        assert answer.status_code == 303 or "<h1" in answer.text


@pytest.mark.parametrize("permission", [Permission.CONTRIBUTION_MODERATE, Permission.PLAN_MANAGE])
def test_a_guard_that_fails_refuses_and_says_no_more_than_a_number(
    app: Flask, world: World, client_as: Clients, monkeypatch: pytest.MonkeyPatch, permission: Permission
) -> None:
    def broken(*_: object) -> bool:
        raise RuntimeError("secreto de la guarda")

    client, engine = client_as("coordinator"), app.extensions["consulta"].database.engine
    before = fingerprint(engine)
    monkeypatch.setitem(permissions.POLICY, permission, (broken,))
    app.testing = False
    area = "moderacion" if permission is Permission.CONTRIBUTION_MODERATE else f"planes/{world.plan.code}"
    key = world.special["coordination.moderation.act"]["contribution_id"]
    path = f"/coordinacion/{area}/{key}/publicar" if area == "moderacion" else f"/coordinacion/{area}/estado"
    answer = client.submit(path, version="1", to="systematization")
    assert answer.status_code == 500
    assert re.search(r"[0-9a-f]{8}", answer.text)
    assert not re.search(r"Traceback|RuntimeError|secreto|\.py", answer.text)
    assert fingerprint(engine) == before


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("SECRET_KEY", ""), ("SECRET_KEY", "short"), ("SECRET_KEY", "x" * 64), ("SECRET_KEY", "changeme" * 5),
        ("SITE_URL", "http://consulta.gob.sv"), ("SITE_URL", ""), ("ENV", "debug"), ("TRUSTED_PROXIES", "*"),
        ("SECOND_FACTOR", "off"), ("SECOND_FACTOR", "a veces"), ("LIMITS", "off"),
    ],
)  # fmt: skip
def test_production_does_not_start_half_configured(setting: str, value: str) -> None:
    whole = {
        "CONSULTA_ENV": "production",
        "CONSULTA_SECRET_KEY": "b7f1c9d2e4a6083957acbd1e2f4a6c80",
        "CONSULTA_SITE_URL": "https://consulta.gob.sv",
        "CONSULTA_DATABASE_URL": "sqlite:///x",
    }
    ready = from_environment(whole)
    assert (ready.is_production, ready.second_factor) == (True, True)
    with pytest.raises(ConfigError, match=setting):
        from_environment({**whole, f"CONSULTA_{setting}": value})
