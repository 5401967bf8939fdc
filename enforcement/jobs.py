"""Bulk work as an object (批量任务): one act on many rows, each through the engine, each once.

A row's act and its new state are committed together, so a killed worker leaves a row either done or
waiting, never between; the row's key (``job:<uid>:<position>``) keeps a repeated row from a second effect
even where the answer of a commit was lost. An act that needs a second person yields a proposal per row.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from billiard.exceptions import SoftTimeLimitExceeded
from django.db import OperationalError, transaction
from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import override
from rest_framework.exceptions import ValidationError
from rest_framework.utils.serializer_helpers import ReturnDict

from directory.models import Person
from directory.sealing import seal, unseal
from enforcement import bell, engine
from enforcement.models import Case, Job, JobRow, JobRowState, JobState
from law import clock
from law.citations import DATA_SECURITY

log = structlog.get_logger("jobs")

KIND_ACT, KIND_IMPORT, KIND_EXPORT = "act", "import", "export"
MOST_ROWS = 20_000
SLICE_SECONDS = 60.0  # below the soft time limit of a task; the rest of the rows is another task's
BEAT_SECONDS = 2.0
STALE = timedelta(seconds=30)
PENDING = (JobState.CHECKING, JobState.RUNNING)

#: Does one row of a kind of job: what to do, who does it, the key of its one effect; says what came of it.
RowWork = Callable[[dict[str, Any], Person, str], str]
_row_work: dict[str, RowWork] = {}


def does_rows(kind: str) -> Callable[[RowWork], RowWork]:
    """Say how rows of a kind of job are done that is not one act on cases. Raises what ``engine.do`` does."""

    def register(work: RowWork) -> RowWork:
        _row_work[kind] = work
        return work

    return register


# --- rows ---------------------------------------------------------------------------------------
def sealed_input(job: Job, position: int, value: Mapping[str, Any]) -> bytes:
    """A row's input as it waits: sealed, because it may hold personal data."""
    return seal(
        json.dumps(value, ensure_ascii=False), table="jobrow", row=job.uid, column=f"input:{position}"
    )


def opened_input(job: Job, row: JobRow) -> dict[str, Any]:
    """A row's input. Raises ``SealBroken``."""
    if not row.input:
        return {}
    value: dict[str, Any] = json.loads(
        unseal(row.input, table="jobrow", row=job.uid, column=f"input:{row.position}")
    )
    return value


# --- starting -----------------------------------------------------------------------------------
def start(act: type[engine.Act], cases: Iterable[str | UUID], actor: Person, data: Mapping[str, Any]) -> Job:
    """One act with the same input on many cases, named by their public ids, in the order given.

    Raises ``Refused`` and starts nothing if the act is not made for bulk work, if there are too many rows, or
    if one row names a case that is out of the actor's sight.
    """
    if not act.bulk:
        raise engine.Refused(
            _("“%(act)s” is done case by case, not in bulk.") % {"act": act.title}, act.basis, code="not-bulk"
        )
    wanted = list(dict.fromkeys(str(uid) for uid in cases))
    if not wanted:
        raise engine.Refused(_("Choose at least one case."), act.basis, code="nothing-chosen")
    _check_size(len(wanted))
    found = _visible(actor, wanted)
    missing = [number for number, uid in enumerate(wanted, 1) if uid not in found]
    if missing:
        raise engine.Refused(
            _("Row %(row)s: there is no such case. Nothing was done; choose the cases again.")
            % {"row": missing[0]},
            act.basis,
            code="not-found",
        )
    assert actor.court is not None
    job = Job(
        kind=KIND_ACT,
        act=act.code,
        court=actor.court,
        owner=actor,
        created_at=clock.now(),
        total=len(wanted),
    )
    with transaction.atomic():
        job.save()
        JobRow.objects.bulk_create(
            (
                JobRow(
                    job=job,
                    position=position,
                    case_id=found[uid][0],
                    label=found[uid][1],
                    input=sealed_input(job, position, data),
                )
                for position, uid in enumerate(wanted, 1)
            ),
            batch_size=1000,
        )
        begin(job)
    return job


def _visible(actor: Person, wanted: list[str]) -> dict[str, tuple[int, str]]:
    try:
        uids = [UUID(uid) for uid in wanted]
    except ValueError:
        uids = []
    rows = Case.objects.visible_to(actor).filter(uid__in=uids).values_list("uid", "pk", "number")
    return {str(uid): (pk, number) for uid, pk, number in rows}


def _check_size(count: int) -> None:
    if count > MOST_ROWS:
        raise engine.Refused(
            _("A job takes at most %(most)s rows; this one has %(count)s. Divide it.")
            % {"most": MOST_ROWS, "count": count},
            DATA_SECURITY.whole(),
            code="too-many",
        )


def begin(job: Job) -> None:
    """Hand a job to the workers; if the broker is away, the sweep finds it within half a minute."""
    moment = clock.now()
    Job.objects.filter(pk=job.pk, state=JobState.CHECKED).update(
        state=JobState.RUNNING, started_at=moment, beat_at=moment
    )
    job.refresh_from_db()
    wake(job.pk)


def wake(job_id: int) -> None:
    """Ask a worker to go on with a job after the commit."""

    def send() -> None:
        from enforcement.tasks import run_job

        bell.ring((run_job, (job_id,)))

    transaction.on_commit(send)


def cancel(job: Job) -> None:
    """Stop before the next row; rows already done stay done."""
    moment = clock.now()
    Job.objects.filter(pk=job.pk, state__in=[JobState.CHECKED, *PENDING]).update(
        state=JobState.CANCELLED, ended_at=moment
    )
    job.refresh_from_db()


# --- running ------------------------------------------------------------------------------------
def run(job_id: int, *, seconds: float = SLICE_SECONDS) -> bool:
    """Work on a job for at most ``seconds``; ``False`` if rows are left for another slice.

    Two workers on one job do no harm: a row that one has locked the other passes over.
    """
    job = Job.objects.select_related("owner__court", "court").get(pk=job_id)
    if job.state == JobState.CHECKING:
        from enforcement import imports

        return imports.check(job, seconds=seconds)
    if job.kind == KIND_EXPORT and job.state == JobState.RUNNING:
        from enforcement import exports

        exports.make(job)
        return True
    ends = time.monotonic() + seconds
    beaten = 0.0
    with override(job.owner.language):
        while time.monotonic() < ends:
            if time.monotonic() - beaten > BEAT_SECONDS:
                beat(job)
                beaten = time.monotonic()
            if not _next_row(job):
                return _finish(job)
    return False


def beat(job: Job) -> None:
    """A sign of life, so that the sweep leaves the job to its worker."""
    Job.objects.filter(pk=job.pk).update(beat_at=clock.now())


def _finish(job: Job) -> bool:
    """End a job that has no waiting row; another worker may still hold the last ones."""
    with transaction.atomic():
        locked = Job.objects.select_for_update().get(pk=job.pk)
        if locked.state != JobState.RUNNING:
            return True
        if locked.rows.filter(state=JobRowState.READY).exists():
            # Another worker holds the last rows and will end the job; if it dies, the sweep does.
            return True
        locked.state, locked.ended_at = JobState.DONE, clock.now()
        locked.save(update_fields=["state", "ended_at"])
    log.info("job_done", job=job.pk)
    return True


def _next_row(job: Job) -> bool:
    """Do the next waiting row, act and state in one transaction; ``False`` if there is none to take."""
    with transaction.atomic():
        row = (
            JobRow.objects.select_for_update(of=("self",), skip_locked=True)
            .select_related("case")
            .filter(job_id=job.pk, state=JobRowState.READY, job__state=JobState.RUNNING)
            .order_by("position")
            .first()
        )
        if row is None:
            return False
        _do(job, row)
        row.save(update_fields=["state", "errors", "result", "input", "case"])
    return True


def _do(job: Job, row: JobRow) -> None:
    act = engine.act_named(job.act)
    stored = opened_input(job, row)
    data = stored["data"] if job.kind == KIND_IMPORT else stored
    key = f"job:{job.uid}:{row.position}"
    try:
        if job.kind in _row_work:
            row.result = _row_work[job.kind](data, job.owner, key)[:200]
            row.state, row.errors, row.input = JobRowState.DONE, {}, None
            return
        result = engine.submit(act, row.case or job.court, job.owner, data, key=key)
    except engine.OutOfSight:
        _refuse(row, {"": [_("There is no such case for you any more.")]}, stored)
    except engine.Refused as refusal:
        if refusal.code == "duplicate" and job.kind == KIND_IMPORT:
            row.state, row.result = JobRowState.SKIPPED, refusal.reason[:200]
            row.input = None
        else:
            _refuse(row, {refusal.field: [refusal.reason]}, stored)
    except ValidationError as error:
        _refuse(row, flat_errors(error.detail), stored)
    except (OperationalError, SoftTimeLimitExceeded):
        # The database or the worker is going away: the row stays as it was and is taken up again.
        raise
    except Exception:
        # One row that meets a fault of the program must not stop the rest for ever; it is named, not hidden.
        log.exception("job_row_failed", job=job.pk, position=row.position)
        _refuse(
            row, {"": [_("A fault of the system stopped this row. Nothing was done; report it.")]}, stored
        )
    else:
        row.state, row.errors, row.input = JobRowState.DONE, {}, None
        if result.proposal is not None:
            row.result = _("Proposed; another person decides.")
        elif result.case is not None:
            row.result = result.case.number
            row.case = result.case


def _refuse(row: JobRow, errors: dict[str, list[str]], stored: dict[str, Any]) -> None:
    """Keep errors by line and column of the sheet the row came from, or by field under no line."""
    row.state, row.errors = JobRowState.REFUSED, {}
    for path, texts in errors.items():
        line, column = "", path
        if "origin" in stored:
            from enforcement.imports.checking import located

            number, column = located(path, stored["origin"], row.source_row or 0)
            line = str(number)
        row.errors.setdefault(line, {}).setdefault(column, []).extend(texts)
    row.result = " ".join(text for texts in errors.values() for text in texts)[:200]


def flat_errors(detail: Any, path: str = "") -> dict[str, list[str]]:
    """Errors of nested input by path: ``{"parties[1]identity_number": ["…"]}``."""
    found: dict[str, list[str]] = {}
    if isinstance(detail, dict | ReturnDict):
        for name, inner in detail.items():
            step = f"[{name}]" if isinstance(name, int) else "" if name == "non_field_errors" else str(name)
            found |= flat_errors(inner, path + step)
    elif isinstance(detail, list):
        texts = [str(one) for one in detail if not isinstance(one, dict | list)]
        if texts:
            found[path] = texts
        for index, inner in enumerate(detail):
            if isinstance(inner, dict | list):
                found |= flat_errors(inner, f"{path}[{index}]")
    else:
        found[path] = [str(detail)]
    return found


def resume_stale() -> int:
    """Start again jobs whose worker gave no sign of life for 30 seconds; how many."""
    stale = Job.objects.filter(state__in=PENDING, beat_at__lt=clock.now() - STALE)
    ids = list(stale.values_list("pk", flat=True))
    Job.objects.filter(pk__in=ids).update(beat_at=clock.now())
    for job_id in ids:
        log.warning("job_resumed", job=job_id)
        wake(job_id)
    return len(ids)


# --- looking ------------------------------------------------------------------------------------
@dataclass
class Progress:
    """How far a job is. ``rate`` in rows per second, ``remaining`` in seconds."""

    total: int
    counts: dict[str, int] = field(default_factory=dict)
    rate: float = 0.0
    remaining: int | None = None

    @property
    def waiting(self) -> int:
        return self.counts.get(JobRowState.READY, 0)

    @property
    def done(self) -> int:
        """Rows settled one way or another."""
        return self.total - self.waiting

    @property
    def failed(self) -> int:
        return self.counts.get(JobRowState.REFUSED, 0) + self.counts.get(JobRowState.BAD, 0)

    def of(self, state: str) -> int:
        return self.counts.get(state, 0)


def progress(job: Job) -> Progress:
    """Counts by state, and from them the rate and the time left; one query."""
    return progress_of([job])[job.pk]


def progress_of(jobs: Iterable[Job]) -> dict[int, Progress]:
    """Progress of several jobs by their keys; one query for all."""
    by_key = {job.pk: job for job in jobs}
    counts: dict[int, dict[str, int]] = {key: {} for key in by_key}
    rows = JobRow.objects.filter(job__in=by_key).values_list("job_id", "state").annotate(number=Count("pk"))
    for key, state, number in rows.order_by():
        counts[key][state] = number
    return {key: _progress(job, counts[key]) for key, job in by_key.items()}


def _progress(job: Job, counts: dict[str, int]) -> Progress:
    found = Progress(job.total, counts)
    worked = found.done - found.of(JobRowState.BAD)
    if job.started_at is not None and worked > 0:
        span = ((job.ended_at or clock.now()) - job.started_at).total_seconds()
        found.rate = worked / max(span, 0.001)
        if job.state == JobState.RUNNING:
            found.remaining = round(found.waiting / found.rate)
    return found
