"""Addresses of requests for people of the court: lists, one request, boards, the register, renewals."""

from django.urls import path

from linkage.web import court, court_boards

urlpatterns = [
    path("linkage/", court.listed, name="court_requests"),
    path("linkage/requests/<uuid:uid>/", court.show, name="court_request"),
    path("linkage/register/", court.register, name="court_register"),
    path("linkage/renewals/", court.renewals, name="court_renewals"),
    path("linkage/board/", court_boards.board, name="court_board"),
    path("cases/<uuid:uid>/linkage/", court.of_case, name="case_requests"),
]
