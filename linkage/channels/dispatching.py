"""How what agencies are told leaves the outbox (送达): by the channel of each agency."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import F, Q

from enforcement.models import Message
from enforcement.outbox import Abreast, Finish, Handler, Hopeless, NotBefore, Traffic, handle
from linkage import delivering, envelope
from linkage.channels import portal_mail, webhook
from linkage.models import Channel, ChannelKind, Dispatch

FAILURES_IN_A_ROW = 5
PROBE_PAUSE = timedelta(seconds=60)
USUAL_CALLS = 4


def traffic(now: datetime) -> Traffic:
    """Endpoints that failed are left alone, then tried with one call at a time until one goes well."""
    unusual = Channel.objects.filter(Q(breaker_open_until__isnull=False) | ~Q(concurrency=USUAL_CALLS))
    held, most = set(), {}
    for code, calls, until in unusual.values_list("agency__code", "concurrency", "breaker_open_until"):
        if until is not None and until > now:
            held.add(code)
        most[code] = 1 if until is not None else calls
    return Traffic(frozenset(held), most, USUAL_CALLS)


def prepare(messages: Sequence[Message]) -> dict[UUID, Callable[[], None]]:
    """What to do for each message. Bodies are built here; the calls only talk."""
    dispatches = envelope.ready(Dispatch.objects.filter(message__in=messages)).select_related(
        "agency__channel"
    )
    return {dispatch.message_id: _call(dispatch) for dispatch in dispatches}


def _call(dispatch: Dispatch) -> Callable[[], None]:
    channel: Channel | None = getattr(dispatch.agency, "channel", None)
    if channel is None or channel.kind != ChannelKind.WEBHOOK:
        return _nothing
    if not channel.is_active:
        return partial(_fail, Hopeless("The agency's channel is switched off."))
    try:
        body = envelope.body(dispatch)
    except Exception as error:
        # What can't be written for one is no reason to keep the others waiting; its try fails with this.
        return partial(_fail, error)
    return partial(webhook.post, channel, str(dispatch.message_id), body)


def _nothing() -> None:
    """In the portal, the workbook and the feed it is there by itself."""


def _fail(error: Exception) -> None:
    raise error


def delivered(messages: Sequence[Message], at: datetime) -> None:
    """Note the arrival, close the breakers, call those who look into the portal."""
    rows = Dispatch.objects.filter(message__in=messages).select_related("agency__channel", "message")
    by_channel: dict[int, Message] = {}
    there: list[int] = []
    for row in rows:
        channel: Channel | None = getattr(row.agency, "channel", None)
        if channel is not None and channel.kind == ChannelKind.PULL:
            continue  # it arrives when it is fetched
        there.append(row.request_id)
        if channel is not None and channel.kind != ChannelKind.WEBHOOK:
            by_channel.setdefault(channel.pk, row.message)
    delivering.arrived(there, at)
    recipients = {message.recipient for message in messages}
    Channel.objects.filter(
        Q(failures__gt=0) | Q(breaker_open_until__isnull=False), agency__code__in=recipients
    ).update(failures=0, breaker_open_until=None)
    if by_channel:
        locked = Channel.objects.select_for_update(of=("self",)).select_related("agency").order_by("pk")
        for channel in locked.filter(pk__in=by_channel):
            portal_mail.call([channel], by_channel[channel.pk], at)


def tried(message: Message, error: BaseException, at: datetime) -> None:
    """Count failures in a row; leave the endpoint alone after some, or for as long as it asked."""
    channel = (
        Channel.objects.select_for_update(of=("self",))
        .filter(agency__code=message.recipient, kind=ChannelKind.WEBHOOK)
        .first()
    )
    if channel is None:
        return
    changes: dict[str, Any] = {"failures": F("failures") + 1}
    if isinstance(error, webhook.Gone):
        changes["is_active"] = False
    if channel.failures + 1 >= FAILURES_IN_A_ROW:
        changes["breaker_open_until"] = at + PROBE_PAUSE
    if isinstance(error, NotBefore) and error.seconds:
        changes["breaker_open_until"] = at + timedelta(seconds=error.seconds)
    Channel.objects.filter(pk=channel.pk).update(**changes)


def deliver(message: Message) -> Finish | None:
    """One alone, in the caller's own thread."""
    calls = prepare([message])
    calls[message.pk]()
    return lambda at: delivered([message], at)


handle(
    delivering.KIND,
    Handler(deliver, tried=tried, abreast=Abreast(prepare=prepare, delivered=delivered, traffic=traffic)),
)
