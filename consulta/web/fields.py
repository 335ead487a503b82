"""Fields whose messages speak to people: days, numbers and choices from a list."""

import enum
from collections.abc import Iterable
from typing import Any

from wtforms import DateField, IntegerField, SelectField, StringField, TextAreaField, ValidationError

from consulta.web import filters
from consulta.web.i18n import gettext


class LineField(StringField):
    """One line of text."""

    data: Any


class WordsField(TextAreaField):
    """Several lines of text."""

    data: Any


class DayField(DateField):
    """A civil day, as the browser's own date field sends it."""

    data: Any

    def process_formdata(self, valuelist: list[str]) -> None:
        if not any(value.strip() for value in valuelist):
            self.data = None  # an emptied field forgets the day it was shown with
            return
        try:
            super().process_formdata([value.strip() for value in valuelist])
        except ValueError as error:
            raise ValueError(gettext("Escriba una fecha completa: día, mes y año.")) from error


class CountField(IntegerField):
    """A whole number."""

    data: Any

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(gettext("Escriba un número entero.")) from error


class ChoiceField(SelectField):
    """One of a list; an empty answer is None."""

    def __init__(self, label: Any = None, validators: Any = None, coerce: Any = str, **kwargs: Any) -> None:
        super().__init__(label, validators, lambda value: None if value in ("", None) else coerce(value), **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(gettext("Elija una opción de la lista.")) from error

    def pre_validate(self, form: Any) -> None:
        try:
            super().pre_validate(form)
        except ValidationError as error:
            raise ValidationError(gettext("Elija una opción de la lista.")) from error


def options(members: Iterable[enum.Enum], *, blank: str = "") -> list[tuple[str, str]]:
    """The members of an enum as choices, after a blank one when it is named."""
    return ([("", blank)] if blank else []) + [(member.value, filters.label(member)) for member in members]
