"""Files sent ahead, documents fetched, and filings imported over REST."""

from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from directory.models import Duty
from enforcement import jobs
from enforcement.models import Case, Job
from tests.enforcement.test_imports import line, sheet

pytestmark = [pytest.mark.api, pytest.mark.django_db]
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"


@pytest.fixture(autouse=True)
def _own_store(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def upload(caller, path, name, content, **fields):
    form = {"file": SimpleUploadedFile(name, content)} | fields
    return caller.http.post(path, form, headers=caller.headers)


def test_a_file_is_kept_for_an_act_on_a_case_in_sight_only(clerk, sister, filed):
    path = f"/api/v1/cases/{filed.uid}/files/"
    assert upload(sister, path, "a.pdf", PDF).status_code == 404
    refused = upload(clerk, path, "a.pdf", b"<html>")
    assert refused.status_code == 400
    assert refused.json()["errors"].keys() == {"file"}
    assert upload(clerk, path, "a.svg", b"<svg/>").status_code == 400
    assert upload(clerk, path, "a.pdf", PDF, colour="red").json()["errors"].keys() == {"colour"}
    assert clerk.http.post(path, {}, headers=clerk.headers).status_code == 400
    assert clerk.raw(path, b"{}").status_code == 415


def test_a_picture_is_kept_once(clerk, filed):
    import io

    from PIL import Image

    picture = io.BytesIO()
    Image.new("RGB", (8, 8)).save(picture, "PNG")
    path = f"/api/v1/cases/{filed.uid}/files/"
    first = upload(clerk, path, "proof.png", picture.getvalue())
    assert first.status_code == 201, first.content
    assert first.json()["content_type"] == "image/png"
    assert upload(clerk, path, "proof.png", picture.getvalue()).json()["uid"] == first.json()["uid"]


def test_a_document_that_is_still_being_made_says_so(clerk, case, world, sister):
    world.do("notice.issue", case, "implementer", report_days=15, contact="0891-6300000")
    listed = clerk.get(f"/api/v1/cases/{case.uid}/documents/").json()["results"]
    assert listed
    path = f"/api/v1/documents/{listed[0]['uid']}/"
    assert clerk.get(path).json() == listed[0]
    waiting = clerk.get(f"{path}content/")
    assert (waiting.status_code, waiting.json()["code"]) == (409, "not-ready")
    assert waiting["Retry-After"]
    assert sister.get(path).status_code == sister.get(f"{path}content/").status_code == 404


def test_filings_are_imported_row_by_row(clerk):
    good, bad = line(no="1"), line(no="2", main_amount="much", debtor_name="格桑丁")
    answer = upload(clerk, "/api/v1/jobs/", "filings.xlsx", sheet(good, bad))
    assert answer.status_code == 201, answer.content
    job = answer.json()
    assert (job["state"], job["counts"]) == ("checked", {"ready": 1, "bad": 1})
    path = f"/api/v1/jobs/{job['uid']}/"
    wrong = clerk.get(f"{path}rows/?state=bad").json()["results"]
    assert len(wrong) == 1
    assert wrong[0]["errors"]
    assert Case.objects.count() == 0
    assert clerk.post(f"{path}start/", {}).status_code == 200
    jobs.run(Job.objects.get().pk)
    done = clerk.get(path).json()
    assert done["state"] == "done"
    assert Case.objects.count() == 1
    rows = clerk.get(f"{path}rows/").json()["results"]
    assert [row["state"] for row in rows] == ["done", "bad"]
    assert rows[0]["result"] == Case.objects.get().number
    assert clerk.post(f"{path}start/", {}).json()["state"] == "done"


def test_a_job_is_its_owners_alone(clerk, sister, caller_of):
    uid = upload(clerk, "/api/v1/jobs/", "filings.xlsx", sheet(line())).json()["uid"]
    colleague = caller_of(Duty.FILING_CLERK)
    for stranger in (sister, colleague):
        assert stranger.get("/api/v1/jobs/").json()["results"] == []
        for part in ("", "rows/"):
            assert stranger.get(f"/api/v1/jobs/{uid}/{part}").status_code == 404
        for part in ("start/", "cancel/"):
            assert stranger.post(f"/api/v1/jobs/{uid}/{part}", {}).status_code == 404
    assert clerk.post(f"/api/v1/jobs/{uid}/cancel/", {}).json()["state"] == "cancelled"
    assert clerk.get(f"/api/v1/jobs/{uuid4()}/").status_code == 404


def test_what_is_no_sheet_or_not_a_clerks_is_refused(clerk, head):
    refused = upload(clerk, "/api/v1/jobs/", "filings.xlsx", b"PK\x03\x04 not a workbook")
    assert (refused.status_code, list(refused.json()["errors"])) == (400, ["file"])
    assert upload(head, "/api/v1/jobs/", "filings.xlsx", sheet(line())).status_code == 403
