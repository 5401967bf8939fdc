"""A person's own jobs, and what the import page starts; nobody sees another person's job."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from directory.models import Person
from enforcement import imports, jobs
from enforcement.engine import OutOfSight
from enforcement.imports.sheets import ErrorLine, open_workbook
from enforcement.models import Job, JobRow, JobRowState, JobState
from enforcement.queries import words

PAGE = 30
SHOWN_ROWS = 12
SHOWN_ERRORS = 50


@dataclass
class JobView:
    """A job as its page shows it."""

    job: Job
    title: str
    progress: jobs.Progress
    sample: list[JobRow] = field(default_factory=list)
    errors: list[ErrorLine] = field(default_factory=list)
    more_errors: bool = False
    can_start: bool = False

    @property
    def waiting_for_worker(self) -> bool:
        return self.job.state in (JobState.CHECKING, JobState.RUNNING)

    @property
    def duration(self) -> str:
        """The time left, as words; nothing if it can't be told."""
        seconds = self.progress.remaining
        if not seconds:
            return ""
        if seconds < 90:
            return ngettext("%(n)s second", "%(n)s seconds", seconds) % {"n": seconds}
        minutes = round(seconds / 60)
        return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}


def mine(person: Person, *, before: int | None = None) -> tuple[list[JobView], int | None]:
    """The person's jobs, newest first, and where the next page begins."""
    rows = Job.objects.filter(owner=person).select_related("source").order_by("-pk")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: PAGE + 1])
    progress = jobs.progress_of(found[:PAGE])
    views = [JobView(job, title(job), progress[job.pk]) for job in found[:PAGE]]
    return views, found[PAGE - 1].pk if len(found) > PAGE else None


def one(person: Person, uid: UUID) -> Job:
    """A job of the person. Raises ``OutOfSight`` for anybody else's."""
    job = Job.objects.filter(owner=person, uid=uid).select_related("owner__court", "court", "source").first()
    if job is None:
        raise OutOfSight
    return job


def title(job: Job) -> str:
    """What the job does, in words."""
    if job.kind == jobs.KIND_IMPORT:
        return _("Import of filings")
    return words.act_title(job.act)


def shown(person: Person, uid: UUID) -> JobView:
    """A job with its counts, first rows and first errors. Raises ``OutOfSight``."""
    job = one(person, uid)
    view = JobView(job, title(job), jobs.progress(job))
    view.sample = list(job.rows.select_related("case").defer("input").order_by("position")[:SHOWN_ROWS])
    if view.progress.failed:
        lines = list(imports.error_lines(job, words.language(), most=SHOWN_ERRORS + 1))
        view.errors, view.more_errors = lines[:SHOWN_ERRORS], len(lines) > SHOWN_ERRORS
    view.can_start = imports.ready_to_start(job)
    return view


def take_filings(person: Person, name: str, content: bytes) -> Job:
    """Check an uploaded sheet of filings. Raises ``WrongFile`` and ``Refused``."""
    return imports.take(name, content, person)


def start(person: Person, uid: UUID) -> Job:
    """Start a checked job of the person."""
    job = one(person, uid)
    if imports.ready_to_start(job):
        jobs.begin(job)
    return job


def cancel(person: Person, uid: UUID) -> Job:
    """Cancel a job of the person before its next row."""
    job = one(person, uid)
    jobs.cancel(job)
    return job


def import_template() -> bytes:
    """The template workbook in the language of the page."""
    return imports.template(words.language())


def errors_workbook(person: Person, uid: UUID) -> bytes:
    """The wrong lines of an import, to be corrected and uploaded again."""
    return imports.error_sheet(one(person, uid), words.language())


def result_workbook(person: Person, uid: UUID) -> bytes:
    """Every row of a job with what became of it."""
    job = one(person, uid)
    target = io.BytesIO()
    book = open_workbook(target)
    bold = book.add_format({"bold": True, "bg_color": "#E8EEF7"})
    sheet = book.add_worksheet("结果")
    sheet.set_column(0, 1, 8)
    sheet.set_column(2, 2, 48)
    sheet.set_column(3, 3, 12)
    sheet.set_column(4, 4, 60)
    sheet.freeze_panes(1, 0)
    for place, heading in enumerate((_("No."), _("Line"), _("Row"), _("State"), _("Result"))):
        sheet.write_string(0, place, heading, bold)
    rows: Any = job.rows.defer("input").order_by("position").iterator(chunk_size=1000)
    for number, row in enumerate(rows, 1):
        sheet.write_number(number, 0, row.position)
        if row.source_row:
            sheet.write_number(number, 1, row.source_row)
        sheet.write_string(number, 2, row.label)
        sheet.write_string(number, 3, str(JobRowState(row.state).label))
        sheet.write_string(number, 4, row.result or _flat(row.errors))
    book.close()
    return target.getvalue()


def _flat(errors: dict[str, dict[str, list[str]]]) -> str:
    return " ".join(text for columns in errors.values() for texts in columns.values() for text in texts)
