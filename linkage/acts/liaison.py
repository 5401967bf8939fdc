"""What acts of the liaison court (联络法院) share: they name member agencies that this court keeps."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext
from oauth2_provider.models import AccessToken

from directory.models import Agency, ClientSystem, Duty, Person
from directory.sessions import end_sessions
from enforcement.engine import Act, Refused, Subject
from law.citations import DECISION_2011, Citation


def members_of(context: dict[str, Any]) -> dict[str, str]:
    """Live member agencies of the court of a form, by code."""
    court = context.get("court")
    if court is None:
        return {}
    rows = Agency.objects.filter(member__liaison=court, is_active=True)
    return {agency.code: str(agency) for agency in rows}


class LiaisonAct(Act):
    """What acts of the liaison court share: they name member agencies of this court."""

    group = "agencies"
    basis: ClassVar[tuple[Citation, ...]] = (DECISION_2011.art("四"),)
    subject = Subject.COURT
    by = frozenset({Duty.COMMAND})
    needs_assignment = False
    offered_as_step = False

    def agency(self, code: str) -> Agency:
        """A live member agency of this court. Raises ``Refused`` for any other, known or not."""
        agency = (
            Agency.objects.select_for_update(of=("self",))
            .select_related("member")
            .filter(code=code, member__liaison=self.court, is_active=True)
            .first()
        )
        if agency is None:
            raise Refused(
                gettext("This court keeps no such agency."),
                DECISION_2011.art("四"),
                field="agency",
                code="not-found",
            )
        return agency

    def linked(self, code: str, field: str) -> Agency | None:
        """Another agency that is named as headquarters or superior. Raises ``Refused``."""
        if not code:
            return None
        agency = Agency.objects.filter(code=code, is_active=True).first()
        if agency is None:
            raise Refused(gettext("There is no such agency."), DECISION_2011.art("四"), field=field)
        return agency


def shut_out(person: Person, day: date) -> list[str]:
    """Close an account: duties end with yesterday, sessions and tokens at once. Names of the duties."""
    ended = []
    for holding in person.holdings.select_for_update(of=("self",)):
        if holding.during.upper is not None and holding.during.upper <= day:
            continue
        ended.append(str(Duty(holding.duty).label))
        if holding.during.lower >= day:
            holding.delete()
        else:
            holding.during = DateRange(holding.during.lower, day)
            holding.save(update_fields=["during"])
    person.is_active = False
    person.set_unusable_password()
    person.save(update_fields=["is_active", "password"])
    for system in ClientSystem.objects.filter(person=person, is_active=True):
        system.is_active = False
        system.save(update_fields=["is_active"])
        AccessToken.objects.filter(application=system.application).delete()
    end_sessions(person)
    return ended
