"""Root URLs. Error pages are the templates 400, 403, 404 and 500."""

from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

from enforcement import health
from enforcement.api.urls import token

urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("api/token/", token, name="api_token"),
    path("api/v1/linkage/peers/", include("linkage.api.peers")),
    path("api/v1/linkage/", include("linkage.api.urls")),
    path("api/", include("enforcement.api.urls")),
    path("", include("enforcement.web.urls")),
    path("", include("linkage.web.urls")),
    path("", include("linkage.web.court_urls")),
    path("", include("linkage.web.liaison_urls")),
    path("accounts/", include("allauth.urls")),
    path("language/", login_not_required(set_language), name="set_language"),
]
