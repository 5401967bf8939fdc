"""Answers that people of an agency give (作答、复核): one person's at once, or kept until a second confirms.

Nothing of the case changes here: the act ``request.answer`` does that. What the act refuses only because
the agency wants a second person is lawful in everything else and is kept, sealed, as it will be sent.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from directory.models import Duty, Person
from enforcement import engine, jobs
from enforcement.engine.history import plain
from enforcement.models import Event, Job, JobRow
from law import clock
from law.citations import NETWORK_FREEZE
from linkage.acts.answering import NEEDS_SECOND_PERSON, AnswerInput, AnswerRequest, prepare
from linkage.models import Answer, AnswerState, Request
from linkage.queries import portal

KIND_ANSWERS = "answers"


@dataclass
class Given:
    """What came of an answer: done, or waiting for the second person."""

    request: Request
    number: str
    result: engine.Result | None = None
    waiting: Answer | None = None


def give(
    request: Request,
    person: Person,
    data: Mapping[str, Any],
    *,
    key: str | None = None,
    channel: str = "portal",
) -> Given:
    """Answer a request; ``data`` as of ``AnswerInput`` in plain JSON, a missing receipt number is given here.

    Raises as ``engine.do``.
    """
    number = str(data.get("number") or "").strip()
    if key is not None and not number:
        # A form sent twice must be the same answer twice.
        number = _number_of_key(person, key)
    number = number or next_number(request)
    values = dict(data) | {"request": str(request.uid), "number": number}
    _refuse_doubles(request, number, key, person)
    try:
        result = engine.submit(AnswerRequest, request.case, person, values, key=key)
    except engine.Refused as refusal:
        if refusal.code != NEEDS_SECOND_PERSON:
            raise
        return Given(request, number, waiting=_keep(request, person, values, channel))
    return Given(request, number, result=result)


def next_number(request: Request) -> str:
    """A receipt number for an agency that gave none of its own."""
    return f"{request.number}/{request.answers.count() + 1}"


def _number_of_key(person: Person, key: str) -> str:
    event = Event.objects.filter(actor=person, idempotency_key=key).first()
    return str(event.outcome.get("receipt", "")) if event is not None else ""


def _refuse_doubles(request: Request, number: str, key: str | None, person: Person) -> None:
    """A number names one answer; and of answers that wait for a second person there is one at a time."""
    if key is not None and _number_of_key(person, key) == number:
        return
    named = Answer.objects.filter(agency_id=request.agency_id, number=number)
    # What was sent back or set aside has not used up its number.
    if named.exclude(state__in=[AnswerState.REFUSED, AnswerState.QUARANTINED]).exists():
        raise engine.Refused(
            _("Receipt number %(number)s was used for another answer.") % {"number": number},
            NETWORK_FREEZE.art(4),
            field="number",
            code="number-used",
        )
    if request.answers.filter(state=AnswerState.CONFIRMING).exists():
        raise engine.Refused(
            _("An answer to this request already waits for the second person. Confirm it or send it back."),
            NETWORK_FREEZE.art(4),
            code="confirming",
        )


def canonical(request: Request, person: Person, values: Mapping[str, Any]) -> bytes:
    """An answer as it is kept: its validated values in one order. Raises ``ValidationError``."""
    context = {"case": request.case, "actor": person, "asked": request}
    serializer = AnswerInput(data=dict(values), context=context)
    serializer.is_valid(raise_exception=True)
    text = json.dumps(plain(serializer.validated_data), ensure_ascii=False, sort_keys=True)
    return text.encode()


def _keep(request: Request, person: Person, values: Mapping[str, Any], channel: str) -> Answer:
    raw = canonical(request, person, values)
    answer = prepare(request, person, values["number"], raw, channel=channel, at=clock.now())
    answer.state = AnswerState.CONFIRMING
    answer.outcome = values["outcome"]
    try:
        with transaction.atomic():
            answer.save(force_insert=True)
    except IntegrityError as error:
        raise engine.Conflict(_("This answer was kept already."), code="kept") from error
    return answer


def confirm(answer: Answer, person: Person) -> engine.Result:
    """Let an answer leave, as the second person. Raises as ``engine.do``."""
    _refuse_unless_waiting(answer)
    key = f"receipt:{answer.agency_id}:{answer.number}"
    return engine.submit(AnswerRequest, answer.request.case, person, json.loads(answer.raw), key=key)


def send_back(answer: Answer, person: Person, reason: str) -> None:
    """Take an answer that waits out again: by the second person with a reason, or by whoever gave it."""
    reason = reason.strip()
    with transaction.atomic():
        locked = Answer.objects.select_for_update().get(pk=answer.pk)
        _refuse_unless_waiting(locked)
        own = locked.answered_by_id == person.pk
        if not own and locked.agency_id not in person.agency_duties.get(Duty.AGENCY_REVIEWER, set()):
            raise engine.OutOfSight
        if not own and not reason:
            raise engine.Refused(
                _("Say what is wrong with it."), NETWORK_FREEZE.art(4), field="reason", code="reason-missing"
            )
        locked.state = AnswerState.REFUSED
        locked.confirmed_by = None if own else person
        locked.problem = (reason or _("Taken back by whoever gave it."))[:500]
        locked.save(update_fields=["state", "problem", "confirmed_by"])


def _refuse_unless_waiting(answer: Answer) -> None:
    if answer.state != AnswerState.CONFIRMING:
        raise engine.Conflict(_("This answer was confirmed or sent back already."), code="already-decided")


# --- many at once ---------------------------------------------------------------------------------
@jobs.does_rows(KIND_ANSWERS)
def row_of_job(data: dict[str, Any], person: Person, key: str) -> str:
    """One row of a job of answers: an answer given, or one confirmed."""
    if "confirm" in data:
        answer = Answer.objects.select_related("request__case").get(uid=data["confirm"])
        if not portal.may_confirm(person, answer):
            raise engine.OutOfSight
        confirm(answer, person)
        return answer.number
    values = dict(data)
    request = portal.some(person, [UUID(values.pop("request"))])[0]
    given = give(request, person, values, key=key, channel=values.pop("_channel", "portal"))
    return said(given)


def said(given: Given) -> str:
    """What came of an answer, in a few words."""
    if given.waiting is not None:
        return _("%(number)s waits for the second person") % {"number": given.number}
    return _("answered, receipt %(number)s") % {"number": given.number}


def start_job(rows: list[tuple[str, dict[str, Any]]], person: Person) -> Job:
    """Many answers as a job: each row's label and data. Raises ``engine.Refused`` if there are too many."""
    if len(rows) > jobs.MOST_ROWS:
        raise engine.Refused(
            _("A job takes at most %(most)s rows; this one has %(count)s. Divide it.")
            % {"most": jobs.MOST_ROWS, "count": len(rows)},
            NETWORK_FREEZE.art(4),
            code="too-many",
        )
    assert person.agency is not None
    member = getattr(person.agency, "member", None) or getattr(person.agency.headquarters, "member", None)
    if member is None:
        raise engine.Refused(
            _("The agency is no member yet; its court keeps no entry of it."), code="no-member"
        )
    job = Job(
        kind=KIND_ANSWERS,
        act=AnswerRequest.code,
        court=member.liaison,
        owner=person,
        created_at=clock.now(),
        total=len(rows),
    )
    with transaction.atomic():
        job.save()
        JobRow.objects.bulk_create(
            (
                JobRow(job=job, position=position, label=label, input=jobs.sealed_input(job, position, data))
                for position, (label, data) in enumerate(rows, 1)
            ),
            batch_size=1000,
        )
        jobs.begin(job)
    return job
