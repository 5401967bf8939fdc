"""Proposals that await a decision of the client's person."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from rest_framework.response import Response

from enforcement import engine
from enforcement.api import shapes
from enforcement.api.acts import done
from enforcement.api.endpoint import Endpoint, PageQuery, idempotency_key, json_object, moment, row_id
from enforcement.api.schema import IDEMPOTENCY_KEY
from enforcement.queries import decisions, feeds


class Proposals(Endpoint):
    """Open proposals the client's person may decide, oldest first."""

    scopes = {"GET": "cases:read"}
    query = PageQuery
    tag = "proposals"
    operations = {"GET": "list_proposals"}
    summaries = {"GET": _("Proposals that await your decision")}
    gives = {"GET": {200: shapes.ProposalPage}}

    def get(self, request: Any) -> Response:
        def rows(*, after: tuple[Any, ...] | None, size: int) -> feeds.Rows:
            return feeds.proposals(request.user, after=after, size=size)

        return self.page(request, rows, moment, row_id)


class ProposalDetail(Endpoint):
    """One proposal on a visible case, and what became of it."""

    scopes = {"GET": "cases:read"}
    tag = "proposals"
    operations = {"GET": "read_proposal"}
    summaries = {"GET": _("One proposal")}
    gives = {"GET": {200: shapes.ProposalRow}}

    def get(self, request: Any, uid: UUID) -> Response:
        return Response(feeds.proposal_row(request.user, uid))


class Decide(Endpoint):
    """Approve a proposal, which does the act at once, or refuse it with the reason."""

    scopes = {"POST": "cases:decide"}
    tag = "proposals"
    operations = {"POST": "decide_proposal"}
    summaries = {"POST": _("Decide a proposal")}
    takes = {"POST": shapes.Decision}
    headers_of = {"POST": [IDEMPOTENCY_KEY]}
    gives = {"POST": {200: shapes.Done}}

    def post(self, request: Any, uid: UUID) -> Response:
        key = idempotency_key(request)
        decision = shapes.Decision(data=json_object(request))
        decision.is_valid(raise_exception=True)
        proposal = decisions.proposal(request.user, uid)
        result = engine.decide(proposal, request.user, key=key, **decision.validated_data)
        return Response(done(result, proposal={"uid": proposal.uid, "duty": proposal.duty}))
