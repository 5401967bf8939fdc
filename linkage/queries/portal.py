"""What an agency sees: the requests addressed to it or its branches, one of them, and whether it is genuine.

Everything the portal shows goes through ``visible``; what is not there does not exist for the person.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.core.files.storage import default_storage
from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from directory.models import Duty, Person
from enforcement.engine import OutOfSight
from enforcement.models import Document, DocumentState, PartyKind, StoredFile
from enforcement.queries import genuineness, words
from law import clock
from law.linkage import FieldKind, MatterField
from linkage.acts.base import AGENCY_DUTIES, addressed_to
from linkage.models import (
    Answer,
    AnswerState,
    Dispatch,
    DispatchKind,
    Question,
    Request,
    RequestDocument,
    RequestState,
)

STAFF = AGENCY_DUTIES | {Duty.AGENCY_ADMINISTRATOR}
#: Days after a request was settled in which the agency still sees its personal data. No text sets a number;
#: PIPL 19 wants the shortest time the purpose needs, and a correction must remain possible. Ours.
DAYS_IN_FULL = 30
#: Where a deduction is paid to: copied into the bank's own system every time.
PAYEE = "payee_account"


def is_of_agency(person: Any) -> bool:
    """Whether somebody works for an agency and not for a court."""
    return (
        person.is_authenticated
        and person.court_id is None
        and person.agency_id is not None
        and bool(STAFF & set(person.agency_duties))
    )


def visible(person: Person) -> QuerySet[Request]:
    """Requests addressed to the agencies where the person holds a duty today, and to their branches."""
    return Request.objects.filter(agency__in=addressed_to(person, STAFF))


def one(person: Person, uid: UUID) -> Request:
    """A request with all its page shows. Raises ``OutOfSight``."""
    documents = Document.objects.select_related("file", "signed_file", "agency_file").defer("data")
    found = (
        visible(person)
        .filter(uid=uid)
        .select_related(
            "case__court",
            "agency__member",
            "agency__headquarters",
            "party",
            "requested_by",
            "decided_by",
            "assignee",
            "ordered_by",
            "undoes",
            "lift",
        )
        .prefetch_related(
            Prefetch(
                "accompanied_by", RequestDocument.objects.prefetch_related(Prefetch("document", documents))
            ),
            Prefetch("answers", Answer.objects.select_related("answered_by", "confirmed_by", "event")),
            Prefetch("questions", Question.objects.select_related("asked_by", "replied_by")),
            Prefetch("dispatches", Dispatch.objects.order_by("id")),
        )
        .first()
    )
    if found is None:
        raise OutOfSight
    return found


def some(person: Person, uids: Iterable[UUID]) -> list[Request]:
    """Requests by their public ids, in the order asked for. Raises ``OutOfSight`` if one of them is."""
    wanted = list(dict.fromkeys(uids))
    rows = visible(person).filter(uid__in=wanted).select_related("case", "agency__member", "party")
    rows = rows.prefetch_related("answers")
    found = {request.uid: request for request in rows}
    if len(found) < len(wanted):
        raise OutOfSight
    return [found[uid] for uid in wanted]


def may_answer(person: Person, request: Request) -> bool:
    """Whether the person may work on the request; an administrator alone may only assign it."""
    return request.agency_id in addressed_to(person)


def may_confirm(person: Person, answer: Answer) -> bool:
    """Whether the person is the second one an answer waits for."""
    return (
        answer.state == AnswerState.CONFIRMING
        and answer.answered_by_id != person.pk
        and answer.agency_id in person.agency_duties.get(Duty.AGENCY_REVIEWER, set())
    )


def needs_second_person(request: Request) -> bool:
    """Whether the agency confirms its answers by a second person."""
    member = getattr(request.agency, "member", None)
    return member is not None and member.needs_second_person


# --- what is shown, and how long ------------------------------------------------------------------
def settled_on(request: Request) -> date | None:
    """The day from which nothing is expected of the agency any more."""
    if request.state == RequestState.RECALLED:
        recalls = [one.at for one in request.dispatches.all() if one.kind == DispatchKind.RECALLED]
        return clock.legal_day(recalls[-1]) if recalls else clock.legal_day(request.issued_at)
    return clock.legal_day(request.answered_at) if request.answered_at else None


def time_is_over(request: Request) -> bool:
    """Whether the agency may no longer see the personal data of a request."""
    today = clock.today()
    if request.visible_until is not None and today > request.visible_until:
        return True
    settled = settled_on(request) if not request.is_waiting else None
    return settled is not None and today > settled + timedelta(days=DAYS_IN_FULL)


def in_full(person: Person, request: Request) -> bool:
    """Whether the person sees the facts of a request unmasked: whoever may answer it, while its time runs."""
    return may_answer(person, request) and not time_is_over(request)


def shown_name(request: Request) -> str:
    """The name of whom a request is about; of a person only its beginning once the time is over."""
    party = request.party
    if party is None:
        return ""
    if party.kind == PartyKind.PERSON and time_is_over(request):
        return party.name[:1] + "＊" * max(1, len(party.name) - 1)
    return party.name


@dataclass
class Line:
    """One fact: its label, its text, whether it is money, and whether people copy it (by which key)."""

    label: str
    text: str
    money: bool = False
    copy: bool = False
    key: str = ""
    inner: list["Line"] = field(default_factory=list)


def facts(request: Request, *, full: bool) -> list[Line]:
    """What a request carries, in the language of the page. Opens sealed values if ``full``."""
    carried = request.carried() if full else request.facts
    lines = _person(request, carried.get("person") or {}, full=full)
    lines += lines_of(request.matter.request_fields, carried)
    return lines


def _person(request: Request, person: dict[str, Any], *, full: bool) -> list[Line]:
    if not person:
        return []
    name = str(person.get("name", "")) if full else shown_name(request)
    if full and person.get("name_bo"):
        name = f"{name} {person['name_bo']}"
    lines = [Line(_("Debtor"), name)]
    if person.get("identity_number"):
        lines.append(Line(_("Identity document or credit code"), str(person["identity_number"]), copy=full))
    return lines


def lines_of(fields: tuple[MatterField, ...], values: dict[str, Any]) -> list[Line]:
    """Fields of a matter with their values, those that have one."""
    language = words.language()
    lines = []
    for one in fields:
        value = values.get(one.name)
        if value in (None, "", [], {}):
            continue
        label = one.label(language)
        if isinstance(value, dict):
            lines.append(Line(label, "", inner=lines_of(one.fields, value)))
        elif isinstance(value, list):
            inner = [
                Line(str(number), "", inner=lines_of(one.fields, row))
                if isinstance(row, dict)
                else Line("", str(row))
                for number, row in enumerate(value, 1)
            ]
            lines.append(Line(label, "", inner=inner))
        elif isinstance(value, bool):
            lines.append(Line(label, _("yes") if value else _("no")))
        else:
            copied = one.kind in {FieldKind.ACCOUNT, FieldKind.IDENTITY}
            text = short(str(value)) if one.kind is FieldKind.ACCOUNT else str(value)
            money = one.kind is FieldKind.MONEY
            key = "c" if one.name == PAYEE else ""
            lines.append(Line(label, text, money=money, copy=copied, key=key))
    return lines


def short(number: str) -> str:
    """A masked number as people name it: by its end."""
    return f"…{number.rpartition('*')[2]}" if "*" in number else number


# --- genuine? -------------------------------------------------------------------------------------
@dataclass
class Check:
    """One thing looked at: ``ok`` is ``None`` where there is nothing to look at."""

    label: str
    ok: bool | None
    detail: str = ""


@dataclass
class Verdict:
    """Whether a request is genuine and in force, and what that rests on."""

    checks: list[Check]

    @property
    def genuine(self) -> bool:
        return all(check.ok is not False for check in self.checks)


def verdict(request: Request) -> Verdict:
    """Judge a request by what is on record: it is the court's and bears its seal, its officers are filed, its
    writs are the bytes that were made, and it was not recalled."""
    documents = [row.document for row in request.accompanied_by.all()]
    return Verdict(
        [_record(request), _seal(documents), _officers(request), _bytes(documents), _in_force(request)]
    )


def _record(request: Request) -> Check:
    entry = bytes(request.ordered_by.hash).hex()
    return Check(
        _("Issued by the court, and on its record"),
        bool(entry),
        _("%(court)s, entry %(hash)s…") % {"court": request.case.court, "hash": entry[:16]},
    )


def _seal(documents: list[Document]) -> Check:
    label = _("The court's electronic seal is valid")
    ready = [document for document in documents if document.state == DocumentState.READY]
    seals = [seal for seal in (genuineness.paper(one.uid).signature for one in ready) if seal is not None]
    if not seals:
        return Check(label, None, _("the court seals on paper; the hash on record speaks for the writ"))
    broken = [seal for seal in seals if not seal["intact"]]
    signers = "、".join(dict.fromkeys(str(seal["signer"]) for seal in seals))
    return Check(label, not broken, signers)


def _officers(request: Request) -> Check:
    people = [person for person in (request.requested_by, request.decided_by) if person is not None]
    filed = [(person, person.duty_card or person.work_card) for person in people]
    parts = [f"{person}（{card}）" for person, card in filed if card]
    missing = [str(person) for person, card in filed if not card]
    if missing:
        parts.append(_("no card number on file: %(names)s") % {"names": "、".join(missing)})
    return Check(_("Officers' cards on file"), not missing, "、".join(parts))


def _bytes(documents: list[Document]) -> Check:
    label = _("Writs are the bytes that were made")
    if not documents:
        return Check(label, None, _("no writ goes with it"))
    if any(document.state != DocumentState.READY for document in documents):
        return Check(label, None, _("a writ is still being made"))
    wrong = [document.number for document in documents if not intact(document)]
    if wrong:
        return Check(label, False, _("differs from its record: %(numbers)s") % {"numbers": "、".join(wrong)})
    hashes = [document.agency_sha256 or getattr(document.given_file, "sha256", "") for document in documents]
    return Check(label, True, "SHA-256 " + "、".join(f"{one[:16]}…" for one in hashes))


def intact(document: Document) -> bool:
    """Whether all stored bytes of a writ still have the hashes on record."""
    files = [file for file in (document.file, document.signed_file, document.agency_file) if file is not None]
    return bool(files) and all(_unchanged(file) for file in files)


def _unchanged(file: StoredFile) -> bool:
    if not default_storage.exists(file.path):
        return False
    with default_storage.open(file.path, "rb") as stored:
        return hashlib.file_digest(stored, "sha256").hexdigest() == file.sha256


def _in_force(request: Request) -> Check:
    recalled = request.state == RequestState.RECALLED
    return Check(_("Not recalled"), not recalled, _("recalled by the court") if recalled else "")
