"""Random walks over every state machine: whatever anybody tries, a row moves along its printed table or not at all."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy.orm import Session

from consulta.changes import Change
from consulta.database import Base
from consulta.errors import GuardRefused, Invalid, NotAllowed, NotInThisState
from consulta.people.actors import VISITOR, Actor
from consulta.people.models import Role
from consulta.states import MACHINES, StateMachine
from scripts import write_docs

STEPS = 20_000
DOCS = Path(__file__).parents[2] / "docs"
HERE, ELSEWHERE, AUTHOR = 1, 2, 7
ACTORS = {
    "visitor": VISITOR,
    "author": Actor(AUTHOR, "Autora", frozenset()),
    "stranger": Actor(8, "Vecino", frozenset()),
    "liaison": Actor(9, "Enlace", frozenset({(Role.LIAISON, HERE)})),
    "other liaison": Actor(10, "Otro enlace", frozenset({(Role.LIAISON, ELSEWHERE)})),
    **{role.value: Actor(11, role.value, frozenset({(role, None)})) for role in Role if role is not Role.LIAISON},
}
# The words of the printed table: who they stand for.
WHO = {
    "signed in": set(ACTORS) - {"visitor"},
    "author of it": {"author"},
    "liaison of the institution it was sent to": {"liaison"},
    "liaison of the institution that leads it": {"liaison"},
    "coordinator (never for themselves)": {"coordinator"},
    "moderator or coordinator (never of their own words)": {"moderator", "coordinator"},
}


class NoSession:
    """What a change writes to."""

    def __init__(self) -> None:
        self.added: list[Any] = []

    def flush(self) -> None:
        """There is nothing to write before the entries of the log."""

    def execute(self, statement: Any, rows: Any) -> "NoSession":
        self.added += rows if isinstance(rows, list) else []
        return self

    def scalar_one_or_none(self) -> None:
        """Nobody was erased."""


def printed_rows(text: str) -> Iterator[list[str]]:
    """The cells of every row of a printed page, after the last heading above it."""
    heading = ""
    for line in text.splitlines():
        if line.startswith("## "):
            heading = line[3:]
        elif line.startswith("| `") or line.startswith("| —"):
            yield [heading, *(cell.strip().strip("`") for cell in line.strip("|").split("|"))]


def printed_permissions() -> dict[str, set[str]]:
    """Which of the actors hold each permission."""
    rows = printed_rows((DOCS / "permissions.md").read_text(encoding="utf-8"))
    return {name: set().union(*(WHO.get(who, {who}) for who in whom.split(", "))) for _, name, _, whom in rows}


def printed_moves(model: str) -> dict[tuple[str, str], tuple[str, bool, bool]]:
    """(from, to) of a noun: its permission, whether it has a guard, whether it needs a reason."""
    rows = [row for row in printed_rows((DOCS / "states.md").read_text(encoding="utf-8")) if row[0] == model]
    return {(start, to): (who, bool(guard), bool(reason)) for _, start, to, _, who, guard, reason in rows}


def test_the_printed_tables_are_what_the_code_says() -> None:
    assert (DOCS / "states.md").read_text(encoding="utf-8") == write_docs.states_page()
    assert (DOCS / "permissions.md").read_text(encoding="utf-8") == write_docs.permissions_page()


@contextmanager
def guards_that_say_what_they_are_told(machine: StateMachine) -> Iterator[None]:
    """What a guard judges is tested with its rule; here it is whether its word holds."""
    told, back = (
        tuple(replace(t, guard=t.guard and (lambda row, facts: facts["verdict"])) for t in table)
        for table in (machine.transitions, machine.undos)
    )
    try:
        StateMachine(machine.model, told, back)
        yield
    finally:
        MACHINES[machine.model] = machine


def make_row(model: type[Base], state: Any) -> Any:
    row = model(id=1, state=state, version=1)
    owners = {"person_id": AUTHOR, "institution_id": HERE, "lead_institution_id": HERE}
    for name, value in owners.items():
        if name in model.__table__.columns:
            setattr(row, name, value)
    return row


TABLES = [(model, False) for model in MACHINES] + [(model, True) for model in MACHINES if MACHINES[model].undos]


@pytest.mark.parametrize(("model", "is_back"), TABLES, ids=lambda one: one.__name__ if isinstance(one, type) else one)
def test_a_row_moves_along_its_table_or_not_at_all(model: type[Base], is_back: bool) -> None:
    """Anybody tries to take a row anywhere, on or back; the printed table says what must come of it."""
    moves = printed_moves(f"{model.__name__}, taken back" if is_back else model.__name__)
    chance, permissions = random.Random(model.__name__), printed_permissions()
    states = list(type(MACHINES[model].transitions[0].to_state))
    row, moved = make_row(model, chance.choice(states)), 0
    with guards_that_say_what_they_are_told(MACHINES[model]):
        for _ in range(STEPS):
            name, to = chance.choice(list(ACTORS)), chance.choice(states)
            verdict, reason = chance.choice([None, "missing"]), chance.choice([None, "Porque sí."])
            session, before = NoSession(), (row.state, row.version)
            change = Change(cast(Session, session), ACTORS[name], None)
            expected = _expected(moves.get((row.state.value, to.value)), permissions, name, verdict, reason)
            if expected is None:
                _move(change, row, to, verdict, reason, is_back=is_back)
                change.finish()
                assert (row.state, row.version, len(session.added)) == (to, before[1] + 1, 1)
                moved += 1
                continue
            with pytest.raises(expected):
                _move(change, row, to, verdict, reason, is_back=is_back)
            change.finish()
            assert ((row.state, row.version), session.added) == (before, [])
            if is_back or not MACHINES[model].targets(row.state):
                row = make_row(model, chance.choice(states))
    assert moved > STEPS / 200


def _move(change: Change, row: Any, to: Any, verdict: str | None, reason: str | None, *, is_back: bool) -> None:
    if is_back:
        change.move_back(row, to, act="undo", facts={"verdict": verdict})
    else:
        change.move(row, to, facts={"verdict": verdict}, reason=reason)


def _expected(
    move: tuple[str, bool, bool] | None, permissions: dict[str, set[str]], name: str, verdict: str | None, reason: Any
) -> type[Exception] | None:
    """The refusal that the printed row asks for, None when the move is right."""
    if move is None:
        return NotInThisState
    permission, has_guard, needs_reason = move
    if permission in permissions and name not in permissions[permission]:
        return NotAllowed
    if has_guard and verdict:
        return GuardRefused
    return Invalid if needs_reason and not reason else None
