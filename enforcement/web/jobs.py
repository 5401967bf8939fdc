"""Bulk work: importing filings, watching a job, fetching what came of it."""

from __future__ import annotations

import io
from uuid import UUID

from django.conf import settings
from django.http import FileResponse, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from enforcement import engine, imports
from enforcement.inspection import XLSX_TYPE, UnacceptableFile, inspect
from enforcement.models import JobState
from enforcement.queries import jobs
from enforcement.queries.jobs import JobView
from enforcement.web.access import Request, does, reads
from enforcement.web.acts import see_other
from enforcement.web.documents import download


@require_GET
@reads("jobs.mine")
def listed(request: Request) -> HttpResponse:
    """The person's jobs."""
    before = request.GET.get("before", "")
    views, following = jobs.mine(request.user, before=int(before) if before.isdecimal() else None)
    context = {
        "views": views,
        "pager": {"next_url": f"?before={following}" if following else ""},
        "may_import": imports.may_import(request.user),
    }
    return render(request, "enforcement/jobs/list.html", context)


@require_GET
@reads("jobs.shown")
def show(request: Request, uid: UUID) -> HttpResponse:
    """One job: while it runs, its progress part asks again every two seconds."""
    view = jobs.shown(request.user, uid)
    template = "enforcement/jobs/job.html" + ("#progress" if request.htmx else "")
    response = render(request, template, _context(view))
    if request.htmx and not view.waiting_for_worker:
        # What stands under the progress is true only now: the whole page is drawn again.
        response["HX-Refresh"] = "true"
    return response


def _context(view: JobView) -> dict[str, object]:
    job = view.job
    url = reverse("job", args=[job.uid])
    running = view.waiting_for_worker
    finished = job.state in (JobState.DONE, JobState.CANCELLED)
    result_url = reverse("job_result", args=[job.uid]) if finished else ""
    return {
        "view": view,
        "job": {
            "title": view.title,
            "done": view.progress.done,
            "total": view.progress.total,
            "rate": f"{view.progress.rate:.1f}" if view.progress.rate and running else "",
            "remaining": view.duration,
            "running": running,
            "failed": view.progress.failed,
            "url": url,
            "cancel_url": reverse("job_cancel", args=[job.uid]),
            "result_url": result_url,
            "result_label": _("Download the workbook") if job.source else "",
        },
    }


@require_POST
@does("jobs.start")
def start(request: Request, uid: UUID) -> HttpResponse:
    """Start a checked import."""
    job = jobs.start(request.user, uid)
    return see_other(reverse("job", args=[job.uid]))


@require_POST
@does("jobs.cancel")
def cancel(request: Request, uid: UUID) -> HttpResponse:
    """Stop before the next row."""
    job = jobs.cancel(request.user, uid)
    return see_other(reverse("job", args=[job.uid]))


@require_http_methods(["GET", "POST"])
@reads("jobs.import_template")
@does("jobs.take_filings")
def upload(request: Request) -> HttpResponse:
    """Choose a workbook; it is checked, and nothing is filed before the check is seen."""
    if not imports.may_import(request.user):
        raise engine.OutOfSight
    if request.method == "GET":
        return render(request, "enforcement/jobs/upload.html", {"columns": imports.COLUMNS})
    sent = request.FILES.get("file")
    try:
        if sent is None:
            raise imports.WrongFile(_("Choose a file first."))
        if sent.size is not None and sent.size > settings.UPLOAD_MAX_BYTES:
            raise imports.WrongFile(_("The file is larger than 20 MiB. Divide it."))
        content = sent.read()
        if content[:4] == b"PK\x03\x04":
            content = inspect(content, "xlsx").content
        job = jobs.take_filings(request.user, sent.name or "", content)
    except (imports.WrongFile, UnacceptableFile) as wrong:
        context = {"columns": imports.COLUMNS, "error": str(wrong)}
        return render(request, "enforcement/jobs/upload.html", context, status=422)
    return see_other(reverse("job", args=[job.uid]))


@require_GET
@reads("jobs.import_template")
def template(request: Request) -> FileResponse:
    """The template workbook in the language of the page."""
    return workbook(jobs.import_template(), _("filings") + ".xlsx")


@require_GET
@reads("jobs.errors_workbook")
def errors(request: Request, uid: UUID) -> FileResponse:
    """The wrong lines, to be corrected and uploaded again."""
    return workbook(jobs.errors_workbook(request.user, uid), "errors.xlsx")


@require_GET
@reads("jobs.one", "jobs.result_workbook")
def result(request: Request, uid: UUID) -> FileResponse:
    """Every row with what became of it, or the workbook a job made."""
    job = jobs.one(request.user, uid)
    if job.source is not None:
        return download(job.source)
    return workbook(jobs.result_workbook(request.user, uid), "result.xlsx")


def workbook(content: bytes, name: str) -> FileResponse:
    """A workbook as an attachment that a browser will neither guess about nor run."""
    response = FileResponse(io.BytesIO(content), as_attachment=True, filename=name, content_type=XLSX_TYPE)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
