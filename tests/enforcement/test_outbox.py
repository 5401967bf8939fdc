"""The outbox: nothing lost, nothing doubled, whoever is killed and whenever."""

import uuid
from datetime import timedelta
from threading import Thread

import pytest
from django.core import mail
from django.db import connection, transaction

from directory.models import Person
from enforcement import outbox
from enforcement.models import (
    Attempt,
    Document,
    DocumentState,
    Event,
    Message,
    MessageState,
    Notice,
    StoredFile,
)
from enforcement.outbox import SCHEDULE, Handler
from law import clock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def store_of_its_own(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture
def agency(monkeypatch):
    """An agency that notes what reaches it, and refuses while ``down``."""

    class Agency:
        def __init__(self):
            self.got: list[uuid.UUID] = []
            self.down = False

        def deliver(self, message: Message) -> None:
            if self.down:
                raise ConnectionError("no answer")
            self.got.append(message.pk)

    one = Agency()
    outbox.handler_of("render")
    monkeypatch.setitem(outbox._handlers, "order", Handler(one.deliver))
    return one


def message(
    case, *, recipient: str = "bank", kind: str = "order", event: Event | None = None, **values
) -> Message:
    now = clock.now()
    return Message.objects.create(
        event=event or Event.objects.filter(case=case).latest("id"),
        case=case,
        kind=kind,
        recipient=recipient,
        body={},
        **({"created_at": now, "due_at": now} | values),
    )


def later(seconds: float):
    return clock.freeze(clock.now() + timedelta(seconds=seconds))


def test_a_due_message_is_delivered_once_and_its_try_recorded(filed, agency):
    sent = message(filed)
    assert outbox.deliver_due() == 1
    assert outbox.deliver_due() == 0
    sent.refresh_from_db()
    assert (sent.state, sent.attempts, sent.lease) == (MessageState.DELIVERED, 1, None)
    assert agency.got == [sent.pk]
    assert [(one.number, one.ok) for one in sent.tries.all()] == [(1, True)]


def test_a_failure_is_tried_again_later_and_later_and_then_parked(filed, agency):
    sent = message(filed)
    agency.down = True
    now = clock.now()
    for number, pause in enumerate(SCHEDULE, 1):
        with clock.freeze(now):
            assert outbox.deliver_due() == 1
        sent.refresh_from_db()
        assert sent.state == MessageState.READY
        waited = (sent.due_at - now).total_seconds()
        assert pause * 0.8 <= waited <= pause * 1.2, f"pause {number}"
        with clock.freeze(sent.due_at - timedelta(seconds=1)):
            assert outbox.deliver_due() == 0
        now = sent.due_at
    with clock.freeze(now):
        outbox.deliver_due()
    sent.refresh_from_db()
    assert sent.state == MessageState.PARKED
    assert sent.tries.count() == len(SCHEDULE) + 1
    with clock.freeze(now + timedelta(days=30)):
        assert outbox.deliver_due() == 0


def test_a_parked_message_goes_again_when_a_person_says_so(filed, agency):
    sent = message(filed, state=MessageState.PARKED, attempts=10)
    assert outbox.requeue(sent)
    assert not outbox.requeue(sent)
    outbox.deliver_due()
    assert agency.got == [sent.pk]


def test_a_message_whose_worker_was_killed_is_taken_again_after_the_lease(filed, agency):
    sent = message(filed)
    assert outbox.lease() == [sent]  # … and here the worker dies
    assert outbox.deliver_due() == 0
    with later(121):
        assert outbox.deliver_due() == 1
    assert agency.got == [sent.pk]
    assert [(one.number, one.ok) for one in sent.tries.order_by("number")] == [(1, False), (2, True)]


def test_a_worker_that_wakes_after_its_lease_changes_nothing(filed, agency):
    sent = message(filed)
    (slow,) = outbox.lease()
    with later(121):
        outbox.deliver_due()
        outbox._deliver(slow)  # … the first one goes on where it was stopped
    sent.refresh_from_db()
    assert sent.state == MessageState.DELIVERED
    assert sent.tries.filter(ok=True).count() == 1


def test_a_message_that_kills_every_worker_is_parked_and_not_tried_for_ever(filed, agency):
    sent = message(filed)
    for number in range(len(SCHEDULE) + 1):
        with later(121 * number):
            assert len(outbox.lease()) == 1
    with later(121 * (len(SCHEDULE) + 1)):
        outbox.deliver_due()
    sent.refresh_from_db()
    assert sent.state == MessageState.PARKED
    assert agency.got == []


def test_messages_of_a_case_to_one_recipient_keep_the_order_of_the_acts(case, agency):
    first, second = Event.objects.filter(case=case).order_by("seq")[:2]
    late = message(case, event=second)
    early = message(case, event=first, due_at=clock.now() + timedelta(seconds=60))
    elsewhere = message(case, event=second, recipient="register")
    outbox.deliver_due()
    assert agency.got == [elsewhere.pk]
    with later(61):
        outbox.deliver_due()
    assert agency.got == [elsewhere.pk, early.pk, late.pk]


def test_a_parked_message_holds_back_those_behind_it_and_nobody_else(case, agency):
    first, second = Event.objects.filter(case=case).order_by("seq")[:2]
    message(case, event=first, state=MessageState.PARKED)
    behind = message(case, event=second)
    other = message(case, event=second, recipient="register")
    outbox.deliver_due()
    assert agency.got == [other.pk]
    behind.refresh_from_db()
    assert behind.state == MessageState.READY


def test_a_kind_nobody_delivers_waits_and_says_so(filed):
    sent = message(filed, kind="pigeon")
    outbox.deliver_due()
    assert "pigeon" in sent.tries.get().error


def test_a_writ_becomes_a_file_with_its_pages(case, world):
    world.do("notice.issue", case, "implementer", report_days=10, contact="0891-0000000")
    assert outbox.deliver_due(leave=["render"]) == 0
    assert outbox.deliver_due(kinds=["render"]) == 2
    for document in Document.objects.filter(case=case).select_related("file"):
        assert document.state == DocumentState.READY
        assert document.file is not None
        assert document.pages
        assert document.file.name.endswith(".pdf")
        assert document.file.case == case


def test_a_worker_killed_in_the_middle_of_a_writ_leaves_one_writ(case, world):
    world.do("notice.issue", case, "implementer", report_days=10, contact="0891-0000000")
    first = outbox.lease(1)[0]
    outbox.handler_of("render").deliver(first)  # … made, and killed before it could say so
    with later(121):
        outbox.deliver_due()
        outbox._deliver(first)
    document = Document.objects.get(uid=first.recipient)
    assert document.state == DocumentState.READY
    assert StoredFile.objects.get(documents=document).documents.count() == 1
    assert Document.objects.filter(case=case, state=DocumentState.READY).count() == 2


def test_a_writ_that_can_not_be_made_is_shown_as_failed_and_its_officer_told(case, world, monkeypatch):
    world.do("notice.issue", case, "implementer", report_days=10, contact="0891-0000000")

    def breaks(_document):
        raise MemoryError

    monkeypatch.setattr("enforcement.writs.render_pdf", breaks)
    for hour in range(5):
        with later(3600 * hour):
            outbox.deliver_due()
    assert set(Document.objects.filter(case=case).values_list("state", flat=True)) == {DocumentState.FAILED}
    assert Notice.objects.filter(person=world.implementer, code="document.failed").count() == 2
    monkeypatch.undo()
    outbox.requeue(Message.objects.filter(state=MessageState.PARKED).earliest("pk"))
    assert Document.objects.filter(case=case, state=DocumentState.WAITING).count() == 1


def test_an_e_mail_carries_counts_and_no_case(filed, world):
    person = world.implementer
    person.email = "officer@court.example"
    person.save(update_fields=["email"])
    sent = Message.objects.create(
        event=Event.objects.latest("id"),
        kind="email",
        recipient=str(person.pk),
        body={"text": "digest", "params": {"overdue": 2, "soon": 3}},
        created_at=clock.now(),
        due_at=clock.now(),
    )
    outbox.deliver_due()
    (received,) = mail.outbox
    assert received.to == ["officer@court.example"]
    assert "2" in received.subject
    assert filed.number not in received.body
    assert str(sent.pk) in received.extra_headers["Message-ID"]


def test_somebody_who_left_gets_no_mail(filed, world):
    Person.objects.filter(pk=world.implementer.pk).update(email="gone@court.example", is_active=False)
    message(filed, kind="email", recipient=str(world.implementer.pk))
    outbox.deliver_due()
    assert mail.outbox == []


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_take_the_same_message(world):
    case = world.file_case()
    for number in range(6):
        message(case, recipient=f"bank {number}")
    taken: list[list[uuid.UUID]] = []

    def work():
        with transaction.atomic():
            taken.append([one.pk for one in outbox.lease(3)])
        connection.close()

    workers = [Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    everything = [pk for part in taken for pk in part]
    assert len(everything) == len(set(everything)) == 6
    assert Attempt.objects.count() == 0
