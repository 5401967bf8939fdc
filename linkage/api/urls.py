"""Addresses for systems of agencies, below ``/api/v1/linkage/``."""

from django.urls import path

from linkage.api import answering, matters, reading

app_name = "linkage-api"

urlpatterns = [
    path("requests/", reading.Requests.as_view(), name="requests"),
    path("requests/<uuid:uid>/", reading.RequestDetail.as_view(), name="request"),
    path(
        "requests/<uuid:uid>/documents/<uuid:document>/content/",
        reading.DocumentContent.as_view(),
        name="request-document",
    ),
    path("requests/<uuid:uid>/accept/", answering.Acceptance.as_view(), name="accept"),
    path("requests/<uuid:uid>/answers/", answering.Answers.as_view(), name="answers"),
    path("requests/<uuid:uid>/questions/", answering.Questions.as_view(), name="questions"),
    path("feed/", reading.Feed.as_view(), name="feed"),
    path("keys/", reading.Keys.as_view(), name="keys"),
    path("matters/", matters.Matters.as_view(), name="matters"),
    path("matters/<slug:code>/", matters.MatterDetail.as_view(), name="matter"),
]
