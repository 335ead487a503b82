"""Translation with types: Spanish is the source, other catalogues come beside it.

Pages in Spanish ask no catalogue: a page holds hundreds of sentences, and looking up each would cost more than
rendering it.
"""

import functools
from typing import cast

import flask_babel
from flask import Flask, has_request_context, request
from flask_babel.speaklater import LazyString
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from consulta.web.language import DEFAULT


def language() -> str:
    """The language of the request; the source's outside of one."""
    return request.environ.get("consulta.language", DEFAULT) if has_request_context() else DEFAULT


def gettext(message: str, **variables: object) -> str:
    """The sentence in the language of the request, with its named placeholders filled."""
    sentence = message if language() == DEFAULT else cast(str, flask_babel.gettext(message))
    return sentence % variables if variables else sentence


def ngettext(singular: str, plural: str, num: int, **variables: object) -> str:
    """As gettext, choosing by count; `%(num)s` is the count."""
    return _plural(singular, plural, num) % {"num": num, **variables}


def lazy_gettext(message: str, **variables: object) -> str:
    """A sentence translated when it is shown: for what modules hold, such as the labels of fields."""
    return cast(str, LazyString(gettext, message, **variables))


def register_translation(app: Flask) -> None:
    """Flask-Babel finds catalogues and formats; templates translate through this module."""
    flask_babel.Babel(app, locale_selector=language)
    app.jinja_env.globals.update(_=_sentence, gettext=_sentence, ngettext=_counted_sentence)


# The functions of Jinja's own extension do the same through five calls more for each sentence.
@pass_eval_context
def _sentence(context: EvalContext, message: str, /, **variables: object) -> str:
    """A sentence of a template; always a format string, so that `%%` reads the same with and without variables."""
    if not variables:
        return _fixed(message, context.autoescape, language())
    return _written(gettext(message), context) % variables


@pass_eval_context
def _counted_sentence(context: EvalContext, singular: str, plural: str, num: int, /, **variables: object) -> str:
    """A sentence of a template by count, which is `%(num)s` unless the template writes it in its own way."""
    return _written(_plural(singular, plural, num), context) % {"num": num, **variables}


@functools.lru_cache(maxsize=4096)
def _fixed(message: str, is_markup: bool, _language: str) -> str:
    """What is the same wherever a language shows it; catalogues do not change while the program runs."""
    sentence = gettext(message)
    return (Markup(sentence) if is_markup else sentence) % {}  # noqa: S704 - our own sentences


def _written(sentence: str, context: EvalContext) -> str:
    """As markup where the template is: what a variable brings is then escaped."""
    return Markup(sentence) if context.autoescape else sentence  # noqa: S704 - our own sentences


def _plural(singular: str, plural: str, num: int) -> str:
    """With its placeholders still open: Flask-Babel's own function fills the count alone and fails on others."""
    if language() == DEFAULT:
        return singular if num == 1 else plural
    return cast(str, flask_babel.get_domain().get_translations().ungettext(singular, plural, num))
