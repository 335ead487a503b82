"""The whole consultation in a browser: from a citizen's words to a published decision and a commitment."""

import re
from datetime import timedelta

import pytest

from consulta import clock
from tests.journeys.pages.administration import Institutions, People
from tests.journeys.pages.commitments import CommitmentForm, Commitments, Review
from tests.journeys.pages.moderation import Reading, Submissions, Tray
from tests.journeys.pages.plans import PlanPage, Plans, PublishResults
from tests.journeys.pages.proposals import Deciding, Dispatching, Inbox, ProposalFile, Returned, Systematizing
from tests.journeys.pages.public import Composer, Conversation, OwnContribution, PublicPage
from tests.journeys.pages.screen import Screen
from tests.journeys.people import Someone, in_days, invite_first_administrator
from tests.journeys.serving import LiveSite
from tests.journeys.watching import Windows

pytestmark = pytest.mark.browser

PLAN, TITLE, TOPIC = "abierto", "Plan de gobierno abierto", "Medio ambiente"
PLAN_FILE, TOPIC_PAGE = f"/coordinacion/planes/{PLAN}", f"/planes/{PLAN}/temas/medio-ambiente"
MARN, MINSAL = "Ministerio de Medio Ambiente", "Ministerio de Salud"
BUDGET = "Publicar el presupuesto del agua"
RIVERS = "Publicar los análisis de los ríos"
WATER = "Publicar cuánto se gasta en agua"
TREES = "Publicar el mapa de árboles"
NOISE = "Medir el ruido de la ciudad"
SPAM = "Compre aquí las mejores ofertas"
LETTER = "Publicar las denuncias ambientales"
WORDS = "Propongo que {} cada mes, en una página que cualquiera pueda leer."
WHY = {
    BUDGET: "Entra en parte: el Ministerio de Medio Ambiente puede hacerlo y el Ministerio de Salud no este año.",
    RIVERS: "No se incorpora porque los análisis piden un laboratorio que todavía no tiene presupuesto.",
    WATER: "Entra en parte: los gastos se publicarán cada seis meses, y no cada mes, por las fechas del cierre.",
    TREES: "Se incorpora completa: el mapa de árboles se publicará con sus datos desde el primer año.",
    NOISE: "No se incorpora porque medir el ruido corresponde a cada municipio y no a este plan.",
    LETTER: "Se incorpora completa: las denuncias se publicarán cada mes sin datos personales.",
}


class Story:
    """Everybody who takes part, and what they know so far."""

    def __init__(self, site: LiveSite, browse: Windows) -> None:
        self.site = site
        self.today = clock.today()
        self.visitor = Someone(site, browse).looking()
        names = ("ana", "beto", "moderacion", "punto", "foro", "autoridad", "marn", "minsal", "admin")
        self.all = {name: Someone(site, browse, f"{name}@example.org").looking() for name in names}
        self.folios: dict[str, str] = {}

    def __getitem__(self, name: str) -> Someone:
        return self.all[name]

    def file(self, title: str) -> ProposalFile:
        return self["punto"].open(f"/coordinacion/propuestas/{self.folios[title]}", ProposalFile)

    def page_of(self, title: str) -> PublicPage:
        return self.visitor.open(f"/propuestas/{self.folios[title]}", PublicPage)

    def jump(self, days: int) -> None:
        """Let days go by; whoever works for the site must enter again."""
        self.site.moment = in_days(days)
        self.site.work()


def test_from_words_to_a_published_commitment(site: LiveSite, browse: Windows) -> None:
    story = Story(site, browse)
    _administrator_brings_people_together(story)
    _coordinator_opens_the_consultation(story)
    _people_write(story)
    _moderator_reads(story)
    _people_answer_and_support(story)
    _coordinator_registers_a_letter(story)
    _coordinator_orders_and_merges(story)
    _window_closes_by_the_clock(story)
    _coordinator_sends_to_institutions(story)
    _institutions_answer(story)
    _coordinator_decides(story)
    _nothing_of_the_outcome_is_public(story)
    _commitment_becomes_smart(story)
    _results_become_public(story)
    _outcomes_are_public_everywhere(story)
    _authority_approves(story)


def _administrator_brings_people_together(story: Story) -> None:
    admin = story["admin"]
    invite_first_administrator(story.site, admin.email)
    admin.accept_invitation()
    places = admin.open("/administracion/instituciones", Institutions)
    for code, name in (("CAPRES", "Presidencia de la República"), ("MARN", MARN), ("MINSAL", MINSAL)):
        places = places.add(code, name, "Ministerio")
    people = admin.open("/administracion/", People)
    for name, role, place in (
        ("moderacion", "Moderación", ""),
        ("punto", "Punto de contacto", ""),
        ("foro", "Foro (OGA)", ""),
        ("autoridad", "Autoridad que aprueba", ""),
        ("marn", "Enlace institucional", MARN),
        ("minsal", "Enlace institucional", MINSAL),
    ):
        people = people.invite(name.capitalize(), story[name].email, role, place)
        story[name].accept_invitation()


def _coordinator_opens_the_consultation(story: Story) -> None:
    today = story.today
    plans = story["punto"].open("/coordinacion/planes", Plans)
    plan = plans.create(PLAN, TITLE, today, today + timedelta(days=700), "Presidencia de la República")
    plan.set_window(today, today + timedelta(days=3))
    plan.add_phase("Consulta en el sitio", today, today + timedelta(days=5))
    plan.add_topic(TOPIC, "Agua, aire y bosques", "¿Qué debe saberse del medio ambiente? Decidirá cada institución.")
    plan.set_competence(MARN)
    plan.add_document("Método de la consulta", today, b"Se lee, se ordena y se responde.")
    plan.advance("En consulta")
    plan.extend_window(today + timedelta(days=5), "Varias comunidades pidieron más días.")
    story.visitor.open("/", PublicPage).see(TITLE, "Escribir mi propuesta")
    page = story.visitor.open(f"/planes/{PLAN}", PublicPage)
    page.see("Consulta en el sitio", "Método de la consulta", "Varias comunidades pidieron más días.")


def _people_write(story: Story) -> None:
    ana, beto = story["ana"], story["beto"]
    ana.sign_up("Ana de Suchitoto")
    for title in (BUDGET, RIVERS, SPAM):
        _write(story, ana, title, WORDS.format(title.lower()))
    received = [mail for mail in story.site.mails_to(ana.email) if story.folios[BUDGET] in mail.subject + mail.text]
    assert received, "Ana was not told her folio"
    beto.sign_up("Beto de Sonsonate")
    _write(story, beto, TREES, WORDS.format("se publique el mapa") + " Llámeme al 7777-8888.")
    _write(story, beto, NOISE, WORDS.format("se mida el ruido"))
    story.visitor.open(TOPIC_PAGE, PublicPage).miss(BUDGET, SPAM)


def _write(story: Story, who: Someone, title: str, body: str) -> None:
    check = who.open(TOPIC_PAGE, Composer).write(title, body, MARN)
    check.see(title)
    story.folios[title] = check.send().folio


def _moderator_reads(story: Story) -> None:
    moderator, ana = story["moderacion"], story["ana"]

    def read(title: str) -> Reading:
        return moderator.open("/coordinacion/moderacion", Tray).read(title)

    read(BUDGET).publish()
    read(RIVERS).ask("Diga de qué ríos habla.")
    read(SPAM).reject("Publicidad o contenido automático", "El texto anuncia un negocio.")
    for title in (TREES, NOISE):
        read(title).publish()
    _reading(story, TREES).redact(WORDS.format("se publique el mapa"), "Un número de teléfono.")
    assert any("Diga de qué ríos" in mail.text for mail in story.site.mails_to(ana.email))
    _own(ana, RIVERS).complete(WORDS.format("se publiquen los análisis del Lempa"))
    _own(ana, SPAM).appeal("No es publicidad, es una propuesta mal escrita.")
    read(RIVERS).publish()
    read(SPAM).reject("Sin propuesta", "El texto no pide nada al gobierno.")
    page = story.visitor.open(TOPIC_PAGE, PublicPage)
    page.see(BUDGET, RIVERS, TREES)
    page.miss("7777-8888", SPAM)
    story.page_of(SPAM).see("El texto no pide nada al gobierno.")


def _reading(story: Story, title: str) -> Reading:
    """The moderators' page of something that is no longer in their tray."""
    tray = story["moderacion"].open("/coordinacion/moderacion?ver=todos", Tray)
    return tray.read(title)


def _own(who: Someone, title: str) -> OwnContribution:
    return who.open("/participar/", Screen).follow(title, OwnContribution)


def _people_answer_and_support(story: Story) -> None:
    beto, ana = story["beto"], story["ana"]
    address = f"/propuestas/{story.folios[BUDGET]}"
    said = "Estoy de acuerdo: sin cifras no hay agua limpia."
    beto.open(address, Conversation).reply_in_place("Ana de Suchitoto", said)
    beto.open(address, Conversation).support_in_place("Ana de Suchitoto")
    story["moderacion"].open("/coordinacion/moderacion", Tray).read("Estoy de acuerdo").publish()
    story.page_of(BUDGET).see("sin cifras no hay agua limpia", "1 apoyo")
    check = beto.open(TOPIC_PAGE, Composer).write(WATER, WORDS.format("se publique el gasto y el presupuesto del agua"))
    check.see(BUDGET)
    story.folios[WATER] = check.send().folio
    story["moderacion"].open("/coordinacion/moderacion", Tray).read(WATER).publish()
    ana.open(address, PublicPage).see("1 apoyo")


def _coordinator_registers_a_letter(story: Story) -> None:
    submissions = story["punto"].open("/coordinacion/entregas", Submissions)
    submission = submissions.register(TITLE, "Red de comunidades del Lempa")
    submission = submission.add(TOPIC, LETTER, WORDS.format("se publiquen las denuncias"))
    submission.see(LETTER)
    found = re.search(r"PROP-\d{4}-\d{4}", submission.page.get_by_role("main").inner_text())
    assert found, "the letter's proposal has no folio"
    story.folios[LETTER] = found.group()


def _coordinator_orders_and_merges(story: Story) -> None:
    tray = story["punto"].open("/coordinacion/propuestas", Systematizing)
    for title in (BUDGET, RIVERS, TREES, WATER, NOISE, LETTER):
        tray = tray.order(story.folios[title], TOPIC, title)
    story.file(WATER).merge_into(story.folios[BUDGET])
    story.page_of(WATER).see("Propuesta principal", BUDGET)
    told = [mail for mail in story.site.mails_to(story["beto"].email) if story.folios[WATER] in mail.text]
    assert told, "Beto was not told that his proposal was merged"
    story.file(WATER).separate(TOPIC, WATER, "Pide el gasto, no el presupuesto.")
    story.page_of(WATER).miss("Propuesta principal")
    _reading(story, NOISE).hide("Datos de terceros", "El texto nombraba a un vecino.")
    story.page_of(NOISE).see("El texto nombraba a un vecino.")


def _window_closes_by_the_clock(story: Story) -> None:
    coordinator = story["punto"]
    plan = coordinator.open(PLAN_FILE, PlanPage)
    plan.press("Pasar a: En sistematización", PlanPage).see("No es posible ahora")
    story.jump(6)
    story.visitor.open(TOPIC_PAGE, PublicPage).miss("Revisar mi propuesta")
    coordinator.sign_in()
    coordinator.open(PLAN_FILE, PlanPage).advance("En sistematización")
    coordinator.open(PLAN_FILE, PlanPage).advance("En análisis institucional")


def _coordinator_sends_to_institutions(story: Story) -> None:
    coordinator, due = story["punto"], story.today + timedelta(days=30)
    while due.weekday() > 4:
        due += timedelta(days=1)

    def prepare(*titles: str) -> None:
        tray = coordinator.open("/coordinacion/remitir", Dispatching)
        letter = tray.prepare(*(story.folios[title] for title in titles))
        letter.send(places, "Le pedimos una respuesta con su justificación para cada propuesta.", due)

    places = [MARN, MINSAL]
    prepare(BUDGET)
    places = [MARN]
    prepare(RIVERS, WATER, TREES, LETTER)
    for name in ("marn", "minsal"):
        assert any("REM-" in mail.subject + mail.text for mail in story.site.mails_to(story[name].email))
    story.page_of(RIVERS).see(MARN)


def _institutions_answer(story: Story) -> None:
    marn, minsal = story["marn"], story["minsal"]
    marn.sign_in()
    minsal.sign_in()

    def asked(title: str) -> Screen:
        return marn.open("/institucion/", Inbox).take(title)

    inbox = marn.open("/institucion/", Inbox)
    asked_budget = inbox.take(BUDGET).acknowledge()
    asked_budget.answer("Incorporar", "Podemos publicar el presupuesto del agua con nuestro sistema actual.")
    no_budget = "Los análisis piden un laboratorio que no cabe en el presupuesto de este año."
    marn.open("/institucion/", Inbox).take(RIVERS).answer("No incorporar", no_budget, "Sin presupuesto")
    partial = "Podemos publicar el gasto cada seis meses, cuando cierra la contabilidad."
    marn.open("/institucion/", Inbox).take(WATER).answer("Incorporar en parte", partial, "No cabe en el plazo")
    full = "Tenemos el mapa y podemos publicarlo con sus datos desde enero."
    marn.open("/institucion/", Inbox).take(TREES).answer("Incorporar", full)
    marn.open("/institucion/", Inbox).take(LETTER).give_back("Las denuncias las recibe la Unidad de Salud.", MINSAL)
    later = "Este año no podemos, porque el sistema de cuentas se cambia en diciembre."
    minsal.open("/institucion/", Inbox).take(BUDGET).answer("No incorporar", later, "No cabe en el plazo")
    returned = story["punto"].open("/coordinacion/remisiones?estado=devueltas", Returned)
    due = story.today + timedelta(days=45)
    while due.weekday() > 4:
        due += timedelta(days=1)
    returned.redirect("MINSAL").send([MINSAL], "Le pedimos una respuesta con su justificación.", due)
    full = "Podemos publicar las denuncias cada mes, sin datos de las personas."
    minsal.open("/institucion/", Inbox).take(LETTER).answer("Incorporar", full)


def _coordinator_decides(story: Story) -> None:
    for title, outcome, reason in (
        (BUDGET, "Incorporada en parte", "No cabe en el plazo"),
        (RIVERS, "No incorporada", "Sin presupuesto"),
        (WATER, "Incorporada en parte", "No cabe en el plazo"),
        (TREES, "Incorporada", ""),
        (NOISE, "No incorporada", "Fuera del alcance"),
        (LETTER, "Incorporada", ""),
    ):
        page = story["punto"].open(f"/coordinacion/decidir/{story.folios[title]}", Deciding)
        page.decide(outcome, WHY[title], reason)
    story["punto"].open(PLAN_FILE, PlanPage).advance("En redacción")


def _public_addresses(story: Story) -> list[str]:
    folios = [f"/propuestas/{folio}" for folio in story.folios.values()]
    base = f"/planes/{PLAN}"
    parts = ("", "/propuestas", "/resultados", "/compromisos", "/cifras", "/temas/medio-ambiente")
    return ["/", *(base + part for part in parts), *folios, "/buscar?q=presupuesto", f"/api/v1/plans/{PLAN}/figures"]


def _nothing_of_the_outcome_is_public(story: Story) -> None:
    secrets = [*WHY.values(), "Podemos publicar el presupuesto del agua con nuestro sistema"]
    story.site.work()
    for address in _public_addresses(story):
        answer = story.visitor.page.request.get(address)
        text = answer.text()
        assert not [secret for secret in secrets if secret in text], address
    for mail in story.site.mails:
        if mail.to in (story["ana"].email, story["beto"].email):
            assert not [secret for secret in secrets if secret in mail.text], mail.subject


def _commitment_becomes_smart(story: Story) -> None:
    coordinator, today = story["punto"], story.today
    starts, ends = today + timedelta(days=30), today + timedelta(days=600)
    blocked = coordinator.open(f"{PLAN_FILE}/resultados", PublishResults)
    blocked.see("Lo que falta", "Incorporadas sin compromiso", story.folios[TREES])
    form = coordinator.open(f"{PLAN_FILE}/compromisos", Commitments).begin().name("Datos del ambiente abiertos", MARN)
    assert form.complete_letters() < 5
    form.describe(starts, ends)
    form.add_milestones(starts, today + timedelta(days=300), ends)
    form.add_indicator()
    form = form.link("Publicar", *(story.folios[title] for title in (BUDGET, WATER, TREES, LETTER))).save()
    assert form.complete_letters() == 5
    form.send()
    story["marn"].open("/institucion/compromisos", Inbox).follow("Datos del ambiente", Review).observe(
        "El segundo hito debe nombrar la página."
    )
    form = coordinator.open(f"{PLAN_FILE}/compromisos/1", CommitmentForm)
    form.see("El segundo hito debe nombrar la página.")
    row = form.page.get_by_role("group", name="Hito 2", exact=True)
    row.get_by_label("Medio de verificación").fill("La página datos.marn.gob.sv")
    form.save().send()
    story["marn"].open("/institucion/compromisos", Inbox).follow("Datos del ambiente", Review).validate()


def _results_become_public(story: Story) -> None:
    observer = story["foro"]
    observer.sign_in()
    seen = observer.open(f"{PLAN_FILE}/resultados", PublishResults)
    seen.see("No falta nada")
    seen.miss("Entiendo que las decisiones")
    story["punto"].open(f"{PLAN_FILE}/resultados", PublishResults).publish().see("Los resultados son públicos")
    story["punto"].open(PLAN_FILE, PlanPage).advance("En proceso de aprobación")


def _outcomes_are_public_everywhere(story: Story) -> None:
    for title in (BUDGET, RIVERS, WATER, TREES, LETTER):
        story.page_of(title).see(WHY[title])
    story.page_of(TREES).see("Incorporada", "Datos del ambiente abiertos")
    visitor = story.visitor
    visitor.open(f"/planes/{PLAN}/resultados", PublicPage).see("Sin presupuesto")
    visitor.open(f"/planes/{PLAN}/compromisos", PublicPage).see("Datos del ambiente abiertos")
    visitor.open(f"/planes/{PLAN}/compromisos/1", PublicPage).see("La página datos.marn.gob.sv", TREES)
    visitor.open(f"/planes/{PLAN}/cifras", PublicPage).see("Todas las sumas cuadran")
    answer = visitor.page.request.get(f"/api/v1/plans/{PLAN}/figures").json()
    values = {figure["key"]: figure["value"] for figure in answer["items"]}
    assert values["received.all"] == len(story.folios) == 7
    assert all(figure["difference"] in (None, 0) for figure in answer["items"])
    for name in ("ana", "beto"):
        assert any("/resultados" in mail.text for mail in story.site.mails_to(story[name].email))
    visitor.open("/buscar?q=ríos", PublicPage).see("Publicar los análisis", "Con decisión")


def _authority_approves(story: Story) -> None:
    authority = story["autoridad"]
    authority.sign_in()
    authority.open(PLAN_FILE, PlanPage).approve(story.today + timedelta(days=6))
    story.visitor.open(f"/planes/{PLAN}", PublicPage).see("Aprobado")
    story.visitor.open(f"/planes/{PLAN}/compromisos/1", PublicPage).see("Aprobado")
