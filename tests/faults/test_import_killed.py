"""A worker that files an imported sheet is killed in the middle, twice; every filing is on file once."""

from collections import Counter

from enforcement import bell, imports, jobs, tasks
from enforcement.models import Case, Event, Job, JobRowState, JobState, Title
from enforcement.verification import verify
from tests.enforcement.test_imports import line, sheet
from tests.faults.installation import Installation, events_by_key, eventually
from tests.world import World, resident_number

FILINGS = 60


def test_an_import_whose_worker_is_killed_twice_files_everything_once(
    place: Installation, world: World
) -> None:
    year = 2025
    lines = [
        line(
            no=str(number),
            title_number=f"（{year}）藏0102民初{number}号",
            applicant_identity_number=resident_number(),
            debtor_identity_number=resident_number(),
        )
        for number in range(1, FILINGS + 1)
    ]
    job = imports.take("filings.xlsx", sheet(*lines), world.clerk)

    def state() -> str:
        return Job.objects.values_list("state", flat=True).get(pk=job.pk)

    def done() -> int:
        return job.rows.filter(state=JobRowState.DONE).count()

    def sweep() -> None:
        bell.ring((tasks.sweep_jobs, ()))

    worker = place.worker()
    eventually(lambda: state() == JobState.CHECKED, meanwhile=lambda: jobs.wake(job.pk))
    job.refresh_from_db()
    assert job.rows.filter(state=JobRowState.READY).count() == FILINGS
    jobs.begin(job)
    for killed, name in enumerate(("tomorrow", "day-after"), 1):

        def far_enough(goal: int = 5 * killed) -> bool:
            return done() >= goal

        eventually(far_enough, meanwhile=sweep)
        # It stands in the middle of a filing: rows written, the event not yet.
        with place.lock("enforcement_event"):
            eventually(lambda: place.waiting("enforcement_event"), meanwhile=lambda: jobs.wake(job.pk))
            worker.kill()
        assert done() < FILINGS
        # Some days later nobody has seen a sign of life of the job: it is taken up again.
        worker = place.worker(name, shift=killed)
    eventually(lambda: state() == JobState.DONE, meanwhile=sweep)

    assert Counter(job.rows.values_list("state", flat=True)) == {JobRowState.DONE: FILINGS}
    assert Case.objects.count() == Title.objects.values("number").distinct().count() == FILINGS
    assert Event.objects.filter(act="case.file").count() == FILINGS
    assert events_by_key("job:") == {f"job:{job.uid}:{place}": 1 for place in range(1, FILINGS + 1)}
    assert not job.rows.filter(input__isnull=False).exists(), "sealed input is kept after its use"
    assert verify().faults == []
