"""Default deny: views say what they read or do, and none asks the database itself."""

import ast
from pathlib import Path

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.urls import path

from enforcement import checks
from enforcement.queries.notices import SENTENCES
from enforcement.web import urls
from enforcement.web.access import reads

FACES = [
    file for room in ("web", "api") for file in Path(settings.BASE_DIR, "enforcement", room).rglob("*.py")
]


@pytest.mark.parametrize("file", FACES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_no_view_touches_objects(file):
    touched = [
        node.lineno
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager"}
    ]
    assert touched == [], f"{file.name}: lists come from enforcement.queries"


def test_every_page_says_what_it_reads_or_does():
    assert checks.every_page_says_what_it_reads_or_does(None) == []


def test_a_page_that_says_nothing_keeps_the_service_from_starting(monkeypatch):
    monkeypatch.setattr(urls, "urlpatterns", [path("loose/", lambda request: HttpResponse())])
    (problem,) = checks.every_page_says_what_it_reads_or_does(None)
    assert problem.id == "enforcement.E001"


def test_a_page_that_names_no_real_query_keeps_the_service_from_starting(monkeypatch):
    monkeypatch.setattr(
        urls, "urlpatterns", [path("wrong/", reads("desk.nothing")(lambda request: HttpResponse()))]
    )
    (problem,) = checks.every_page_says_what_it_reads_or_does(None)
    assert problem.id == "enforcement.E002"


def codes_of_notices() -> set[str]:
    """Every code a notice is given by ``effects.notify``."""
    found: set[str] = set()
    for file in Path(settings.BASE_DIR, "enforcement").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "attr", "") == "notify"
                and len(node.args) > 1
            ):
                texts = (part.value for part in ast.walk(node.args[1]) if isinstance(part, ast.Constant))
                found.update(text for text in texts if isinstance(text, str))
    return found


def test_every_notice_has_its_sentence():
    assert codes_of_notices() - set(SENTENCES) == set()


def test_templates_trust_no_text():
    for template in Path(settings.BASE_DIR, "templates", "enforcement").rglob("*.html"):
        text = template.read_text()
        for forbidden in ("|safe", "{% autoescape off", "<script", "style=", " onclick", "javascript:"):
            assert forbidden not in text, (template.name, forbidden)
