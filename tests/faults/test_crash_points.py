"""A process is killed at each point between an act and its effect, and the effect comes exactly once."""

from datetime import timedelta
from email.message import Message as Mail

from directory.models import Person
from enforcement import engine
from enforcement.acts.digest import SendDigest
from enforcement.models import Document, DocumentState, Event, Message, MessageState, StoredFile
from enforcement.verification import verify
from law import clock
from tests.faults.installation import Installation, eventually, forked, kill
from tests.world import World

NOTICE = {"report_days": 10, "contact": "0891-0000000"}


def remind(world: World, days: int = 20) -> Message:
    """The system reminds the implementer by e-mail; the message that waits to be sent."""
    world.assigned_case()
    day = clock.today() + timedelta(days=days)
    engine.do(SendDigest, world.court, Person.objects.system(), {"day": day.isoformat()})
    return Message.objects.get(kind="email")


def state_of(message: Message) -> str:
    return Message.objects.values_list("state", flat=True).get(pk=message.pk)


def ids(mails: list[Mail]) -> set[str]:
    return {str(mail["Message-ID"]) for mail in mails}


def test_killed_before_the_commit_nothing_has_happened_and_the_same_key_does_it(
    place: Installation, world: World
) -> None:
    case = world.assigned_case()
    before = Event.objects.count()

    def issue() -> None:
        engine.submit(engine.act_named("notice.issue"), case, world.implementer, NOTICE, key="once")

    with place.lock("enforcement_event"):
        writer = forked(issue)
        eventually(lambda: place.waiting("enforcement_event"))
        kill(writer)
    eventually(lambda: not _sessions_in_the_middle(place))
    assert Event.objects.count() == before
    assert Document.objects.count() == 0
    assert Message.objects.count() == 0
    issue()
    issue()
    assert Event.objects.filter(idempotency_key="once").count() == 1
    assert Document.objects.count() == Message.objects.filter(kind="render").count() == 2
    assert verify().faults == []


def _sessions_in_the_middle(place: Installation) -> bool:
    """Whether the dead writer's transaction is still there: the server notes a lost client in a while."""
    asked = (
        "SELECT count(*) FROM pg_stat_activity WHERE state <> 'idle' AND pid <> pg_backend_pid()"
        f" AND datname = '{place.database}' AND query LIKE 'INSERT INTO \"enforcement_event%'"
    )
    return place.postgres.sql(asked) != "0"


def test_killed_between_commit_and_bell_the_sweep_finds_the_message(
    place: Installation, world: World
) -> None:
    case = world.assigned_case()
    place.redis.flushall()

    def issue() -> None:
        engine.submit(engine.act_named("notice.issue"), case, world.implementer, NOTICE, key="once")

    # The broker takes connections and answers nothing: the writer has committed and stands before the bell.
    place.pause_broker()
    writer = forked(issue)
    eventually(lambda: Event.objects.filter(idempotency_key="once").exists())
    kill(writer)
    place.wake_broker()
    assert place.queued() == 0
    assert set(Message.objects.values_list("state", flat=True)) == {MessageState.READY}
    place.worker()
    eventually(
        lambda: not Message.objects.exclude(state=MessageState.DELIVERED).exists(), meanwhile=place.ring
    )
    assert set(Document.objects.values_list("state", flat=True)) == {DocumentState.READY}


def test_killed_between_sending_and_noting_it_the_same_mail_goes_again_under_the_same_id(
    place: Installation, world: World
) -> None:
    message = remind(world)
    place.mailbox.hold()
    worker = place.worker()
    eventually(lambda: place.mailbox.kept, meanwhile=place.ring)
    worker.kill()
    place.mailbox.go_on()
    assert state_of(message) == MessageState.LEASED
    place.worker("tomorrow", shift=1)
    eventually(lambda: state_of(message) == MessageState.DELIVERED, meanwhile=place.ring)
    assert len(place.mailbox.mails) == 2
    assert ids(place.mailbox.mails) == {f"<{message.pk}@zhixing>"}
    assert list(message.tries.order_by("number").values_list("number", "ok")) == [(1, False), (2, True)]


def test_a_worker_that_slept_past_its_lease_changes_nothing_when_it_wakes(
    place: Installation, world: World
) -> None:
    message = remind(world)
    place.mailbox.hold()
    sleeper = place.worker("sleeper")
    eventually(lambda: place.mailbox.kept, meanwhile=place.ring)
    sleeper.pause()
    place.mailbox.go_on()
    place.worker("tomorrow", shift=1)
    eventually(lambda: state_of(message) == MessageState.DELIVERED, meanwhile=place.ring)
    noted = Message.objects.values().get(pk=message.pk)
    sleeper.go_on()
    eventually(lambda: "lease_lost" in sleeper.said)
    assert Message.objects.values().get(pk=message.pk) == noted
    assert message.tries.filter(ok=True).count() == 1
    assert sleeper.alive()


def test_killed_while_a_writ_is_put_on_file_there_is_one_writ_afterwards(
    place: Installation, world: World
) -> None:
    case = world.assigned_case()
    world.do("notice.issue", case, "implementer", **NOTICE)
    with place.lock("enforcement_storedfile"):
        worker = place.worker()
        eventually(lambda: place.waiting("enforcement_storedfile"), meanwhile=place.ring)
        worker.kill()
    assert not Document.objects.filter(state=DocumentState.READY).exists()
    place.worker("tomorrow", shift=1)
    eventually(
        lambda: not Message.objects.exclude(state=MessageState.DELIVERED).exists(), meanwhile=place.ring
    )
    assert set(Document.objects.values_list("state", flat=True)) == {DocumentState.READY}
    assert StoredFile.objects.filter(purpose="writ").count() == 2
    on_disk = [path for path in place.media.rglob("*") if path.is_file()]
    assert len(on_disk) == 2, "a file nobody knows was left behind"
