"""The signed webhook (签名推送): Standard Webhooks headers around a CloudEvents body."""

from enforcement.outbox import Hopeless, NotBefore
from law import clock
from linkage import signatures
from linkage.channels import wire
from linkage.models import Channel

CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
GONE, TOO_MANY, UNAVAILABLE = 410, 429, 503


class Refusal(Exception):
    """The agency's system answered, but did not take it."""


class Gone(Hopeless):
    """The agency's system says that this address is no longer in use."""


def post(channel: Channel, message_id: str, body: bytes) -> None:
    """Push one event; a 2xx answer means that it arrived.

    Raises ``Gone``, ``NotBefore``, ``Refusal``, ``BadEndpoint``, ``OSError`` or an ``httpcore`` error.
    """
    headers = signatures.sign(message_id, clock.now(), body) | {
        "content-type": CONTENT_TYPE,
        "user-agent": "zhixing",
    }
    answered = wire.post(channel.url, channel.networks, headers, body)
    status = answered.status
    if 200 <= status < 300:
        return
    said = f"HTTP {status // 100}xx ({status})"
    if status == GONE:
        raise Gone(said)
    if status in {TOO_MANY, UNAVAILABLE} and answered.retry_after is not None:
        raise NotBefore(said, answered.retry_after)
    raise Refusal(said)
