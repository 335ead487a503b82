"""State machines: a noun's states are one table that the code runs, the documentation prints and tests walk."""

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from consulta.permissions import Permission

# A guard gets the subject and every fact it needs, and answers None or the code of what is missing.
Guard = Callable[[Any, Mapping[str, Any]], str | None]


@dataclass(frozen=True)
class Transition:
    """One row: without a permission it is automatic, the consequence of another act that required its own."""

    from_state: enum.Enum | None
    to_state: enum.Enum
    permission: Permission | None
    guard: Guard | None = None
    needs_reason: bool = False


@dataclass(frozen=True)
class StateMachine:
    """The transitions of one model; `from_state` None is its creation.

    `undos` take a row back for some seconds after an act: a table apart, because there the same two states mean
    something else.
    """

    model: type
    transitions: tuple[Transition, ...]
    undos: tuple[Transition, ...] = ()
    _index: dict[tuple[enum.Enum | None, enum.Enum], Transition] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        for transition in self.transitions:
            key = (transition.from_state, transition.to_state)
            if key in self._index:
                raise ValueError(f"{self.model.__name__}: {key} twice")
            self._index[key] = transition
        MACHINES[self.model] = self

    def find(self, from_state: enum.Enum | None, to_state: enum.Enum) -> Transition | None:
        return self._index.get((from_state, to_state))

    def find_undo(self, from_state: enum.Enum, to_state: enum.Enum) -> Transition | None:
        return next((t for t in self.undos if (t.from_state, t.to_state) == (from_state, to_state)), None)

    def targets(self, from_state: enum.Enum | None) -> list[enum.Enum]:
        """The states that can follow `from_state`."""
        return [t.to_state for t in self.transitions if t.from_state is from_state]


MACHINES: dict[type, StateMachine] = {}
