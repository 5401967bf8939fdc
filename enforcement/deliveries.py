"""What the messages of this room do: make a writ's PDF, send an e-mail."""

import io
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import pikepdf
from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from directory.models import Person
from enforcement import files, writs
from enforcement.models import Document, DocumentState, Message, Notice
from enforcement.outbox import RENDER_SCHEDULE, Finish, Handler, handle
from enforcement.writs import copies, signing
from law import clock

#: Subject and text by key. An e-mail crosses networks nobody here answers for: it carries counts and a
#: link, never a name or a number of a case.
EMAILS = {
    "digest": (
        _("Your tasks: %(overdue)s overdue, %(soon)s due within three days"),
        _(
            "You have %(overdue)s overdue tasks and %(soon)s tasks due within three days.\n"
            "Sign in to see them: %(link)s\n\n"
            "This message holds no case data. Do not answer it."
        ),
    ),
}

# What the worker writes of a document; all else is written inside acts.
MADE = ["file", "pages", "signed_file", "agency_file", "agency_key_sealed", "agency_sha256", "state"]


@dataclass(frozen=True)
class Made:
    """A writ as PDF: as made from its data, signed by the court, and the copy for its agency."""

    content: bytes
    pages: int
    signed: bytes | None
    agency: bytes | None


def render(message: Message) -> Finish | None:
    """Make the PDF of a writ and sign it. Made twice, what is signed is the same bytes under one hash."""
    document = Document.objects.select_related("event", "case__court").get(uid=message.recipient)
    if document.state == DocumentState.READY:
        return None
    at = clock.now()
    assert document.case.court is not None
    court = document.case.court
    content = writs.render_pdf(document)
    signed, agency = signing.sign(content, court, at=at), None
    if copies.has_agency_copy(document):
        full = writs.render_pdf(document, for_agency=True)
        agency = signing.sign(full, court, at=at) or full
    with pikepdf.open(io.BytesIO(content)) as opened:
        made = Made(content, len(opened.pages), signed, agency)
    return partial(_file, document, made)


def _file(document: Document, made: Made, at: datetime) -> None:
    title = writs.writ_named(document.writ).title_zh
    keep = partial(
        files.store,
        name=f"{document.number}{title}.pdf",
        person=Person.objects.system(),
        case=document.case,
        at=at,
    )
    document.file = keep(made.content, purpose="writ")
    document.pages = made.pages
    if made.signed is not None:
        document.signed_file = keep(made.signed, purpose="writ")
    if made.agency is not None:
        document.agency_file = keep(copies.encrypted(document, made.agency), purpose="agency-copy")
    document.state = DocumentState.READY
    document.save(update_fields=MADE)


def render_failed(message: Message, at: datetime) -> None:
    """Tell the officer of the case; the document says so too."""
    document = Document.objects.select_related("case").get(uid=message.recipient)
    Document.objects.filter(pk=document.pk).exclude(state=DocumentState.READY).update(
        state=DocumentState.FAILED
    )
    if document.case.implementer_id is not None:
        Notice.objects.create(
            person_id=document.case.implementer_id,
            case=document.case,
            event_id=message.event_id,
            code="document.failed",
            params={"writ": writs.writ_named(document.writ).title_zh},
            tone="bad",
            at=at,
        )


def render_again(message: Message) -> None:
    """A writ that is tried again is no longer failed."""
    Document.objects.filter(uid=message.recipient, state=DocumentState.FAILED).update(
        state=DocumentState.WAITING
    )


def email(message: Message) -> None:
    """Send a text by its key to a person, in their language. Somebody who left gets nothing."""
    person = Person.objects.filter(pk=message.recipient, is_active=True).exclude(email="").first()
    if person is None:
        return
    subject, text = EMAILS[message.body["text"]]
    values: dict[str, Any] = message.body.get("params", {}) | {"link": settings.BASE_URL}
    with override(person.language):
        mail = EmailMessage(
            str(subject) % values,
            str(text) % values,
            to=[person.email],
            # A mail sent twice, because the worker died before it could say so, bears the same id.
            headers={"Message-ID": f"<{message.pk}@zhixing>"},
        )
        mail.send()


handle("render", Handler(render, RENDER_SCHEDULE, failed=render_failed, requeued=render_again))
handle("email", Handler(email))
