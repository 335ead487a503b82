"""The WSGI application: `gunicorn wsgi:app`."""

import config
from consulta import create_app

app = create_app(config.from_environment())
