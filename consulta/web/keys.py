"""Ids in paths."""

from werkzeug.routing import IntegerConverter, Map

from consulta.keys import KEY_MAX


class KeyConverter(IntegerConverter):
    """`<int:…>`: a number that no row could have is no page."""

    def __init__(self, map: Map, fixed_digits: int = 0, min: int | None = None, max: int | None = None) -> None:
        super().__init__(map, fixed_digits, min, KEY_MAX if max is None else max)
