"""Cases and what belongs to them, for reading."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.response import Response

from enforcement.api import shapes
from enforcement.api.endpoint import (
    LARGEST_PAGE,
    Endpoint,
    NoQuery,
    PageQuery,
    entity_tag,
    is_known,
    not_modified,
    position,
    row_id,
)
from enforcement.api.problems import rule
from enforcement.api.schema import IF_NONE_MATCH, entity_tag_header
from enforcement.models import Case
from enforcement.queries import case_filters, deadlines, feeds, readers
from law.deadlines import basis

READ = {"GET": "cases:read"}


class CasesQuery(case_filters.CaseFilters, PageQuery):
    """What a list of cases can be narrowed to, and which page of it."""

    # Names are searched on the pages, where each search is logged with its purpose.
    q = None  # type: ignore[assignment]
    after = None  # type: ignore[assignment]
    before = None  # type: ignore[assignment]
    number = serializers.CharField(required=False, max_length=40, help_text=_("The whole number of a case."))

    def to_internal_value(self, data: Any) -> Any:
        return PageQuery.to_internal_value(self, data)


class Cases(Endpoint):
    """Visible cases, newest filing first."""

    scopes = READ
    query = CasesQuery
    tag = "cases"
    operations = {"GET": "list_cases"}
    summaries = {"GET": _("Cases, newest filing first")}
    gives = {"GET": {200: shapes.CasePage}}

    def get(self, request: Any) -> Response:
        values = {name: value for name, value in self.asked.items() if name not in ("cursor", "page_size")}

        def rows(*, after: tuple[Any, ...] | None, size: int) -> feeds.Rows:
            return feeds.cases(request.user, values, after=after, size=size)

        return self.page(request, rows, date.fromisoformat, row_id)


class CaseDetail(Endpoint):
    """One case with its title. Its entity tag is what an act's If-Match compares."""

    scopes = READ
    tag = "cases"
    operations = {"GET": "read_case"}
    summaries = {"GET": _("One case")}
    headers_of = {"GET": [IF_NONE_MATCH, entity_tag_header("200")]}
    gives = {"GET": {200: shapes.CaseDetail, 304: None}}

    def get(self, request: Any, uid: UUID) -> Response:
        found = feeds.case(request.user, uid)
        tag = entity_tag(found["event_count"])
        if is_known(request, tag):
            return not_modified(tag)
        readers.note(request.user, "case", case=Case(pk=found.pop("pk")))
        return Response(found, headers={"ETag": tag})


SUMMARIES: dict[str, Any] = {
    "parties": _("Parties of a case, personal numbers masked"),
    "documents": _("Documents of a case"),
    "deadlines": _("Periods that run or ran on a case"),
    "assets": _("Assets found"),
    "measures": _("Measures on assets"),
    "services": _("Services of documents"),
    "objections": _("Objections"),
    "receipts": _("Money received"),
    "plans": _("Distribution plans"),
    "payments": _("Payment orders"),
}


class OfCase(Endpoint):
    """One of the lists of a case (``feeds.OF_CASE``), oldest row first."""

    scopes = READ
    query = PageQuery
    tag = "cases"
    what = "parties"
    operations = property(lambda self: {"GET": f"list_case_{self.what}"})
    summaries = property(lambda self: {"GET": SUMMARIES[self.what]})
    gives = property(lambda self: {"GET": {200: shapes.OF_CASE[self.what]}})

    def get(self, request: Any, uid: UUID) -> Response:
        case = feeds.case_named(request.user, uid)
        if self.what == "parties" and "cursor" not in self.asked:
            readers.note(request.user, "parties", case=case)

        def rows(*, after: tuple[Any, ...] | None, size: int) -> feeds.Rows:
            return feeds.of_case(case, self.what, after=after, size=size)

        return self.page(request, rows, row_id)


class EventsQuery(PageQuery):
    from_seq = serializers.IntegerField(
        required=False, min_value=1, max_value=2**31 - 1, help_text=_("Begin with this event.")
    )


class Events(Endpoint):
    """The history of a case, in order; it can be read on from any number and checked by its hashes."""

    scopes = READ
    query = EventsQuery
    tag = "cases"
    operations = {"GET": "list_case_events"}
    summaries = {"GET": _("History of a case, in order")}
    headers_of = {"GET": [IF_NONE_MATCH, entity_tag_header("200")]}
    gives = {"GET": {200: shapes.EventPage, 304: None}}

    def get(self, request: Any, uid: UUID) -> Response:
        case = feeds.case_named(request.user, uid)
        tag = entity_tag(case.event_count)
        if is_known(request, tag):
            return not_modified(tag)
        begun = position(self.asked.get("cursor"), row_id)
        after = min(begun[0], 2**31 - 1) if begun else self.asked.get("from_seq", 1) - 1
        found = feeds.events(case, after=after, size=min(self.asked["page_size"], LARGEST_PAGE))
        return Response(self.shown(request, found), headers={"ETag": tag})


class DeadlineDetail(Endpoint):
    """One period with the arithmetic of its last day and the law it rests on."""

    scopes = READ
    query = NoQuery
    tag = "cases"
    operations = {"GET": "read_case_deadline"}
    summaries = {"GET": _("One period, and why it ends on its day")}
    gives = {"GET": {200: shapes.DeadlineDetail}}

    def get(self, request: Any, uid: UUID, pk: int) -> Response:
        found = deadlines.why(request.user, uid, pk)
        row = feeds.deadline_row(found.deadline)
        citations = basis(found.deadline.definition)
        return Response(
            row
            | {"name": found.name, "why": found.steps, "rules": [rule(citation) for citation in citations]}
        )
