"""The product's URLs and the bare ones."""

from django.urls import path

from bench import bare
from config.urls import *  # noqa: F403
from config.urls import urlpatterns

urlpatterns = [
    path("bare/page/", bare.page),
    path("bare/json/", bare.rows),
    path("bare/insert/", bare.Insert.as_view()),
    *urlpatterns,
]
