"""The e-mail that calls an agency to its portal (邮件提醒): counts only, and seldom.

It crosses networks nobody here answers for, so it holds no name, no number and no matter.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from directory.models import Duty, Person
from enforcement.models import Message, MessageState
from enforcement.outbox import Finish, Handler, handle
from law import clock
from linkage.models import Channel, Request

KIND = "agency-alert"
REST = timedelta(minutes=15)

SUBJECT = _("Requests of courts: %(waiting)s wait for an answer, %(fresh)s of them new")
TEXT = _(
    "%(waiting)s requests of enforcement courts wait for your answer; %(fresh)s have not been accepted yet.\n"
    "Sign in to see them: %(link)s\n\n"
    "This message holds no case data. Do not answer it."
)


def call(channels: Iterable[Channel], message: Message, at: datetime) -> None:
    """Let an e-mail go to agencies, or join the one that waits. ``channels`` are locked by the caller."""
    for channel in channels:
        code = channel.agency.code
        if Message.objects.filter(kind=KIND, recipient=code, state=MessageState.READY).exists():
            continue
        due = at if channel.alerted_at is None else max(at, channel.alerted_at + REST)
        Message.objects.create(
            event_id=message.event_id, kind=KIND, recipient=code, body={}, created_at=at, due_at=due
        )


def send(message: Message) -> Finish | None:
    """Write to the agency's contact and to those who work on its requests, each in their own language."""
    channel = Channel.objects.select_related("agency__member").get(agency__code=message.recipient)
    if channel.alerted_at is not None and channel.alerted_at + REST > clock.now():
        return None
    waiting = Request.objects.waiting().filter(agency=channel.agency_id)
    counts = {"waiting": waiting.count(), "fresh": waiting.filter(accepted_at=None).count()}
    if counts["waiting"]:
        for address, language in _readers(channel).items():
            _write(message, address, language, counts)
    return partial(_note, channel)


def _note(channel: Channel, at: datetime) -> None:
    Channel.objects.filter(pk=channel.pk).update(alerted_at=at)


def _readers(channel: Channel) -> dict[str, str]:
    """Addresses and their languages."""
    found = {}
    member = getattr(channel.agency, "member", None)
    if member is not None and member.contact_email:
        found[member.contact_email] = settings.LANGUAGE_CODE
    people = Person.objects.filter(
        agency=channel.agency_id,
        is_active=True,
        holdings__duty=Duty.AGENCY_OPERATOR,
        holdings__during__contains=clock.today(),
    )
    return found | dict(people.exclude(email="").values_list("email", "language"))


def _write(message: Message, address: str, language: str, counts: dict[str, int]) -> None:
    values = counts | {"link": settings.BASE_URL}
    with override(language):
        mail = EmailMessage(
            str(SUBJECT) % values,
            str(TEXT) % values,
            to=[address],
            # Sent twice, because the worker died before it could say so, it bears the same id.
            headers={"Message-ID": f"<{message.pk}.{sha256(address.encode()).hexdigest()[:12]}@zhixing>"},
        )
        mail.send()


handle(KIND, Handler(send))
