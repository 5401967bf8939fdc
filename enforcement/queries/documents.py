"""Writs and stored files, for those who see their case."""

from uuid import UUID

from directory.models import Person
from enforcement.engine import OutOfSight
from enforcement.models import Case, Document, DocumentState, StoredFile


def document(person: Person, uid: UUID) -> Document:
    """A writ of a visible case. Raises ``OutOfSight``."""
    found = (
        Document.objects.filter(uid=uid, case__in=Case.objects.visible_to(person))
        .select_related("case", "file", "signed_file", "party", "event")
        .first()
    )
    if found is None:
        raise OutOfSight
    return found


def stored_file(person: Person, uid: UUID) -> StoredFile:
    """A file of a visible case, or one without a case that the person stored. Raises ``OutOfSight``."""
    found = StoredFile.objects.filter(uid=uid).first()
    if found is None:
        raise OutOfSight
    if found.case_id is None:
        visible = found.stored_by_id == person.pk
    else:
        visible = Case.objects.visible_to(person).filter(pk=found.case_id).exists()
    if not visible:
        raise OutOfSight
    return found


def current_file(found: Document) -> StoredFile | None:
    """What readers of a writ get: signed where the court signs; nothing while it is being made."""
    return found.given_file if found.state == DocumentState.READY else None
