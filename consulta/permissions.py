"""One table of permissions, denied by default: services require, views and templates ask.

A predicate sees the actor and the subject (a plan, a contribution, a referral… or None) and knows nothing of
states or dates: when something is possible is a rule, who may do it is a permission.
"""

import enum
from collections.abc import Callable
from typing import Any

from consulta.errors import NotAllowed
from consulta.people.actors import Actor
from consulta.people.models import Role


class Permission(enum.Enum):
    """What can be done, as `noun:verb`."""

    PLAN_MANAGE = "plan:manage"
    """Create and edit plans, calendar, topics, documents; open, extend and close the window; move the plan."""
    PLAN_APPROVE = "plan:approve"
    """Approve the plan and its commitments with a signed document."""
    CONTRIBUTION_SUBMIT = "contribution:submit"
    """Write a proposal or a reply, and support."""
    CONTRIBUTION_REGISTER = "contribution:register"
    """Register what came through another channel."""
    CONTRIBUTION_COMPLETE = "contribution:complete"
    """Answer a request for completion, or appeal a rejection or a hiding."""
    CONTRIBUTION_EDIT = "contribution:edit"
    """Rewrite a contribution, or take back new words that wait."""
    CONTRIBUTION_WITHDRAW = "contribution:withdraw"
    """Withdraw a contribution."""
    CONTRIBUTION_REPORT = "contribution:report"
    """Report that a contribution should not be there."""
    CONTRIBUTION_MODERATE = "contribution:moderate"
    """Publish, ask for completion, reject, hide and show again, redact."""
    TEXTS_KEEP = "texts:keep"
    """Word the stored texts that moderators begin from."""
    PROPOSAL_SYSTEMATIZE = "proposal:systematize"
    """Give topic and summary, merge, undo a merge, split, take, void."""
    PROPOSAL_REFER = "proposal:refer"
    """Dispatch proposals to institutions, extend, cancel, mark as without answer."""
    PROPOSAL_DECIDE = "proposal:decide"
    """Decide with a justification, and reopen."""
    REFERRAL_ANSWER = "referral:answer"
    """Acknowledge, answer or return what was forwarded to the own institution."""
    COMMITMENT_EDIT = "commitment:edit"
    """Write commitments, send them to review, drop them."""
    COMMITMENT_VALIDATE = "commitment:validate"
    """Observe or validate the commitments that the own institution leads."""
    RESULTS_PUBLISH = "results:publish"
    """Publish outcomes, justifications and matrices."""
    FIGURES_NOTE = "figures:note"
    """Explain a published figure that does not agree."""
    COORDINATION_READ = "coordination:read"
    """See the trays of coordination, before publication too."""
    PRIVATE_READ = "private:read"
    """See the private contact of contributors, the notes among the team, and what reports say."""
    REPRESENTATION_ASK = "representation:ask"
    """Ask to represent an organisation."""
    REPRESENTATION_END = "representation:end"
    """Take the request back, or represent nobody any more."""
    REPRESENTATION_JUDGE = "representation:judge"
    """Confirm or decline who represents an organisation."""
    REPRESENTATION_REVOKE = "representation:revoke"
    """Take the representation of an organisation from somebody."""
    ORGANIZATION_SPEAK = "organization:speak"
    """Write on behalf of an organisation."""
    FOLLOW_KEEP = "follow:keep"
    """Follow topics and proposals, and choose how to hear of them."""
    ACCOUNT_KEEP = "account:keep"
    """Change how one enters (address, password, second step, passkeys), and end the own sessions."""
    PERSON_ERASE = "person:erase"
    """Ask that all personal data be erased, and call it off."""
    DATA_COPY = "data:copy"
    """Download a copy of what the site holds of oneself."""
    SITE_ADMINISTER = "site:administer"
    """Invite people, give and take roles, disable accounts, keep institutions and holidays."""


Predicate = Callable[[Actor, Any], bool]


def _role(*roles: Role) -> Predicate:
    def holds(actor: Actor, subject: Any) -> bool:
        return actor.holds(*roles)

    holds.__doc__ = " o ".join(role.value for role in roles)
    return holds


def anyone(actor: Actor, subject: Any) -> bool:
    """anyone"""
    return True


def signed_in(actor: Actor, subject: Any) -> bool:
    """signed in"""
    return actor.is_known


def author(actor: Actor, subject: Any) -> bool:
    """author of it"""
    return actor.is_known and subject is not None and subject.person_id == actor.person_id


def moderates_others(actor: Actor, subject: Any) -> bool:
    """moderator or coordinator (never of their own words)"""
    return actor.holds(Role.MODERATOR, Role.COORDINATOR) and not author(actor, subject)


def liaison_of_institution(actor: Actor, subject: Any) -> bool:
    """liaison of the institution it was sent to"""
    return subject is not None and subject.institution_id in actor.institutions(Role.LIAISON)


def liaison_of_lead(actor: Actor, subject: Any) -> bool:
    """liaison of the institution that leads it"""
    return subject is not None and subject.lead_institution_id in actor.institutions(Role.LIAISON)


def that_person_without_role(actor: Actor, subject: Any) -> bool:
    """that person, without any role in the team"""
    return actor.is_known and not actor.is_staff and subject is not None and subject.id == actor.person_id


def coordinates_others(actor: Actor, subject: Any) -> bool:
    """coordinator (never for themselves)"""
    return actor.holds(Role.COORDINATOR) and not author(actor, subject)


def represents_it(actor: Actor, subject: Any) -> bool:
    """representative of the organisation"""
    return subject is not None and subject.id in actor.institutions(Role.ORG_REP)


coordinator = _role(Role.COORDINATOR)
moderator = _role(Role.MODERATOR)
observer = _role(Role.OBSERVER)
approver = _role(Role.APPROVER)
admin = _role(Role.ADMIN)

POLICY: dict[Permission, tuple[Predicate, ...]] = {
    Permission.PLAN_MANAGE: (coordinator,),
    Permission.PLAN_APPROVE: (approver,),
    Permission.CONTRIBUTION_SUBMIT: (signed_in,),
    Permission.CONTRIBUTION_REGISTER: (coordinator,),
    Permission.CONTRIBUTION_COMPLETE: (author,),
    Permission.CONTRIBUTION_EDIT: (author,),
    Permission.CONTRIBUTION_WITHDRAW: (author, coordinator),
    Permission.CONTRIBUTION_REPORT: (anyone,),
    Permission.CONTRIBUTION_MODERATE: (moderates_others,),
    Permission.TEXTS_KEEP: (coordinator,),
    Permission.PROPOSAL_SYSTEMATIZE: (coordinator,),
    Permission.PROPOSAL_REFER: (coordinator,),
    Permission.PROPOSAL_DECIDE: (coordinator,),
    Permission.REFERRAL_ANSWER: (liaison_of_institution,),
    Permission.COMMITMENT_EDIT: (coordinator,),
    Permission.COMMITMENT_VALIDATE: (liaison_of_lead,),
    Permission.RESULTS_PUBLISH: (coordinator,),
    Permission.FIGURES_NOTE: (coordinator,),
    Permission.COORDINATION_READ: (moderator, coordinator, observer, approver),
    Permission.PRIVATE_READ: (moderates_others,),
    Permission.REPRESENTATION_ASK: (signed_in,),
    Permission.REPRESENTATION_END: (author,),
    Permission.REPRESENTATION_JUDGE: (coordinates_others,),
    Permission.REPRESENTATION_REVOKE: (coordinator, admin),
    Permission.ORGANIZATION_SPEAK: (represents_it,),
    Permission.FOLLOW_KEEP: (signed_in,),
    Permission.ACCOUNT_KEEP: (author,),
    Permission.PERSON_ERASE: (that_person_without_role,),
    Permission.DATA_COPY: (author,),
    Permission.SITE_ADMINISTER: (admin,),
}


def allows(actor: Actor, permission: Permission, subject: Any = None) -> bool:
    """Whether any predicate of the table admits the actor; what is absent is denied."""
    return any(predicate(actor, subject) for predicate in POLICY.get(permission, ()))


def require(actor: Actor, permission: Permission, subject: Any = None) -> None:
    """Raise NotAllowed unless the actor has the permission."""
    if not allows(actor, permission, subject):
        raise NotAllowed(permission.value)
