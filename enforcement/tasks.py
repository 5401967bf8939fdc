"""What happens later: thin tasks that claim rows in PostgreSQL. Each is safe to run twice."""

from collections.abc import Collection

from celery import shared_task

from enforcement import bell

# A task may run 90 seconds; a long writ takes some. What is left over the sweep rings for again.
RENDERS_AT_ONCE = 12


RENDERED = ("render",)  # kinds of message that have a queue of their own: they cost seconds, not a call


def ring(kinds: Collection[str]) -> None:
    """Wake the workers of messages of these kinds after a commit. If the broker is away, the sweep finds the
    rows within seconds."""
    from enforcement import outbox

    linked = set(outbox.kinds_abreast())
    queues = {
        render_outbox if kind in RENDERED else link_outbox if kind in linked else deliver_outbox
        for kind in kinds
    }
    bell.ring(*((task, ()) for task in sorted(queues, key=lambda task: task.name)))


@shared_task(name="enforcement.deliver_outbox")
def deliver_outbox() -> None:
    """Deliver what is due in the outbox, but for what has a queue of its own."""
    from enforcement import outbox

    outbox.deliver_due(leave=[*RENDERED, *outbox.kinds_abreast()])


@shared_task(name="enforcement.link_outbox")
def link_outbox() -> None:
    """Deliver what goes to systems of others, which may not answer."""
    from enforcement import abreast, outbox

    # What waits for a place at its recipient is the sweep's business.
    if abreast.deliver() and outbox.anything_due(kinds=outbox.kinds_abreast()):
        link_outbox.delay()


@shared_task(name="enforcement.render_outbox")
def render_outbox() -> None:
    """Make the writs that are due."""
    from enforcement import outbox

    outbox.deliver_due(kinds=RENDERED, limit=RENDERS_AT_ONCE)


@shared_task(name="enforcement.sweep_outbox")
def sweep_outbox() -> None:
    """Wake the workers of whatever the broker forgot."""
    from enforcement import outbox

    linked = outbox.kinds_abreast()
    if outbox.anything_due(leave=[*RENDERED, *linked]):
        deliver_outbox.delay()
    if outbox.anything_due(kinds=linked):
        link_outbox.delay()
    if outbox.anything_due(kinds=RENDERED):
        render_outbox.delay()


@shared_task(name="enforcement.sweep_deadlines")
def sweep_deadlines() -> None:
    """Warn of deadlines that are near, due or overdue."""
    from enforcement import sweeping

    sweeping.warn()


@shared_task(name="enforcement.sweep_jobs")
def sweep_jobs() -> None:
    """Go on with bulk jobs whose worker went away."""
    from enforcement import jobs

    jobs.resume_stale()


@shared_task(name="enforcement.sweep_daily")
def sweep_daily() -> None:
    """Do the work of each legal day once; days that were missed are made up in order."""
    from enforcement import daily

    daily.run_due()


@shared_task(name="enforcement.sweep_heartbeat")
def sweep_heartbeat() -> None:
    """Beat strikes, and asks each queue for a sign of life."""
    _beat("beat")
    _beat("sweep")
    deliver_heartbeat.delay()
    link_heartbeat.delay()
    render_heartbeat.delay()


@shared_task(name="enforcement.deliver_heartbeat", expires=20)
def deliver_heartbeat() -> None:
    """The queue of deliveries has a worker."""
    _beat("deliver")


@shared_task(name="enforcement.link_heartbeat", expires=20)
def link_heartbeat() -> None:
    """The queue of what goes to systems of others has a worker."""
    _beat("link")


@shared_task(name="enforcement.render_heartbeat", expires=20)
def render_heartbeat() -> None:
    """The queue of renderings has a worker."""
    _beat("render")


def _beat(name: str) -> None:
    from enforcement.models import Heartbeat
    from law import clock

    Heartbeat.objects.update_or_create(name=name, defaults={"at": clock.now()})


@shared_task(name="enforcement.run_job")
def run_job(job_id: int) -> None:
    """Go on with a bulk job; what one slice of time leaves over is the next task's."""
    from enforcement import jobs

    if not jobs.run(job_id):
        jobs.wake(job_id)


@shared_task(name="enforcement.recount_deadlines")
def recount_deadlines(court_id: int) -> None:
    """Count open periods of a court and the courts below anew after its calendar changed."""
    from directory.models import Court
    from enforcement.acts.procedure import recompute_open_deadlines

    recompute_open_deadlines(Court.objects.get(pk=court_id))
