"""What somebody typed into an act's form and has not submitted (草稿): sealed, one per person, case and act.

A draft is a convenience, never a record: it is gone when the act is done, and forgotten after a month.
"""

import uuid
from datetime import timedelta

from django.http import QueryDict

from directory.models import Person
from directory.sealing import SealBroken, seal, unseal
from enforcement.models import Case, Draft
from law import clock

KEPT_FOR = timedelta(days=30)
LONGEST = 200_000
NOT_KEPT = {"csrfmiddlewaretoken", "idempotency_key", "seen", "_next"}
TABLE, COLUMN = "enforcement_draft", "content"


def _row(person: Person, case: Case | None, act: str) -> uuid.UUID:
    """What stands for the draft in the seal: a draft moved to another person or form does not open."""
    return uuid.uuid5(uuid.NAMESPACE_OID, f"{person.pk}|{case.pk if case else ''}|{act}")


def save(person: Person, case: Case | None, act: str, typed: QueryDict) -> Draft | None:
    """Keep what was typed; ``None`` if there is nothing, or too much to keep."""
    kept = typed.copy()
    for name in NOT_KEPT:
        kept.pop(name, None)
    text = kept.urlencode()
    if not any(value.strip() for _name, values in kept.lists() for value in values) or len(text) > LONGEST:
        return None
    draft, _created = Draft.objects.update_or_create(
        person=person,
        case=case,
        act=act,
        defaults={
            "content": seal(text, table=TABLE, column=COLUMN, row=_row(person, case, act)),
            "saved_at": clock.now(),
        },
    )
    return draft


def load(person: Person, case: Case | None, act: str) -> tuple[Draft, QueryDict] | None:
    """The draft of a form and what was typed into it."""
    draft = Draft.objects.filter(person=person, case=case, act=act).first()
    if draft is None:
        return None
    try:
        text = unseal(draft.content, table=TABLE, column=COLUMN, row=_row(person, case, act))
    except SealBroken:
        # Its key was retired; a draft is not worth keeping a retired key for.
        draft.delete()
        return None
    return draft, QueryDict(text)


def discard(person: Person, case: Case | None, act: str) -> None:
    """Forget a draft."""
    Draft.objects.filter(person=person, case=case, act=act).delete()


def forget_old() -> int:
    """Delete drafts nobody came back to; how many."""
    deleted, _per_model = Draft.objects.filter(saved_at__lt=clock.now() - KEPT_FOR).delete()
    return deleted
