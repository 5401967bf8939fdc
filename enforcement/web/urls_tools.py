"""Addresses of jobs, imports, exports, the court's own pages, calculators and the catalogue."""

from django.urls import path

from enforcement.web import calculators, catalogue, exports, jobs, staff

urlpatterns = [
    path("jobs/", jobs.listed, name="jobs"),
    path("jobs/<uuid:uid>/", jobs.show, name="job"),
    path("jobs/<uuid:uid>/start/", jobs.start, name="job_start"),
    path("jobs/<uuid:uid>/cancel/", jobs.cancel, name="job_cancel"),
    path("jobs/<uuid:uid>/errors.xlsx", jobs.errors, name="job_errors"),
    path("jobs/<uuid:uid>/result.xlsx", jobs.result, name="job_result"),
    path("import/", jobs.upload, name="import"),
    path("import/template.xlsx", jobs.template, name="import_template"),
    path("export/", exports.export, name="export"),
    path("people/", staff.people, name="staff"),
    path("people/<str:username>/", staff.person, name="staff_person"),
    path("calendar/", staff.calendar, name="calendar"),
    path("calendar/<int:year>/", staff.calendar, name="calendar_year"),
    path("clients/", staff.clients, name="clients"),
    path("translations/", staff.translations, name="translations"),
    path("calculators/", calculators.index, name="calculators"),
    path("calculators/<slug:kind>/", calculators.calculator, name="calculator"),
    path("catalogue/", catalogue.show, name="catalogue"),
]
