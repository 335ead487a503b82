"""Refusals: named errors that carry facts. `web/errors.py` turns them into Spanish."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


class Refusal(Exception):
    """What was asked is not done, and nothing was changed."""


@dataclass(eq=False)
class NotAllowed(Refusal):
    """The actor lacks the permission."""

    permission: str


@dataclass(eq=False)
class NotFound(Refusal):
    """There is no such thing, or it is not for this actor to see."""

    kind: str
    key: object = None


@dataclass(eq=False)
class NotInThisState(Refusal):
    """The state machine has no such move from the present state; the subject has a `state`."""

    subject: Any
    to: object


@dataclass(eq=False)
class GuardRefused(Refusal):
    """The move exists but its guard does not hold; `code` names which condition is missing."""

    code: str
    facts: Mapping[str, Any] = dataclasses.field(default_factory=dict)


@dataclass(eq=False)
class StaleVersion(Refusal):
    """Somebody changed the record after the form was shown."""

    subject: object
    seen: int
    present: int


@dataclass(eq=False)
class WindowClosed(Refusal):
    """The plan does not take contributions now."""

    plan: object


@dataclass(eq=False)
class NotNow(Refusal):
    """The plan's state does not admit this kind of work."""

    plan: object
    work: str


@dataclass(eq=False)
class KeyReused(Refusal):
    """The form's key already recorded another text."""

    reference: str


@dataclass(eq=False)
class TooMany(Refusal):
    """A limit is spent; it can be done again from that moment on."""

    again_at: datetime


@dataclass(frozen=True)
class Problem:
    """One bad field: the form's field name, a code that `web/errors.py` words, and the facts of the sentence."""

    field: str
    code: str
    facts: Mapping[str, Any] = dataclasses.field(default_factory=dict)


class Invalid(Refusal):
    """One or more fields break a rule; nothing was changed."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(", ".join(f"{p.field}: {p.code}" for p in problems))
        self.problems = problems
