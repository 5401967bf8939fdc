"""Taking a list out: an act, marked, and no cell a spreadsheet would calculate."""

import io
import zipfile

import pytest
from django.urls import reverse
from python_calamine import CalamineWorkbook

from enforcement import engine, exports, jobs
from enforcement.models import Event, Job, JobState


def table(content):
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


def test_an_export_is_an_event_and_the_file_names_person_and_event(world, client):
    case = world.file_case()
    client.force_login(world.clerk)
    answer = client.post(reverse("export"), {"query": ""})
    rows = table(b"".join(answer.streaming_content))
    event = Event.objects.get(act="case.export")
    assert event.outcome["rows"] == 1
    assert str(event.uid) in rows[0][0]
    assert world.clerk.name in rows[0][0]
    assert rows[2][0] == case.number
    assert rows[2][9] == 120000.0


@pytest.mark.parametrize("lead", ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "＝1"])
def test_no_text_becomes_a_formula(world, client, lead):
    world.file_case(cause=lead, parties=[world.applicant(name=lead), world.debtor(name=f"{lead}乙")])
    client.force_login(world.clerk)
    content = b"".join(client.post(reverse("export"), {"query": ""}).streaming_content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
    assert table(content)[2][3] == lead


def test_an_export_holds_what_the_person_sees_and_no_more(world, client):
    world.file_case()
    engine.submit(engine.act_named("case.file"), world.sister, world.sister_clerk, world.filing())
    client.force_login(world.sister_clerk)
    rows = table(b"".join(client.post(reverse("export"), {"query": ""}).streaming_content))
    assert len(rows) == 3


def test_the_filter_of_the_list_is_the_filter_of_the_export(world):
    world.file_case()
    assert exports.cases_of(world.clerk, "state=closed").count() == 0
    assert exports.cases_of(world.clerk, "state=open&after=2026-01-01.1").count() == 1
    with pytest.raises(engine.Refused):
        world.do("case.export", world.court, "clerk", query="court__parent=1")


def test_who_sees_no_case_exports_none(world, client):
    client.force_login(world.administrator)
    assert client.post(reverse("export"), {"query": ""}).status_code == 404
    with pytest.raises((engine.Refused, engine.OutOfSight)):
        world.do("case.export", world.court, "administrator", query="")


def test_a_large_export_is_a_job_that_only_its_owner_fetches(world, client, monkeypatch, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(exports, "MOST_AT_ONCE", 1)
    world.file_case()
    world.file_case()
    client.force_login(world.clerk)
    answer = client.post(reverse("export"), {"query": ""})
    job = Job.objects.get()
    assert answer.url == reverse("job", args=[job.uid])
    jobs.run(job.pk)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.DONE
    rows = table(b"".join(client.get(reverse("job_result", args=[job.uid])).streaming_content))
    assert len(rows) == 4
    client.force_login(world.head)
    assert client.get(reverse("job_result", args=[job.uid])).status_code == 404
