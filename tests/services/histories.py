"""A consultation lived at random through its real services: anybody tries anything, and some of it is refused."""

import itertools
import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.database import Base
from consulta.errors import Refusal
from consulta.people.actors import Actor
from consulta.people.models import Role
from consulta.plans.models import Plan
from consulta.referrals.models import Referral
from tests.factories.people import make_actor, make_institution
from tests.factories.plans import make_plan, make_topic

Act = Callable[["History", Actor | None], Any]
SECRET = "canario"
WORDS = "Propongo publicar cada mes los datos del gasto de las escuelas."
REASON = "No cumple lo que se pide para publicarlo en el sitio."


class History:
    """One plan with its people; `step()` lets somebody try something, `finish()` does all that is left."""

    def __init__(self, session: Session, seed: int) -> None:
        self.session, self.chance, self.numbers = session, random.Random(seed), itertools.count(1)
        self.plan_id = make_plan(session).id
        plan = session.get_one(Plan, self.plan_id)
        self.topics = [make_topic(session, plan) for _ in range(2)]
        self.places = [make_institution(session) for _ in range(2)]
        self.citizens = [make_actor(session) for _ in range(3)]
        self.coordinator = make_actor(session, Role.COORDINATOR)
        self.liaisons = [make_actor(session, (Role.LIAISON, place)) for place in self.places]
        others = [make_actor(session, Role.MODERATOR), make_actor(session, Role.OBSERVER)]
        self.everybody = [*self.citizens, self.coordinator, *self.liaisons, *others]
        self.done: dict[str, int] = {}
        self.days = 0

    def step(self, acts: Sequence[tuple[str, Act]]) -> None:
        """One act by one person; mostly somebody who may, now and then anybody."""
        name, act = self.chance.choice(acts)
        actor = self.chance.choice(self.everybody) if self.chance.random() < 0.15 else None
        self.attempt(name, lambda: act(self, actor))

    def attempt(self, name: str, act: Callable[[], Any]) -> None:
        try:
            with clock.set_to(self.moment()):
                if act() is not None:
                    self.done[name] = self.done.get(name, 0) + 1
        except Refusal:
            self.session.rollback()
        self.session.expire_all()

    def moment(self) -> datetime:
        """What the clock of the consultation says."""
        return self.started + timedelta(days=self.days)

    @property
    def started(self) -> datetime:
        if not hasattr(self, "_started"):
            self._started = clock.now()
        return self._started

    @property
    def plan(self) -> Plan:
        return self.session.get_one(Plan, self.plan_id)

    def any(self, model: type[Base], *conditions: Any) -> Any:
        """A row at random, or None."""
        keys = self.session.scalars(sa.select(model.id).where(*conditions).order_by(model.id)).all()
        return self.session.get_one(model, self.chance.choice(keys)) if keys else None

    def all(self, model: type[Base], *conditions: Any) -> list[Any]:
        return list(self.session.scalars(sa.select(model).where(*conditions).order_by(model.id)))

    def key(self) -> str:
        return f"clave-{next(self.numbers)}"

    def justify(self) -> str:
        """A justification that nobody outside may read yet; it names both institutions."""
        names = " y ".join(place.code for place in self.places)
        return f"{names} lo analizaron y esta es su razón: {SECRET}-{next(self.numbers)}."

    def liaison_of(self, referral: Referral) -> Actor:
        return next(
            one for one, place in zip(self.liaisons, self.places, strict=True) if place.id == referral.institution_id
        )
