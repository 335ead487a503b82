"""The site with passwords that are hashed in a moment: what is measured is who comes first, not hashing."""

from flask import Flask

import config
from consulta import create_app
from tests.quick import make_quick


def site() -> Flask:
    return make_quick(create_app(config.from_environment()))
