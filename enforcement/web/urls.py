"""Addresses of the pages. Each view says what it reads or does (``enforcement.web.access``)."""

from django.urls import include, path

from enforcement.web import (
    acts,
    bulk,
    cases,
    decisions,
    desk,
    documents,
    filters,
    genuineness,
    notices,
    search,
    workspace,
)

urlpatterns = [
    path("", desk.show, name="desk"),
    path("search/", search.show, name="search"),
    path("notices/", notices.listed, name="notices"),
    path("notices/read/", notices.read, name="notices_read"),
    path("decisions/", decisions.inbox, name="decisions"),
    path("decisions/<uuid:uid>/", decisions.inbox, name="decision"),
    path("decisions/<uuid:uid>/decide/", decisions.decide, name="decide"),
    path("cases/", cases.listed, name="cases"),
    path("cases/bulk/", bulk.bulk, name="bulk"),
    path("cases/filters/", filters.save, name="filter_save"),
    path("cases/filters/<int:key>/forget/", filters.forget, name="filter_forget"),
    path("cases/<uuid:uid>/", workspace.show, name="case"),
    path("cases/<uuid:uid>/history/", workspace.history, name="case_history"),
    path("cases/<uuid:uid>/readers/", workspace.read_by, name="case_readers"),
    path("cases/<uuid:uid>/print/", workspace.printed, name="case_print"),
    path("cases/<uuid:uid>/deadlines/<int:key>/why/", workspace.why, name="deadline_why"),
    path("cases/<uuid:uid>/acts/<str:code>/", acts.on_case, name="act"),
    path("cases/<uuid:uid>/acts/<str:code>/preview/", acts.preview_on_case, name="act_preview"),
    path("cases/<uuid:uid>/acts/<str:code>/draft/", acts.draft_on_case, name="act_draft"),
    path("courts/<str:court>/acts/<str:code>/", acts.at_court, name="court_act"),
    path("courts/<str:court>/acts/<str:code>/preview/", acts.preview_at_court, name="court_act_preview"),
    path("courts/<str:court>/acts/<str:code>/draft/", acts.draft_at_court, name="court_act_draft"),
    path("documents/<uuid:uid>/", documents.document, name="document"),
    path("files/<uuid:uid>/", documents.stored_file, name="file"),
    path("verify/", genuineness.check, name="verify_file"),
    path("verify/<uuid:uid>/", genuineness.verify, name="verify"),
    path("verify/<str:code>/", genuineness.unknown, name="verify_unknown"),
    path("", include("enforcement.web.urls_tools")),
]
