"""The base of every form: its key, the version it was shown with, and how a refusal comes back to it."""

import functools
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import HiddenField, TextAreaField
from wtforms.i18n import get_translations
from wtforms.validators import InputRequired

from consulta import clock
from consulta.errors import (
    GuardRefused,
    Invalid,
    KeyReused,
    NotInThisState,
    NotNow,
    Refusal,
    StaleVersion,
    TooMany,
    WindowClosed,
)
from consulta.keys import key_of
from consulta.labels import label
from consulta.web.headings import refusal_heading
from consulta.web.i18n import gettext, language
from consulta.web.wording import SENTENCES, problem_sentence, refusal_sentence

Result = TypeVar("Result")


@dataclass(frozen=True)
class Difference:
    """One field of a stale form: what was typed, and what the record says now."""

    label: str
    typed: str
    present: str


@functools.cache
def _messages(code: str) -> Any:
    return get_translations([code])


class Form(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """A form with a key of its own and, when it edits a record, the record's version."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]  # flask_wtf has no types
        def wrap_formdata(self, form: FlaskForm, formdata: Any) -> Any:
            """What was sent, without the NULs that a database could not even look for."""
            sent = super().wrap_formdata(form, formdata)
            if not sent:
                return sent
            plain = [(n, v.replace("\0", "") if isinstance(v, str) else v) for n, v in sent.items(multi=True)]
            return MultiDict(plain)

        def get_translations(self, form: FlaskForm) -> Any:
            """The messages of WTForms in the language of the request, read from their file once."""
            return _messages(language())

    # What to say of fields that are missing only in some cases, which their validators cannot know.
    if_missing: ClassVar[Mapping[str, Any]] = {}
    form_key = HiddenField()
    version = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.form_key.data:
            self.form_key.data = secrets.token_urlsafe(18)
        self.succeeded = False
        self.status = 200
        # What the summary of problems says above them, when it is not that something has to be corrected.
        self.heading = ""
        self.headers: dict[str, str] = {}
        self.form_problems: list[str] = []
        self.differences: list[Difference] = []

    @property
    def seen_version(self) -> int | None:
        """The version of the record that the form was shown with."""
        return key_of(self.version.data)

    @property
    def has_problems(self) -> bool:
        return bool(self.errors or self.form_problems or self.differences)

    @property
    def _has_words(self) -> bool:
        """Whether somebody wrote more than a line."""
        return any(isinstance(field, TextAreaField) and field.data for field in self)

    def attempt(self, act: Callable[[], Result]) -> Result | None:
        """Do what the form asks; a refusal becomes errors of the form and its status, and None is returned."""
        try:
            result = act()
        except Invalid as refusal:
            self._take_problems(refusal)
        except StaleVersion as refusal:
            self._take(refusal, 409)
            self._take_stale(refusal)
        except (GuardRefused, NotInThisState, NotNow, WindowClosed, KeyReused) as refusal:
            self._take(refusal, 409)
        except TooMany as refusal:
            self.status, self.heading = 429, refusal_heading(refusal)
            self.headers["Retry-After"] = str(clock.seconds_until(refusal.again_at))
            kept = gettext("Lo que escribió sigue aquí.") if self._has_words else ""
            self.form_problems.append(f"{refusal_sentence(refusal)} {kept}".strip())
        else:
            self.succeeded = True
            return result
        return None

    def page(self, template: str, **context: Any) -> ResponseReturnValue:
        """The form's page with the status that its problems ask for."""
        if self.errors and self.status == 200:
            self.status = 422
        return render_template(template, form=self, form_errors=self.has_problems, **context), self.status, self.headers

    def _take(self, refusal: Refusal, status: int) -> None:
        self.status, self.heading = status, refusal_heading(refusal)
        self.form_problems.append(refusal_sentence(refusal))

    def _take_stale(self, refusal: StaleVersion) -> None:
        """Both versions are shown; the same form sent again is meant for the present one."""
        self.differences = self._compare(refusal.subject)
        self.version.data = str(refusal.present)

    def _take_problems(self, refusal: Invalid) -> None:
        self.status = 422
        for problem in refusal.problems:
            field = self._fields.get(problem.field)
            sentence = self._missing(problem.field) if problem.code == "missing" else problem_sentence(problem)
            if field is None:
                self.form_problems.append(sentence)
            else:
                field.errors = [*field.errors, sentence]

    def _missing(self, name: str) -> str:
        """What to say of a field that is empty: its own sentence, the one of the form, or the plain one."""
        field = self._fields.get(name)
        needed = [one.message for one in (field.validators if field else ()) if isinstance(one, InputRequired)]
        return str([*needed, self.if_missing.get(name) or SENTENCES["missing"]][0])

    def _compare(self, subject: object) -> list[Difference]:
        """Typed and present values of the fields that name attributes of the record and differ."""
        rows = []
        for field in self:
            if field.type in ("HiddenField", "CSRFTokenField") or not hasattr(subject, field.name):
                continue
            present = _as_text(getattr(subject, field.name), field)
            typed = _as_text(field.data, field)
            if typed != present:
                rows.append(Difference(str(field.label.text), typed, present))
        return rows


class ActionForm(Form):
    """A form that is only a button."""


def _as_text(value: Any, field: Any) -> str:
    choices: Mapping[str, str] = {}
    if getattr(field, "choices", None) and not isinstance(field.choices, Mapping):
        choices = {
            str(key): str(text) for key, text, *_ in (c if isinstance(c, tuple) else (c, c) for c in field.choices)
        }
    if isinstance(value, list | tuple | set):
        return ", ".join(sorted(_as_text(item, field) for item in value))
    if value is None:
        return ""
    plain = getattr(value, "value", value)
    if str(plain) in choices:
        return choices[str(plain)]
    return label(value) if value is not plain else str(value)
