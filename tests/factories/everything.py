"""A row in every table that belongs to people, with a mark in each text that says whose it is and where it stands."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.database import Base, SafeHtml, writing
from consulta.text import sanitize
from tests.factories import number
from tests.factories.people import make_person

ROOTS = ("person", "account", "contribution")


def tables_of_people() -> list[sa.Table]:
    """Those that are about a person, an account or a contribution, each after what it refers to."""
    tables = Base.metadata.sorted_tables
    return [table for table in tables if table.name in ROOTS or any(_refers(table, root) for root in ROOTS)]


def mark(whose: str, table: str, column: str) -> str:
    """What stands in a text column of somebody's row."""
    return f"marca-{whose}-{table}.{column}-"


def make_owner(session: Session, whose: str) -> dict[str, int]:
    """A person with an account; every text is marked."""
    person = make_person(session, public_name=mark(whose, "person", "public_name"), email=f"{whose}@example.org")
    keys = {"person": person.id}
    with writing(session):
        keys["account"] = _insert(session, whose, _table("account"), keys)
    return keys


def make_everything(
    session: Session, whose: str, own: dict[str, int], others: dict[str, int], base: dict[str, int]
) -> None:
    """A row in every other table for one person; what people do to a contribution, they do to the other one's."""
    with writing(session):
        for table in tables_of_people():
            if table.name in own:
                continue
            names_person = any(_refers(table, root) for root in ("person", "account"))
            contribution = others if names_person else own
            keys = {**base, **own, "contribution": contribution["contribution"]}
            keys[table.name] = _insert(session, whose, table, keys)
            own.setdefault(table.name, keys[table.name])


def make_contribution_of(session: Session, whose: str, own: dict[str, int], base: dict[str, int]) -> None:
    with writing(session):
        own["contribution"] = _insert(session, whose, _table("contribution"), {**base, **own})


def _table(name: str) -> sa.Table:
    return Base.metadata.tables[name]


def _refers(table: sa.Table, name: str) -> bool:
    return any(key.column.table.name == name for key in table.foreign_keys)


def _insert(session: Session, whose: str, table: sa.Table, keys: dict[str, int]) -> int:
    values = {column.name: _value(whose, table, column, keys) for column in table.columns if column.name != "id"}
    return int(session.execute(sa.insert(table).values(**values).returning(table.c.id)).scalar_one())


def _value(whose: str, table: sa.Table, column: sa.Column[Any], keys: dict[str, int]) -> Any:
    text = f"{mark(whose, table.name, column.name)}{number()}"
    for key in column.foreign_keys:
        name = key.column.table.name
        return None if name == table.name else keys.get(name)
    match column.type:
        case SafeHtml():
            return sanitize(text)
        case sa.Enum(enum_class=members) if members is not None:
            return next(iter(members))
        case sa.Boolean():
            return True
        case sa.JSON():
            return [] if column.name in ("held_for", "reasons") else {"mark": text}
        case sa.Date():
            return clock.today()
        case sa.Integer() | sa.Float():
            return number()
        case sa.Text() | sa.String():
            return text
    return clock.now()
