"""Bulk work: rows one by one, resumable, cancellable, nothing twice."""

from datetime import timedelta

import pytest

from enforcement import engine, jobs
from enforcement.engine import running
from enforcement.models import Assignment, Case, Event, Job, JobRowState, JobState, Proposal
from law import clock


class Killed(BaseException):
    """The worker dies here; no handler of ours may catch it."""


@pytest.fixture
def before(monkeypatch):
    """Call something inside the transaction of every act with a code, as another room would."""

    def subscribe(code, reaction):
        engine.on(code)(reaction)
        added.append((code, reaction))

    added: list = []
    yield subscribe
    for code, reaction in added:
        running._reactions[code].remove(reaction)


@pytest.fixture
def cases(world):
    return [world.file_case() for _number in range(5)]


def assign_all(world, cases, actor=None, **data):
    job = jobs.start(
        engine.act_named("case.assign"),
        [case.uid for case in cases],
        actor or world.head,
        {"officer": "", **data},
    )
    return job


def states(job):
    return list(job.rows.values_list("state", flat=True))


def test_every_row_goes_through_the_engine_in_order(world, cases):
    job = assign_all(world, cases, officer="implementer")
    assert jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.DONE
    assert states(job) == [JobRowState.DONE] * 5
    assert list(
        Event.objects.filter(act="case.assign").order_by("id").values_list("idempotency_key", flat=True)
    ) == [f"job:{job.uid}:{position}" for position in range(1, 6)]
    assert Case.objects.filter(implementer=world.implementer).count() == 5


def test_a_job_killed_in_the_third_row_goes_on_there_and_does_nothing_twice(world, cases, before):
    done = []

    def die(run, outcome):
        done.append(run.case.pk)
        if len(done) == 3:
            raise Killed

    before("case.assign", die)
    job = assign_all(world, cases, officer="implementer")
    with pytest.raises(Killed):
        jobs.run(job.pk)
    assert states(job) == [JobRowState.DONE] * 2 + [JobRowState.READY] * 3
    jobs.run(job.pk)
    assert states(job) == [JobRowState.DONE] * 5
    assert Assignment.objects.filter(case__in=cases).count() == 5
    assert Event.objects.filter(act="case.assign").count() == 5


def test_a_finished_job_that_is_run_again_does_nothing(world, cases):
    job = assign_all(world, cases, officer="implementer")
    jobs.run(job.pk)
    jobs.run(job.pk)
    assert Event.objects.filter(act="case.assign").count() == 5


def test_a_batch_with_one_foreign_case_is_refused_whole_and_names_its_row(world, cases):
    foreign = engine.submit(
        engine.act_named("case.file"), world.sister, world.sister_clerk, world.filing()
    ).case
    with pytest.raises(engine.Refused, match="3") as refused:
        assign_all(world, [*cases[:2], foreign, *cases[2:]], officer="implementer")
    assert refused.value.code == "not-found"
    assert not Job.objects.exists()
    assert not Event.objects.filter(act="case.assign").exists()


def test_a_row_the_law_forbids_is_refused_in_words_and_the_others_are_done(world, cases):
    world.do("case.assign", cases[1], "head", officer="implementer")
    job = assign_all(world, cases, officer="implementer")
    jobs.run(job.pk)
    row = job.rows.get(position=2)
    assert row.state == JobRowState.REFUSED
    assert len(row.result) > 10
    assert states(job).count(JobRowState.DONE) == 4


def test_an_act_that_is_not_for_bulk_is_refused(world, cases):
    with pytest.raises(engine.Refused) as refused:
        jobs.start(engine.act_named("case.file"), [cases[0].uid], world.head, {})
    assert refused.value.code == "not-bulk"


def test_a_cancelled_job_stops_before_the_next_row_and_keeps_what_is_done(world, cases, before):
    job = assign_all(world, cases, officer="implementer")
    seen = []

    def cancel(run, outcome):
        seen.append(run.case.pk)
        if len(seen) == 2:
            jobs.cancel(job)

    before("case.assign", cancel)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED
    assert states(job) == [JobRowState.DONE] * 2 + [JobRowState.READY] * 3


def test_a_silent_job_is_taken_up_again_after_half_a_minute_and_only_then(world, cases):
    job = assign_all(world, cases, officer="implementer")
    assert jobs.resume_stale() == 0
    with clock.travel(clock.now() + timedelta(seconds=31)):
        assert jobs.resume_stale() == 1
        assert jobs.resume_stale() == 0
    jobs.run(job.pk)
    with clock.travel(clock.now() + timedelta(seconds=120)):
        assert jobs.resume_stale() == 0


def test_a_slice_of_time_leaves_the_rest_to_the_next(world, cases):
    job = assign_all(world, cases, officer="implementer")
    assert jobs.run(job.pk, seconds=0) is False
    assert states(job) == [JobRowState.READY] * 5
    assert jobs.run(job.pk) is True


def test_a_fault_of_the_program_in_one_row_is_named_and_does_not_stop_the_rest(world, cases, before):
    def fail(run, outcome):
        if run.case.pk == cases[2].pk:
            raise ZeroDivisionError

    before("case.assign", fail)
    job = assign_all(world, cases, officer="implementer")
    jobs.run(job.pk)
    assert states(job) == [JobRowState.DONE] * 2 + [JobRowState.REFUSED] + [JobRowState.DONE] * 2
    assert not Assignment.objects.filter(case=cases[2]).exists()


def test_waiting_input_is_sealed_and_gone_when_used(world, cases):
    job = assign_all(world, cases, officer="implementer")
    waiting = bytes(job.rows.get(position=1).input)
    assert b"implementer" not in waiting
    jobs.run(job.pk)
    assert job.rows.get(position=1).input is None


def test_progress_counts_what_is_settled(world, cases):
    job = assign_all(world, cases, officer="implementer")
    assert jobs.progress(job).done == 0
    jobs.run(job.pk)
    job.refresh_from_db()
    progress = jobs.progress(job)
    assert (progress.done, progress.total, progress.failed) == (5, 5, 0)


def test_bulk_work_that_a_second_person_decides_only_proposes(world):
    acts = [act for act in engine.all_acts() if act.bulk and act.decided_by]
    for act in acts:
        assert act.decided_by not in act.by
    assert not Proposal.objects.exists()
