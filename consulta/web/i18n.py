"""Translation with types: Spanish is the source, other catalogues come beside it."""

from typing import cast

import flask_babel


def gettext(message: str, **variables: object) -> str:
    """The sentence in the language of the request, with its named placeholders filled."""
    translated: str = flask_babel.gettext(message, **variables)
    return translated


def ngettext(singular: str, plural: str, num: int, **variables: object) -> str:
    """As gettext, choosing by count; `%(num)s` is the count."""
    translated: str = flask_babel.ngettext(singular, plural, num, **variables)
    return translated


def lazy_gettext(message: str, **variables: object) -> str:
    """A sentence translated when it is shown: for what modules hold, such as the labels of fields."""
    return cast(str, flask_babel.lazy_gettext(message, **variables))
