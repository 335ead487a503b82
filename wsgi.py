"""The WSGI application: `gunicorn wsgi:app`."""

import gc

import config
from consulta import create_app

app = create_app(config.from_environment())
# What is loaded by now stays: without this the collector walks all of it now and then, in the middle of an answer.
gc.collect()
gc.freeze()
