"""Saved filters (常用筛选): names for addresses of the list of cases."""

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from rest_framework.exceptions import ValidationError

from enforcement.queries import filters
from enforcement.web.access import Request, does
from enforcement.web.acts import see_other


@require_POST
@does("filters.save")
def save(request: Request) -> HttpResponse:
    """Give the present address of the list a name."""
    query, name = request.POST.get("query", ""), request.POST.get("name", "").strip()
    try:
        if not name:
            raise ValidationError(_("Give the filter a name."))
        saved = filters.save(request.user, name, query)
    except ValidationError:
        messages.error(request, _("This filter can't be saved: give it a name, and filters the list knows."))
        return see_other(reverse("cases"))
    messages.success(request, _("Saved: %(name)s") % {"name": saved.name})
    return see_other(f"{reverse('cases')}?{saved.query}")


@require_POST
@does("filters.forget")
def forget(request: Request, key: int) -> HttpResponse:
    """Delete one of my filters."""
    filters.forget(request.user, key)
    return see_other(reverse("cases"))
