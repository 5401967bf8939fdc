"""Taking a list of cases out (导出): an act on the court's register, never a silent download."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from directory.models import Duty
from enforcement.engine import Act, ActInput, Refused, Subject
from enforcement.exports import MOST_ROWS, cases_of, wrong_filters
from law.citations import DATA_SECURITY, PIPL


class ExportInput(ActInput):
    query = serializers.CharField(
        label=_("Filter of the list"),
        max_length=500,
        required=False,
        allow_blank=True,
        default="",
        help_text=_("As in the address of the list; empty: all cases you see."),
    )


class ExportCases(Act):
    """Export the list of cases as a workbook marked with who took it and when."""

    code = "case.export"
    title = _("Export the list of cases")
    group = "exports"
    summary = _("A list of %(rows)s cases was exported (filter: %(query)s)")
    basis = (DATA_SECURITY.whole(), PIPL.art(51))
    subject = Subject.COURT
    by = frozenset(
        {
            Duty.FILING_CLERK,
            Duty.IMPLEMENTER,
            Duty.BUREAU_HEAD,
            Duty.PRESIDENT,
            Duty.SUPERVISOR,
            Duty.COMMAND,
            Duty.AUDITOR,
        }
    )
    needs_assignment = False
    offered_as_step = False
    Input = ExportInput

    def check(self, case: None, data: dict[str, Any]) -> None:
        if wrong_filters(QueryDict(data["query"]).dict()):
            raise Refused(
                gettext("The list has no such filter. Open the list again and export from there."),
                DATA_SECURITY.whole(),
                field="query",
                code="filter",
            )
        if self._count(data) > MOST_ROWS:
            raise Refused(
                gettext("An export holds at most %(most)s cases. Narrow the list.") % {"most": MOST_ROWS},
                DATA_SECURITY.whole(),
                field="query",
                code="too-many",
            )

    def _count(self, data: dict[str, Any]) -> int:
        return cases_of(self.actor, data["query"])[: MOST_ROWS + 1].count()

    def perform(self, case: None, data: dict[str, Any]) -> dict[str, Any]:
        return {"rows": self._count(data), "query": data["query"]}
