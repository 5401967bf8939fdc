"""What happens later: thin tasks that claim rows in PostgreSQL. Each is safe to run twice."""

import structlog
from celery import shared_task
from kombu.exceptions import OperationalError

log = structlog.get_logger("tasks")


def ring() -> None:
    """Wake a worker after a commit. If the broker is away, the sweep finds the rows within seconds."""
    try:
        deliver_outbox.delay()
    except OperationalError:
        log.warning("broker_away")


@shared_task(name="enforcement.deliver_outbox")
def deliver_outbox() -> None:
    """Deliver what is due in the outbox."""
    from enforcement import outbox

    outbox.deliver_due()


@shared_task(name="enforcement.run_job")
def run_job(job_id: int) -> None:
    """Go on with a bulk job; what one slice of time leaves over is the next task's."""
    from enforcement import jobs

    if not jobs.run(job_id):
        jobs.wake(job_id)
