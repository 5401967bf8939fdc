"""Answers of a filled workbook, each taken by itself: one that is wrong leaves the others alone."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from directory.models import Person
from enforcement import engine
from enforcement.jobs import flat_errors
from linkage import giving, inbox
from linkage.models import AnswerChannel, AnswerState, Request
from linkage.queries import portal
from linkage.workbooks import Filled


def take(person: Person, filled: Filled) -> list[tuple[Any, bool, str]]:
    """Give each answer: its request (or only a number), whether it was taken, and what came of it."""
    outcomes: list[tuple[Any, bool, str]] = [
        ({"number": number}, False, text) for number, text in filled.problems.items()
    ]
    uids = {data["request"]: number for number, data in filled.answers.items()}
    found = {
        str(one.uid): one for one in portal.visible(person).filter(uid__in=list(uids)).select_related("case")
    }
    for number, data in filled.answers.items():
        request = found.get(data["request"])
        if request is None:
            outcomes.append(({"number": number}, False, _("There is no such request.")))
        else:
            outcomes.append(_taken(person, request, data))
    return outcomes


def _taken(person: Person, request: Request, data: dict[str, Any]) -> tuple[Any, bool, str]:
    values = {name: value for name, value in data.items() if name != "request"}
    try:
        if portal.needs_second_person(request):
            return request, True, giving.said(giving.give(request, person, values, channel="workbook"))
        return _received(person, request, values)
    except engine.OutOfSight:
        return request, False, _("There is no such request.")
    except engine.Refused as refusal:
        return request, False, refusal.reason
    except ValidationError as error:
        return request, False, _sentences(error)
    except inbox.OtherBytes:
        return request, False, _("This reference was used for another answer of yours.")


def _received(person: Person, request: Request, values: dict[str, Any]) -> tuple[Any, bool, str]:
    """Through the inbox, like an answer of a system: the same line sent again is the same answer."""
    number = str(values.get("number") or "").strip() or giving.next_number(request)
    raw = giving.canonical(request, person, values | {"request": str(request.uid), "number": number})
    if not portal.may_answer(person, request):
        raise engine.OutOfSight
    received = inbox.receive(request, person, raw, number, channel=AnswerChannel.WORKBOOK)
    if received.error is not None:
        raise received.error
    state = received.answer.get_state_display()
    text = _("receipt %(number)s: %(state)s") % {"number": number, "state": state}
    return request, received.answer.state == AnswerState.APPLIED, text


def _sentences(error: ValidationError) -> str:
    found = flat_errors(error.detail)
    return "; ".join(
        f"{path}: {' '.join(texts)}" if path else " ".join(texts) for path, texts in found.items()
    )
