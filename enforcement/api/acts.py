"""Acts over REST: one endpoint class, one address and one operation of the schema for every act."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.response import Response

from enforcement import engine
from enforcement.api import shapes
from enforcement.api.endpoint import (
    Endpoint,
    entity_tag,
    idempotency_key,
    json_object,
    seen_events,
)
from enforcement.api.problems import BadRequest, rule
from enforcement.api.schema import IDEMPOTENCY_KEY, IF_MATCH, entity_tag_header
from enforcement.models import Case, Phase
from enforcement.queries import cases, feeds

# The body of an act that asks nothing.
NOTHING = {"application/json": {"type": "object", "additionalProperties": False}}


def done(result: engine.Result, *, proposal: dict[str, Any] | None = None) -> dict[str, Any]:
    """What an act led to, read from its event alone, so that a repetition gives the same answer."""
    event = result.event
    content = event.content
    if event.phase == Phase.PROPOSED and result.proposal is not None:
        proposal = {"uid": result.proposal.uid, "duty": result.proposal.duty}
    return {
        "uid": event.uid,
        "seq": event.seq,
        "hash": bytes(event.hash).hex(),
        "at": content["at"],
        "act": event.act,
        "phase": event.phase,
        "outcome": content["outcome"],
        "documents": [
            {name: document[name] for name in ("uid", "writ", "number")} for document in content["documents"]
        ],
        "case": {"uid": result.case.uid, "number": result.case.number} if result.case is not None else None,
        "proposal": proposal,
    }


def answer(result: engine.Result) -> Response:
    """201 for an act done, 202 for one that awaits a decision, 200 for a repetition."""
    status = 200 if result.replayed else 202 if result.event.phase == Phase.PROPOSED else 201
    headers = {}
    if result.case is not None:
        headers["ETag"] = entity_tag(result.case.event_count)
        if status == 201 and result.event.seq == 1:
            headers["Location"] = reverse("api:case", args=[result.case.uid])
    return Response(done(result), status=status, headers=headers)


class _ActEndpoint(Endpoint):
    """What acts on a case and acts at a court share."""

    scopes = {"POST": "cases:act"}
    tag = "acts"
    act: type[engine.Act] = engine.Act
    operations = property(lambda self: {"POST": "act_" + self.act.code.replace(".", "_").replace("-", "_")})
    summaries = property(lambda self: {"POST": self.act.title})
    takes = property(lambda self: {"POST": self.act.Input if self.act.input_fields() else NOTHING})
    gives = {"POST": {200: shapes.Done, 201: shapes.Done, 202: shapes.Done}}

    @property
    def descriptions(self) -> dict[str, str]:
        """The law the act rests on, and who decides it."""
        lines = ["; ".join(rule(citation)["label"] for citation in self.act.basis) + "."]
        duties = ", ".join(str(duty.label) for duty in sorted(self.act.by))
        if duties:
            lines.append(_("By: %(duties)s.") % {"duties": duties})
        if self.act.decided_by is not None:
            lines.append(_("Decided by another person: %(duty)s.") % {"duty": self.act.decided_by.label})
        return {"POST": " ".join(lines)}


class CaseAct(_ActEndpoint):
    """Do or propose one act on a case."""

    may_answer = (412,)
    headers_of = {"POST": [IDEMPOTENCY_KEY, IF_MATCH, entity_tag_header("200", "201", "202")]}

    def post(self, request: Any, uid: UUID) -> Response:
        key, seen = idempotency_key(request), seen_events(request)
        data = json_object(request)
        return answer(engine.submit(self.act, Case(uid=uid), request.user, data, key=key, seen=seen))


class CourtAct(_ActEndpoint):
    """Do one act at a court, such as filing a case."""

    headers_of = {"POST": [IDEMPOTENCY_KEY, entity_tag_header("200", "201", "202")]}

    def post(self, request: Any, code: str) -> Response:
        key = idempotency_key(request)
        if "If-Match" in request.headers:
            raise BadRequest(_("An act at a court has no entity tag to compare."), "if-match")
        data = json_object(request)
        court = feeds.court_named(request.user, code)
        return answer(engine.submit(self.act, court, request.user, data, key=key))


class Offers(Endpoint):
    """Acts the client's person holds the duty for on a case: possible ones first, others with the reason."""

    scopes = {"GET": "cases:read"}
    tag = "acts"
    operations = {"GET": "list_case_acts"}
    summaries = {"GET": gettext_lazy("Acts that are lawful now, and why others are not")}
    gives = {"GET": {200: shapes.Offers}}

    def get(self, request: Any, uid: UUID) -> Response:
        case = cases.workspace(request.user, uid)
        offers = [self._shown(offer, uid) for offer in engine.offered(case, request.user)]
        return Response({"results": offers}, headers={"ETag": entity_tag(case.event_count)})

    def _shown(self, offer: engine.Offer, uid: UUID) -> dict[str, Any]:
        act = offer.act
        return {
            "code": act.code,
            "title": str(act.title),
            "group": act.group,
            "allowed": offer.allowed,
            "why_not": offer.why_not,
            "rules": [rule(citation) for citation in (offer.why_not_basis or act.basis)],
            "due_on": offer.due.due_on if offer.due is not None else None,
            "duty": offer.duty,
            "decided_by": act.decided_by or "",
            "href": reverse(f"api:act-{act.code}", args=[uid]),
        }
