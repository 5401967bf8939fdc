"""The inbox (收件箱): what an agency answers is stored as it came, in a transaction of its own, before
anything is made of it; then the act ``request.answer`` runs under a key that makes it count once.

A fault in the act, or a worker that dies, loses nothing: a stored answer is applied later, from its bytes.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import structlog
from django.db import DatabaseError, IntegrityError, transaction
from django.utils.translation import gettext, override
from rest_framework.exceptions import ValidationError

from directory.models import Person
from enforcement import engine
from enforcement.engine import OutOfSight, Refused
from enforcement.engine.fields import check_text
from enforcement.models import Case, Notice
from law import clock
from linkage.acts.answering import AnswerRequest, prepare
from linkage.models import Answer, AnswerState, Outcome, Request
from linkage.signatures import Signed

log = structlog.get_logger("linkage")

LONGEST_NUMBER = 80
LONGEST_KEY = 80
LONGEST_PROBLEM = 500
#: States in which an answer holds its number.
HOLDING = (AnswerState.RECEIVED, AnswerState.CONFIRMING, AnswerState.APPLIED, AnswerState.SUPERSEDED)
#: Refusals that a sender cures alone; everything else a court must hear of if something was done meanwhile.
CURED_BY_SENDER = frozenset({"ground-missing", "number-used", "settled"})
REAPPLY_AFTER = timedelta(seconds=60)
STUCK_AFTER = timedelta(minutes=10)
MOST_AT_ONCE = 200


class OtherBytes(Exception):
    """The number names another answer already: these bytes are set aside."""


@dataclass(frozen=True)
class Received:
    """What came of an answer: the row, whether it came for the first time, and why it was not accepted."""

    answer: Answer
    is_new: bool
    error: ValidationError | Refused | OutOfSight | None = None


def number_of(data: Mapping[str, Any]) -> str:
    """The receipt number of an answer. Raises ``ValidationError``."""
    number = data.get("number")
    if not isinstance(number, str) or not number.strip():
        raise ValidationError({"number": [gettext("Your own number of this answer, as text.")]})
    number = number.strip()
    if len(number) > LONGEST_NUMBER:
        raise ValidationError(
            {"number": [gettext("At most %(most)s characters.") % {"most": LONGEST_NUMBER}]}
        )
    check_text(number)
    return number


def receive(
    request: Request,
    person: Person,
    raw: bytes,
    number: str,
    *,
    channel: str,
    signed: Signed | None = None,
) -> Received:
    """Store an answer and apply it; one that came before is only told again.

    ``raw`` is JSON text in UTF-8 that holds an object. Raises ``OtherBytes``.
    """
    earlier = _earlier(request, raw, number)
    if earlier is not None:
        return _again(earlier, request, person, raw, number)
    try:
        answer = _store(request, person, raw, number, channel, signed)
    except IntegrityError:
        # The same number at the same moment: the other one was stored first.
        earlier = _earlier(request, raw, number)
        if earlier is None:
            raise
        return _again(earlier, request, person, raw, number)
    return apply(answer)


def _earlier(request: Request, raw: bytes, number: str) -> Answer | None:
    """What bears this number already, or was refused with the same bytes."""
    named = Answer.objects.filter(agency=request.agency_id, number=number).select_related("request", "event")
    holding = named.filter(state__in=HOLDING).first()
    if holding is not None:
        return holding
    same = named.filter(state=AnswerState.REFUSED, request=request, raw_sha256=_hash(raw))
    return same.order_by("-id").first()


def _again(answer: Answer, request: Request, person: Person, raw: bytes, number: str) -> Received:
    if answer.request_id != request.pk or bytes(answer.raw_sha256) != _hash(raw):
        _set_aside(request, person, raw, number)
        raise OtherBytes(number)
    if answer.state == AnswerState.REFUSED and not _take_up(answer):
        answer.refresh_from_db()
    if answer.state == AnswerState.RECEIVED:
        return apply(answer, is_new=False)
    return Received(answer, is_new=False)


def _store(
    request: Request, person: Person, raw: bytes, number: str, channel: str, signed: Signed | None
) -> Answer:
    answer = prepare(request, person, number, raw, channel=channel, at=clock.now())
    if signed is not None:
        answer.signature, answer.key_id = signed.signature, signed.key_id
        answer.signed_headers = signed.headers
    with transaction.atomic(durable=True):
        answer.save(force_insert=True)
    return answer


def _set_aside(request: Request, person: Person, raw: bytes, number: str) -> None:
    """Keep bytes that came under a number already used, and let the officer and the log know."""
    known = Answer.objects.filter(
        agency=request.agency_id, number=number, state=AnswerState.QUARANTINED, raw_sha256=_hash(raw)
    )
    if known.exists():
        return
    answer = prepare(request, person, number, raw, channel="rest", at=clock.now())
    answer.state = AnswerState.QUARANTINED
    with transaction.atomic():
        answer.save(force_insert=True)
        if request.case.implementer_id is not None:
            Notice.objects.create(
                person_id=request.case.implementer_id,
                case_id=request.case_id,
                code="answer.quarantined",
                params={"agency": request.agency.name, "number": request.number},
                tone="bad",
                at=answer.received_at,
            )
    log.error("receipt_number_reused", agency=request.agency.code, request=request.number, person=person.pk)


def _hash(raw: bytes) -> bytes:
    return hashlib.sha256(raw).digest()


# --- applying -------------------------------------------------------------------------------------
def key_of(answer: Answer) -> str:
    """The key under which an answer is applied once."""
    key = f"receipt:{answer.agency.code}:{answer.number}"
    return key if len(key) <= LONGEST_KEY else f"receipt:{hashlib.sha256(key.encode()).hexdigest()}"


def data_of(answer: Answer) -> dict[str, Any]:
    """What an answer says, from the bytes it came in; numbers keep every digit."""
    read: dict[str, Any] = json.loads(answer.raw, parse_float=Decimal)
    return read | {"request": str(answer.request.uid), "number": answer.number}


def apply(answer: Answer, *, is_new: bool = True) -> Received:
    """Make of a stored answer what it means for its case. It stays ``received`` if a fault of ours or of the
    database prevents it: the sweep comes back to it."""
    try:
        data = data_of(answer)
        engine.do(AnswerRequest, Case(pk=answer.case_id), answer.answered_by, data, key=key_of(answer))
    except (ValidationError, Refused, OutOfSight) as error:
        return _not_accepted(answer, error, is_new)
    except DatabaseError as error:
        log.warning("answer_waits", answer=str(answer.uid), error=type(error).__name__)
    except Exception:
        log.exception("answer_not_applied", answer=str(answer.uid))
    answer.refresh_from_db()
    return Received(answer, is_new)


def _not_accepted(answer: Answer, error: ValidationError | Refused | OutOfSight, is_new: bool) -> Received:
    settled = isinstance(error, Refused) and error.code == "settled"
    state = AnswerState.SUPERSEDED if settled else AnswerState.REFUSED
    with transaction.atomic():
        _tell_court(answer, error)
        moved = Answer.objects.filter(pk=answer.pk, state=AnswerState.RECEIVED).update(
            state=state, problem=_sentence(error)[:LONGEST_PROBLEM]
        )
    answer.refresh_from_db()
    if not moved and answer.state in {AnswerState.APPLIED, AnswerState.SUPERSEDED}:
        return Received(answer, is_new=False)  # somebody else applied it meanwhile
    log.info("answer_not_accepted", answer=str(answer.uid), state=state, error=type(error).__name__)
    return Received(answer, is_new, None if settled else error)


def _sentence(error: ValidationError | Refused | OutOfSight) -> str:
    if isinstance(error, Refused):
        rules = "; ".join(str(citation) for citation in error.basis)
        return f"{error.reason} ({rules})" if rules else error.reason
    if isinstance(error, ValidationError):
        return json.dumps(error.detail, ensure_ascii=False, default=str)
    return gettext("Its sender no longer works for the agency.")


def _tell_court(answer: Answer, error: Exception) -> None:
    """Let somebody look where an agency says it did something that the court did not accept."""
    if not isinstance(error, Refused) or error.code in CURED_BY_SENDER:
        return
    if data_of(answer).get("outcome") not in {Outcome.DONE, Outcome.PART, Outcome.WAITING}:
        return
    with override("en"):
        reason = error.reason
    engine.do(
        engine.act_named("request.answer-refused"),
        Case(pk=answer.case_id),
        Person.objects.system(),
        {"request": str(answer.request.uid), "receipt": answer.number, "reason": reason[:LONGEST_PROBLEM]},
        key=f"answer-refused:{answer.pk}:{_hash(reason.encode()).hex()[:16]}",
    )


def _take_up(answer: Answer) -> bool:
    """Let a refused answer be tried once more; whether it was one."""
    moved = Answer.objects.filter(pk=answer.pk, state=AnswerState.REFUSED).update(
        state=AnswerState.RECEIVED, problem=""
    )
    answer.refresh_from_db()
    return bool(moved)


def try_out(request: Request, person: Person, data: Mapping[str, Any]) -> dict[str, Any]:
    """Do all that an answer would do, and take it back; what the timeline would show.

    Raises as ``engine.do``.
    """
    with transaction.atomic():
        values = dict(data) | {"request": str(request.uid)}
        result = engine.do(AnswerRequest, Case(pk=request.case_id), person, values)
        transaction.set_rollback(True)
    return result.outcome


# --- later ----------------------------------------------------------------------------------------
def apply_waiting(now: datetime) -> int:
    """Apply answers that were stored and not applied; how many were tried."""
    waiting = Answer.objects.filter(state=AnswerState.RECEIVED, received_at__lte=now - REAPPLY_AFTER)
    rows = list(
        waiting.select_related("request", "agency", "answered_by").order_by("received_at")[:MOST_AT_ONCE]
    )
    for answer in rows:
        received = apply(answer)
        if received.answer.state == AnswerState.RECEIVED and answer.received_at <= now - STUCK_AFTER:
            log.error("answer_stuck", answer=str(answer.uid), since=answer.received_at.isoformat())
    return len(rows)


def replay(answer: Answer) -> Received:
    """Apply a stored answer again, one that was refused too, from its bytes."""
    if answer.state == AnswerState.REFUSED:
        _take_up(answer)
    return apply(answer) if answer.state == AnswerState.RECEIVED else Received(answer, is_new=False)
