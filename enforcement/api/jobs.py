"""Import jobs: a workbook of filings is checked, started, and told row by row."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from enforcement import jobs
from enforcement.api import shapes
from enforcement.api.endpoint import Endpoint, PageQuery, row_id
from enforcement.api.files import UPLOAD, sent_file
from enforcement.api.problems import BadRequest, NotReady
from enforcement.imports.checking import ready_to_start, take
from enforcement.imports.reading import WrongFile
from enforcement.models import Job, JobRowState, JobState
from enforcement.queries import feeds

READ, ACT = "cases:read", "cases:act"


def shown(job: Job) -> dict[str, Any]:
    """A job with how far it is."""
    progress = jobs.progress(job)
    return feeds.job_row(job) | {"counts": progress.counts, "remaining_seconds": progress.remaining}


class Jobs(Endpoint):
    """The client's own jobs, and the way to a new one."""

    scopes = {"GET": READ, "POST": ACT}
    query = PageQuery
    parser_classes = [MultiPartParser]
    tag = "jobs"
    operations = {"GET": "list_jobs", "POST": "send_import"}
    summaries = {
        "GET": gettext_lazy("Your jobs, newest first"),
        "POST": gettext_lazy("Send a workbook of filings to be checked; nothing is filed before the start"),
    }
    takes = {"POST": UPLOAD}
    gives = {"GET": {200: shapes.JobPage}, "POST": {201: shapes.JobDetail}}

    def get(self, request: Any) -> Response:
        def rows(*, after: tuple[Any, ...] | None, size: int) -> feeds.Rows:
            return feeds.jobs(request.user, after=after, size=size)

        return self.page(request, rows, row_id)

    def post(self, request: Any) -> Response:
        file = sent_file(request)
        try:
            job = take(file.name, file.read(settings.UPLOAD_MAX_BYTES + 1), request.user)
        except WrongFile as error:
            raise BadRequest(str(error), "file", {"file": [str(error)]}) from None
        return Response(shown(job), status=201)


class JobDetail(Endpoint):
    """One job and how far it is."""

    scopes = {"GET": READ}
    tag = "jobs"
    operations = {"GET": "read_job"}
    summaries = {"GET": gettext_lazy("One job and how far it is")}
    gives = {"GET": {200: shapes.JobDetail}}

    def get(self, request: Any, uid: UUID) -> Response:
        return Response(shown(feeds.job(request.user, uid)))


class RowsQuery(PageQuery):
    state = serializers.ChoiceField(
        choices=JobRowState.choices, required=False, help_text=gettext_lazy("Only rows in this state.")
    )


class JobRows(Endpoint):
    """Rows of a job: what became of each, and what is wrong with which cell."""

    scopes = {"GET": READ}
    query = RowsQuery
    tag = "jobs"
    operations = {"GET": "list_job_rows"}
    summaries = {"GET": gettext_lazy("Rows of a job in the order of its sheet")}
    gives = {"GET": {200: shapes.JobRowPage}}

    def get(self, request: Any, uid: UUID) -> Response:
        job = feeds.job(request.user, uid)

        def rows(*, after: tuple[Any, ...] | None, size: int) -> feeds.Rows:
            return feeds.rows_of_job(job, self.asked.get("state", ""), after=after, size=size)

        return self.page(request, rows, row_id)


class StartJob(Endpoint):
    """Start a checked import. Started once; asked again it tells how far it is."""

    scopes = {"POST": ACT}
    tag = "jobs"
    operations = {"POST": "start_job"}
    summaries = {"POST": gettext_lazy("Start a checked import")}
    gives = {"POST": {200: shapes.JobDetail}}

    def post(self, request: Any, uid: UUID) -> Response:
        job = feeds.job(request.user, uid)
        if job.state == JobState.CHECKING:
            raise NotReady(_("The rows are still being checked. Ask again in a few seconds."))
        if job.state == JobState.CHECKED:
            if not ready_to_start(job):
                raise NotReady(_("No row is free of errors. Correct the sheet and send it again."))
            jobs.begin(job)
        return Response(shown(job))


class CancelJob(Endpoint):
    """Stop a job before its next row; what is done stays done."""

    scopes = {"POST": ACT}
    tag = "jobs"
    operations = {"POST": "cancel_job"}
    summaries = {"POST": gettext_lazy("Stop a job before its next row")}
    gives = {"POST": {200: shapes.JobDetail}}

    def post(self, request: Any, uid: UUID) -> Response:
        job = feeds.job(request.user, uid)
        jobs.cancel(job)
        return Response(shown(job))
