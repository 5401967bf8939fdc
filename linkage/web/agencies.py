"""Pages of the directory of agencies, and of an agency's own administrator."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from enforcement.web.access import Request, reads
from linkage.queries import agencies


@require_GET
@reads("agencies.directory")
def directory(request: Request) -> HttpResponse:
    """Member agencies by kind, with figures."""
    page = agencies.directory(request.user)
    context = {"page": page, "may_keep": agencies.may_keep(request.user)}
    return render(request, "linkage/agencies/directory.html", context)


@require_GET
@reads("agencies.one")
def agency(request: Request, code: str) -> HttpResponse:
    """One agency: what it is, what it answers, who and what acts for it, and what was done about it."""
    return render(request, "linkage/agencies/agency.html", {"page": agencies.one(request.user, code)})


@require_GET
@reads("agencies.people")
def people(request: Request) -> HttpResponse:
    """People of the agencies somebody administers (本机构人员)."""
    return render(request, "linkage/agencies/people.html", {"page": agencies.people(request.user)})


@require_GET
@reads("agencies.keys")
def keys(request: Request) -> HttpResponse:
    """Systems and keys of the agencies somebody administers (接口与密钥)."""
    return render(request, "linkage/agencies/keys.html", {"page": agencies.keys(request.user)})
