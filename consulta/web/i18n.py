"""Translation with types: Spanish is the source, other catalogues come beside it.

Pages in Spanish ask no catalogue: a page holds hundreds of sentences, and looking up each would cost more than
rendering it.
"""

from typing import cast

import flask_babel
from flask import Flask, has_request_context, request

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
    if language() == DEFAULT:
        sentence = singular if num == 1 else plural
    else:
        sentence = _translated_plural(singular, plural, num)
    return sentence % {"num": num, **variables}


def lazy_gettext(message: str, **variables: object) -> str:
    """A sentence translated when it is shown: for what modules hold, such as the labels of fields."""
    return cast(str, flask_babel.lazy_gettext(message, **variables))


def register_translation(app: Flask) -> None:
    """Flask-Babel finds catalogues and formats; templates translate through this module."""
    flask_babel.Babel(app, locale_selector=language)
    app.jinja_env.install_gettext_callables(_plain, _plain_plural, newstyle=True)  # type: ignore[attr-defined]


def _plain(message: str) -> str:
    return gettext(message)


def _plain_plural(singular: str, plural: str, num: int) -> str:
    if language() == DEFAULT:
        return singular if num == 1 else plural
    return _translated_plural(singular, plural, num)


def _translated_plural(singular: str, plural: str, num: int) -> str:
    """With its placeholders still open: Flask-Babel's own function fills the count alone and fails on others."""
    return cast(str, flask_babel.get_domain().get_translations().ungettext(singular, plural, num))
