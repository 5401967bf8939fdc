"""What every page shows around its content: navigation with counts, the person, the languages."""

from typing import Any

from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor for ``templates/base.html``."""
    return {"shell": {"nav": [], "person": None, "seat": None, "languages": []}}
