"""Who at an agency works on a request (单位内部分派)."""

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from directory.models import Duty, DutyHolding, Person
from enforcement.engine import LiveChoiceField, Refused
from enforcement.models import Case
from law.citations import NETWORK_FREEZE
from linkage.acts.base import AGENCY_DUTIES, AgencyAct, RequestInput, refuse_settled
from linkage.models import Request


def colleagues(agency_ids: set[int]) -> dict[str, Person]:
    """Active people who may work on requests of these agencies today, by user name."""
    holdings = DutyHolding.objects.live().filter(agency__in=agency_ids, duty__in=AGENCY_DUTIES)
    people = Person.objects.filter(pk__in=holdings.values("person_id"), is_active=True, kind="human")
    return {person.username: person for person in people.order_by("name")}


def colleagues_of(request: Request) -> dict[str, Person]:
    """Who may work on a request: people of the agency it is addressed to, and of its headquarters."""
    own = {request.agency_id, request.agency.headquarters_id} - {None}
    return colleagues({agency for agency in own if agency is not None})


def _choices(context: dict[str, Any]) -> dict[str, str]:
    agencies = context["actor"].agency_duties if "actor" in context else {}
    reached: set[int] = set().union(*agencies.values()) if agencies else set()
    return {username: str(person) for username, person in colleagues(reached).items()}


class AssignInput(RequestInput):
    assignee = LiveChoiceField(
        label=_("Assigned to"),
        choices_of=_choices,
        required=False,
        allow_blank=True,
        help_text=_("If empty: nobody in particular."),
    )


class AssignRequest(AgencyAct):
    """Give a request to a colleague, or take it back (分派); the clock runs on."""

    code = "request.assign"
    title = _("Assign a request")
    summary = _("%(agency)s: %(number)s assigned to %(assignee)s")
    basis = (NETWORK_FREEZE.art(2), NETWORK_FREEZE.art(7))
    by = AGENCY_DUTIES | {Duty.AGENCY_ADMINISTRATOR}
    Input = AssignInput

    def check(self, case: Case, data: dict[str, Any]) -> None:
        refuse_settled(data["request"])
        self.colleague = None
        if data.get("assignee"):
            self.colleague = colleagues_of(data["request"]).get(data["assignee"])
            if self.colleague is None:
                raise Refused(
                    gettext("Nobody of this name answers requests at the agency today. Choose a colleague."),
                    NETWORK_FREEZE.art(2),
                    field="assignee",
                    code="not-a-colleague",
                )

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        request = data["request"]
        request.assignee = self.colleague
        request.save(update_fields=["assignee"])
        return {
            "agency": request.agency.name,
            "number": request.number,
            "assignee": self.colleague.name if self.colleague else "",
        }
