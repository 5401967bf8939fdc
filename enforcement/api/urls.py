"""Addresses of the interface for systems, below ``/api/``."""

from django.urls import URLPattern, URLResolver, include, path, re_path

from enforcement.api import acts, calculators, cases, documents, files, jobs, proposals, service
from enforcement.api.authentication import ClientToken
from enforcement.engine import Subject, all_acts
from enforcement.queries.feeds import OF_CASE
from law.calculators import CALCULATORS

app_name = "api"

ON_CASES = [act for act in all_acts() if act.by and act.subject is Subject.CASE and not act.opens_case]
AT_COURTS = [act for act in all_acts() if act.by and (act.subject is Subject.COURT or act.opens_case)]

of_case = [
    path("", cases.CaseDetail.as_view(), name="case"),
    path("events/", cases.Events.as_view(), name="events"),
    path("deadlines/<int:pk>/", cases.DeadlineDetail.as_view(), name="deadline"),
    path("files/", files.CaseFiles.as_view(), name="case-files"),
    path("acts/", acts.Offers.as_view(), name="acts"),
    *(path(f"{what}/", cases.OfCase.as_view(what=what), name=what) for what in OF_CASE),
    *(path(f"acts/{act.code}/", acts.CaseAct.as_view(act=act), name=f"act-{act.code}") for act in ON_CASES),
]
of_court = [
    path(f"acts/{act.code}/", acts.CourtAct.as_view(act=act), name=f"act-{act.code}") for act in AT_COURTS
]
version_1: list[URLPattern | URLResolver] = [
    path("openapi.json", service.Schema.as_view(), name="schema"),
    path("cases/", cases.Cases.as_view(), name="cases"),
    path("cases/<uuid:uid>/", include(of_case)),
    path("courts/<str:code>/", include(of_court)),
    path("proposals/", proposals.Proposals.as_view(), name="proposals"),
    path("proposals/<uuid:uid>/", proposals.ProposalDetail.as_view(), name="proposal"),
    path("proposals/<uuid:uid>/decision/", proposals.Decide.as_view(), name="decision"),
    path("documents/<uuid:uid>/", documents.DocumentDetail.as_view(), name="document"),
    path("documents/<uuid:uid>/content/", documents.DocumentContent.as_view(), name="document-content"),
    path("files/", files.Files.as_view(), name="files"),
    path("jobs/", jobs.Jobs.as_view(), name="jobs"),
    path("jobs/<uuid:uid>/", jobs.JobDetail.as_view(), name="job"),
    path("jobs/<uuid:uid>/rows/", jobs.JobRows.as_view(), name="job-rows"),
    path("jobs/<uuid:uid>/start/", jobs.StartJob.as_view(), name="job-start"),
    path("jobs/<uuid:uid>/cancel/", jobs.CancelJob.as_view(), name="job-cancel"),
    path("calculators/", calculators.Kinds.as_view(), name="calculators"),
    *(
        path(f"calculators/{kind}/", calculators.Calculate.as_view(kind=kind), name=f"calculator-{kind}")
        for kind in CALCULATORS
    ),
]

urlpatterns = [
    path("v1/", include(version_1)),
    re_path(r"^[\s\S]*$", service.Nothing.as_view(), name="nothing"),
]
token = ClientToken.as_view()
