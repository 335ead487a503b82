"""Which function writes each message: `change.mail(name, …)` names it, the worker looks it up here.

A message is a function `(session, site, **ids) -> Mail | None`: it reads what its ids name, and answers None when
there is nobody to tell. It makes one mail; a message for several people says who with `each`, a function
`(session, **ids)` that answers the ids to add for each of them, and the worker makes a row of the outbox for each.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from consulta.messages.mail import Mail

Render = Callable[..., Mail | None]
Each = Callable[..., list[dict[str, int]]]
Function = TypeVar("Function", bound=Render)


@dataclass(frozen=True)
class Message:
    """A message by its name."""

    name: str
    render: Render
    each: Each | None


class UnknownMessage(LookupError):
    """No function writes a message of this name."""


MESSAGES: dict[str, Message] = {}


def message(name: str, *, each: Each | None = None) -> Callable[[Function], Function]:
    """Register the function below as the one that writes `name`."""

    def register(render: Function) -> Function:
        if name in MESSAGES:
            raise ValueError(f"two messages named {name}")
        MESSAGES[name] = Message(name, render, each)
        return render

    return register


def find_message(name: str) -> Message:
    if name not in MESSAGES:
        raise UnknownMessage(name)
    return MESSAGES[name]
