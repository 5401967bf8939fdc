"""What the messages of this room do: make a writ's PDF, send an e-mail."""

import io
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


def render(message: Message) -> Finish | None:
    """Make the PDF of a writ. Made twice, it is the same bytes under the same hash."""
    document = Document.objects.select_related("event", "case").get(uid=message.recipient)
    if document.state == DocumentState.READY:
        return None
    content = writs.render_pdf(document)
    with pikepdf.open(io.BytesIO(content)) as opened:
        pages = len(opened.pages)
    return partial(_file, document, content, pages)


def _file(document: Document, content: bytes, pages: int, at: datetime) -> None:
    title = writs.writ_named(document.writ).title_zh
    stored = files.store(
        content,
        name=f"{document.number}{title}.pdf",
        person=Person.objects.system(),
        purpose="writ",
        case=document.case,
        at=at,
    )
    Document.objects.filter(pk=document.pk).update(file=stored, pages=pages, state=DocumentState.READY)


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
