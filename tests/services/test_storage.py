"""What the database itself promises."""

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from consulta.cache_versions import raise_versions, read_versions
from consulta.database import writing


def test_versions_rise_by_one_in_their_transaction(session: Session) -> None:
    for _ in range(2):
        with writing(session):
            raise_versions(session, {"site", "plan:x"})
    assert read_versions(session, ("plan:x", "site", "topic:never")) == (2, 2, 0)


def test_ready_means_able_to_write(app: Flask) -> None:
    assert app.test_client().get("/readyz").status_code == 200
    with app.extensions["consulta"].database.engine.connect() as connection:
        assert connection.execute(sa.text("select count(*) from cache_version")).scalar_one() == 0
