"""An actor: who is doing something now, with the roles that person holds."""

from dataclasses import dataclass, field

from consulta.people.models import STAFF_ROLES, Person, Role


@dataclass(frozen=True)
class Actor:
    """A person at work, or a part of the system. `grants` are (role, institution id or None) pairs."""

    person_id: int | None
    name: str
    grants: frozenset[tuple[Role, int | None]] = field(default_factory=frozenset)

    @property
    def is_known(self) -> bool:
        return self.person_id is not None

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(role for role, _ in self.grants)

    @property
    def is_staff(self) -> bool:
        """Whether some role makes it part of the team; who represents an organisation takes part like everybody."""
        return not STAFF_ROLES.isdisjoint(self.roles)

    @property
    def role_names(self) -> str:
        """The roles as the log keeps them; somebody without any is a contributor."""
        return ",".join(sorted(role.value for role in self.roles)) or ("contributor" if self.is_known else "visitor")

    def holds(self, *roles: Role) -> bool:
        return bool(self.roles.intersection(roles))

    def institutions(self, role: Role) -> frozenset[int]:
        """The ids of the institutions where the actor has `role`."""
        return frozenset(place for held, place in self.grants if held is role and place is not None)


VISITOR = Actor(None, "Visitante")
# The clock closes windows and moves what is due; it holds the coordinator's role and nobody can sign in as it.
CLOCK = Actor(None, "Reloj del sistema", frozenset({(Role.COORDINATOR, None)}))
# What is reported as dangerous is hidden by this rule, never by the person who reported it.
REPORT_RULE = Actor(None, "Denuncia", frozenset({(Role.MODERATOR, None)}))


def actor_for(person: Person) -> Actor:
    """The actor that a person is now; needs `person.memberships`."""
    grants = frozenset((membership.role, membership.institution_id) for membership in person.memberships)
    return Actor(person.id, person.public_name, grants)
