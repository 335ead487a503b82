"""How the consultation works, privacy and accessibility: plain text that depends on nothing."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from consulta.contributions.models import ContributionState
from consulta.plans.models import PlanState
from consulta.proposals.models import ProposalState
from consulta.referrals.models import ReferralState
from consulta.web.pages import public_page

blueprint = Blueprint("about", __name__)


@blueprint.get("/metodo")
@public_page(lambda: ())
def method() -> ResponseReturnValue:
    """From a proposal to a commitment, and what each state means."""
    return render_template(
        "public/about/method.html",
        plan_states=PlanState,
        contribution_states=ContributionState,
        proposal_states=ProposalState,
        referral_states=ReferralState,
    )


@blueprint.get("/privacidad")
@public_page(lambda: ())
def privacy() -> ResponseReturnValue:
    return render_template("public/about/privacy.html")


@blueprint.get("/accesibilidad")
@public_page(lambda: ())
def accessibility() -> ResponseReturnValue:
    return render_template("public/about/accessibility.html")
