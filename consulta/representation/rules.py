"""What a request to represent an organisation must say, and where it goes from there."""

from consulta.errors import Problem
from consulta.people.models import PUBLIC_BODIES, InstitutionKind
from consulta.people.rules import check_institution_code, check_institution_name
from consulta.permissions import Permission
from consulta.representation.models import EVIDENCE_MAX, POST_MAX, REASON_MAX, Representation, RepresentationState
from consulta.states import StateMachine, Transition

SOCIETY_KINDS = tuple(kind for kind in InstitutionKind if kind not in PUBLIC_BODIES)

_S, _P = RepresentationState, Permission
REPRESENTATION = StateMachine(
    Representation,
    (
        Transition(None, _S.WAITING, _P.REPRESENTATION_ASK),
        Transition(_S.WAITING, _S.CONFIRMED, _P.REPRESENTATION_JUDGE),
        Transition(_S.WAITING, _S.DECLINED, _P.REPRESENTATION_JUDGE, needs_reason=True),
        Transition(_S.WAITING, _S.WITHDRAWN, _P.REPRESENTATION_END),
        Transition(_S.CONFIRMED, _S.ENDED, _P.REPRESENTATION_END),
        Transition(_S.CONFIRMED, _S.REVOKED, _P.REPRESENTATION_REVOKE, needs_reason=True),
    ),
)


def check_request(*, post: str, evidence: str) -> list[Problem]:
    """What is wrong with what somebody says of themselves, already cleaned."""
    return [*_line("post", post, POST_MAX), *_line("evidence", evidence, EVIDENCE_MAX)]


def check_organization(*, code: str, name: str, kind: InstitutionKind | None) -> list[Problem]:
    """What is wrong with an organisation that is not in the list yet."""
    found = [check_institution_name(name), check_institution_code(code)]
    if kind not in SOCIETY_KINDS:
        found.append(Problem("kind", "organization_kind_missing"))
    return [problem for problem in found if problem]


def check_reason(reason: str) -> list[Problem]:
    return _line("reason", reason, REASON_MAX)


def _line(field: str, text: str, most: int) -> list[Problem]:
    if not text:
        return [Problem(field, "missing")]
    if len(text) > most:
        return [Problem(field, "text_too_long", {"max": most, "length": len(text)})]
    return []
