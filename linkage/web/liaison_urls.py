"""Addresses of agencies, conferences and tips; and of the portal's pages for an agency's administrator."""

from django.urls import path

from linkage.web import agencies, conferences, tips

urlpatterns = [
    path("agencies/", agencies.directory, name="agencies"),
    path("agencies/<slug:code>/", agencies.agency, name="agency"),
    path("conferences/", conferences.listed, name="conferences"),
    path("conferences/scores/", conferences.scores, name="conference_scores"),
    path("conferences/scores/<int:year>/", conferences.scores, name="conference_scores_year"),
    path("conferences/evidence/<uuid:uid>/", conferences.evidence, name="conference_evidence"),
    path("conferences/<uuid:uid>/", conferences.conference, name="conference"),
    path("conferences/<uuid:uid>/pack/", conferences.pack, name="conference_pack"),
    path("tips/", tips.board, name="tips"),
    path("tips/<uuid:uid>/", tips.ticket, name="tip"),
    path("report/", tips.report, name="report"),
    path("report/status/", tips.status, name="report_status"),
    path("portal/conferences/", conferences.own, name="portal_conferences"),
    path("portal/people/", agencies.people, name="portal_people"),
    path("portal/keys/", agencies.keys, name="portal_keys"),
]
