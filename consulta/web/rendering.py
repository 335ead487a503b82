"""How templates are loaded."""

from collections.abc import MutableMapping
from typing import Any

from flask.templating import Environment


class SiteEnvironment(Environment):
    """Flask's own, but a template without globals of its own shares those of all.

    Each import in a template compares the two, and a chain of both does so name by name.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return super().make_globals(d) if d else self.globals
