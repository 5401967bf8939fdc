"""Addresses of this room's pages. Each view says what it reads or does (``enforcement.web.access``)."""

from django.urls import path

from linkage.web import portal, portal_books, portal_request, portal_tools

urlpatterns = [
    path("portal/", portal.inbox, name="portal_inbox"),
    path("portal/search/", portal.search, name="portal_search"),
    path("portal/answered/", portal.answered, name="portal_answered"),
    path("portal/chosen/", portal.chosen, name="portal_chosen"),
    path("portal/requests/<uuid:uid>/", portal_request.show, name="portal_request"),
    path("portal/requests/<uuid:uid>/print/", portal_request.printed, name="portal_print"),
    path("portal/requests/<uuid:uid>/papers/<uuid:document>/", portal_request.paper, name="portal_paper"),
    path("portal/requests/<uuid:uid>/accept/", portal_request.accept, name="portal_accept"),
    path("portal/requests/<uuid:uid>/assign/", portal_request.assign, name="portal_assign"),
    path("portal/requests/<uuid:uid>/ask/", portal_request.ask, name="portal_ask"),
    path("portal/requests/<uuid:uid>/refuse/", portal_request.refuse, name="portal_refuse"),
    path("portal/requests/<uuid:uid>/answers/<uuid:answer>/", portal_request.decide, name="portal_decide"),
    path("portal/bulk/", portal_books.bulk, name="portal_bulk"),
    path("portal/bulk/orders.xlsx", portal_books.orders, name="portal_orders"),
    path("portal/statement/", portal_tools.statement, name="portal_statement"),
    path("portal/statement/day.xlsx", portal_books.day, name="portal_day"),
]
