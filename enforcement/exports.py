"""Workbooks of cases: streamed row by row, marked with who took them, text never turned into formulas."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from directory.models import Person
from enforcement.imports.sheets import open_workbook
from enforcement.models import Case, Event, Job, JobRow, JobRowState, JobState
from enforcement.queries.case_filters import CaseFilters, apply
from law import clock

MOST_ROWS = 50_000
MOST_AT_ONCE = 2_000  # more is written by a worker
CHUNK = 2_000
PAGING = ("after", "before")


def wrong_filters(values: dict[str, Any]) -> bool:
    """Whether a list's address names a filter that the list doesn't have."""
    return not CaseFilters(data=values).is_valid()


def cases_of(person: Person, query: str) -> Any:
    """The cases a list's address shows to a person, as a queryset without order."""
    form = CaseFilters(data={name: v for name, v in QueryDict(query).dict().items() if name not in PAGING})
    form.is_valid(raise_exception=True)
    return apply(Case.objects.visible_to(person), form.validated_data, person)


def write(target: Any, person: Person, query: str, event: Event) -> int:
    """Write the cases of a list into a workbook at a path or stream; how many rows.

    The first line says who took it, when, and by which event. Amounts are numbers, everything else text.
    """
    book = open_workbook(target)
    bold = book.add_format({"bold": True, "bg_color": "#E8EEF7"})
    mark = book.add_format({"italic": True, "font_color": "#855400"})
    money = book.add_format({"num_format": "#,##0.00"})
    sheet = book.add_worksheet("案件")
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 3, 28)
    sheet.set_column(4, 11, 14)
    sheet.freeze_panes(2, 1)
    sheet.set_footer(f"&L{watermark(person, event).replace('&', '&&')}")
    sheet.write_string(0, 0, watermark(person, event), mark)
    for place, heading in enumerate(_headings()):
        sheet.write_string(1, place, heading, bold)
    number = 1
    for case in _in_chunks(cases_of(person, query)):
        number += 1
        for place, value in enumerate(_cells(case)):
            sheet.write_string(number, place, value)
        for place, amount in enumerate((case.claim, case.received, case.paid_out), len(_cells(case))):
            sheet.write_number(number, place, amount, money)
    book.close()
    return number - 1


def watermark(person: Person, event: Event) -> str:
    """Who took it, when and by which event: the line that follows the file wherever it goes."""
    moment: datetime = timezone.localtime(event.at)
    return _("Exported by %(name)s (%(username)s), %(moment)s, event %(event)s, hash %(hash)s") % {
        "name": person.name,
        "username": person.username,
        "moment": moment.strftime("%Y-%m-%d %H:%M:%S"),
        "event": event.uid,
        "hash": bytes(event.hash).hex()[:16],
    }


def _headings() -> list[str]:
    return [
        _("Case number"),
        _("Applicants"),
        _("Debtors"),
        _("Cause of action"),
        _("Court"),
        _("Stage"),
        _("Officer"),
        _("Filed on"),
        _("Closed on"),
        _("Claim (CNY)"),
        _("Received (CNY)"),
        _("Paid out (CNY)"),
    ]


def _cells(case: Case) -> list[str]:
    return [
        case.number,
        case.applicant_names,
        case.debtor_names,
        case.cause,
        str(case.court),
        str(case.get_stage_display()),
        case.implementer.name if case.implementer else "",
        case.filed_on.isoformat(),
        case.closed_on.isoformat() if case.closed_on else "",
    ]


def _in_chunks(cases: Any) -> Any:
    """Newest first, by keyset: neither an offset nor the whole list in memory."""
    cases = cases.select_related("court", "implementer").defer("search_terms", "head_hash")
    cases = cases.order_by("-filed_on", "-pk")
    chunk = list(cases[:CHUNK])
    while chunk:
        yield from chunk
        last = chunk[-1]
        rest = cases.filter(Q(filed_on__lt=last.filed_on) | Q(filed_on=last.filed_on, pk__lt=last.pk))
        chunk = list(rest[:CHUNK]) if len(chunk) == CHUNK else []


def start(person: Person, query: str, event: Event) -> Job:
    """A job that writes a large export."""
    from enforcement import jobs

    assert person.court is not None
    with transaction.atomic():
        job = Job.objects.create(
            kind=jobs.KIND_EXPORT,
            act="case.export",
            court=person.court,
            owner=person,
            created_at=clock.now(),
            total=1,
        )
        JobRow.objects.create(
            job=job,
            position=1,
            label=_("%(rows)s cases") % {"rows": event.outcome["rows"]},
            input=jobs.sealed_input(job, 1, {"query": query, "event": str(event.uid)}),
        )
        jobs.begin(job)
    return job


def make(job: Job) -> None:
    """Write the workbook of an export job; made again from the start if a worker died."""
    from enforcement import files, jobs

    row = job.rows.get()
    wanted = jobs.opened_input(job, row)
    if not wanted:
        return
    event = Event.objects.get(uid=wanted["event"])
    with override(job.owner.language), TemporaryDirectory() as folder:
        path = Path(folder) / "cases.xlsx"
        count = write(str(path), job.owner, wanted["query"], event)
        content = path.read_bytes()
    with transaction.atomic():
        locked = Job.objects.select_for_update().get(pk=job.pk)
        if locked.state != JobState.RUNNING:
            return
        moment = clock.now()
        locked.source = files.store(
            content, name=f"cases-{event.uid}.xlsx", person=job.owner, purpose="result", case=None, at=moment
        )
        locked.state, locked.ended_at = JobState.DONE, moment
        locked.save(update_fields=["source", "state", "ended_at"])
        row.state, row.input, row.result = JobRowState.DONE, None, str(count)
        row.save(update_fields=["state", "input", "result"])
