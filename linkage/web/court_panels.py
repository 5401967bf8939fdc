"""What requests add to pages of the lower room: a part of a case's page, a card on the desk."""

from django.urls import reverse

from directory.models import Person
from enforcement.engine import Offer
from enforcement.models import Case, PartyRole
from enforcement.web import panels
from enforcement.web.panels import Panel
from linkage.queries import court, work

INQUIRE = "request.inquire"
QUERIES = {
    "linkage.answer": "state=overdue",
    "linkage.check": "state=check",
    "linkage.release-unconfirmed": "state=lift&all=1",
    "linkage.escalate": "state=overdue&all=1",
}


def on_case(person: Person, case: Case, possible: list[Offer]) -> Panel | None:
    """The requests of a case; nothing where there is none and none could be made."""
    may_inquire = any(offer.act.code == INQUIRE for offer in possible)
    has_debtor = any(party.role == PartyRole.DEBTOR for party in case.parties.all())
    found = court.panel(case)
    if not found.total and not (may_inquire and has_debtor):
        return None
    return Panel("linkage/court/_panel.html", {"requests": found, "may_inquire": may_inquire})


def on_desk(person: Person) -> Panel | None:
    """What requests ask of a person today; nothing where they ask nothing."""
    lines = [(line, _leads_to(line.rule)) for line in work.desk_lines(person)]
    return Panel("linkage/court/_desk.html", {"lines": lines}) if lines else None


def _leads_to(rule: str) -> str:
    if rule == "linkage.difficulty":
        return reverse("court_register")
    query = QUERIES.get(rule)
    return f"{reverse('court_requests')}?{query}" if query else f"{reverse('desk')}?show=all"


panels.ON_CASE.append(on_case)
panels.ON_DESK.append(on_desk)
