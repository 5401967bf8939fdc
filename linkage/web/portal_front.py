"""What people of an agency get around their pages: the portal's navigation with its counts."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from directory.models import Duty, Person
from enforcement.web.shell import Front, Place
from linkage.queries import portal, portal_lists

KEEPERS = frozenset({Duty.AGENCY_ADMINISTRATOR})
PLACES = [
    Place(_("Inbox"), "portal_inbox", "g i"),
    Place(_("Answered by us"), "portal_answered", "g a"),
    Place(_("Bulk work"), "portal_bulk", "g b"),
    Place(_("Statements and proofs"), "portal_statement", "g s"),
    Place(_("Joint conferences"), "portal_conferences", "g c"),
    Place(_("Our people"), "portal_people", "g p", duties=KEEPERS),
    Place(_("Interface and keys"), "portal_keys", "g k", duties=KEEPERS),
]


def front(person: Any) -> Front | None:
    """The portal, for people of an agency."""
    if person.court_id is not None or not portal.is_of_agency(person):
        return None
    return Front(
        places=PLACES,
        home="portal_inbox",
        search="portal_search",
        search_hint=_("Request number, case number, last four of an account"),
        counts=_counts,
    )


def _counts(person: Person) -> dict[str, tuple[int, bool]]:
    # Hot: what is due by today, and every lift.
    waiting = portal_lists.waiting_count(person)
    hot = bool(waiting) and (
        portal_lists.waiting_count(person, due="today", most=1) > 0
        or portal_lists.waiting_count(person, kind="lift", most=1) > 0
    )
    return {"portal_inbox": (waiting, hot)}
