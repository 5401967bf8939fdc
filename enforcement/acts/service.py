"""Service of writs (送达): who got what, how, when, proved by what; and what follows from it."""

import uuid
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from directory.models import Duty
from enforcement.engine import Act, ActInput, OfCase, Refused, UploadField
from enforcement.models import (
    Case,
    DeadlineKind,
    Document,
    Party,
    Service,
    ServiceMethod,
    ServiceState,
    Stage,
)
from enforcement.writs.declarations import writ_named
from law import deadlines
from law.citations import CPL, CPL_INTERPRETATION, Citation

# By these a return of service (送达回证) comes back (CPL 87); an electronic system shows arrival itself.
PROVED = {ServiceMethod.DIRECT, ServiceMethod.LEFT, ServiceMethod.POST, ServiceMethod.ENTRUSTED}
SIGNED_FOR = {ServiceMethod.DIRECT, ServiceMethod.POST, ServiceMethod.ENTRUSTED}
METHOD_BASIS: dict[str, Citation] = {
    ServiceMethod.DIRECT: CPL.art(88),
    ServiceMethod.LEFT: CPL.art(89),
    ServiceMethod.ELECTRONIC: CPL.art(90),
    ServiceMethod.POST: CPL.art(91),
    ServiceMethod.ENTRUSTED: CPL.art(91),
    ServiceMethod.PUBLIC: CPL.art(95),
}
# Writs that speak to one party alone; others may be served on whoever the law says.
ADDRESSED = {"notice.execution", "order.property-report"}

Follower = Callable[["RecordService", Case, Service], None]
_followers: dict[str, list[Follower]] = defaultdict(list)


def on_served(*writs: str) -> Callable[[Follower], Follower]:
    """Say what follows when a writ of one of these kinds was served on a party: called with the running act,
    the case and the service (its ``document``, ``party`` and ``served_on`` set), in the same transaction."""

    def register(follower: Follower) -> Follower:
        for writ in writs:
            _followers[writ].append(follower)
        return follower

    return register


def service_of(document: Document, party: Party) -> uuid.UUID:
    """What deadlines about serving one writ on one party name as their subject."""
    if document.party_id == party.pk:
        return document.uid
    return uuid.uuid5(document.uid, str(party.uid))


def to_serve(act: Act, document: Document, *parties: Party) -> None:
    """Open the task of serving a writ on each of these parties."""
    for party in parties:
        act.effects.open_deadline(
            document.case,
            "product.serve",
            duty=Duty.IMPLEMENTER,
            act="service.record",
            subject=service_of(document, party),
            label=f"{writ_named(document.writ).title_zh} · {party.name}"[:160],
        )


class ServiceInput(ActInput):
    """One attempt to serve one writ on one party."""

    document = OfCase("documents", label=_("Writ"))
    party = OfCase("parties", label=_("Party"))
    method = serializers.ChoiceField(label=_("How"), choices=ServiceMethod.choices)
    state = serializers.ChoiceField(
        label=_("Result"), choices=ServiceState.choices, default=ServiceState.SERVED
    )
    sent_on = serializers.DateField(
        label=_("Sent or tried on"),
        help_text=_("For a public notice: the day it was last posted or printed."),
    )
    served_on = serializers.DateField(
        label=_("Received on"),
        required=False,
        allow_null=True,
        default=None,
        help_text=_(
            "As signed on the return of service. A public notice is served by the passing of its period."
        ),
    )
    received_by = serializers.CharField(
        label=_("Received by"), max_length=80, required=False, allow_blank=True, default=""
    )
    proof = UploadField(
        purpose="proof",
        label=_("Return of service"),
        required=False,
        allow_null=True,
        default=None,
        help_text=_("Scan or photo; needed once it was served directly, left, by post or through others."),
    )
    remarks = serializers.CharField(
        label=_("How it went"),
        max_length=300,
        required=False,
        allow_blank=True,
        default="",
        style={"base_template": "textarea.html"},
        help_text=_("Needed when it failed, was left at the residence, or is published."),
    )


class RecordService(Act):
    """Record that a writ is on its way to a party, has reached them, or could not be served (送达)."""

    code = "service.record"
    title = _("Record service")
    group = "service"
    summary = _("%(writ)s for %(party)s: %(state)s (%(method)s)")
    basis = (CPL.art(87), *dict.fromkeys(METHOD_BASIS.values()))
    by = frozenset({Duty.IMPLEMENTER, Duty.FILING_CLERK})
    # The writ that closes a case is served after it closed.
    stages = frozenset(Stage)
    Input = ServiceInput

    def ready(self, case: Case) -> None:
        if not list(case.documents.all()):
            raise Refused(gettext("There is no writ to serve yet."), CPL.art(87), code="no-writ")

    def initial(self, case: Case) -> dict[str, Any]:
        shown = {
            "method": ServiceMethod.DIRECT.value,
            "state": ServiceState.SERVED.value,
            "sent_on": self.day,
        }
        document, party = self._waiting(case)
        if document is None or party is None:
            return shown
        # Day and signature are read from the return of service; nothing is proposed for them.
        return shown | {"document": document.uid, "party": party.uid}

    def _waiting(self, case: Case) -> tuple[Document, Party] | tuple[None, None]:
        """The writ and party of the task the form was opened from, else of the first task of service."""
        tasks = sorted(
            (one for one in case.deadlines.all() if one.is_open and one.act == self.code and one.subject),
            key=lambda one: (str(one.subject) != self.about, one.due_on, one.pk),
        )
        pairs = {
            service_of(document, party): (document, party)
            for document in case.documents.all()
            for party in case.parties.all()
        }
        return next((pairs[one.subject] for one in tasks if one.subject in pairs), (None, None))

    def check(self, case: Case, data: dict[str, Any]) -> None:
        document, party, method = data["document"], data["party"], ServiceMethod(data["method"])
        self.document, self.party = document, party
        self.earlier = (
            Service.objects.filter(case=case, document=document, party=party)
            .exclude(state=ServiceState.FAILED)
            .first()
        )
        if self.earlier is not None and self.earlier.state == ServiceState.SERVED:
            raise Refused(
                gettext("This writ was served on %(party)s on %(day)s.")
                % {"party": party.name, "day": self.earlier.served_on},
                CPL.art(87),
                field="document",
                code="served",
            )
        if document.writ in ADDRESSED and document.party_id != party.pk:
            raise Refused(
                gettext("This writ is addressed to somebody else. Choose the writ made for %(party)s.")
                % {"party": party.name},
                CPL.art(87),
                field="document",
                code="not-addressed",
            )
        if method == ServiceMethod.ELECTRONIC and not party.agreed_to_electronic_service:
            raise Refused(
                gettext("%(party)s has not agreed to electronic service. Choose another way.")
                % {"party": party.name},
                (CPL.art(90), CPL_INTERPRETATION.art(136)),
                field="method",
                code="no-consent",
            )
        self._check_days(data, method)
        self._check_account(data, method)

    def _check_days(self, data: dict[str, Any], method: ServiceMethod) -> None:
        sent, served = data["sent_on"], data["served_on"]
        if not self.document.made_on <= sent <= self.day:
            raise Refused(
                gettext("It was sent between the day the writ was made (%(made)s) and today.")
                % {"made": self.document.made_on},
                METHOD_BASIS[method],
                field="sent_on",
                code="day",
            )
        if data["state"] != ServiceState.SERVED:
            if served is not None:
                raise Refused(
                    gettext("What was not served has no day of receipt. Leave it empty or choose “Served”."),
                    CPL.art(87),
                    field="served_on",
                    code="day",
                )
            return
        if method == ServiceMethod.PUBLIC:
            self._check_public(sent)
            return
        if served is None or not sent <= served <= self.day:
            raise Refused(
                gettext("Write the day of receipt, from the day it was sent to today."),
                METHOD_BASIS[method],
                field="served_on",
                code="day",
            )

    def _check_public(self, published: date) -> None:
        if (
            self.earlier is not None
            and self.earlier.method == ServiceMethod.PUBLIC
            and self.earlier.sent_on != published
        ):
            raise Refused(
                gettext("The public notice was published on %(day)s.") % {"day": self.earlier.sent_on},
                CPL.art(95),
                field="sent_on",
                code="day",
            )
        last = self._last_public_day(published)
        if self.day <= last:
            raise Refused(
                gettext("The public notice runs until %(day)s; it is served when that day has passed.")
                % {"day": last},
                CPL.art(95),
                field="state",
                code="running",
            )

    def _last_public_day(self, published: date) -> date:
        return deadlines.rule("service.public").due(published, calendar=self.effects.calendar).day

    def _check_account(self, data: dict[str, Any], method: ServiceMethod) -> None:
        """What the return of service must say about how it went."""
        failed = data["state"] == ServiceState.FAILED
        if not data["remarks"].strip() and (failed or method in {ServiceMethod.LEFT, ServiceMethod.PUBLIC}):
            raise Refused(
                gettext("Write down why and how; this goes on file."),
                CPL.art(87) if failed else METHOD_BASIS[method],
                field="remarks",
                code="account",
            )
        if data["state"] != ServiceState.SERVED:
            return
        if method in SIGNED_FOR and not data["received_by"].strip():
            raise Refused(
                gettext("Name who signed for it."),
                METHOD_BASIS[method],
                field="received_by",
                code="signature",
            )
        if method in PROVED and data["proof"] is None:
            raise Refused(
                gettext("Add the return of service: without it nothing shows that the writ arrived."),
                (CPL.art(87), METHOD_BASIS[method]),
                field="proof",
                code="proof",
            )

    def perform(self, case: Case, data: dict[str, Any]) -> dict[str, Any]:
        service = self.earlier or Service(case=case, document=self.document, party=self.party)
        was_public = self.earlier is not None and self.earlier.method == ServiceMethod.PUBLIC
        published_on = service.sent_on if was_public else None
        public = data["method"] == ServiceMethod.PUBLIC
        service.method, service.state, service.sent_on = data["method"], data["state"], data["sent_on"]
        service.received_by, service.remarks = data["received_by"], data["remarks"]
        service.served_on = data["served_on"]
        service.proof = data["proof"] or service.proof
        if public and service.state == ServiceState.SERVED:
            service.served_on = self._last_public_day(service.sent_on)
        service.save()
        if was_public and not (public and service.state != ServiceState.FAILED):
            self._end_public_notice(case, service, published_on)
        self._move_on(case, service)
        return {
            "writ": writ_named(self.document.writ).title_zh,
            "number": self.document.number,
            "party": self.party.name,
            "state": service.get_state_display(),
            "method": service.get_method_display(),
            "served_on": service.served_on,
            "proof": service.proof.sha256 if service.proof is not None else "",
        }

    def _end_public_notice(self, case: Case, service: Service, published_on: date | None) -> None:
        """A notice overtaken by another way of service stops the time limit only as long as it ran."""
        assert published_on is not None
        end = service.served_on if service.state == ServiceState.SERVED else self.day
        assert end is not None
        self._suspend(case, service, published_on, end)

    def _move_on(self, case: Case, service: Service) -> None:
        about = service_of(self.document, self.party)
        self.effects.meet(case, "product.serve", "product.delivery", "service.public", subject=about)
        if service.state == ServiceState.SERVED:
            for follower in _followers[self.document.writ]:
                follower(self, case, service)
        elif not case.is_open:
            return
        elif service.state == ServiceState.FAILED:
            to_serve(self, self.document, self.party)
        elif service.method == ServiceMethod.PUBLIC:
            last = self._last_public_day(service.sent_on)
            self._wait(case, "service.public", service, gettext("The public notice runs."))
            self._suspend(case, service, service.sent_on, last)
        else:
            self._wait(case, "product.delivery", service, gettext("The writ is on its way."))

    def _wait(self, case: Case, rule: str, service: Service, reason: str) -> None:
        self.effects.open_deadline(
            case,
            rule,
            kind=DeadlineKind.WAIT,
            starts_on=service.sent_on,
            duty=Duty.IMPLEMENTER,
            act="service.record",
            subject=service_of(self.document, self.party),
            label=f"{writ_named(self.document.writ).title_zh} · {self.party.name}"[:160],
            reason=reason,
        )

    def _suspend(self, case: Case, service: Service, published_on: date, last: date) -> None:
        """The period of a public notice does not count into the time limit (art. 9 of its provisions)."""
        self.effects.suspend(
            case,
            "closing.limit",
            "closing.limit.nonlitigation",
            first=published_on + date.resolution,
            last=last,
            cause=f"service {service.uid}",
        )


@on_served("order.property-report")
def begin_report_period(act: RecordService, case: Case, service: Service) -> None:
    """The debtor reports within the days the order sets, from the day they received it (CPL 252)."""
    if not case.is_open:
        return
    act.effects.open_deadline(
        case,
        "report.submit",
        kind=DeadlineKind.WAIT,
        starts_on=service.served_on,
        length=service.document.data["report_days"],
        duty=Duty.IMPLEMENTER,
        act="report.record",
        subject=service.party.uid,
        label=service.party.name,
        reason=gettext("The debtor has to report their property."),
    )
