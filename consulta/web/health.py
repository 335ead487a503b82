"""`/healthz`: the process is alive. `/readyz`: it can write."""

import sqlalchemy as sa
from flask import Blueprint
from flask.typing import ResponseReturnValue

from consulta.cache_versions import CacheVersion
from consulta.database import writing
from consulta.web.context import db

blueprint = Blueprint("health", __name__)
PLAIN = {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"}


@blueprint.get("/healthz")
def alive() -> ResponseReturnValue:
    return "ok\n", 200, PLAIN


@blueprint.get("/readyz")
def ready() -> ResponseReturnValue:
    """A write that changes nothing: it takes the write lock and ends."""
    try:
        with writing(db()) as session:
            session.execute(sa.update(CacheVersion).where(CacheVersion.scope == "").values(number=0))
    except sa.exc.SQLAlchemyError:
        return "not ready\n", 503, PLAIN
    return "ready\n", 200, PLAIN
