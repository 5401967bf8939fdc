"""Writs and files as downloads, and the public check of a writ."""

import hashlib
import uuid

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client

from enforcement.models import Document, StoredFile
from law import clock
from tests.enforcement import cash


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def file(world, case):
    """A stored paper of the case with a name somebody made up."""
    content = b"%PDF-1.7 paper"
    row = StoredFile.objects.create(
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        content_type="application/pdf",
        name='送达"回证\u202e.pdf',
        stored_by=world.implementer,
        stored_at=clock.now(),
        case=case,
        purpose="proof",
    )
    default_storage.save(row.path, ContentFile(content))
    return row


def test_a_file_is_a_download_that_no_browser_runs(world, file, browser):
    answer = browser("head").get(f"/files/{file.uid}/")
    assert b"".join(answer.streaming_content) == b"%PDF-1.7 paper"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("sandbox")


def test_a_file_of_another_court_does_not_exist(world, file, browser):
    assert browser("sister_head").get(f"/files/{file.uid}/").status_code == 404


def test_a_writ_that_is_being_made_says_so(world, case, browser):
    cash.noticed(world, case)
    document = Document.objects.filter(case=case).earliest("pk")
    answer = browser("implementer").get(f"/documents/{document.uid}/")
    assert answer.status_code == 202
    assert browser("sister_head").get(f"/documents/{document.uid}/").status_code == 404


def test_anybody_can_check_a_writ_and_learns_nothing_about_people(world, case, file):
    from django.db import connection, transaction

    cash.noticed(world, case)
    document = Document.objects.filter(case=case).earliest("pk")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('zhixing.act', %s, true)", [str(case.pk)])
        Document.objects.filter(pk=document.pk).update(state="ready", file=file, pages=1)
    answer = Client().get(f"/verify/{document.uid}/")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert document.number in page
    assert file.sha256 in page
    for party in case.parties.all():
        assert party.name not in page
        assert party.identity_mask not in page


def test_a_code_that_was_never_issued_is_not_genuine(db):
    assert Client().get(f"/verify/{uuid.uuid4()}/").status_code == 404
