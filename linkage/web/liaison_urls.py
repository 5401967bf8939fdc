"""Addresses of agencies, conferences and tips; and of the portal's pages for an agency's administrator."""

from django.urls import path

from linkage.web import agencies

urlpatterns = [
    path("agencies/", agencies.directory, name="agencies"),
    path("agencies/<slug:code>/", agencies.agency, name="agency"),
    path("portal/people/", agencies.people, name="portal_people"),
    path("portal/keys/", agencies.keys, name="portal_keys"),
]
