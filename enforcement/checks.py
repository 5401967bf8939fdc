"""System checks: what must be true of the code before the service starts."""

import importlib
from collections.abc import Iterator, Sequence
from typing import Any

from django.core import checks
from django.urls import URLPattern, URLResolver

#: Where pages are declared and what they may read; rooms above add theirs.
PAGES = ["enforcement.web.urls"]
QUERIES = ["enforcement.queries"]


def _views(patterns: Sequence[URLPattern | URLResolver], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _views(pattern.url_patterns, route)
        else:
            yield route, getattr(pattern.callback, "view_class", pattern.callback)


def _is_query(name: str) -> bool:
    module, _dot, function = name.rpartition(".")
    for room in QUERIES:
        try:
            found = importlib.import_module(f"{room}.{module}")
        except ImportError:
            continue
        if callable(getattr(found, function, None)):
            return True
    return False


def _is_act(name: str) -> bool:
    from enforcement.engine.act import REGISTRY

    return name == "*" or name in REGISTRY or _is_query(name)


@checks.register
def every_page_says_what_it_reads_or_does(app_configs: Any, **options: Any) -> list[checks.CheckMessage]:
    """Default deny: each address of the pages names the queries it shows or the acts it does."""
    problems: list[checks.CheckMessage] = []
    patterns: list[Any] = [one for page in PAGES for one in importlib.import_module(page).urlpatterns]
    for route, view in _views(patterns):
        reads, acts = getattr(view, "reads", ()), getattr(view, "act", ())
        if not reads and not acts:
            problems.append(
                checks.Error(
                    f"/{route}: its view says neither what it reads nor what it does.",
                    hint="Decorate it with @reads(…) or @does(…) of enforcement.web.access.",
                    obj=view,
                    id="enforcement.E001",
                )
            )
        wrong = [name for name in reads if not _is_query(name)] + [name for name in acts if not _is_act(name)]
        problems.extend(
            checks.Error(f"/{route}: there is no query or act “{name}”.", obj=view, id="enforcement.E002")
            for name in wrong
        )
    return problems


@checks.register
def certificates_of_courts_can_be_used(app_configs: Any, **options: Any) -> list[checks.CheckMessage]:
    """A demo certificate, or a damaged one, is found when the service starts and not with the first writ."""
    from enforcement.writs import signing

    return [
        checks.Error(problem, hint="See COURT_CERTIFICATES in docs/deploy.md.", id="enforcement.E003")
        for problem in signing.unusable_certificates()
    ]
