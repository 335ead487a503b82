"""What looks personal in a text that stays, and what only looks like it."""

import pytest

from consulta.privacy.rules import TAKEN_OUT, Scrubber

OUT = TAKEN_OUT


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("Escriba a ana.lopez+voto@correo.gob.sv.", f"Escriba a {OUT}."),
        ("Llame al 7123-4567 o al 71234567", f"Llame al {OUT} o al {OUT}"),
        ("Desde fuera: +503 2132-4136, (503) 2132 4136", f"Desde fuera: {OUT}, {OUT}"),
        ("Mi DUI es 01234567-8", f"Mi DUI es {OUT}"),
        # A term, a folio, a law, a number of people, a year and an amount are nobody's.
        ("El plan 2018-2020 y el 2018 2020", None),
        ("Vea PROP-2018-0001 y el decreto 144 de 2024", None),
        ("Somos 74,926 personas y cuesta $1,234,567.50", None),
        ("El 2024-11-23 a las 14:00", None),
        # More digits are some other number.
        ("La cuenta 123456789012", None),
        # The own name however it is written, and only as a whole.
        ("Soy ANA  lópez, Ana López.", f"Soy {OUT}, {OUT}."),
        ("Soy de San Juan López", None),
        # A name of one word that could mean something is taken as it was written.
        ("Agua pide agua", f"{OUT} pide agua"),
    ],
)
def test_what_looks_personal_is_taken_out(said: str, left: str | None) -> None:
    scrubber = Scrubber(["Ana López", "Agua"], ["ana@example.org"])
    assert scrubber.scrub(said) == (said if left is None else left)
    assert scrubber.touches(said) == (left is not None)


def test_an_odd_name_is_no_pattern() -> None:
    assert Scrubber(["(a+)+$ .*"], []).scrub("Todo queda igual.") == "Todo queda igual."
