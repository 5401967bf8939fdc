"""The catalogue: every act and clock, with its basis and whether the text was seen; jobs' pages."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from enforcement.engine import all_acts
from enforcement.imports import COLUMNS
from enforcement.models import Case, Job, JobState
from enforcement.queries import catalogue
from law import closings, deadlines, linkage, nodes
from tests.enforcement.test_imports import FILE, line, sheet


def test_every_act_rule_closing_and_node_is_there():
    found = catalogue.catalogue()
    assert [row.act for row in found.acts] == all_acts()
    assert len(found.rules) == len(deadlines.all_rules())
    assert len(found.closings) == len(closings.closings())
    assert len(found.nodes) == len(nodes.nodes())


def test_what_was_not_seen_says_so_on_the_page(world, client):
    client.force_login(world.clerk)
    unseen = next(rule for rule in deadlines.all_rules() if not rule.verified)
    page = client.get(reverse("catalogue"), {"q": unseen.code}).content.decode()
    assert unseen.code in page
    assert "chip amber" in page


def test_matters_of_agencies_are_there_with_their_mark(world, client):
    client.force_login(world.clerk)
    page = client.get(reverse("catalogue"), {"q": "INVEST-ENTRY"}).content.decode()
    assert linkage.matter("INVEST-ENTRY").name_en in page
    assert "chip amber" in page
    assert len(catalogue.catalogue().matters) == len(linkage.matters())
    assert {row["matter"].code for row in catalogue.catalogue("招投标").matters} >= {"BID-BAN", "BID-INQ"}


def test_a_filter_narrows_every_table(world, client):
    found = catalogue.catalogue("case.file")
    assert [row.act.code for row in found.acts] == ["case.file"]
    client.force_login(world.clerk)
    assert client.get(reverse("catalogue"), {"q": "zzzz-nothing"}).status_code == 200


# --- the import's pages -------------------------------------------------------------------------------
def upload(client, content, name="filings.xlsx"):
    return client.post(reverse("import"), {"file": SimpleUploadedFile(name, content)})


@pytest.fixture
def clerk(world, client):
    client.force_login(world.clerk)
    return client


def test_an_upload_is_checked_previewed_and_started(clerk, world):
    answer = upload(clerk, sheet(line(), line(no="2", title_number="T2", main_amount="1.234")))
    job = Job.objects.get()
    assert answer.url == reverse("job", args=[job.uid])
    page = clerk.get(answer.url).content.decode()
    assert reverse("job_start", args=[job.uid]) in page
    assert reverse("job_errors", args=[job.uid]) in page
    assert COLUMNS[10].en in page
    assert not Case.objects.exists()
    clerk.post(reverse("job_start", args=[job.uid]))
    job.refresh_from_db()
    assert job.state == JobState.RUNNING
    part = clerk.get(reverse("job", args=[job.uid]), headers={"HX-Request": "true"}).content.decode()
    assert 'hx-trigger="every 2s"' in part
    assert "<html" not in part
    clerk.post(reverse("job_cancel", args=[job.uid]))
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED
    assert clerk.get(reverse("job_result", args=[job.uid])).status_code == 200


def test_a_file_that_is_too_large_is_refused_by_its_size_alone(clerk, settings):
    settings.UPLOAD_MAX_BYTES = 1000
    answer = upload(clerk, FILE.read_bytes())
    assert answer.status_code == 422
    assert not Job.objects.exists()


def test_two_hundred_megabytes_are_refused_before_they_are_read(clerk):
    answer = clerk.post(reverse("import"), {"file": ""}, CONTENT_LENGTH=str(200 * 2**20))
    assert answer.status_code == 413
    assert not Job.objects.exists()


def test_a_wrong_file_is_answered_on_the_form(clerk):
    answer = upload(clerk, b"%PDF-1.7", "a.xlsx")
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()


def test_nobody_sees_another_persons_job_and_only_clerks_import(clerk, world, client):
    upload(clerk, sheet(line()))
    job = Job.objects.get()
    client.force_login(world.head)
    for name in ("job", "job_errors", "job_result"):
        assert client.get(reverse(name, args=[job.uid])).status_code == 404
    assert client.post(reverse("job_start", args=[job.uid])).status_code == 404
    assert client.get(reverse("import")).status_code == 404
    assert client.get(reverse("jobs")).status_code == 200


def test_the_template_is_a_workbook(clerk):
    answer = clerk.get(reverse("import_template"))
    assert b"".join(answer.streaming_content)[:2] == b"PK"
