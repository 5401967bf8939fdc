"""What happens later between courts and agencies: thin tasks, each safe to run twice."""

from celery import shared_task


@shared_task(name="linkage.sweep_answers")
def sweep_answers() -> None:
    """Apply answers that were stored and not applied, and tell officers of what could not be delivered."""
    from law import clock
    from linkage import delivering, inbox

    inbox.apply_waiting(clock.now())
    delivering.tell_of_undelivered()
