"""Letters to courts of other installations (发函): the signed webhook, to their letters box."""

from urllib.parse import quote

from enforcement.models import Message
from enforcement.outbox import Handler, Hopeless, handle
from linkage.channels import webhook
from linkage.letters import MESSAGE_KIND
from linkage.models import Channel, Direction, Letter


def deliver(message: Message) -> None:
    """Post a letter. Sent twice, it bears the same id and counts there once. Raises as ``webhook.post``."""
    letter = Letter.objects.select_related("peer", "court").get(
        letter_id=message.body["letter"], direction=Direction.OUT
    )
    peer = letter.peer
    if not peer.is_active:
        raise Hopeless("No letters are exchanged with this court any more.")
    ours = quote(letter.court.code)
    box = Channel(url=f"{peer.url}/api/v1/linkage/peers/{ours}/messages/", networks=peer.networks)
    webhook.post(box, str(letter.letter_id), letter.body.encode())


handle(MESSAGE_KIND, Handler(deliver))
