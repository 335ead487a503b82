"""Every task with the keyboard alone: Tab, Space, Enter and letters."""

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy.orm import Session

from consulta.demo.accounts import PASSWORD
from tests.factories.plans import make_plan, make_topic
from tests.factories.proposals import make_proposal
from tests.journeys.looking import look
from tests.journeys.people import Someone
from tests.journeys.serving import LiveSite
from tests.journeys.watching import Windows

pytestmark = pytest.mark.browser
MOST_TABS = 220
# What is focused: its words, and whether anybody can see that it is focused.
FOCUSED = """
() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const style = getComputedStyle(one), box = one.getBoundingClientRect();
  const labels = one.labels ? [...one.labels].map(label => label.textContent) : [];
  const around = one.nextElementSibling ? getComputedStyle(one.nextElementSibling, '::before') : style;
  const marks = [style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0,
    style.boxShadow !== 'none', around.outlineStyle !== 'none' && parseFloat(around.outlineWidth) > 0,
    around.boxShadow !== 'none'];
  return {
    words: (labels.join(' ') || one.getAttribute('aria-label') || one.textContent || '').trim().replace(/\\s+/g, ' '),
    is_marked: marks.some(Boolean),
    is_in_view: box.bottom > 0 && box.top < innerHeight && box.width > 0,
  };
}
"""


class Keyboard:
    """Somebody who cannot use a mouse."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def reach(self, words: str) -> None:
        """Tab until something that says these words is focused; each thing on the way must show its focus."""
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            focused = self.page.evaluate(FOCUSED)
            if focused is None:
                continue
            assert focused["is_marked"], f"focus is not visible on «{focused['words']}» of {self.page.url}"
            assert focused["is_in_view"], f"focus is out of view on «{focused['words']}» of {self.page.url}"
            if words in focused["words"]:
                return
        pytest.fail(f"«{words}» cannot be reached by keyboard on {self.page.url}")

    def type(self, field: str, text: str) -> None:
        self.reach(field)
        self.page.keyboard.type(text)

    def enter(self, words: str) -> None:
        """Go to a link or button and press Enter; the next page is open afterwards."""
        self.reach(words)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def space(self, words: str) -> None:
        self.reach(words)
        self.page.keyboard.press("Space")

    def sign_in(self, name: str) -> None:
        self.page.goto("/cuenta/entrar")
        self.type("Correo electrónico", f"{name}@demo.test")
        self.type("Contraseña", PASSWORD)
        self.page.keyboard.press("Enter")
        expect(self.page.get_by_role("button", name="Salir")).to_be_visible()

    def sees(self, text: str) -> None:
        expect(self.page.get_by_text(text).filter(visible=True).first).to_be_visible()


@pytest.fixture
def keyboard(demo: LiveSite, browse: Windows) -> Keyboard:
    return Keyboard(browse(demo).new_page())


def test_first_stop_is_the_link_to_the_content(keyboard: Keyboard) -> None:
    keyboard.page.goto("/")
    keyboard.page.keyboard.press("Tab")
    focused = keyboard.page.evaluate(FOCUSED)
    assert focused["words"] == "Ir al contenido"
    assert focused["is_in_view"]
    keyboard.page.keyboard.press("Enter")
    assert keyboard.page.evaluate("document.activeElement.id") == "contenido"


def test_focus_stays_when_the_site_learns_who_reads(site: LiveSite, session: Session, browse: Windows) -> None:
    """The link to enter goes once somebody is known to be inside, and may have the focus at that moment."""
    page = Someone(site, browse).inside("participant").page
    answers: list[Route] = []
    page.route("**/cuenta/estado*", lambda route: answers.append(route))
    page.goto("/")
    page.get_by_role("link", name="Entrar").focus()
    page.wait_for_timeout(100)
    answers[0].continue_()
    expect(page.get_by_role("link", name="Participant")).to_be_focused()
    expect(page.get_by_role("link", name="Entrar")).to_be_hidden()


def test_errors_take_the_focus_and_lead_to_the_field(keyboard: Keyboard) -> None:
    keyboard.page.goto("/cuenta/crear")
    keyboard.enter("Crear mi cuenta")
    summary = keyboard.page.get_by_role("alert")
    expect(summary).to_be_focused()
    keyboard.page.keyboard.press("Tab")
    keyboard.page.keyboard.press("Enter")
    expect(keyboard.page.get_by_label("Nombre que verán")).to_be_focused()


def test_citizen_writes_replies_and_supports(site: LiveSite, session: Session, browse: Windows) -> None:
    topic = make_topic(session, make_plan(session))
    make_proposal(session, topic)
    page = Someone(site, browse).inside("participant").looking().page
    keyboard, address = Keyboard(page), f"/planes/{topic.plan.code}/temas/{topic.code}"
    page.goto(address)
    keyboard.type("Título", "Calles con sombra")
    keyboard.type("Su propuesta", "Propongo publicar qué calles tienen árboles y cuáles no.")
    keyboard.enter("Revisar mi propuesta")
    keyboard.enter("Enviar mi propuesta")
    keyboard.sees("Recibimos su propuesta")
    page.goto(address)
    keyboard.reach("Apoyar")
    page.keyboard.press("Enter")
    keyboard.sees("Apoyada")
    look(page)
    page.goto(address)
    _open_close_and_open_the_reply(keyboard)
    keyboard.reach("Enviar mi respuesta")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Recibimos su respuesta")).to_be_focused()
    look(page)


def _open_close_and_open_the_reply(keyboard: Keyboard) -> None:
    """The form opens with the cursor in it; closing it gives the focus back and keeps what was typed."""
    page = keyboard.page
    keyboard.reach("Responder")
    link = page.locator(":focus")
    opener = page.get_by_role("link", name=link.inner_text(), exact=True).first
    text = "Me parece bien, y agregaría los parques."
    for close in ("Escape", "Cancelar"):
        page.keyboard.press("Enter")
        box = page.get_by_label("Su respuesta a")
        expect(box).to_be_focused()
        expect(opener).to_have_attribute("aria-expanded", "true")
        look(page)
        box.fill(text)
        if close == "Escape":
            page.keyboard.press(close)
        else:
            keyboard.reach(close)
            page.keyboard.press("Enter")
        expect(box).to_be_hidden()
        expect(opener).to_be_focused()
        expect(opener).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("Enter")
    expect(box).to_have_value(text)


def test_citizen_completes_and_withdraws(keyboard: Keyboard) -> None:
    keyboard.sign_in("ciudadana")
    keyboard.page.goto("/participar/")
    keyboard.enter("Completar")
    keyboard.type("Su texto completo", " Hablo de los ríos de Sonsonate.")
    keyboard.enter("Enviar mi texto completo")
    keyboard.sees("Recibimos su texto completo")
    keyboard.enter("Retirar lo que escribí")
    keyboard.enter("Retirar")
    keyboard.sees("Retiramos su aporte")


def test_moderator_publishes_and_rejects(keyboard: Keyboard) -> None:
    page = keyboard.page
    keyboard.sign_in("moderacion")
    page.goto("/coordinacion/moderacion")
    keyboard.enter("Revisar el siguiente")
    keyboard.enter("Publicar")
    keyboard.sees("Se publicó.")
    keyboard.space("No admitir")
    keyboard.reach("Motivo")
    page.keyboard.press("ArrowDown")
    keyboard.type("Texto público", " El texto no pide nada al gobierno.")
    keyboard.enter("No admitir")
    keyboard.sees("No se admitió.")


def test_coordinator_orders_and_sends(keyboard: Keyboard) -> None:
    page = keyboard.page
    keyboard.sign_in("coordinacion")
    page.goto("/coordinacion/propuestas?plan=demostracion")
    keyboard.type("Resumen en una línea", "Publicar los datos en formatos abiertos")
    keyboard.enter("Guardar tema y resumen")
    keyboard.sees("quedó con su tema y su resumen")
    page.goto("/coordinacion/remitir?plan=demostracion")
    keyboard.space("PROP-")
    keyboard.enter("Preparar el oficio")
    if not page.locator("details[open]").count():
        keyboard.space("Otras instituciones públicas")
    keyboard.space("Ministerio de Hacienda")
    keyboard.type("Texto del oficio", "Le pedimos una respuesta con su justificación.")
    keyboard.enter("Revisar antes de enviar")
    keyboard.enter("Enviar ahora")
    keyboard.sees("Se envió")


def test_liaison_answers(keyboard: Keyboard) -> None:
    page = keyboard.page
    keyboard.sign_in("enlace.marn")
    page.goto("/institucion/")
    keyboard.enter(page.get_by_role("rowheader").get_by_role("link").first.inner_text())
    keyboard.enter("Responder")
    keyboard.reach("Incorporar")
    page.keyboard.press("Space")
    keyboard.type("Justificación pública", "Podemos hacerlo este año con el personal que ya tenemos.")
    keyboard.enter("Revisar antes de enviar")
    keyboard.enter("Enviar la respuesta")
    keyboard.sees("Su respuesta quedó guardada")
