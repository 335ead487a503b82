"""What the words alone say: advertising waits for a reader, what citizens write does not."""

import time

import pytest

from consulta.contributions.suspicion import ENOUGH, points, suspicion

CIVIL = [
    # what people ask for may name betting, loans, bitcoin, discounts, telephones and money
    "Prohibir las casas de apuestas y los casinos a menos de 500 metros de una escuela.",
    "Que el Banco publique cuántos préstamos y créditos da a pequeños productores, con montos desde $500.",
    "Publicar cada compra de bitcoin hecha con dinero público, con fecha y precio.",
    "Transporte gratis y 50% de descuento para estudiantes y personas mayores.",
    "Habilitar un número como el 2132-4136 para denunciar fallas de agua.",
    "Ver la liquidación del presupuesto 2018-2020 en https://www.transparencia.gob.sv/documentos y compararla.",
    "LOS CAMINOS DE MI COLONIA ESTÁN EN MAL ESTADO Y NADIE RESPONDE.",
    "Un canal de WhatsApp y otro de Telegram para avisar de cortes de energía.",
    "Las abajo firmantes suscribimos esta propuesta para que se suscriba el convenio.",
    # neighbours of Spanish are left alone, and so is one honest sentence in English
    "Taula d'accions comunitàries al barri amb les entitats i els veïns.",
    "I live abroad and I would like to vote from the consulate of my city.",
]
ADVERTISING = [
    "Suscríbete a mi canal y te sigo de vuelta",
    "Gana dinero fácil desde tu casa, escríbeme al WhatsApp +503 7777 8888",
    "Préstamos urgentes sin buró, llame al 7777-8888 o escriba a prestamos@example.org",
    "check out my new video guys!!!",
    "Make money online with this simple trick http://example.com/x",
    "http://bit.ly/2abcd",
    "Mire esto https://www.example.com/pagina-muy-larga-de-anuncios",
    "Compra seguidores aquí, los mejores precios",
    # an identity document is of nobody's concern
    "El responsable es Juan Pérez, con DUI 01234567-8, del cantón El Tablón.",
    "Follow me watch my videos follow me watch my videos follow me watch my videos",
]


@pytest.mark.parametrize("text", CIVIL)
def test_what_citizens_write_passes(text: str) -> None:
    assert points(suspicion("Propuesta", text)) < ENOUGH, suspicion("Propuesta", text)


@pytest.mark.parametrize("text", ADVERTISING)
def test_advertising_and_private_data_wait_for_a_reader(text: str) -> None:
    assert points(suspicion("", text)) >= ENOUGH, suspicion("", text)


def test_accents_case_and_full_width_letters_hide_nothing() -> None:
    for text in ("SUSCRÍBETE YA", "ｓｕｓｃｒíｂｅｔｅ ya", "suscri\u0301bete ya"):
        assert [sign.code for sign in suspicion("", text)][:1] == ["call"]


@pytest.mark.parametrize(
    "text", ["a-" * 2500, "check " * 800, "1 " * 2500, "@" * 5000, "a." * 2500, "$" * 5000, "http://" * 700]
)
def test_no_text_takes_long(text: str) -> None:
    start = time.process_time()
    suspicion("", text)
    assert time.process_time() - start < 0.5
